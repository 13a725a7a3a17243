//! What the tests of the gate share: a small deterministic generator of random numbers, and the smallest plan.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{SiteRequest, Tolerances};
use super::sample::{BlockSamples, MetricSample, SiteSample};
use crate::model::{LogRatio, Metric, Nanos, Percent, SiteKey};

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Evenly in `0 .. 1`, never zero.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// `1` or `-1`.
    pub(crate) fn coin(&mut self) -> f64 {
        if self.next() & 1 == 0 { 1.0 } else { -1.0 }
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn gaussian(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Standard Cauchy: no mean, no variance.
    pub(crate) fn cauchy(&mut self) -> f64 {
        (std::f64::consts::PI * (self.uniform() - 0.5)).tan()
    }
}

/// A site called often enough for a median, of which only p50 is gated, within 2 %.
pub(crate) fn request(site: &str) -> SiteRequest {
    SiteRequest {
        key: key(site),
        baseline_calls: Some(100),
        candidate_calls: Some(100),
        nanos_per_block: None,
        metrics: BTreeSet::from([Metric::P50]),
        shown_only: BTreeSet::new(),
        tolerances: Tolerances { median: Percent(2.0), tail: None },
        placement_bias: BTreeMap::new(),
        budgets: Vec::new(),
    }
}

pub(crate) fn key(site: &str) -> SiteKey {
    SiteKey { workload: "bench".into(), site: site.into() }
}

pub(crate) fn all_metrics() -> BTreeSet<Metric> {
    BTreeSet::from([Metric::P50, Metric::P99, Metric::Mean])
}

/// A candidate that is `y` slower than a baseline of 1 us in every metric.
pub(crate) fn site_sample(y: f64) -> SiteSample {
    let sample =
        Some(MetricSample { y: LogRatio(y), baseline: Nanos(1_000.0), candidate: Nanos(1_000.0 * y.exp()) });
    SiteSample {
        calls: 5_000,
        p50: sample,
        p90: sample,
        p99: sample,
        p999: sample,
        mean: sample,
        max: sample,
    }
}

/// One block of such sites.
pub(crate) fn block<'a>(sites: impl IntoIterator<Item = (&'a str, f64)>) -> BlockSamples {
    let sites = sites.into_iter().map(|(site, y)| (key(site), site_sample(y))).collect();
    BlockSamples { sites, candidate_only: BTreeMap::new() }
}
