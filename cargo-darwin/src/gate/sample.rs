//! From the raw calls of one block to one number per site and metric: the log ratio candidate / baseline.
//!
//! Inside one process calls are not independent, so a block of a thousand calls is ONE sample, however precise
//! (tango #59: calls fed to a test as if independent flagged 8 of 8 unchanged comparisons).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::by_key;
use super::quantile::{Tally, median};
use crate::model::{BudgetMetric, LogRatio, Metric, Nanos, SiteKey, SiteRun, Timing};

/// Calls that a block must have for its median to be gated, unless they are long: of fewer short ones, a single disturbed
/// call is the median. What fewer calls say is told all the same.
pub const MIN_CALLS: u64 = 3;

/// Calls a turn from which a turn's own median is worth more than comparing call by call: below that it would be
/// one of a few calls, which are unlike each other more often than the two sides are.
pub const MIN_CALLS_PER_TURN: u64 = 25;

/// Calls a block from which p99 is gated: 40 calls lie above it, enough for the default tail tolerance.
pub const P99_GATED_CALLS: u64 = 4_000;

/// Share of a site's calls that the mean clips: pauses come some hundred times a second, calls at least a hundred
/// thousand times.
const CLIPPED_SHARE: f64 = 0.001;

/// Calls a side that the mean clips where the share would be fewer: a block of 60 ms meets a few pauses.
const CLIPPED_CALLS: u64 = 4;

/// The mean clips nothing where there are fewer than so many times the clipped calls.
const CLIPPED_FROM: u64 = 20;

/// Log ratios that each order must have for its own median: of fewer, a single disturbed one moves it.
const FEWEST_OF_AN_ORDER: usize = 3;

/// Calls a block from which p99.9 is told: 20 calls lie above it.
const P999_CALLS: u64 = 20_000;

/// Calls a block from which p90 and p99 are told at all: one call at least lies above p99.
const TAIL_CALLS: u64 = 100;

/// What is left of a latency after the cost of an empty site is taken off is never less than this: below a
/// nanosecond the cost itself is not known, and a ratio of two such rests would be noise.
const FLOOR: Nanos = Nanos(1.0);

/// One turn of one process: the raw latencies of every call that it completed, in order, per site. The index is
/// the caller's, the same for the same site on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// Number of the pair of turns: who goes first alternates with it.
    pub pair: u32,
    /// Ticks per call.
    pub sites: BTreeMap<u32, Vec<u64>>,
}

impl Turn {
    fn calls(&self, site: u32) -> &[u64] {
        self.sites.get(&site).map_or(&[], Vec::as_slice)
    }
}

/// The turns of one side of a block, the warm-up already dropped. Turn `i` of one side did the same work as turn
/// `i` of the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SideTurns(pub Vec<Turn>);

/// How the two processes of a block measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Length of a tick.
    pub tick: Nanos,
    /// Ticks by which the counter advances at a time.
    pub step_ticks: f64,
    /// What an empty site shows in the baseline's process, mean in ticks.
    pub baseline_empty_ticks: f64,
    /// What an empty site shows in the candidate's process, mean in ticks.
    pub candidate_empty_ticks: f64,
}

/// One metric of one site in one block: three finite numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MetricSample {
    /// The log ratio, as paired as the metric allows.
    pub y: LogRatio,
    /// The baseline's value over the whole block.
    pub baseline: Nanos,
    /// The candidate's value over the whole block.
    pub candidate: Nanos,
}

/// One site in one block; `None` where there were too few calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct SiteSample {
    /// Completed calls, of the side that made fewer.
    pub calls: u64,
    /// Median.
    pub p50: Option<MetricSample>,
    /// 90 % quantile, for budgets.
    pub p90: Option<MetricSample>,
    /// 99 % quantile, pooled.
    pub p99: Option<MetricSample>,
    /// 99.9 % quantile, for budgets.
    pub p999: Option<MetricSample>,
    /// Mean.
    pub mean: Option<MetricSample>,
    /// The slowest call, for budgets.
    pub max: Option<MetricSample>,
}

/// The latencies of one side alone, for the budgets of a site that the other side does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// Median.
    pub p50: Option<Nanos>,
    /// 90 % quantile.
    pub p90: Option<Nanos>,
    /// 99 % quantile.
    pub p99: Option<Nanos>,
    /// 99.9 % quantile.
    pub p999: Option<Nanos>,
    /// Mean.
    pub mean: Option<Nanos>,
    /// The slowest call.
    pub max: Option<Nanos>,
}

/// Everything that one block says. It is what is stored of a block: read back, it is equal to the last bit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockSamples {
    /// Sites that both sides called.
    #[serde(with = "by_key")]
    pub sites: BTreeMap<SiteKey, SiteSample>,
    /// Sites that only the candidate called.
    #[serde(with = "by_key")]
    pub candidate_only: BTreeMap<SiteKey, Levels>,
}

impl BlockSamples {
    /// Takes in what another workload of the same block says.
    pub fn add(&mut self, other: BlockSamples) {
        self.sites.extend(other.sites);
        self.candidate_only.extend(other.candidate_only);
    }
}

impl SiteSample {
    /// What is gated under this name.
    pub fn metric(&self, metric: Metric) -> Option<&MetricSample> {
        match metric {
            Metric::P50 => self.p50.as_ref(),
            Metric::P99 => self.p99.as_ref(),
            Metric::Mean => self.mean.as_ref(),
        }
    }

    /// What a budget of this name limits; `None` for counts, which are no latencies.
    pub fn budgeted(&self, metric: BudgetMetric) -> Option<&MetricSample> {
        match metric {
            BudgetMetric::P50 => self.p50.as_ref(),
            BudgetMetric::P90 => self.p90.as_ref(),
            BudgetMetric::P99 => self.p99.as_ref(),
            BudgetMetric::P999 => self.p999.as_ref(),
            BudgetMetric::Mean => self.mean.as_ref(),
            BudgetMetric::Max => self.max.as_ref(),
            BudgetMetric::Allocs | BudgetMetric::Bytes => None,
        }
    }
}

impl Levels {
    /// What a budget of this name limits; `None` for counts, which are no latencies.
    pub fn budgeted(&self, metric: BudgetMetric) -> Option<Nanos> {
        match metric {
            BudgetMetric::P50 => self.p50,
            BudgetMetric::P90 => self.p90,
            BudgetMetric::P99 => self.p99,
            BudgetMetric::P999 => self.p999,
            BudgetMetric::Mean => self.mean,
            BudgetMetric::Max => self.max,
            BudgetMetric::Allocs | BudgetMetric::Bytes => None,
        }
    }
}

impl MetricSample {
    /// A sample whose log ratio is that of its two values.
    pub fn of(candidate: Nanos, baseline: Nanos) -> MetricSample {
        MetricSample { y: LogRatio::of(candidate, baseline), baseline, candidate }
    }
}

impl Clock {
    /// Ticks of a latency, less the cost of an empty site, which is pooled: the same for both sides, so that an
    /// error in it cannot look like a difference between them.
    fn nanos(&self, ticks: f64) -> Nanos {
        let empty = (self.baseline_empty_ticks + self.candidate_empty_ticks) / 2.0;
        Nanos(((ticks - empty) * self.tick.0).max(FLOOR.0))
    }
}

/// The samples of one block of turns, for the sites that both sides called. Turns that only one side has are left
/// out.
pub fn from_turns(baseline: &SideTurns, candidate: &SideTurns, clock: &Clock) -> BTreeMap<u32, SiteSample> {
    let turns = baseline.0.len().min(candidate.0.len());
    let (before, after) = (&baseline.0[..turns], &candidate.0[..turns]);
    let mut sites: Vec<u32> = before.iter().flat_map(|turn| turn.sites.keys().copied()).collect();
    sites.sort_unstable();
    sites.dedup();
    sites.into_iter().filter_map(|site| Some((site, site_sample(before, after, site, clock)?))).collect()
}

/// The candidate's latencies at one site, for a site that the baseline does not have.
pub fn levels(side: &SideTurns, site: u32, clock: &Clock) -> Levels {
    levels_of(&Tally::of(&pooled(&side.0, site)), clock)
}

/// The sample of a block that is a pair of whole runs; `None` unless both sides completed a call.
///
/// Each run had its own cost of an empty site taken off; it is put back, and the mean of the two taken off both.
pub fn from_histograms(baseline: &SiteRun, candidate: &SiteRun) -> Option<SiteSample> {
    let pooled = (baseline.empty_cost_ns.0 + candidate.empty_cost_ns.0) / 2.0;
    let before = levels_of_run(baseline.timing.as_ref()?, baseline.calls, baseline.empty_cost_ns.0 - pooled);
    let after =
        levels_of_run(candidate.timing.as_ref()?, candidate.calls, candidate.empty_cost_ns.0 - pooled);
    Some(pair(before, after, baseline.calls.min(candidate.calls)))
}

/// The candidate's latencies in a whole run, for a site that the baseline does not have.
pub fn levels_from_histogram(run: &SiteRun) -> Levels {
    run.timing.as_ref().map_or_else(Levels::default, |timing| levels_of_run(timing, run.calls, 0.0))
}

fn site_sample(before: &[Turn], after: &[Turn], site: u32, clock: &Clock) -> Option<SiteSample> {
    let (turns_before, turns_after) = (tallies(before, site), tallies(after, site));
    let (all_before, all_after) = (Tally::merged(&turns_before), Tally::merged(&turns_after));
    let calls = all_before.calls().min(all_after.calls());
    if calls == 0 {
        return None;
    }
    // Decided on counts alone, for both sides together.
    let few = calls < MIN_CALLS_PER_TURN * before.len() as u64;
    let median = |turn: &Tally| turn.median(clock.step_ticks);
    let p50 = match few {
        true => call_by_call(before, after, site, clock),
        false => by_turn(before, turns_before.iter().map(median).zip(turns_after.iter().map(median)), clock),
    };
    // Comparing means call by call would make a median of them.
    let ceiling = ceiling(&all_before, &all_after, clock);
    let mean = |turn: &Turn| Tally::mean_of(turn.calls(site), ceiling);
    let mean = by_turn(before, before.iter().map(mean).zip(after.iter().map(mean)), clock);
    let mut sample = pair(levels_of(&all_before, clock), levels_of(&all_after, clock), calls);
    sample.p50 = with_ratio(sample.p50, p50);
    sample.mean = with_ratio(sample.mean, mean);
    Some(sample)
}

/// The middle of the turns' log ratios, from what is said in ticks of each `turn` of the baseline and its answer of the candidate. Both
/// sides do the same work in the same order, so turn answers turn, and a disturbance spoils one of them.
fn by_turn(
    turns: &[Turn],
    ticks: impl Iterator<Item = (Option<f64>, Option<f64>)>,
    clock: &Clock,
) -> Option<LogRatio> {
    middle(turns.iter().zip(ticks).filter_map(|(turn, (before, after))| {
        Some((turn.pair, LogRatio::of(clock.nanos(after?), clock.nanos(before?)).0))
    }))
}

/// The middle of the log ratios of the k-th call of one side's turn to the k-th of the other's.
fn call_by_call(before: &[Turn], after: &[Turn], site: u32, clock: &Clock) -> Option<LogRatio> {
    let nanos = |ticks: &u64| clock.nanos(*ticks as f64);
    middle(before.iter().zip(after).flat_map(|(before, after)| {
        let calls = before.calls(site).iter().zip(after.calls(site));
        calls.map(move |(was, is)| (before.pair, LogRatio::of(nanos(is), nanos(was)).0))
    }))
}

/// The mean of two medians: of the pairs of turns in which one side went first, and of those in which the other did.
///
/// A side makes the last turn of a pair and the first of the next. In that one it finds its caches as it left them, and the
/// other side, which follows, finds them emptied: iterations of the order book are then slower by some 10 % (GATE.md, section
/// 2). So the ratios of one order lie above the change and those of the other below, and the median of all would fall anywhere
/// between two heaps.
fn middle(ratios: impl Iterator<Item = (u32, f64)>) -> Option<LogRatio> {
    let (mut one, mut other): (Vec<_>, Vec<_>) = ratios.partition(|(pair, _)| pair.is_multiple_of(2));
    if one.len().min(other.len()) < FEWEST_OF_AN_ORDER {
        one.append(&mut other);
        return median_of(one);
    }
    Some(LogRatio(f64::midpoint(median_of(one)?.0, median_of(other)?.0)))
}

fn median_of(ratios: Vec<(u32, f64)>) -> Option<LogRatio> {
    median(&mut ratios.into_iter().map(|(_, ratio)| ratio).collect::<Vec<f64>>()).map(LogRatio)
}

/// One tally a turn, empty where the turn did not call the site.
fn tallies(turns: &[Turn], site: u32) -> Vec<Tally> {
    turns.iter().map(|turn| Tally::of(turn.calls(site))).collect()
}

/// What a call counts at most in the mean: a high quantile of both sides together. What lies above are interrupts and a
/// hypervisor's pauses, which fall on any call: one of 100 us is a tenth of all that 20 000 calls of 50 ns take. One
/// ceiling for both sides keeps the ratio fair. With a handful of calls nothing is clipped.
fn ceiling(before: &Tally, after: &Tally, clock: &Clock) -> u64 {
    let calls = before.calls().min(after.calls());
    if calls < CLIPPED_CALLS * CLIPPED_FROM {
        return u64::MAX;
    }
    let share = (CLIPPED_CALLS as f64 / calls as f64).max(CLIPPED_SHARE);
    let high = Tally::merged([before, after]).quantile(1.0 - share, clock.step_ticks);
    high.map_or(u64::MAX, |ticks| ticks as u64)
}

fn with_ratio(sample: Option<MetricSample>, y: Option<LogRatio>) -> Option<MetricSample> {
    Some(MetricSample { y: y.filter(|y| y.0.is_finite())?, ..sample? })
}

/// Every call of one site in order, over all turns.
fn pooled(turns: &[Turn], site: u32) -> Vec<u64> {
    turns.iter().flat_map(|turn| turn.calls(site)).copied().collect()
}

fn levels_of(tally: &Tally, clock: &Clock) -> Levels {
    let at = |q: f64| tally.quantile(q, clock.step_ticks).map(|ticks| clock.nanos(ticks));
    let mean = tally.mean().map(|ticks| clock.nanos(ticks));
    let max = tally.max().map(|ticks| clock.nanos(ticks as f64));
    let p50 = tally.median(clock.step_ticks).map(|ticks| clock.nanos(ticks));
    Levels { p50, p90: at(0.9), p99: at(0.99), p999: at(0.999), mean, max }.as_told_by(tally.calls())
}

fn levels_of_run(timing: &Timing, calls: u64, add: f64) -> Levels {
    let at = |nanos: Nanos| nanos.0.is_finite().then(|| Nanos((nanos.0 + add).max(FLOOR.0)));
    Levels {
        p50: at(timing.p50_ns),
        p90: at(timing.p90_ns),
        p99: at(timing.p99_ns),
        p999: at(timing.p999_ns),
        mean: at(timing.mean_ns),
        max: at(timing.max_ns),
    }
    .as_told_by(calls)
}

impl Levels {
    /// Without the quantiles that so many calls cannot tell, and without what is no number.
    fn as_told_by(self, calls: u64) -> Levels {
        let told =
            |level: Option<Nanos>, needed: u64| level.filter(|nanos| calls >= needed && nanos.0.is_finite());
        Levels {
            p50: told(self.p50, 1),
            p90: told(self.p90, TAIL_CALLS),
            p99: told(self.p99, TAIL_CALLS),
            p999: told(self.p999, P999_CALLS),
            mean: told(self.mean, 1),
            max: told(self.max, 1),
        }
    }
}

fn pair(baseline: Levels, candidate: Levels, calls: u64) -> SiteSample {
    let both = |before: Option<Nanos>, after: Option<Nanos>| Some(MetricSample::of(after?, before?));
    SiteSample {
        calls,
        p50: both(baseline.p50, candidate.p50),
        p90: both(baseline.p90, candidate.p90),
        p99: both(baseline.p99, candidate.p99),
        p999: both(baseline.p999, candidate.p999),
        mean: both(baseline.mean, candidate.mean),
        max: both(baseline.max, candidate.max),
    }
}

#[cfg(test)]
mod tests;
