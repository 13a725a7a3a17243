//! The smallest slowdown that the judge catches in 95 of 100 checks, from blocks in which nothing had changed.
//!
//! Replays of a check have the slowdown in one metric of one site (`track.rs`). They end when that site is rejected, or
//! when it and all others are proven (`others.rs`).

use super::others::Others;
use super::track::{Slower, Track};
use crate::gate::interval::robust_sd;
use crate::gate::judge::Status;
use crate::gate::plan::{Plan, SiteRequest, Standing};
use crate::gate::sample::BlockSamples;
use crate::model::{LogRatio, Metric, Percent, SiteKey, Verdict};

/// Unchanged blocks of a site below which nothing is predicted: their spread is known to a quarter then, and the smallest
/// slowdown that is caught goes with it.
pub const LEAST_BLOCKS: usize = 30;

/// Replays of one slowdown: 95 of 100 are then known to two.
pub(super) const REPLAYS: u32 = 400;

/// Of them may miss it.
const MOST_MISSES: u32 = REPLAYS / 20;

/// Doublings and halvings of the tolerance between which it is sought.
const MOST_DOUBLINGS: u32 = 7;

/// Halvings of the last factor of two: to 2 %, where GATE.md asks for 10 %.
const HALVINGS: u32 = 5;

/// What is replayed, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Replays<'a> {
    /// What a check judges.
    pub requests: &'a [SiteRequest],
    /// Blocks of two sides of the same code, in the order of measuring.
    pub unchanged: &'a [BlockSamples],
    /// Blocks for which a check has the time.
    pub limit_blocks: u32,
    /// What the coins come from.
    pub seed: u64,
}

impl Replays<'_> {
    /// All sites of a check, with tolerances so many times as wide. Budgets are absolute: unchanged blocks say nothing of them.
    pub(super) fn plan(&self, factor: f64) -> Plan {
        let scaled = |request: &SiteRequest| SiteRequest {
            tolerances: request.tolerances.scaled(factor),
            budgets: Vec::new(),
            ..request.clone()
        };
        Plan::freeze(self.requests.iter().map(scaled).collect())
    }
}

/// What is predicted of one metric of one site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Unchanged blocks that told the metric.
    pub blocks: u32,
    /// Standard deviation of a block.
    pub spread: Percent,
    /// What it takes within the tolerance that is asked for; `None`: more than a hundred times the tolerance.
    pub caught: Option<Caught>,
    /// The smallest tolerance at which a slowdown by just that is caught; `None` likewise.
    pub resolution: Option<Percent>,
}

/// A slowdown that is caught in 95 of 100 checks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Caught {
    /// The smallest one.
    pub slowdown: Percent,
    /// Blocks until half of these checks have caught it.
    pub blocks: u32,
}

/// Predicts one metric of one site, among `others` of the same replays. `None` where it is not gated, or where fewer than
/// [`LEAST_BLOCKS`] blocks tell it.
pub fn predict(replays: Replays<'_>, others: &Others, key: &SiteKey, metric: Metric) -> Option<Prediction> {
    let request = replays.requests.iter().find(|request| request.key == *key)?;
    let tolerance = request.tolerances.of(metric);
    let replayer = Replayer::new(replays, others, key, metric)?;
    let caught =
        smallest(tolerance.0, &mut |slowdown| replayer.catches(&replayer.plan(1.0), Percent(slowdown)));
    let resolution = smallest(tolerance.0, &mut |percent| {
        replayer.catches(&replayer.plan(percent / tolerance.0), Percent(percent))
    });
    let ys = replayer.track.ys(metric);
    Some(Prediction {
        blocks: u32::try_from(ys.len()).unwrap_or(u32::MAX),
        spread: Percent::from(LogRatio(robust_sd(&ys)?)),
        caught: caught.map(|slowdown| replayer.caught(Percent(slowdown))),
        resolution: resolution.map(Percent),
    })
}

/// One metric of one site, replayed.
struct Replayer<'a> {
    replays: Replays<'a>,
    key: &'a SiteKey,
    metric: Metric,
    track: Track<'a>,
    /// After how many blocks the others are proven, replay by replay.
    others: Vec<Option<u32>>,
}

impl<'a> Replayer<'a> {
    fn new(replays: Replays<'a>, others: &Others, key: &'a SiteKey, metric: Metric) -> Option<Replayer<'a>> {
        let others = (0..REPLAYS).map(|replay| others.without(key, replay)).collect();
        let replayer = Replayer { replays, key, metric, track: Track::of(replays, key), others };
        (replayer.track.ys(metric).len() >= LEAST_BLOCKS && replayer.is_gated()).then_some(replayer)
    }

    fn is_gated(&self) -> bool {
        let plan = self.plan(1.0);
        let is_gated = |standing: Standing| matches!(standing, Standing::Gated { .. });
        let mut sites = plan.sites().iter().filter(|site| is_gated(site.standing));
        sites.any(|site| site.metrics.iter().any(|one| one.metric == self.metric && one.share.is_some()))
    }

    /// The site as a check judges it among all others, with tolerances so many times as wide.
    fn plan(&self, factor: f64) -> Plan {
        self.replays.plan(factor).only(self.key)
    }

    /// Do 95 of 100 replays reject it? Ends as soon as that is known.
    fn catches(&self, plan: &Plan, slowdown: Percent) -> bool {
        let mut misses = 0;
        for replay in 0..REPLAYS {
            misses += u32::from(self.replay(plan, slowdown, replay).0 != Verdict::Reject);
            if misses > MOST_MISSES {
                return false;
            }
        }
        true
    }

    /// After how many blocks it is caught.
    fn caught(&self, slowdown: Percent) -> Caught {
        let plan = self.plan(1.0);
        let ended = (0..REPLAYS).map(|replay| self.replay(&plan, slowdown, replay));
        let mut blocks: Vec<u32> =
            ended.filter(|(verdict, _)| *verdict == Verdict::Reject).map(|(_, blocks)| blocks).collect();
        blocks.sort_unstable();
        Caught {
            slowdown,
            blocks: blocks.get(blocks.len() / 2).copied().unwrap_or(self.replays.limit_blocks),
        }
    }

    /// The verdict of one replay, and its blocks.
    fn replay(&self, plan: &Plan, slowdown: Percent, replay: u32) -> (Verdict, u32) {
        let slower = Slower { metric: self.metric, by: slowdown.into() };
        let others = self.others[replay as usize];
        for (block, status) in (1..).zip(self.track.statuses(plan, Some(slower), replay)) {
            match status {
                Status::Decided(Verdict::Approve) if others.is_none_or(|proven| block < proven) => {}
                Status::Decided(verdict) => return (verdict, block),
                Status::Open => {}
            }
        }
        (Verdict::Inconclusive, self.replays.limit_blocks)
    }
}

/// The smallest value that `is_caught`, which larger ones are too: doubled or halved from `begin` until it turns, then the
/// last factor is halved. `None` where even the largest is not.
fn smallest(begin: f64, is_caught: &mut dyn FnMut(f64) -> bool) -> Option<f64> {
    let mut high = begin;
    if is_caught(begin) {
        for _ in 0..MOST_DOUBLINGS {
            if !is_caught(high / 2.0) {
                break;
            }
            high /= 2.0;
        }
    } else {
        let larger = (1..=MOST_DOUBLINGS).map(|doublings| begin * f64::from(1 << doublings));
        high = larger.into_iter().find(|&larger| is_caught(larger))?;
    }
    let mut low = high / 2.0;
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        if is_caught(middle) { high = middle } else { low = middle }
    }
    Some(high)
}
