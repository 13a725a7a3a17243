//! One metric of one site over the blocks of a check: its samples, its evidence both ways, and what they say.

use super::challenge::Race;
use super::evidence::Evidence;
use super::interval::{median_interval, resolution};
use super::judge::{APPROVE_WEALTH, MIN_BLOCKS};
use super::plan::PlannedMetric;
use super::quantile::median;
use super::sample::MetricSample;
use crate::model::{Delta, LogRatio, Metric, MetricReport, Nanos, Percent, Verdict};

/// How far ahead missing blocks are estimated: beyond, the answer is "not within reach".
const LOOK_AHEAD_BLOCKS: usize = 2_000;

/// Doublings and halvings with which the proven tolerance is sought: to a thousandth of its width, up to a change
/// of thousands of tolerances.
const SEARCH_STEPS: u32 = 12;

/// A metric that cannot be told yet, and what it would take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenMetric {
    /// Which.
    pub metric: Metric,
    /// Lower end of the 95 % interval of the change; `None` without a sample.
    pub low: Option<Percent>,
    /// Upper end of that interval; `None` without a sample.
    pub high: Option<Percent>,
    /// What was to be proven.
    pub tolerance: Percent,
    /// Blocks still needed if the coming ones are like the past ones; `None`: not within reach.
    pub blocks_missing: Option<u32>,
    /// The smallest tolerance within which the candidate is proven by now; `None`: none.
    pub proven: Option<Percent>,
}

/// The samples of one planned metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    plan: PlannedMetric,
    ys: Vec<LogRatio>,
    baselines: Vec<f64>,
    reject: Evidence,
    approve: Evidence,
    /// What `reject` would be without a calibration, where that has raised `d0`.
    uncalibrated: Option<Evidence>,
    /// `None`: nobody asks for a win.
    race: Option<Race>,
}

impl Series {
    pub(super) fn new(plan: PlannedMetric, must_win: bool) -> Series {
        let metric_is_raised = plan.is_raised();
        Series {
            plan,
            ys: Vec::new(),
            baselines: Vec::new(),
            reject: Evidence::new(),
            approve: Evidence::new(),
            uncalibrated: metric_is_raised.then(Evidence::new),
            race: must_win.then(Race::default),
        }
    }

    pub(super) fn metric(&self) -> Metric {
        self.plan.metric
    }

    /// `None`: shown only.
    pub(super) fn share(&self) -> Option<f64> {
        self.plan.share
    }

    /// Adds one block. What is not finite is no sample.
    pub(super) fn add(&mut self, sample: &MetricSample) {
        let y = sample.y;
        if !y.0.is_finite() {
            return;
        }
        self.ys.push(y);
        self.baselines.push(sample.baseline.0);
        self.reject.observe(y.0 - self.plan.d0.0);
        self.approve.observe(self.plan.d1.0 - y.0);
        if let Some(uncalibrated) = &mut self.uncalibrated {
            uncalibrated.observe(y.0 - self.plan.d1.0 / 2.0);
        }
        if let Some(race) = &mut self.race {
            race.observe(y, &self.plan);
        }
    }

    /// Evidence that the change lies above `d0`.
    pub(super) fn reject_wealth(&self) -> f64 {
        self.reject.wealth()
    }

    /// The same as it would be without a calibration.
    pub(super) fn uncalibrated_wealth(&self) -> f64 {
        self.uncalibrated.as_ref().unwrap_or(&self.reject).wealth()
    }

    /// Evidence that the metric became faster by more than `d0`; none where nobody asks for it.
    pub(super) fn win_wealth(&self) -> f64 {
        self.race.as_ref().map_or(0.0, Race::faster)
    }

    /// Is the metric proven not to have become faster by its tolerance?
    pub(super) fn is_no_win(&self) -> bool {
        let not_faster = self.race.as_ref().map_or(0.0, Race::not_faster);
        self.ys.len() >= MIN_BLOCKS && not_faster >= APPROVE_WEALTH
    }

    /// Is the change proven to lie below the tolerance?
    pub(super) fn is_approved(&self) -> bool {
        self.ys.len() >= MIN_BLOCKS && self.approve.wealth() >= APPROVE_WEALTH
    }

    /// What is to be reported; `None` without a sample. `blamed`: the site is rejected, and because of this metric; `won`:
    /// the site is proven faster, and by this metric.
    pub(super) fn report(&self, blamed: bool, won: bool, reject_at: f64) -> Option<MetricReport> {
        let verdict = self.plan.share.map(|_| self.verdict(blamed));
        let open = verdict == Some(Verdict::Inconclusive);
        Some(MetricReport {
            metric: self.plan.metric,
            delta: self.delta()?,
            tolerance: self.plan.tolerance,
            verdict,
            resolution: resolution(&self.ys),
            blocks_missing: if open { self.blocks_missing(reject_at) } else { None },
            proven_tolerance: if open { self.proven_tolerance() } else { None },
            won: self.race.as_ref().and(self.plan.share).map(|_| won),
        })
    }

    /// What it would take to tell; `None` where nothing is open.
    pub(super) fn open(&self, reject_at: f64) -> Option<OpenMetric> {
        if self.plan.share.is_none() || self.is_approved() {
            return None;
        }
        let interval = median_interval(&self.ys);
        Some(OpenMetric {
            metric: self.plan.metric,
            low: interval.map(|interval| interval.low.into()),
            high: interval.map(|interval| interval.high.into()),
            tolerance: self.plan.tolerance,
            blocks_missing: self.blocks_missing(reject_at),
            proven: self.proven_tolerance(),
        })
    }

    fn verdict(&self, blamed: bool) -> Verdict {
        match (blamed, self.is_approved()) {
            (true, _) => Verdict::Reject,
            (false, true) => Verdict::Approve,
            (false, false) => Verdict::Inconclusive,
        }
    }

    fn delta(&self) -> Option<Delta> {
        let interval = median_interval(&self.ys)?;
        let baseline = median(&mut self.baselines.clone())?;
        Some(Delta {
            baseline: Nanos(baseline),
            candidate: Nanos(baseline * interval.median.0.exp()),
            change: interval.median.into(),
            low: interval.low.into(),
            high: interval.high.into(),
        })
    }

    /// Plays the past blocks again, in their order, until they would prove one or the other.
    fn blocks_missing(&self, reject_at: f64) -> Option<u32> {
        let (mut reject, mut approve) = (self.reject.clone(), self.approve.clone());
        let again = self.ys.iter().cycle().take(LOOK_AHEAD_BLOCKS).enumerate();
        for (added, y) in again {
            reject.observe(y.0 - self.plan.d0.0);
            approve.observe(self.plan.d1.0 - y.0);
            let blocks = self.ys.len() + added + 1;
            let approved = blocks >= MIN_BLOCKS && approve.wealth() >= APPROVE_WEALTH;
            if approved || reject.wealth() >= reject_at {
                return u32::try_from(added + 1).ok();
            }
        }
        None
    }

    /// Every shift is tested by the same bet at the same time, so the smallest one refuted bounds the change at
    /// whatever moment one looks (a confidence sequence).
    fn proven_tolerance(&self) -> Option<Percent> {
        let width = self.plan.d1.0.max(f64::MIN_POSITIVE);
        let mut above =
            (0..SEARCH_STEPS).map(|step| width * f64::from(1 << step)).find(|&d| self.proves(d))?;
        let mut below = if above == width { 0.0 } else { above / 2.0 };
        for _ in 0..SEARCH_STEPS {
            let middle = (below + above) / 2.0;
            if self.proves(middle) { above = middle } else { below = middle }
        }
        Some(Percent::from(LogRatio(above)))
    }

    /// Do these blocks prove the change to lie below `shift`?
    fn proves(&self, shift: f64) -> bool {
        let mut evidence = Evidence::new();
        self.ys.iter().for_each(|y| evidence.observe(shift - y.0));
        self.ys.len() >= MIN_BLOCKS && evidence.wealth() >= APPROVE_WEALTH
    }
}

#[cfg(test)]
mod tests;
