//! Budgets of code that is the baseline's own. Nothing is timed for them: what was recorded of this very code, on this class of
//! machine, is compared with the limit. One run is no record, because a slow minute would break a budget (GATE.md section 5).

use super::quantile::median;
use crate::model::{Budget, BudgetFinding, BudgetMetric, Nanos, Verdict};

/// Stored runs of the code that together count as a record: their median is then not one minute's.
const RUNS_OF_A_RECORD: usize = 3;

/// Judges a latency budget by the `recorded` value of its metric, else by what `runs` of the same code saw. A slowest call
/// must be too slow in two runs: one may be anyone's fault. `None` where there is neither: not to be judged here.
pub fn judge_latency(budget: Budget, recorded: Option<Nanos>, runs: &[Nanos]) -> Option<BudgetFinding> {
    let value = recorded.map(|nanos| nanos.0).or_else(|| of_runs(budget.metric, runs))?;
    let broken = value > budget.limit;
    let verdict = if broken { Verdict::Reject } else { Verdict::Approve };
    Some(BudgetFinding { budget, value, verdict, broken_before: broken })
}

fn of_runs(metric: BudgetMetric, runs: &[Nanos]) -> Option<f64> {
    if runs.len() < RUNS_OF_A_RECORD {
        return None;
    }
    let mut values: Vec<f64> = runs.iter().map(|nanos| nanos.0).collect();
    match metric {
        BudgetMetric::Max => {
            values.sort_by(|a, b| b.total_cmp(a));
            values.get(1).copied()
        }
        _ => median(&mut values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(metric: BudgetMetric, recorded: Option<f64>, runs: &[f64]) -> Option<(Verdict, bool)> {
        let runs: Vec<Nanos> = runs.iter().copied().map(Nanos).collect();
        let finding = judge_latency(Budget { metric, limit: 100.0 }, recorded.map(Nanos), &runs)?;
        Some((finding.verdict, finding.broken_before))
    }

    const KEPT: Option<(Verdict, bool)> = Some((Verdict::Approve, false));
    const BROKEN: Option<(Verdict, bool)> = Some((Verdict::Reject, true));

    #[test]
    fn the_record_decides_whatever_single_runs_saw() {
        assert_eq!(verdict(BudgetMetric::P50, Some(100.0), &[900.0; 3]), KEPT);
        assert_eq!(verdict(BudgetMetric::P50, Some(100.1), &[1.0; 3]), BROKEN);
    }

    #[test]
    fn without_a_record_three_runs_are_one_and_two_are_none() {
        assert_eq!(verdict(BudgetMetric::P90, None, &[90.0, 900.0, 95.0]), KEPT);
        assert_eq!(verdict(BudgetMetric::P90, None, &[90.0, 900.0, 101.0]), BROKEN);
        assert_eq!(verdict(BudgetMetric::P90, None, &[900.0, 900.0]), None);
        assert_eq!(verdict(BudgetMetric::P90, None, &[]), None);
    }

    #[test]
    fn a_slowest_call_breaks_its_budget_when_two_runs_exceed_it() {
        assert_eq!(verdict(BudgetMetric::Max, None, &[9_000.0, 90.0, 90.0]), KEPT);
        assert_eq!(verdict(BudgetMetric::Max, None, &[9_000.0, 101.0, 90.0]), BROKEN);
    }
}
