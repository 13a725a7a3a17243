//! What the committed record can tell without the baseline's code (GATE.md, section 6): counts exactly, times as advice.
//!
//! Recorded times come from another day, so no coin protects a comparison with them. The machine's own share is taken
//! off, what still stands out is named, and [`verdict`] never sees a time: whatever they say, they neither approve nor
//! reject.

use super::exact::{self, Counted};
use super::quantile::median;
use crate::model::{BudgetFinding, BudgetMetric, ExactCount, LogRatio, Nanos, Percent, Verdict};

/// A site stands out from here on, however alike the others are. Figure of GATE.md, section 6: whole runs at different
/// times scatter by 2 to 15 % at p50 (section 1), and a process that lies elsewhere in memory by up to 30 %.
pub const LEAST_RESIDUAL: Percent = Percent(25.0);

/// So many times the median absolute deviation of all sites stands out, where that is more.
const DEVIATIONS: f64 = 4.0;

/// Runs that scatter by up to this much make a site count in full for the machine's share: a fifth of
/// [`LEAST_RESIDUAL`]. Without a floor one site that repeats to the tick would outweigh all the others together.
const STEADY: Percent = Percent(5.0);

/// Of two sites either may be the one that changed; from three on there is a majority.
pub const FEWEST_SITES: usize = 3;

/// Stored runs from which their range bounds the next: one more of the same kind lies outside in 2 of 11 cases.
pub const FEWEST_STORED_RUNS: usize = 10;

/// Stored runs of one binary agree to a tenth of a percent, and the next binary lies elsewhere in memory: that alone
/// shifts it by up to 2.7 % (GATE.md, section 1). So much beyond the range is not outside.
const PLACEMENT: Percent = Percent(3.0);

/// Recorded counts have three digits after the point.
const THOUSANDTHS: u64 = 1000;

/// One latency of one site: as recorded, and as each of the candidate's runs has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What the record says.
    pub recorded: Nanos,
    /// One value a run.
    pub runs: Vec<Nanos>,
}

/// What became of a [`Reading`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The candidate's median over its runs.
    pub measured: Nanos,
    /// The median against the record.
    pub ratio: LogRatio,
    /// The fastest run against the record.
    pub low: LogRatio,
    /// The slowest run against the record.
    pub high: LogRatio,
}

impl Change {
    /// From the fastest run to the slowest.
    fn spread(&self) -> f64 {
        self.high.0 - self.low.0
    }
}

/// What the machine contributes to all sites alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machine {
    /// Its share in every log ratio: their weighted median.
    pub share: LogRatio,
    /// A site stands out beyond this, to either side of the share.
    pub threshold: LogRatio,
}

/// One metric at all sites.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// In the order of the readings; `None` where one has no usable number.
    pub changes: Vec<Option<Change>>,
    /// `None` below [`FEWEST_SITES`]: then nothing can stand out.
    pub machine: Option<Machine>,
}

impl Times {
    /// By how much the site at `index` stands out once the machine's share is taken off; positive is slower. A site whose
    /// own runs scatter by more than that does not stand out: a mean of 20 ns calls is five times as high for one pause.
    pub fn stands_out(&self, index: usize) -> Option<LogRatio> {
        let (change, machine) = (self.changes.get(index).copied().flatten()?, self.machine?);
        let residual = change.ratio.0 - machine.share.0;
        (residual.abs() > machine.threshold.0.max(change.spread())).then_some(LogRatio(residual))
    }
}

/// Sets one metric of all sites beside the record. The machine's share is the weighted median of their log ratios, so
/// that a minority of changed sites does not move it. The weights are 1 / spread of the candidate's runs and not calls: a
/// million calls of 20 ns whose median jumps between two modes say less of the machine than a hundred steady ones.
pub fn times(readings: &[Reading]) -> Times {
    let changes: Vec<Option<Change>> = readings.iter().map(change).collect();
    let known: Vec<Change> = changes.iter().copied().flatten().collect();
    let machine = machine(&known).filter(|_| known.len() >= FEWEST_SITES);
    Times { changes, machine }
}

fn machine(changes: &[Change]) -> Option<Machine> {
    let weighted: Vec<(f64, f64)> = changes.iter().map(|change| (change.ratio.0, weight(change))).collect();
    let share = weighted_median(&weighted)?;
    let mut deviations: Vec<f64> = changes.iter().map(|change| (change.ratio.0 - share).abs()).collect();
    let deviation = median(&mut deviations)?;
    let threshold = LogRatio((DEVIATIONS * deviation).max(LogRatio::from(LEAST_RESIDUAL).0));
    Some(Machine { share: LogRatio(share), threshold })
}

fn weight(change: &Change) -> f64 {
    1.0 / change.spread().max(LogRatio::from(STEADY).0)
}

fn change(reading: &Reading) -> Option<Change> {
    let is_usable = |value: f64| value.is_finite() && value > 0.0;
    let mut runs: Vec<f64> = reading.runs.iter().map(|run| run.0).filter(|run| is_usable(*run)).collect();
    if !is_usable(reading.recorded.0) || runs.len() < reading.runs.len() {
        return None;
    }
    let measured = Nanos(median(&mut runs)?);
    let ratio = |value: f64| LogRatio::of(Nanos(value), reading.recorded);
    let low = runs.iter().copied().fold(f64::INFINITY, f64::min);
    let high = runs.iter().copied().fold(0.0, f64::max);
    Some(Change { measured, ratio: ratio(measured.0), low: ratio(low), high: ratio(high) })
}

/// The value with half of the weight on either side; between two values where they halve it exactly. Pairs with a value
/// or a weight that is no number, and weights that are not positive, are passed over.
pub fn weighted_median(pairs: &[(f64, f64)]) -> Option<f64> {
    let is_usable = |(value, weight): &(f64, f64)| value.is_finite() && weight.is_finite() && *weight > 0.0;
    let mut pairs: Vec<(f64, f64)> = pairs.iter().copied().filter(is_usable).collect();
    pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = pairs.iter().map(|pair| pair.1).sum::<f64>() / 2.0;
    // Sums of weights are rounded: a hair's breadth must not decide between one value and the middle of two.
    let hair = half * 1e-9;
    let (lower, upper) = (reaching(&pairs, half - hair)?, reaching(&pairs, half + hair)?);
    Some((lower + upper) / 2.0)
}

/// The first value at which the weight so far reaches `bound`.
fn reaching(sorted: &[(f64, f64)], bound: f64) -> Option<f64> {
    let mut so_far = 0.0;
    let reaches = |(_, weight): &&(f64, f64)| {
        so_far += weight;
        so_far >= bound
    };
    sorted.iter().find(reaches).map(|(value, _)| *value)
}

/// Where the candidate lies beside earlier runs of the same site on the same class of machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    /// How many there are.
    pub runs: usize,
    /// The fastest of them.
    pub low: Nanos,
    /// The slowest of them.
    pub high: Nanos,
    /// Where the candidate is.
    pub candidate: Beside,
}

/// A value beside a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Less than the lowest.
    Below,
    /// Within.
    Within,
    /// More than the highest.
    Above,
}

/// The range of earlier runs; `None` where there are fewer than [`FEWEST_STORED_RUNS`] with a usable number.
pub fn history(earlier: &[Nanos], candidate: Nanos) -> Option<History> {
    let usable = || earlier.iter().map(|run| run.0).filter(|run| run.is_finite() && *run > 0.0);
    let (low, high) = (usable().fold(f64::INFINITY, f64::min), usable().fold(0.0, f64::max));
    let slack = 1.0 + PLACEMENT.0 / 100.0;
    let candidate = match candidate.0 {
        now if now > high * slack => Beside::Above,
        now if now < low / slack => Beside::Below,
        now if now.is_nan() => return None,
        _ => Beside::Within,
    };
    let runs = usable().count();
    (runs >= FEWEST_STORED_RUNS).then_some(History { runs, low: Nanos(low), high: Nanos(high), candidate })
}

/// Compares a recorded count per call with the candidate's. `now` is the candidate's in the record's own digits, because
/// rounding both alike never makes more out of less. More is a REJECT where the candidate repeats exactly and
/// `comparable` says that the record was counted by the same build doing the same work; without the latter the answer is
/// INCONCLUSIVE, advice only. `None` where the candidate completed no call, or `recorded` is no count.
pub fn count(recorded: f64, now: f64, candidate: &[Counted], comparable: bool) -> Option<ExactCount> {
    let after = candidate.first().filter(|run| run.calls > 0)?;
    let is_count = |value: f64| value.is_finite() && value >= 0.0;
    if !is_count(recorded) || !is_count(now) {
        return None;
    }
    let judged = match (comparable, now > recorded) {
        (false, _) => Verdict::Inconclusive,
        (true, true) => Verdict::Reject,
        (true, false) => Verdict::Approve,
    };
    let (baseline, baseline_calls) = match now == recorded {
        // The same in all recorded digits; a difference in further ones is not known.
        true => (after.total, after.calls),
        false => ((recorded * THOUSANDTHS as f64).round() as u64, THOUSANDTHS),
    };
    Some(ExactCount {
        calls: after.calls,
        baseline_calls,
        baseline,
        candidate: after.total,
        verdict: exact::repeats(candidate).then_some(judged),
    })
}

/// The verdict of a site or of a check: REJECT where a count is more than recorded or breaks its budget, else
/// INCONCLUSIVE. There is no way to an APPROVE, and times are no argument.
pub fn verdict<'a>(
    counts: impl IntoIterator<Item = &'a ExactCount>,
    budgets: impl IntoIterator<Item = &'a BudgetFinding>,
) -> Verdict {
    let more = counts.into_iter().any(|count| count.verdict == Some(Verdict::Reject));
    let is_count = |metric| matches!(metric, BudgetMetric::Allocs | BudgetMetric::Bytes);
    let broken =
        budgets.into_iter().any(|found| found.verdict == Verdict::Reject && is_count(found.budget.metric));
    if more || broken { Verdict::Reject } else { Verdict::Inconclusive }
}

#[cfg(test)]
mod tests;
