use super::*;
use crate::model::Budget;
use Verdict::{Approve, Inconclusive, Invalid, Reject};

/// Sites that were recorded with 100 ns, five runs each within one percent of these.
fn readings(now: &[f64]) -> Vec<Reading> {
    let runs = |now: f64| [0.995, 1.0, 1.0, 1.0, 1.005].map(|factor| Nanos(now * factor)).to_vec();
    now.iter().map(|&now| Reading { recorded: Nanos(100.0), runs: runs(now) }).collect()
}

/// Indices of the sites that stand out, and by how many percent.
fn outstanding(now: &[f64]) -> Vec<(usize, i64)> {
    let times = times(&readings(now));
    let percent = |index| Some((index, Percent::from(times.stands_out(index)?).0.round() as i64));
    (0..now.len()).filter_map(percent).collect()
}

/// What happened, the sites now, and which of them stand out.
type Case = (&'static str, &'static [f64], &'static [(usize, i64)]);

#[test]
fn what_stands_out_is_what_the_machine_does_not_explain() {
    let cases: [Case; 12] = [
        ("nothing changed", &[100.0, 100.0, 100.0], &[]),
        ("everything three times slower: the machine, as far as anyone can tell", &[300.0; 5], &[]),
        ("one site 60 % slower", &[100.0, 160.0, 100.0, 100.0], &[(1, 60)]),
        ("the same on a machine half as fast", &[200.0, 320.0, 200.0, 200.0], &[(1, 60)]),
        ("one site that stayed on a machine half as fast", &[200.0, 100.0, 200.0, 200.0], &[(1, -50)]),
        ("one site 24 % slower is not enough", &[100.0, 124.0, 100.0, 100.0], &[]),
        ("one site 26 % slower is", &[100.0, 126.0, 100.0, 100.0], &[(1, 26)]),
        ("among sites that scatter by a tenth, 40 % is no news", &[90.0, 100.0, 111.0, 140.0], &[]),
        ("60 % is, for 4 deviations are 49 %", &[90.0, 95.0, 100.0, 111.0, 160.0], &[(4, 60)]),
        ("of two sites nobody knows which one changed", &[100.0, 200.0], &[]),
        ("one site is the machine", &[200.0], &[]),
        ("the majority is taken for the machine", &[150.0, 150.0, 100.0], &[(2, -33)]),
    ];
    for (case, now, expected) in cases {
        assert_eq!(outstanding(now), expected, "{case}");
    }
}

#[test]
fn a_uniform_slowdown_is_all_in_the_share_of_the_machine() {
    let times = times(&readings(&[150.0; 4]));
    let share = Percent::from(times.machine.unwrap().share).0;
    assert!((share - 50.0).abs() < 1e-9, "{share}");
}

#[test]
fn a_number_that_is_none_leaves_its_site_out_and_no_other() {
    for value in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        let mut all = readings(&[100.0, 160.0, 100.0, 100.0, 100.0]);
        all[0].recorded = Nanos(value);
        all[2].runs[3] = Nanos(value);
        let times = times(&all);
        assert_eq!((times.changes[0], times.changes[2]), (None, None), "{value}");
        let standing: Vec<bool> = (0..5).map(|index| times.stands_out(index).is_some()).collect();
        assert_eq!(standing, [false, true, false, false, false], "{value}");
    }
    let empty = Reading { recorded: Nanos(1.0), runs: Vec::new() };
    assert_eq!(times(&[empty]), Times { changes: vec![None], machine: None });
    assert_eq!(times(&[]).stands_out(0), None);
}

#[test]
fn a_change_is_the_median_run_and_its_interval_the_extremes() {
    let runs = [120.0, 90.0, 110.0].map(Nanos).to_vec();
    let all = times(&[Reading { recorded: Nanos(100.0), runs }]);
    let Change { measured, ratio, low, high } = all.changes[0].unwrap();
    let percent = [ratio, low, high].map(|ratio| Percent::from(ratio).0.round());
    assert_eq!((measured, percent), (Nanos(110.0), [10.0, -10.0, 20.0]));
}

#[test]
fn a_site_whose_runs_scatter_has_less_to_say_of_the_machine() {
    let steady = |now: f64| Reading { recorded: Nanos(100.0), runs: vec![Nanos(now); 5] };
    let noisy = |now: f64| {
        let runs = [0.5, 1.0, 2.0].map(|factor| Nanos(now * factor)).to_vec();
        Reading { recorded: Nanos(100.0), runs }
    };
    // Three of five sites look slower, but they cannot agree with themselves.
    let all = times(&[steady(100.0), steady(101.0), noisy(200.0), noisy(200.0), noisy(200.0)]);
    let share = Percent::from(all.machine.unwrap().share).0;
    assert!(share <= 1.0 + 1e-9, "{share}");
}

#[test]
fn a_site_whose_own_runs_scatter_by_more_does_not_stand_out() {
    let of_the_second = |runs: [f64; 3]| {
        let mut all = readings(&[100.0, 100.0, 100.0, 100.0]);
        all[1].runs = runs.map(Nanos).to_vec();
        times(&all).stands_out(1).is_some()
    };
    assert!(of_the_second([190.0, 200.0, 210.0]));
    assert!(!of_the_second([100.0, 200.0, 210.0]));
}

#[test]
fn the_weighted_median_halves_the_weight() {
    let cases = [
        (&[][..], None),
        (&[(3.0, 1.0)], Some(3.0)),
        (&[(1.0, 1.0), (2.0, 1.0)], Some(1.5)),
        (&[(2.0, 1.0), (1.0, 1.0), (9.0, 1.0)], Some(2.0)),
        (&[(1.0, 1.0), (2.0, 1.0), (9.0, 3.0)], Some(9.0)),
        (&[(1.0, 0.1), (2.0, 0.2), (9.0, 0.3)], Some(5.5)),
        (&[(1.0, 1.0), (f64::NAN, 9.0), (2.0, f64::INFINITY), (3.0, -1.0), (4.0, 0.0)], Some(1.0)),
        (&[(1.0, f64::NAN)], None),
    ];
    for (pairs, expected) in cases {
        assert_eq!(weighted_median(pairs), expected, "{pairs:?}");
    }
}

#[test]
fn ten_stored_runs_bound_the_next_and_nine_do_not() {
    let earlier: Vec<Nanos> = (0..10).map(|run| Nanos(100.0 + f64::from(run))).collect();
    let beside = |now: f64| history(&earlier, Nanos(now)).map(|history| history.candidate);
    let cases =
        [(97.0, Beside::Below), (97.1, Beside::Within), (112.2, Beside::Within), (112.3, Beside::Above)];
    for (now, expected) in cases {
        assert_eq!(beside(now), Some(expected), "{now}");
    }
    assert_eq!(beside(f64::NAN), None);
    assert_eq!(history(&earlier[1..], Nanos(1.0)), None);
    let mut spoilt = earlier.clone();
    spoilt[4] = Nanos(f64::NAN);
    assert_eq!(history(&spoilt, Nanos(1.0)), None, "nine numbers and one that is none are nine");
    let History { runs, low, high, .. } = history(&earlier, Nanos(1.0)).unwrap();
    assert_eq!((runs, low, high), (10, Nanos(100.0), Nanos(109.0)));
}

fn counted(calls: u64, totals: [u64; 3]) -> [Counted; 3] {
    totals.map(|total| Counted { calls, total })
}

#[test]
fn more_than_recorded_is_rejected_only_where_the_record_is_of_the_same_build() {
    let (same, varies) = (counted(10, [20; 3]), counted(10, [20, 20, 21]));
    let verdict = |recorded, runs: &[Counted], comparable| {
        count(recorded, 2.0, runs, comparable).and_then(|count| count.verdict)
    };
    assert_eq!(verdict(1.0, &same, true), Some(Reject));
    assert_eq!(verdict(2.0, &same, true), Some(Approve));
    assert_eq!(verdict(3.0, &same, true), Some(Approve));
    assert_eq!(verdict(1.0, &same, false), Some(Inconclusive));
    assert_eq!(verdict(2.0, &same, false), Some(Inconclusive));
    assert_eq!(verdict(1.0, &varies, true), None, "what does not repeat is shown only");
    for nothing in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(count(nothing, 2.0, &same, true), None);
        assert_eq!(count(1.0, nothing, &same, true), None);
    }
    assert_eq!(count(1.0, 2.0, &counted(0, [0; 3]), true), None);
}

#[test]
fn digits_that_the_record_does_not_have_are_no_difference() {
    let thirds = count(0.333, 0.333, &counted(3, [1; 3]), true).unwrap();
    assert_eq!((thirds.verdict, thirds.baseline, thirds.baseline_calls), (Some(Approve), 1, 3));
    let more = count(0.333, 0.667, &counted(3, [2; 3]), true).unwrap();
    assert_eq!((more.verdict, more.baseline, more.baseline_calls), (Some(Reject), 333, 1000));
}

#[test]
fn from_the_record_alone_nothing_is_ever_approved() {
    let verdicts = [None, Some(Approve), Some(Inconclusive), Some(Reject), Some(Invalid)];
    let counts: Vec<Option<ExactCount>> = verdicts.iter().map(|&verdict| any_count(verdict)).collect();
    let metrics = [BudgetMetric::Allocs, BudgetMetric::Bytes, BudgetMetric::P50, BudgetMetric::Max];
    let mut seen = 0;
    for (allocs, bytes) in counts.iter().flat_map(|one| counts.iter().map(move |other| (one, other))) {
        for (metric, budget) in metrics.iter().flat_map(|metric| verdicts.map(|verdict| (*metric, verdict))) {
            let budgets: Vec<BudgetFinding> =
                budget.into_iter().map(|found| any_budget(metric, found)).collect();
            let is_count = matches!(metric, BudgetMetric::Allocs | BudgetMetric::Bytes);
            let more = [allocs, bytes].into_iter().flatten().any(|count| count.verdict == Some(Reject));
            let expected = if more || (is_count && budget == Some(Reject)) { Reject } else { Inconclusive };
            let found = verdict([allocs, bytes].into_iter().flatten(), &budgets);
            assert_eq!(found, expected, "{allocs:?} {bytes:?} {budgets:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 5 * 5 * 4 * 5);
    assert_eq!(verdict([], []), Inconclusive);
}

fn any_count(verdict: Option<Verdict>) -> Option<ExactCount> {
    verdict.map(|verdict| ExactCount {
        calls: 1,
        baseline_calls: 1,
        baseline: 1,
        candidate: 1,
        verdict: Some(verdict),
    })
}

fn any_budget(metric: BudgetMetric, verdict: Verdict) -> BudgetFinding {
    BudgetFinding { budget: Budget { metric, limit: 1.0 }, value: 1.0, verdict, broken_before: false }
}
