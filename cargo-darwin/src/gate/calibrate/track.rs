//! The unchanged blocks of one site, replayed: a replay begins at some block, goes on in the order of measuring, gives each
//! block the sign of a coin (which is what swapping the sides would have done), and asks the judge itself.

use super::Replays;
use super::coins::Coins;
use crate::gate::judge::{Judge, Status};
use crate::gate::plan::Plan;
use crate::gate::sample::{BlockSamples, MetricSample, SiteSample};
use crate::model::{LogRatio, Metric, Nanos, SiteKey};

/// One metric is so much slower than it was measured.
#[derive(Debug, Clone, Copy)]
pub struct Slower {
    pub metric: Metric,
    pub by: LogRatio,
}

/// A site's blocks.
pub struct Track<'a> {
    replays: Replays<'a>,
    key: &'a SiteKey,
    samples: Vec<SiteSample>,
}

impl<'a> Track<'a> {
    /// The blocks that have the site.
    pub fn of(replays: Replays<'a>, key: &'a SiteKey) -> Track<'a> {
        let samples = replays.unchanged.iter().filter_map(|block| block.sites.get(key)).copied().collect();
        Track { replays, key, samples }
    }

    /// The samples of a metric.
    pub fn ys(&self, metric: Metric) -> Vec<LogRatio> {
        self.samples.iter().filter_map(|sample| sample.metric(metric)).map(|sample| sample.y).collect()
    }

    /// What the judge says of this site, which is the only one of the plan, after each block of a replay, as long as a check
    /// has the time; nothing without a block.
    pub fn statuses<'t>(
        &'t self,
        plan: &Plan,
        slower: Option<Slower>,
        replay: u32,
    ) -> impl Iterator<Item = Status> + use<'a, 't> {
        let mut coins = Coins::of(self.replays.seed, replay);
        let first = coins.below(self.samples.len().max(1));
        let mut judge = Judge::new(plan.clone());
        let mut block = BlockSamples::default();
        let samples = self.samples.iter().cycle().skip(first).take(self.replays.limit_blocks as usize);
        samples.map(move |sample| {
            block.sites.insert(self.key.clone(), flipped(sample, coins.sign(), slower));
            judge.add(&block);
            judge.status()
        })
    }
}

/// The block with its sides swapped, or not, and one metric of it slower.
fn flipped(sample: &SiteSample, sign: f64, slower: Option<Slower>) -> SiteSample {
    let moved = |metric: Metric| {
        let by = slower.filter(|slower| slower.metric == metric).map_or(0.0, |slower| slower.by.0);
        sample.metric(metric).map(|sample| {
            let y = sign * sample.y.0 + by;
            MetricSample { y: LogRatio(y), candidate: Nanos(sample.baseline.0 * y.exp()), ..*sample }
        })
    };
    let (p50, p99, mean) = (moved(Metric::P50), moved(Metric::P99), moved(Metric::Mean));
    SiteSample { calls: sample.calls, p50, p99, mean, ..SiteSample::default() }
}
