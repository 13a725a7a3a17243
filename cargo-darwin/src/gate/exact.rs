//! Counts that repeat to the last digit need no statistics.

use std::cmp::Ordering;

use crate::model::{Budget, BudgetFinding, ExactCount, Verdict};

/// Counting runs a side: the same work done three times, so that a count which depends on hashing, time or
/// threads shows itself.
pub const COUNTING_RUNS: usize = 3;

/// What one counting run saw at one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Completed calls.
    pub calls: u64,
    /// Allocations, or bytes allocated, within all of them.
    pub total: u64,
}

/// Compares counts per call. More is a REJECT and less or equal an APPROVE where both sides repeat exactly in all
/// `COUNTING_RUNS`; else the counts are shown only. `None` where a side has no run or completed no call.
pub fn compare(baseline: &[Counted], candidate: &[Counted]) -> Option<ExactCount> {
    let (before, after) = (baseline.first()?, candidate.first()?);
    if before.calls == 0 || after.calls == 0 {
        return None;
    }
    let exact = repeats(baseline) && repeats(candidate);
    Some(ExactCount {
        calls: after.calls,
        baseline_calls: before.calls,
        baseline: before.total,
        candidate: after.total,
        verdict: exact.then(|| if is_more(after, before) { Verdict::Reject } else { Verdict::Approve }),
    })
}

/// Judges a budget on counts: broken when every counting run of the candidate breaks it, kept when every one
/// keeps it, else it cannot be told. `None` where the candidate completed no call. The value is that of the worst
/// run, per call. The baseline may be empty.
pub fn judge_budget(budget: Budget, baseline: &[Counted], candidate: &[Counted]) -> Option<BudgetFinding> {
    let value = candidate.iter().filter_map(Counted::per_call).max_by(f64::total_cmp)?;
    // A limit that is no number is kept by nothing.
    let keeps =
        |count: f64| matches!(count.partial_cmp(&budget.limit), Some(Ordering::Less | Ordering::Equal));
    let breaks = |run: &Counted| run.per_call().is_some_and(|count| !keeps(count));
    let verdict = match candidate.iter().filter(|run| breaks(run)).count() {
        0 => Verdict::Approve,
        broken if broken == candidate.len() => Verdict::Reject,
        _ => Verdict::Inconclusive,
    };
    let broken_before = !baseline.is_empty() && baseline.iter().all(breaks);
    Some(BudgetFinding { budget, value, verdict, broken_before })
}

impl Counted {
    fn per_call(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.total as f64 / self.calls as f64)
    }
}

/// The same calls and the same total in all `COUNTING_RUNS`.
pub fn repeats(runs: &[Counted]) -> bool {
    runs.len() >= COUNTING_RUNS && runs.windows(2).all(|pair| pair[0] == pair[1])
}

/// More per call, without rounding.
fn is_more(candidate: &Counted, baseline: &Counted) -> bool {
    let scaled = |total: u64, calls: u64| u128::from(total) * u128::from(calls);
    scaled(candidate.total, baseline.calls) > scaled(baseline.total, candidate.calls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BudgetMetric;

    fn runs(calls: u64, totals: [u64; 3]) -> [Counted; 3] {
        totals.map(|total| Counted { calls, total })
    }

    fn verdict(baseline: &[Counted], candidate: &[Counted]) -> Option<Verdict> {
        compare(baseline, candidate).unwrap().verdict
    }

    #[test]
    fn one_allocation_more_in_a_million_calls_is_rejected() {
        let (before, after) = (runs(1_000_000, [7; 3]), runs(1_000_000, [8; 3]));
        assert_eq!(verdict(&before, &after), Some(Verdict::Reject));
    }

    #[test]
    fn as_many_or_fewer_are_approved() {
        for total in [0, 6, 7] {
            assert_eq!(verdict(&runs(10, [7; 3]), &runs(10, [total; 3])), Some(Verdict::Approve));
        }
    }

    #[test]
    fn counts_that_do_not_repeat_are_only_shown() {
        assert_eq!(verdict(&runs(10, [7, 7, 8]), &runs(10, [90; 3])), None);
        assert_eq!(verdict(&runs(10, [7; 3]), &runs(10, [90, 90, 91])), None);
        assert_eq!(verdict(&runs(10, [7; 3])[..2], &runs(10, [90; 3])), None, "two runs prove no repetition");
    }

    #[test]
    fn a_function_called_half_as_often_is_compared_per_call() {
        assert_eq!(verdict(&runs(100, [100; 3]), &runs(50, [50; 3])), Some(Verdict::Approve));
        assert_eq!(verdict(&runs(100, [100; 3]), &runs(50, [51; 3])), Some(Verdict::Reject));
        let count = compare(&runs(100, [100; 3]), &runs(50, [51; 3])).unwrap();
        assert_eq!((count.baseline_calls, count.calls), (100, 50));
    }

    #[test]
    fn totals_near_the_end_of_the_range_do_not_overflow() {
        let (before, after) = (runs(u64::MAX, [u64::MAX - 1; 3]), runs(u64::MAX, [u64::MAX; 3]));
        assert_eq!(verdict(&before, &after), Some(Verdict::Reject));
    }

    #[test]
    fn a_side_without_calls_has_nothing_to_compare() {
        assert_eq!(compare(&runs(0, [0; 3]), &runs(10, [0; 3])), None);
        assert_eq!(compare(&[], &runs(10, [0; 3])), None);
    }

    #[test]
    fn a_budget_of_no_allocations_is_broken_by_one_in_a_million_calls() {
        let budget = Budget { metric: BudgetMetric::Allocs, limit: 0.0 };
        let finding = judge_budget(budget, &runs(1_000_000, [0; 3]), &runs(1_000_000, [1; 3])).unwrap();
        assert_eq!((finding.verdict, finding.broken_before, finding.value), (Verdict::Reject, false, 1e-6));
        let kept = judge_budget(budget, &[], &runs(1_000_000, [0; 3])).unwrap();
        assert_eq!((kept.verdict, kept.broken_before), (Verdict::Approve, false));
    }

    #[test]
    fn a_budget_that_the_baseline_breaks_is_named_as_such() {
        let budget = Budget { metric: BudgetMetric::Bytes, limit: 64.0 };
        let finding = judge_budget(budget, &runs(1, [65; 3]), &runs(1, [66; 3])).unwrap();
        assert_eq!((finding.verdict, finding.broken_before), (Verdict::Reject, true));
    }

    #[test]
    fn a_budget_broken_in_some_runs_only_cannot_be_told() {
        let budget = Budget { metric: BudgetMetric::Allocs, limit: 1.0 };
        let finding = judge_budget(budget, &[], &runs(10, [10, 10, 11])).unwrap();
        assert_eq!((finding.verdict, finding.value), (Verdict::Inconclusive, 1.1));
        assert_eq!(judge_budget(budget, &[], &runs(0, [0; 3])), None);
    }
}
