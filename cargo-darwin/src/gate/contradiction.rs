//! The contradiction rule (GATE.md section 4): code that is unchanged has not become slower. Where the clock says so all the
//! same, it speaks of the environment, and that is no reason to reject a change.

use super::judge::SiteFinding;
use super::probe::Findings;
use crate::model::{SiteKey, Verdict};

/// What a contradicted site says.
const NOTE: &str = "the machine code is the baseline's and no count differs, so it is the environment (or data that changed) \
                    that was slower, not the code: measure again on a quieter machine";

/// Turns each REJECT for time into INCONCLUSIVE where `code_is_unchanged` (the text sections of both sides are equal) and
/// `counts_equal` says of the site that its exact counts are equal, or that none are taken.
///
/// Budgets on time are contradicted likewise, but for those that the baseline broke already: that equal code breaks them
/// still is what one expects. Counts and budgets on counts are exact, no part of `findings`, and stay as they are. So does the
/// REJECT of a challenger that has not won: unchanged code cannot.
pub fn contradicted(
    findings: &mut Findings,
    code_is_unchanged: bool,
    counts_equal: impl Fn(&SiteKey) -> bool,
) {
    if !code_is_unchanged || findings.verdict != Verdict::Reject {
        return;
    }
    for site in findings.sites.iter_mut().filter(|site| counts_equal(&site.key)) {
        contradict(site);
    }
    findings.verdict = findings.challenge.applied(worst(&findings.sites));
}

fn contradict(site: &mut SiteFinding) {
    let timed = site.timed.iter_mut();
    let metrics = site.metrics.iter_mut().filter_map(|report| report.verdict.as_mut());
    let budgets = site.budgets.iter_mut().filter(|budget| !budget.broken_before);
    let verdicts = timed.chain(metrics).chain(budgets.map(|budget| &mut budget.verdict));
    let mut is_contradicted = false;
    for verdict in verdicts.filter(|verdict| **verdict == Verdict::Reject) {
        *verdict = Verdict::Inconclusive;
        is_contradicted = true;
    }
    if is_contradicted {
        let before = site.note.take().map(|note| note + "; ").unwrap_or_default();
        site.note = Some(before + NOTE);
    }
}

/// The verdict over all sites; INCONCLUSIVE where none is gated.
fn worst(sites: &[SiteFinding]) -> Verdict {
    let verdicts = sites.iter().filter_map(SiteFinding::verdict);
    let nothing_gated = sites.iter().all(|site| site.timed.is_none()).then_some(Verdict::Inconclusive);
    verdicts.chain(nothing_gated).max().unwrap_or(Verdict::Inconclusive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::{block, key, request};
    use crate::gate::{BudgetRequest, Challenge, Judge, Plan, SiteRequest};
    use crate::model::{Budget, BudgetMetric, Nanos};
    use Verdict::{Approve, Inconclusive, Reject};

    /// What is found of sites `a` and `b` of which `a` takes so much longer; both take 1 us before.
    fn found(requests: Vec<SiteRequest>, a: f64, must_win: bool) -> Findings {
        let mut judge = Judge::new(Plan::freeze(requests).require_faster(must_win));
        for number in 0..30 {
            let noise = 1e-3 * f64::from(number % 3 - 1);
            judge.add(&block([("a", a + noise), ("b", noise)]));
        }
        let (verdict, challenge, sites) = (judge.finish(), judge.challenge(), judge.findings());
        Findings { verdict, blocks: judge.blocks(), voided: 0, void_reasons: Vec::new(), challenge, sites }
    }

    fn slower() -> Findings {
        found(vec![request("a"), request("b")], 0.2, false)
    }

    /// Site `a` with a budget of so much for p50, and the baseline's record.
    fn budgeted(limit_us: f64, recorded_us: f64) -> Vec<SiteRequest> {
        let budget = Budget { metric: BudgetMetric::P50, limit: limit_us * 1e3 };
        let budgets = vec![BudgetRequest { budget, recorded: Some(Nanos(recorded_us * 1e3)) }];
        vec![SiteRequest { budgets, ..request("a") }, request("b")]
    }

    #[test]
    fn a_rejection_for_time_stands_unless_code_and_counts_say_that_nothing_changed() {
        for (case, code_is_unchanged, equal_counts_of, expected) in [
            ("code changed, counts equal", false, ["a", "b"], Reject),
            ("code unchanged, counts equal", true, ["a", "b"], Inconclusive),
            ("code unchanged, counts of the slower site differ", true, ["b", "b"], Reject),
            ("code unchanged, counts of another site differ", true, ["a", "a"], Inconclusive),
        ] {
            let mut findings = slower();
            contradicted(&mut findings, code_is_unchanged, |key| equal_counts_of.contains(&&*key.site));
            assert_eq!(findings.verdict, expected, "{case}");
            let [a, b] = &findings.sites[..] else { panic!() };
            assert_eq!((a.timed, a.metrics[0].verdict), (Some(expected), Some(expected)), "{case}");
            assert_eq!(a.note.is_some(), expected == Inconclusive, "{case}");
            assert_eq!((b.timed, &b.note), (Some(Approve), &None), "{case}");
        }
    }

    #[test]
    fn a_contradicted_site_names_the_environment_and_says_what_to_do_beside_what_it_said_before() {
        let mut findings = slower();
        findings.sites[0].note = Some("1 of its budgets could not be told".into());
        contradicted(&mut findings, true, |_| true);
        let note = findings.sites[0].note.clone().unwrap();
        for part in
            ["1 of its budgets could not be told; ", "environment", "measure again on a quieter machine"]
        {
            assert!(note.contains(part), "{note}");
        }
    }

    #[test]
    fn what_is_no_rejection_is_left_alone() {
        for shift in [0.0, -0.3] {
            let findings = found(vec![request("a"), request("b")], shift, false);
            let mut after = findings.clone();
            contradicted(&mut after, true, |_| true);
            assert_eq!((after, findings.verdict), (findings.clone(), Approve), "shift {shift}");
        }
    }

    #[test]
    fn a_budget_on_time_is_contradicted_unless_the_baseline_broke_it_too() {
        for (case, requests, shift, expected) in [
            ("kept before, broken now", budgeted(1.1, 1.0), 0.2, Inconclusive),
            ("broken before and now", budgeted(0.9, 1.0), 0.0, Reject),
            ("kept", budgeted(2.0, 1.0), 0.0, Approve),
        ] {
            let mut findings = found(requests, shift, false);
            assert_eq!(findings.verdict == Reject, expected != Approve, "{case}");
            contradicted(&mut findings, true, |_| true);
            assert_eq!(
                (findings.verdict, findings.sites[0].budgets[0].verdict),
                (expected, expected),
                "{case}"
            );
        }
    }

    #[test]
    fn a_challenger_of_unchanged_code_has_not_won_and_stays_rejected() {
        let mut findings = found(vec![request("a"), request("b")], 0.0, true);
        assert_eq!((findings.verdict, findings.challenge), (Reject, Challenge::Lost));
        contradicted(&mut findings, true, |_| true);
        assert_eq!((findings.verdict, &findings.sites[0].note), (Reject, &None));
    }

    #[test]
    fn a_site_of_another_workload_is_asked_for_by_its_whole_key() {
        let mut findings = slower();
        contradicted(&mut findings, true, |asked| *asked != key("a"));
        assert_eq!(findings.verdict, Reject);
    }
}
