//! Budgets: what was written at the function, and how the candidate does against it.

use super::line::Line;
use super::paint::Tone;
use super::units;
use crate::model::{BudgetFinding, BudgetMetric, Nanos, Verdict};

/// `Budget: allocs <= 0 a call **broken**, it is 1 a call`; `None` for a budget that was kept.
pub(super) fn line(finding: &BudgetFinding) -> Option<Line> {
    let tone = match finding.verdict {
        Verdict::Approve => return None,
        Verdict::Reject => Tone::Bad,
        Verdict::Inconclusive | Verdict::Invalid => Tone::Open,
    };
    let before = if finding.broken_before { ", the baseline breaks it already" } else { "" };
    let value = value(finding.budget.metric, finding.value);
    let head = format!("Budget: {} ", limit(finding));
    Some(Line::new(head, state(finding).to_owned(), tone, &format!(", it is {value}{before}")))
}

/// `p99 <= 50us: kept, it is 41us`.
pub(super) fn sentence(finding: &BudgetFinding) -> String {
    let value = value(finding.budget.metric, finding.value);
    format!("{}: {}, it is {value}", limit(finding), state(finding))
}

/// The budget's name in the attribute and in JSON.
pub(super) fn name(metric: BudgetMetric) -> &'static str {
    match metric {
        BudgetMetric::P50 => "p50",
        BudgetMetric::P90 => "p90",
        BudgetMetric::P99 => "p99",
        BudgetMetric::P999 => "p999",
        BudgetMetric::Mean => "mean",
        BudgetMetric::Max => "max",
        BudgetMetric::Allocs => "allocs",
        BudgetMetric::Bytes => "bytes",
    }
}

fn limit(finding: &BudgetFinding) -> String {
    format!("{} <= {}", name(finding.budget.metric), value(finding.budget.metric, finding.budget.limit))
}

fn state(finding: &BudgetFinding) -> &'static str {
    match finding.verdict {
        Verdict::Approve => "kept",
        Verdict::Reject => "broken",
        Verdict::Inconclusive | Verdict::Invalid => "not to be told",
    }
}

fn value(metric: BudgetMetric, value: f64) -> String {
    match metric {
        BudgetMetric::Allocs => format!("{} a call", units::small_count(value)),
        BudgetMetric::Bytes => format!("{} a call", units::bytes(value)),
        _ => units::duration_word(Nanos(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Budget;
    use crate::render::Paint;

    fn finding(metric: BudgetMetric, limit: f64, value: f64, verdict: Verdict) -> BudgetFinding {
        BudgetFinding { budget: Budget { metric, limit }, value, verdict, broken_before: false }
    }

    #[test]
    fn a_broken_budget_says_limit_value_and_whether_it_is_old() {
        let line = |finding: &BudgetFinding| line(finding).unwrap().delta(Paint::Plain);
        let old = BudgetFinding {
            broken_before: true,
            ..finding(BudgetMetric::P99, 50_000.0, 61_200.0, Verdict::Reject)
        };
        assert_eq!(
            line(&old),
            "Budget: p99 <= 50us **broken**, it is 61.2us, the baseline breaks it already"
        );
        assert_eq!(
            line(&finding(BudgetMetric::Allocs, 0.0, 1.0, Verdict::Reject)),
            "Budget: allocs <= 0 a call **broken**, it is 1 a call"
        );
    }

    #[test]
    fn one_allocation_in_a_million_calls_is_not_shown_as_none() {
        let rare = finding(BudgetMetric::Allocs, 0.0, 1e-6, Verdict::Reject);
        assert_eq!(sentence(&rare), "allocs <= 0 a call: broken, it is less than 0.01 a call");
    }

    #[test]
    fn a_kept_budget_has_no_line() {
        assert_eq!(line(&finding(BudgetMetric::P50, 5.0, 4.0, Verdict::Approve)), None);
    }
}
