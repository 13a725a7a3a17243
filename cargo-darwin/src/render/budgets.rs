//! The budgets that unchanged code keeps: elsewhere they go without saying, here they are all that was judged.

use super::{budget, safe};
use crate::model::{BaselineSource, BudgetFinding, CheckReport, CheckedSite, Verdict};

/// Budgets that are named before "and N more".
const SHOWN_BUDGETS: usize = 3;

/// A line for each kept budget of code that is the baseline's own; none for other checks.
pub(super) fn kept(report: &CheckReport) -> Vec<String> {
    if report.baseline_source != BaselineSource::Identical {
        return Vec::new();
    }
    let kept = |site: &'_ CheckedSite| {
        let kept = site.budgets.iter().filter(|finding| finding.verdict == Verdict::Approve);
        kept.map(|finding| line(site, finding)).collect::<Vec<String>>()
    };
    let mut lines: Vec<String> = report.sites.iter().flat_map(kept).collect();
    let more = lines.len().saturating_sub(SHOWN_BUDGETS);
    lines.truncate(SHOWN_BUDGETS);
    lines.extend((more > 0).then(|| format!("and {more} more budgets kept")));
    lines
}

fn line(checked: &CheckedSite, finding: &BudgetFinding) -> String {
    let (name, workload) = (safe::line(&checked.key.site), safe::line(&checked.key.workload));
    format!("{name} ({workload}): {}", budget::sentence(finding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Budget, BudgetMetric};
    use crate::render::samples;

    fn report(budgets: usize) -> CheckReport {
        let mut site = samples::site("parse::line", Verdict::Approve);
        let budget = Budget { metric: BudgetMetric::P99, limit: 50_000.0 };
        let finding =
            BudgetFinding { budget, value: 41_000.0, verdict: Verdict::Approve, broken_before: false };
        site.budgets = vec![finding; budgets];
        CheckReport { baseline_source: BaselineSource::Identical, ..samples::report(vec![site]) }
    }

    #[test]
    fn each_kept_budget_of_unchanged_code_has_a_line_and_many_have_a_count() {
        assert_eq!(kept(&report(1)), ["parse::line (replay): p99 <= 50us: kept, it is 41us"]);
        let many = kept(&report(12));
        assert_eq!((many.len(), many[3].as_str()), (4, "and 9 more budgets kept"));
        let timed = CheckReport { baseline_source: BaselineSource::Built, ..report(1) };
        assert!(kept(&timed).is_empty());
    }
}
