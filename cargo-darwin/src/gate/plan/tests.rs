use super::*;
use crate::gate::testing::{all_metrics, request};

fn standing(baseline_calls: Option<u64>, candidate_calls: Option<u64>) -> Standing {
    let request = SiteRequest { baseline_calls, candidate_calls, ..request("a") };
    Plan::freeze(vec![request]).sites()[0].standing
}

#[test]
fn what_the_counting_runs_saw_decides_what_is_gated() {
    use Exclusion::*;
    assert_eq!(standing(Some(3), Some(3)), Standing::Gated { weight: 1.0 });
    for (baseline, candidate, expected) in [
        (None, Some(9), New),
        (Some(0), Some(9), New),
        (Some(9), None, Removed),
        (Some(1), Some(0), NoLongerCalled),
        (Some(0), Some(0), NeverCalled),
        (None, Some(0), NeverCalled),
        (Some(2), Some(9), TooFewCalls { calls: 2, needed: 3 }),
        (Some(9), Some(1), TooFewCalls { calls: 1, needed: 3 }),
    ] {
        assert_eq!(standing(baseline, candidate), Standing::Excluded(expected), "{baseline:?} {candidate:?}");
    }
}

/// The standing of a site with so many calls and so much time a block.
fn sized(calls: [u64; 2], microseconds: Option<f64>) -> Standing {
    let [baseline_calls, candidate_calls] = calls.map(Some);
    let nanos_per_block = microseconds.map(|time| Nanos(time * 1e3));
    let metrics = [Metric::P50, Metric::Mean].into();
    let request = SiteRequest { baseline_calls, candidate_calls, nanos_per_block, metrics, ..request("a") };
    Plan::freeze(vec![request]).sites()[0].standing
}

#[test]
fn long_calls_are_gated_however_few_and_short_ones_only_where_there_are_many() {
    let gated = Standing::Gated { weight: 1.0 };
    let few = |calls| Standing::Excluded(Exclusion::TooFewCalls { calls, needed: 3 });
    let little = |calls, microseconds: f64| {
        Standing::Excluded(Exclusion::TooLittleTime { calls, time: Nanos(microseconds * 1e3) })
    };
    for (case, calls, microseconds, expected) in [
        ("one call of a millisecond", [1, 1], Some(1_000.0), gated),
        ("two of them", [2, 2], Some(2_000.0), gated),
        ("one call just below it", [1, 1], Some(999.0), few(1)),
        ("two of half a millisecond", [2, 2], Some(1_999.0), few(2)),
        ("long only if all of them were one call", [1, 3], Some(2_999.0), few(1)),
        ("one call and three, each long", [1, 3], Some(3_000.0), gated),
        ("no call at all is not long", [0, 0], Some(0.0), Standing::Excluded(Exclusion::NeverCalled)),
        ("two calls of unknown time", [2, 2], None, few(2)),
        ("three calls of unknown time", [3, 3], None, gated),
        ("little time in few calls", [5, 5], Some(2.1), little(5, 2.1)),
        ("just enough time", [5, 5], Some(50.0), gated),
        ("just too little", [299, 400], Some(49.9), little(299, 49.9)),
        ("little time in many calls", [300, 300], Some(0.6), gated),
    ] {
        assert_eq!(sized(calls, microseconds), expected, "{case}");
    }
}

#[test]
fn one_long_call_is_judged_by_median_and_mean_and_not_by_its_tail() {
    let (calls, nanos_per_block) = (Some(1), Some(Nanos(5e6)));
    let wish = SiteRequest { metrics: all_metrics(), nanos_per_block, ..request("main") };
    let plan = Plan::freeze(vec![SiteRequest { baseline_calls: calls, candidate_calls: calls, ..wish }]);
    let shares: Vec<Option<f64>> = plan.sites()[0].metrics.iter().map(|metric| metric.share).collect();
    assert_eq!(shares, [Some(0.5 / 0.75), None, Some(0.25 / 0.75)]);
}

#[test]
fn a_small_site_says_how_small_it_is_and_what_would_do() {
    use Exclusion::*;
    let words = [
        (
            TooLittleTime { calls: 5, time: Nanos(2_100.0) },
            "too little time to judge: 5 calls, 2.1us a block",
        ),
        (TooLittleTime { calls: 1, time: Nanos(40.0) }, "too little time to judge: 1 call, 40ns a block"),
        (
            TooFewCalls { calls: 2, needed: 3 },
            "too few calls to judge its latency: 2 a block, 3 are needed, or one that takes 1ms",
        ),
        (
            TooFewCalls { calls: 100, needed: 4_000 },
            "too few calls to judge its latency: 100 a block, 4000 are needed",
        ),
    ];
    for (exclusion, expected) in words {
        assert_eq!(exclusion.to_string(), expected);
    }
}

#[test]
fn a_site_without_a_gated_metric_is_excluded_and_not_approved_by_default() {
    let excluded = |metrics: BTreeSet<Metric>| {
        let request = SiteRequest { metrics, ..request("a") };
        Plan::freeze(vec![request]).sites()[0].standing
    };
    assert_eq!(excluded(BTreeSet::new()), Standing::Excluded(Exclusion::NothingWished));
    let reason = Exclusion::TooFewCalls { calls: 100, needed: 4_000 };
    assert_eq!(excluded(BTreeSet::from([Metric::P99])), Standing::Excluded(reason));
}

#[test]
fn a_site_that_disappears_must_be_answered_for_and_the_others_say_nothing() {
    use Exclusion::*;
    assert_eq!(Removed.verdict(), Some(Verdict::Inconclusive));
    assert_eq!(NoLongerCalled.verdict(), Some(Verdict::Inconclusive));
    assert!(
        [
            New,
            NeverCalled,
            NothingWished,
            TooFewCalls { calls: 1, needed: 3 },
            TooLittleTime { calls: 5, time: Nanos(2_100.0) },
        ]
        .iter()
        .all(|reason| reason.verdict().is_none())
    );
}

#[test]
fn gated_sites_share_the_permitted_error_equally_and_excluded_ones_take_none() {
    let plan = Plan::freeze(vec![
        request("a"),
        SiteRequest { candidate_calls: None, ..request("b") },
        request("c"),
        request("d"),
    ]);
    let weights: Vec<Standing> = plan.gated().map(|site| site.standing).collect();
    assert_eq!(weights, [Standing::Gated { weight: 1.0 / 3.0 }; 3]);
}

#[test]
fn shares_of_the_gated_metrics_add_up_to_one() {
    let all = [Some(0.5), Some(0.25), Some(0.25)];
    let without_tail = [Some(0.5 / 0.75), None, Some(0.25 / 0.75)];
    for (calls, expected) in [(4_000, all), (3_999, without_tail)] {
        let both = (Some(4_000), Some(calls));
        let request = SiteRequest { metrics: all_metrics(), ..request("a") };
        let request = SiteRequest { baseline_calls: both.0, candidate_calls: both.1, ..request };
        let plan = Plan::freeze(vec![request]);
        let shares: Vec<Option<f64>> = plan.sites()[0].metrics.iter().map(|metric| metric.share).collect();
        assert_eq!(shares, expected);
    }
}

#[test]
fn a_metric_that_is_shown_only_has_no_share() {
    let calls = Some(5_000);
    let wish = SiteRequest { metrics: all_metrics(), shown_only: [Metric::P99].into(), ..request("a") };
    let plan = Plan::freeze(vec![SiteRequest { baseline_calls: calls, candidate_calls: calls, ..wish }]);
    let shares: Vec<Option<f64>> = plan.sites()[0].metrics.iter().map(|metric| metric.share).collect();
    assert_eq!(shares, [Some(0.5 / 0.75), None, Some(0.25 / 0.75)]);
}

#[test]
fn mean_and_tail_have_wider_tolerances_unless_one_is_set() {
    let default = Tolerances { median: Percent(1.0), tail: None };
    assert_eq!([Metric::P50, Metric::Mean, Metric::P99].map(|metric| default.of(metric).0), [1.0, 2.0, 5.0]);
    let set = Tolerances { tail: Some(Percent(3.0)), ..default };
    assert_eq!(set.of(Metric::P99), Percent(3.0));
}

#[test]
fn rejection_starts_at_half_the_tolerance_or_at_the_placement_bias() {
    let d0 = |bias: f64| {
        let placement_bias = BTreeMap::from([(Metric::P50, LogRatio(bias))]);
        let request = SiteRequest { placement_bias, ..request("a") };
        Plan::freeze(vec![request]).sites()[0].metrics[0].d0
    };
    assert_eq!(d0(0.0), LogRatio(LogRatio::from(Percent(2.0)).0 / 2.0));
    assert_eq!(d0(0.015), LogRatio(0.015));
    assert_eq!(d0(0.5), LogRatio::from(Percent(2.0)), "never beyond the tolerance");
}

#[test]
fn budgets_on_counts_and_of_sites_never_called_are_left_to_others() {
    let limit = |metric| BudgetRequest { budget: Budget { metric, limit: 5.0 }, recorded: None };
    let budgets = vec![limit(BudgetMetric::Allocs), limit(BudgetMetric::P99), limit(BudgetMetric::Bytes)];
    let called = SiteRequest { baseline_calls: None, budgets: budgets.clone(), ..request("a") };
    let uncalled = SiteRequest { candidate_calls: Some(0), budgets, ..request("b") };
    let plan = Plan::freeze(vec![called, uncalled]);
    assert_eq!(plan.sites()[0].budgets, [limit(BudgetMetric::P99)]);
    assert!(plan.sites()[1].budgets.is_empty());
}

#[test]
fn a_stored_plan_is_the_same_plan_so_that_a_check_goes_on_only_with_what_was_frozen() {
    let new = SiteRequest { baseline_calls: None, ..request("new") };
    let few = SiteRequest { baseline_calls: Some(2), ..request("few") };
    let limit = Budget { metric: BudgetMetric::P99, limit: 5.1 };
    let budgets = vec![BudgetRequest { budget: limit, recorded: Some(Nanos(0.1 + 0.2)) }];
    let wish = SiteRequest { metrics: all_metrics(), budgets, ..request("a") };
    let plan = Plan::freeze(vec![wish, new, few, request("b")]);
    let stored = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan, "{stored}");
}
