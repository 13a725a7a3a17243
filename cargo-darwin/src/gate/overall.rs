//! One verdict out of many: the worst wins, and nothing is approved that was not measured.

use crate::model::{BudgetFinding, ExactCount, Verdict};

/// Everything that was judged at one site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteParts<'a> {
    /// Latencies against the baseline, see [`super::judge::SiteFinding::timed`].
    pub timed: Option<Verdict>,
    /// Allocations and bytes.
    pub counts: [Option<&'a ExactCount>; 2],
    /// Budgets on latencies and on counts.
    pub budgets: &'a [BudgetFinding],
    /// Budgets that could not be told.
    pub untold_budgets: usize,
}

/// How the runs that a check stands on ended: builds, counting runs, tests, the blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// To their end, with data.
    Complete,
    /// Failed, killed, timed out, or without data.
    Failed,
}

impl SiteParts<'_> {
    /// The worst of the parts; `None` where nothing was judged.
    pub fn verdict(&self) -> Option<Verdict> {
        let counts = self.counts.iter().flatten().filter_map(|count| count.verdict);
        let budgets = self.budgets.iter().map(|finding| finding.verdict);
        let untold = (self.untold_budgets > 0).then_some(Verdict::Inconclusive);
        self.timed.into_iter().chain(counts).chain(budgets).chain(untold).max()
    }
}

/// The verdict of a check. INVALID where any run failed; APPROVE only where all ran, at least one site was gated,
/// and every part of every site is approved.
pub fn overall(runs: &[RunState], sites: &[SiteParts<'_>]) -> Verdict {
    if runs.contains(&RunState::Failed) {
        return Verdict::Invalid;
    }
    let nothing_gated = sites.iter().all(|site| site.timed.is_none()).then_some(Verdict::Inconclusive);
    sites.iter().filter_map(SiteParts::verdict).chain(nothing_gated).max().unwrap_or(Verdict::Inconclusive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Budget, BudgetMetric};
    use Verdict::{Approve, Inconclusive, Invalid, Reject};

    const NOTHING: SiteParts<'_> =
        SiteParts { timed: None, counts: [None, None], budgets: &[], untold_budgets: 0 };
    const APPROVED: SiteParts<'_> = SiteParts { timed: Some(Approve), ..NOTHING };

    fn count(verdict: Option<Verdict>) -> ExactCount {
        ExactCount { calls: 1, baseline_calls: 1, baseline: 1, candidate: 1, verdict }
    }

    fn budget(verdict: Verdict) -> [BudgetFinding; 1] {
        let budget = Budget { metric: BudgetMetric::P99, limit: 1.0 };
        [BudgetFinding { budget, value: 1.0, verdict, broken_before: false }]
    }

    #[test]
    fn the_worst_part_of_any_site_is_the_verdict() {
        let (more, unknown) = (count(Some(Reject)), count(None));
        let (broken, advice) = (budget(Reject), budget(Inconclusive));
        let cases = [
            ("all approved", vec![APPROVED, APPROVED], Approve),
            ("a listed, ungated site says nothing", vec![APPROVED, NOTHING], Approve),
            ("one slower", vec![APPROVED, SiteParts { timed: Some(Reject), ..NOTHING }], Reject),
            ("one open", vec![APPROVED, SiteParts { timed: Some(Inconclusive), ..NOTHING }], Inconclusive),
            ("more allocations", vec![SiteParts { counts: [Some(&more), None], ..APPROVED }], Reject),
            (
                "shown counts say nothing",
                vec![SiteParts { counts: [None, Some(&unknown)], ..APPROVED }],
                Approve,
            ),
            (
                "a broken budget of a new site",
                vec![APPROVED, SiteParts { budgets: &broken, ..NOTHING }],
                Reject,
            ),
            ("an advisory budget", vec![SiteParts { budgets: &advice, ..APPROVED }], Inconclusive),
            ("a budget without a value", vec![SiteParts { untold_budgets: 1, ..APPROVED }], Inconclusive),
            ("nothing gated", vec![NOTHING, NOTHING], Inconclusive),
            ("no site at all", vec![], Inconclusive),
        ];
        for (case, sites, expected) in cases {
            assert_eq!(overall(&[RunState::Complete], &sites), expected, "{case}");
        }
    }

    #[test]
    fn exact_counts_alone_approve_nothing() {
        let equal = count(Some(Approve));
        let site = SiteParts { counts: [Some(&equal), Some(&equal)], ..NOTHING };
        assert_eq!(overall(&[], &[site]), Inconclusive);
    }

    #[test]
    fn one_failed_run_makes_everything_invalid() {
        let runs = [RunState::Complete, RunState::Failed];
        assert_eq!(overall(&runs, &[APPROVED]), Invalid);
        assert_eq!(overall(&runs, &[]), Invalid);
    }
}
