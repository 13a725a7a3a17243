use std::collections::BTreeMap;

use super::*;
use crate::gate::plan::SiteRequest;
use crate::gate::sample::{Levels, MetricSample};
use crate::gate::testing::{Rng, all_metrics, block, key, request, site_sample};
use crate::model::{BudgetMetric, LogRatio, Nanos, Percent};

fn judge(requests: &[SiteRequest]) -> Judge {
    Judge::new(Plan::freeze(requests.to_vec()))
}

/// Adds `blocks` blocks in which each site has its shift and a deviation of 0.1 %.
fn feed(judge: &mut Judge, blocks: usize, sites: &[(&'static str, f64)]) {
    let mut rng = Rng::new(9);
    for _ in 0..blocks {
        judge.add(&block(sites.iter().map(|&(site, shift)| (site, shift + 0.001 * rng.gaussian()))));
    }
}

fn budget(metric: BudgetMetric, limit_us: f64, recorded_us: Option<f64>) -> BudgetRequest {
    let budget = Budget { metric, limit: limit_us * 1_000.0 };
    BudgetRequest { budget, recorded: recorded_us.map(|value| Nanos(value * 1_000.0)) }
}

#[test]
fn the_slower_site_is_rejected_by_name_and_the_others_are_not() {
    let mut judge = judge(&[request("a"), request("b")]);
    feed(&mut judge, 20, &[("a", 0.0), ("b", 0.2)]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Reject));
    let [a, b] = judge.findings().try_into().unwrap();
    assert_eq!((a.timed, b.timed), (Some(Verdict::Approve), Some(Verdict::Reject)));
    assert_eq!((b.metrics[0].verdict, b.note), (Some(Verdict::Reject), None));
}

#[test]
fn a_site_that_is_slower_too_is_named_although_another_one_is_rejected_first() {
    let mut judge = judge(&[request("bench"), request("function")]);
    let mut rng = Rng::new(5);
    while judge.status() == Status::Open {
        let noisy = 0.2 + 0.15 * rng.gaussian();
        judge.add(&block([("bench", 0.2 + 0.001 * rng.gaussian()), ("function", noisy)]));
    }
    assert_eq!(judge.finish(), Verdict::Reject);
    assert!(judge.findings().iter().all(|finding| finding.timed == Some(Verdict::Reject)));
}

#[test]
fn a_reject_waits_for_nothing_that_is_not_suspect() {
    let mut judge = judge(&[request("a"), request("b")]);
    while judge.status() == Status::Open {
        feed(&mut judge, 1, &[("a", 0.2), ("b", 0.0)]);
    }
    assert_eq!(judge.blocks(), judge.rejected_at.unwrap() as u32);
}

#[test]
fn a_workload_that_is_proven_is_no_longer_open() {
    let mut judge = judge(&[request("a")]);
    assert_eq!(judge.open_workloads(), BTreeSet::from(["bench".to_owned()]));
    feed(&mut judge, 12, &[("a", 0.0)]);
    assert_eq!(judge.open_workloads(), BTreeSet::new());
}

#[test]
fn an_improvement_is_approved_with_its_delta() {
    let mut judge = judge(&[request("a")]);
    feed(&mut judge, 12, &[("a", 0.8_f64.ln())]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
    let change = judge.findings()[0].metrics[0].delta.change.0;
    assert!((change + 20.0).abs() < 0.5, "{change}");
}

#[test]
fn nothing_is_approved_before_eight_blocks() {
    let mut judge = judge(&[request("a")]);
    feed(&mut judge, 7, &[("a", -1.0)]);
    assert_eq!(judge.status(), Status::Open);
}

#[test]
fn one_site_without_samples_keeps_the_check_open_for_ever() {
    let mut judge = judge(&[request("a"), request("b")]);
    feed(&mut judge, 200, &[("a", 0.0)]);
    assert_eq!(judge.status(), Status::Open);
    assert_eq!(judge.finish(), Verdict::Inconclusive);
    assert_eq!(judge.gated_and_open(), (2, 1));
}

#[test]
fn many_sites_need_more_evidence_each() {
    let requests: Vec<SiteRequest> = (0..50).map(|site| request(&format!("site {site}"))).collect();
    let blocks_to_reject = |requests: &[SiteRequest]| {
        let mut judge = judge(requests);
        (1..).find(|_| {
            judge.add(&block([("site 0", 0.5)]));
            judge.status() == Status::Decided(Verdict::Reject)
        })
    };
    assert!(blocks_to_reject(&requests) > blocks_to_reject(&requests[..1]));
}

#[test]
fn the_metric_that_became_slower_is_the_one_to_blame() {
    let calls = Some(5_000);
    let wished = SiteRequest { metrics: all_metrics(), ..request("a") };
    let mut judge = judge(&[SiteRequest { baseline_calls: calls, candidate_calls: calls, ..wished }]);
    let mut rng = Rng::new(10);
    for _ in 0..30 {
        let slow_tail = site_sample(0.4 + 0.001 * rng.gaussian()).p99;
        let sample = SiteSample { p99: slow_tail, ..site_sample(0.001 * rng.gaussian()) };
        judge.add(&BlockSamples { sites: [(key("a"), sample)].into(), ..BlockSamples::default() });
    }
    let verdicts: Vec<_> =
        judge.findings()[0].metrics.iter().map(|report| (report.metric, report.verdict.unwrap())).collect();
    assert_eq!(
        verdicts,
        [(Metric::P50, Verdict::Approve), (Metric::P99, Verdict::Reject), (Metric::Mean, Verdict::Approve)]
    );
}

#[test]
fn a_tail_of_too_few_calls_is_shown_without_a_verdict() {
    let mut judge = judge(&[SiteRequest { metrics: all_metrics(), ..request("a") }]);
    feed(&mut judge, 12, &[("a", 0.0)]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
    let findings = judge.findings();
    let tail = findings[0].metrics.iter().find(|report| report.metric == Metric::P99).unwrap();
    assert_eq!((tail.verdict, tail.tolerance), (None, Percent(10.0)));
}

#[test]
fn a_rejection_stays_whatever_comes_after() {
    let mut judge = judge(&[request("a")]);
    feed(&mut judge, 15, &[("a", 0.2)]);
    feed(&mut judge, 200, &[("a", -0.2)]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Reject));
}

#[test]
fn a_removed_site_is_inconclusive_and_says_what_to_do() {
    let removed = SiteRequest { candidate_calls: None, ..request("gone") };
    let mut judge = judge(&[request("a"), removed]);
    feed(&mut judge, 12, &[("a", 0.0)]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Inconclusive));
    let note = judge.findings()[1].note.clone().unwrap();
    assert!(note.contains("cargo darwin baseline"), "{note}");
}

#[test]
fn small_and_new_sites_are_listed_and_stop_nobody() {
    let small = SiteRequest { candidate_calls: Some(2), ..request("small") };
    let new = SiteRequest { baseline_calls: None, ..request("new") };
    let mut judge = judge(&[request("a"), small, new]);
    feed(&mut judge, 12, &[("a", 0.0)]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
    let findings = judge.findings();
    assert!(findings[1..].iter().all(|finding| finding.timed.is_none() && finding.note.is_some()));
}

#[test]
fn an_open_site_names_its_interval_the_missing_blocks_and_what_is_proven() {
    let mut judge = judge(&[request("a")]);
    let mut rng = Rng::new(11);
    for _ in 0..20 {
        judge.add(&block([("a", 0.012 + 0.02 * rng.gaussian())]));
    }
    assert_eq!(judge.finish(), Verdict::Inconclusive);
    let note = judge.findings()[0].open[0].to_string();
    for part in ["p50 lies between", "tolerance 2.00 %", "more blocks would tell", "is proven now"] {
        assert!(note.contains(part), "{note}");
    }
}

#[test]
fn a_broken_budget_rejects_although_nothing_became_slower() {
    let budgets = vec![budget(BudgetMetric::P50, 0.9, Some(1.0))];
    let mut judge = judge(&[SiteRequest { budgets, ..request("a") }]);
    feed(&mut judge, 20, &[("a", 0.0)]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Reject));
    let finding = &judge.findings()[0];
    assert_eq!((finding.timed, finding.budgets[0].verdict), (Some(Verdict::Approve), Verdict::Reject));
    assert!(finding.budgets[0].broken_before);
}

#[test]
fn a_budget_with_room_is_kept_and_holds_nobody_up() {
    let budgets = vec![budget(BudgetMetric::P99, 50.0, Some(1.0)), budget(BudgetMetric::Max, 50.0, None)];
    let mut judge = judge(&[SiteRequest { budgets, ..request("a") }]);
    feed(&mut judge, 12, &[("a", 0.0)]);
    assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
    assert!(judge.findings()[0].budgets.iter().all(|finding| finding.verdict == Verdict::Approve));
}

#[test]
fn a_budget_that_no_block_can_tell_is_not_approved() {
    let budgets = vec![budget(BudgetMetric::P999, 50.0, Some(1.0))];
    let mut judge = judge(&[SiteRequest { budgets, ..request("a") }]);
    let sample = SiteSample { p999: None, ..site_sample(0.0) };
    for y in 0..12 {
        let p50 = Some(MetricSample { y: LogRatio(1e-4 * f64::from(y % 3)), ..sample.p50.unwrap() });
        let sample = SiteSample { p50, ..sample };
        judge.add(&BlockSamples { sites: [(key("a"), sample)].into(), ..BlockSamples::default() });
    }
    assert_eq!(judge.status(), Status::Decided(Verdict::Inconclusive));
    assert_eq!(judge.findings()[0].untold_budgets.len(), 1);
}

#[test]
fn a_new_sites_budget_is_judged_from_the_candidate_alone() {
    let budgets = vec![budget(BudgetMetric::P50, 50.0, None)];
    let mut judge = judge(&[request("a"), SiteRequest { baseline_calls: None, budgets, ..request("new") }]);
    for _ in 0..12 {
        let levels = Levels { p50: Some(Nanos(60_000.0)), ..Levels::default() };
        let candidate_only = [(key("new"), levels)].into();
        judge.add(&BlockSamples { candidate_only, ..block([("a", 0.0)]) });
    }
    assert_eq!(judge.status(), Status::Decided(Verdict::Inconclusive), "advice, not a REJECT");
    let finding = judge.findings().remove(1);
    assert_eq!((finding.budgets[0].value, finding.budgets[0].broken_before), (60_000.0, false));
}

#[test]
fn the_same_blocks_give_the_same_judge_so_that_a_check_can_be_continued() {
    let mut whole = judge(&[request("a")]);
    feed(&mut whole, 20, &[("a", 0.01)]);
    let mut again = judge(&[request("a")]);
    feed(&mut again, 20, &[("a", 0.01)]);
    assert_eq!(whole, again);
}

/// A judge that asks for a win.
fn challenge(requests: &[SiteRequest]) -> Judge {
    Judge::new(Plan::freeze(requests.to_vec()).require_faster(true))
}

/// Adds blocks until there is a verdict, at most 200.
fn run_out(judge: &mut Judge, sites: &[(&'static str, f64)]) -> Verdict {
    let mut rng = Rng::new(15);
    while judge.status() == Status::Open && judge.blocks() < 200 {
        judge.add(&block(sites.iter().map(|&(site, shift)| (site, shift + 0.004 * rng.gaussian()))));
    }
    judge.finish()
}

#[test]
fn a_challenger_must_win_somewhere_and_lose_nowhere() {
    let (a, b) = (request("a"), request("b"));
    let gone = SiteRequest { candidate_calls: None, ..request("gone") };
    let cases = [
        ("faster at one site", vec![a.clone(), b.clone()], [-0.1, 0.0], Challenge::Won, Verdict::Approve),
        ("faster everywhere", vec![a.clone(), b.clone()], [-0.1, -0.1], Challenge::Won, Verdict::Approve),
        ("unchanged", vec![a.clone(), b.clone()], [0.0, 0.0], Challenge::Lost, Verdict::Reject),
        (
            "slower within tolerance",
            vec![a.clone(), b.clone()],
            [0.003, 0.0],
            Challenge::Lost,
            Verdict::Reject,
        ),
        ("faster here, slower there", vec![a.clone(), b], [-0.1, 0.1], Challenge::Won, Verdict::Reject),
        ("faster, but a site is gone", vec![a, gone], [-0.1, 0.0], Challenge::Open, Verdict::Inconclusive),
    ];
    for (case, requests, [a, b], stands, expected) in cases {
        let mut judge = challenge(&requests);
        assert_eq!(run_out(&mut judge, &[("a", a), ("b", b)]), expected, "{case}");
        assert_eq!(judge.challenge(), stands, "{case}");
    }
}

#[test]
fn without_being_asked_nobody_wins_or_has_to() {
    let mut judge = judge(&[request("a")]);
    assert_eq!(run_out(&mut judge, &[("a", -0.1)]), Verdict::Approve);
    assert_eq!((judge.challenge(), judge.findings()[0].metrics[0].won), (Challenge::NotAsked, None));
}

#[test]
fn the_report_names_the_metric_that_won() {
    let calls = Some(5_000);
    let wish = SiteRequest { metrics: all_metrics(), ..request("a") };
    let mut judge =
        challenge(&[SiteRequest { baseline_calls: calls, candidate_calls: calls, ..wish }, request("b")]);
    let mut rng = Rng::new(16);
    while judge.status() == Status::Open {
        let better_tail = site_sample(-0.4 + 0.001 * rng.gaussian()).p99;
        let sample = SiteSample { p99: better_tail, ..site_sample(0.001 * rng.gaussian()) };
        let mut both = block([("b", 0.001 * rng.gaussian())]);
        both.sites.insert(key("a"), sample);
        judge.add(&both);
    }
    assert_eq!(judge.finish(), Verdict::Approve, "p99 counts as much as it would for a REJECT");
    let won = |site: usize| -> Vec<_> {
        judge.findings()[site].metrics.iter().map(|report| (report.metric, report.won)).collect()
    };
    let lost = Some(false);
    assert_eq!(won(0), [(Metric::P50, lost), (Metric::P99, Some(true)), (Metric::Mean, lost)]);
    assert_eq!(won(1), [(Metric::P50, lost)]);
}

#[test]
fn a_metric_that_is_shown_only_wins_nothing() {
    let wish = SiteRequest { metrics: all_metrics(), ..request("a") };
    let mut judge = challenge(&[wish]);
    for y in 0..30 {
        let better_tail = site_sample(-0.4).p99;
        let sample = SiteSample { p99: better_tail, ..site_sample(1e-4 * f64::from(y % 3 - 1)) };
        judge.add(&BlockSamples { sites: [(key("a"), sample)].into(), ..BlockSamples::default() });
    }
    assert_eq!((judge.finish(), judge.challenge()), (Verdict::Reject, Challenge::Lost));
    assert_eq!(
        judge.findings()[0].metrics.iter().find(|report| report.metric == Metric::P99).unwrap().won,
        None
    );
}

#[test]
fn an_approved_site_is_measured_on_while_it_may_be_the_winner_that_is_missing() {
    let noisy = SiteRequest { key: SiteKey { workload: "other".into(), site: "b".into() }, ..request("b") };
    let mut judge = challenge(&[request("a"), noisy]);
    // Just below half of the tolerance: approved soon, and neither a win nor shown to be none.
    let mut rng = Rng::new(17);
    while judge.gated_and_open() != (2, 2) || judge.findings()[0].timed != Some(Verdict::Approve) {
        judge.add(&block([("a", -0.012 + 0.004 * rng.gaussian())]));
    }
    assert_eq!(judge.status(), Status::Open);
    assert!(judge.open_workloads().contains("bench"), "a may still win");
    // Once it has won, only the other one is open.
    feed(&mut judge, 12, &[("a", -0.2)]);
    assert_eq!((judge.challenge(), judge.open_workloads()), (Challenge::Won, ["other".to_owned()].into()));
}

#[test]
fn asking_for_a_win_changes_nothing_about_a_rejection() {
    let sites = [("a", 0.02), ("b", 0.0)];
    let (mut plain, mut asked) =
        (judge(&[request("a"), request("b")]), challenge(&[request("a"), request("b")]));
    assert_eq!(
        (run_out(&mut plain, &sites), run_out(&mut asked, &sites)),
        (Verdict::Reject, Verdict::Reject)
    );
    assert_eq!((plain.blocks(), plain.rejected_at), (asked.blocks(), asked.rejected_at));
}

/// A site within 2 % whose calibration says that placement alone shifts it by up to `bias`.
fn calibrated(bias: f64) -> SiteRequest {
    let placement_bias = BTreeMap::from([(Metric::P50, LogRatio::from(Percent(bias)))]);
    SiteRequest { placement_bias, ..request("a") }
}

#[test]
fn what_placement_explains_is_not_rejected_and_not_approved_either() {
    let (mut plain, mut raised) = (judge(&[request("a")]), judge(&[calibrated(1.9)]));
    feed(&mut plain, 40, &[("a", 0.016)]);
    feed(&mut raised, 40, &[("a", 0.016)]);
    assert_eq!(plain.finish(), Verdict::Reject);
    assert_eq!(raised.finish(), Verdict::Inconclusive);
    let note = raised.findings().remove(0).note.unwrap();
    assert!(note.contains("placement alone may shift it"), "{note}");
}

#[test]
fn a_slowdown_beyond_the_tolerance_is_rejected_whatever_placement_does() {
    let mut judge = judge(&[calibrated(50.0)]);
    feed(&mut judge, 40, &[("a", 0.05)]);
    assert_eq!(judge.finish(), Verdict::Reject);
}

#[test]
fn no_calibration_turns_a_reject_into_an_approve() {
    for seed in 0..2_000 {
        let mut rng = Rng::new(seed);
        let (shift, bias) = (0.03 * rng.uniform(), 3.0 * rng.uniform());
        let (mut plain, mut raised) = (judge(&[request("a")]), judge(&[calibrated(bias)]));
        for _ in 0..60 {
            let blocks = block([("a", shift + 0.008 * rng.gaussian())]);
            [&mut plain, &mut raised]
                .into_iter()
                .filter(|one| one.status() == Status::Open)
                .for_each(|one| one.add(&blocks));
        }
        let verdicts = (plain.finish(), raised.finish());
        assert_ne!(verdicts, (Verdict::Reject, Verdict::Approve), "seed {seed}, bias {bias}");
        // And it rejects nothing that would have passed.
        assert_ne!(verdicts, (Verdict::Approve, Verdict::Reject), "seed {seed}, bias {bias}");
    }
}
