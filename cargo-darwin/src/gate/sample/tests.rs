use super::*;
use crate::gate::testing::Rng;
use crate::model::{Site, SiteKind};

const CLOCK: Clock =
    Clock { tick: Nanos(0.5), step_ticks: 1.0, baseline_empty_ticks: 20.0, candidate_empty_ticks: 20.0 };

fn side(turns: &[&[u64]]) -> SideTurns {
    let turn = |(pair, calls): (u32, &&[u64])| Turn { pair, sites: BTreeMap::from([(0, calls.to_vec())]) };
    SideTurns((0..).zip(turns).map(turn).collect())
}

fn sample(baseline: &SideTurns, candidate: &SideTurns) -> SiteSample {
    from_turns(&baseline.clone(), &candidate.clone(), &CLOCK)[&0]
}

fn assert_close(y: LogRatio, ratio: f64) {
    assert!((y.0 - ratio.ln()).abs() < 1e-9, "ratio {} instead of {ratio}", y.0.exp());
}

#[test]
fn the_cost_of_an_empty_site_is_taken_off_both_sides_before_the_ratio() {
    let sample = sample(&side(&[&[120; 40]]), &side(&[&[220; 40]]));
    let p50 = sample.p50.unwrap();
    assert_close(p50.y, 2.0);
    assert_eq!((p50.baseline, p50.candidate), (Nanos(50.0), Nanos(100.0)));
    assert_eq!(sample.calls, 40);
}

#[test]
fn unlike_costs_of_an_empty_site_are_pooled_so_that_they_are_no_difference() {
    let clock = Clock { baseline_empty_ticks: 10.0, candidate_empty_ticks: 30.0, ..CLOCK };
    let same = side(&[&[120; 40]]);
    let sample = from_turns(&same.clone(), &same.clone(), &clock)[&0];
    assert_eq!(sample.p50.unwrap().y, LogRatio(0.0));
}

#[test]
fn a_site_cheaper_than_an_empty_one_is_held_at_a_nanosecond_and_stays_finite() {
    let sample = sample(&side(&[&[0; 40]]), &side(&[&[24; 40]]));
    assert_eq!(sample.p50.unwrap().baseline, Nanos(1.0));
    assert_close(sample.p50.unwrap().y, 2.0);
}

#[test]
fn with_many_calls_a_turn_one_disturbed_turn_does_not_count() {
    let quiet = side(&[&[120; 30], &[120; 30], &[120; 30]]);
    let disturbed = side(&[&[120; 30], &[9_000; 30], &[120; 30]]);
    let sample = sample(&quiet, &disturbed);
    assert_eq!(sample.p50.unwrap().y, LogRatio(0.0));
    assert_eq!(sample.mean.unwrap().y, LogRatio(0.0));
}

#[test]
fn an_even_number_of_turns_takes_the_mean_of_the_middle_two() {
    let baseline = side(&[&[120; 30], &[120; 30]]);
    let candidate = side(&[&[120; 30], &[420; 30]]);
    assert_close(sample(&baseline, &candidate).p50.unwrap().y, 2.0);
}

/// Turns of which the first of each pair finds its caches warm: a tenth faster.
fn in_both_orders(pairs: u32, change: f64, calls: usize) -> [SideTurns; 2] {
    let side = |is_candidate: u32, scale: f64| {
        let turn = |pair: u32| {
            let is_first = (pair + is_candidate).is_multiple_of(2);
            let ticks = 20 + (scale * if is_first { 90_000.0 } else { 99_000.0 }) as u64;
            Turn { pair, sites: BTreeMap::from([(0, vec![ticks; calls])]) }
        };
        SideTurns((0..pairs).map(turn).collect())
    };
    [side(0, 1.0), side(1, change)]
}

#[test]
fn who_goes_first_in_a_pair_of_turns_is_no_change() {
    for (pairs, calls) in [(6, 30), (7, 30), (18, 30), (19, 30), (18, 1), (19, 3)] {
        let [baseline, candidate] = in_both_orders(pairs, 1.03, calls);
        let sample = sample(&baseline, &candidate);
        for y in [sample.p50.unwrap().y, sample.mean.unwrap().y] {
            assert!((y.0 - 1.03_f64.ln()).abs() < 1e-4, "{pairs} pairs of {calls} calls: {y:?}");
        }
    }
}

#[test]
fn with_few_turns_of_an_order_the_middle_is_that_of_all() {
    let quiet = side(&[[120; 30].as_slice(); 5]);
    let mut disturbed = quiet.clone();
    disturbed.0[1] = Turn { pair: 1, sites: BTreeMap::from([(0, vec![9_000; 30])]) };
    assert_eq!(sample(&quiet, &disturbed).p50.unwrap().y, LogRatio(0.0));
}

#[test]
fn with_few_calls_a_turn_the_kth_call_is_compared_with_the_kth() {
    // The input makes calls ten times slower as it grows; the candidate is 10 % slower at each.
    let baseline = side(&[&[1_020, 2_020], &[4_020, 8_020], &[10_020]]);
    let candidate = side(&[&[1_120, 2_220], &[4_420, 8_820], &[11_020]]);
    assert_close(sample(&baseline, &candidate).p50.unwrap().y, 1.1);
}

#[test]
fn with_few_calls_a_turn_a_slower_part_of_the_calls_still_moves_the_mean() {
    let baseline = side(&[&[1_020; 10], &[1_020; 10]]);
    let slower: Vec<u64> = [vec![1_020; 7], vec![2_020; 3]].concat();
    let candidate = side(&[&slower, &slower]);
    let sample = sample(&baseline, &candidate);
    assert_close(sample.p50.unwrap().y, 1.0);
    assert_close(sample.mean.unwrap().y, 1.3);
}

#[test]
fn one_or_two_calls_a_block_are_told_too_for_a_program_may_have_no_more() {
    let one = sample(&side(&[&[2_000_020]]), &side(&[&[2_200_020]]));
    let two = sample(&side(&[&[1_000_020], &[4_000_020]]), &side(&[&[1_100_020], &[4_400_020]]));
    for (sample, calls) in [(one, 1), (two, 2)] {
        assert_eq!(sample.calls, calls);
        assert_close(sample.p50.unwrap().y, 1.1);
        assert_close(sample.mean.unwrap().y, 1.1);
        assert_eq!((sample.p90, sample.p99), (None, None));
    }
    let whole_run = from_histograms(&run(2e9, 1, 10.0), &run(2.2e9, 1, 10.0)).unwrap();
    assert!((whole_run.p50.unwrap().y.0.exp() - 1.1).abs() < 1e-6);
}

#[test]
fn p99_is_pooled_over_the_block_so_that_a_burst_in_one_turn_is_seen() {
    let quiet: Vec<u64> = vec![120; 100];
    let burst: Vec<u64> = [vec![120; 90], vec![1_020; 10]].concat();
    let baseline = side(&[&quiet, &quiet, &quiet]);
    let candidate = side(&[&quiet, &burst, &quiet]);
    let seen = sample(&baseline, &candidate).p99.unwrap().y.0.exp();
    assert!((9.9..10.1).contains(&seen), "{seen}");
}

#[test]
fn a_tail_needs_calls_beyond_it() {
    let sample = sample(&side(&[&[120; 99]]), &side(&[&[120; 99]]));
    assert_eq!((sample.p90, sample.p99, sample.p999), (None, None, None));
}

#[test]
fn turns_and_sites_of_one_side_only_are_left_out() {
    let baseline = side(&[&[120; 30]]);
    let mut candidate = side(&[&[120; 30], &[9_000; 30]]);
    candidate.0[0].sites.insert(7, vec![120; 5]);
    let samples = from_turns(&baseline.clone(), &candidate, &CLOCK);
    assert_eq!(samples.keys().copied().collect::<Vec<_>>(), [0]);
    assert_eq!(samples[&0].calls, 30);
    assert_eq!(samples[&0].max.unwrap().candidate, Nanos(50.0));
}

#[test]
fn the_levels_of_a_new_site_come_from_the_candidate_alone() {
    let levels = levels(&side(&[&[120; 60], &[220; 60]]), 0, &CLOCK);
    assert_eq!((levels.max, levels.mean, levels.p999), (Some(Nanos(100.0)), Some(Nanos(75.0)), None));
}

#[test]
fn a_whole_slower_function_is_seen_to_a_hundredth_through_noise() {
    let mut rng = Rng::new(5);
    let mut turns = |scale: f64| {
        let mut turn =
            || (0..2_000).map(|_| (scale * 900.0 * (0.1 * rng.gaussian()).exp()) as u64 + 20).collect();
        SideTurns((0..6).map(|pair| Turn { pair, sites: BTreeMap::from([(0, turn())]) }).collect())
    };
    let sample = sample(&turns(1.0), &turns(1.05));
    assert!((sample.p50.unwrap().y.0 - 1.05_f64.ln()).abs() < 0.01);
    assert!((sample.mean.unwrap().y.0 - 1.05_f64.ln()).abs() < 0.01);
}

fn run(p50: f64, calls: u64, cost: f64) -> SiteRun {
    let nanos = Nanos(p50);
    let timing = Timing {
        cumulative_ns: Nanos(p50 * calls as f64),
        min_ns: nanos,
        mean_ns: nanos,
        p50_ns: nanos,
        p90_ns: nanos,
        p99_ns: nanos,
        p999_ns: nanos,
        max_ns: nanos,
    };
    let site = Site {
        name: "demo::work".into(),
        kind: SiteKind::Function,
        file: "src/lib.rs".into(),
        line: 1,
        budgets: vec![],
        items_per_call: 0,
        bytes_per_call: 0,
    };
    SiteRun {
        workload: "main".into(),
        site,
        calls,
        panicked: 0,
        cancelled: 0,
        polling: None,
        timing: (calls > 0).then_some(timing),
        allocs: None,
        bytes: None,
        frees: None,
        freed_bytes: None,
        peak_bytes: None,
        call_cost_ns: Nanos(2.0 * cost),
        empty_cost_ns: Nanos(cost),
        graph: None,
    }
}

#[test]
fn a_pair_of_whole_runs_is_one_sample() {
    let sample = from_histograms(&run(100.0, 5_000, 10.0), &run(120.0, 4_000, 10.0)).unwrap();
    assert_close(sample.p50.unwrap().y, 1.2);
    assert_eq!((sample.calls, sample.p999), (4_000, None));
}

#[test]
fn whole_runs_share_one_cost_of_an_empty_site_too() {
    // 110 ns were read on both sides.
    let sample = from_histograms(&run(100.0, 10, 10.0), &run(90.0, 10, 20.0)).unwrap();
    assert_eq!(sample.p50.unwrap().y, LogRatio(0.0));
}

#[test]
fn a_site_that_one_whole_run_never_called_has_no_sample() {
    assert_eq!(from_histograms(&run(100.0, 10, 0.0), &run(100.0, 0, 0.0)), None);
    assert_eq!(levels_from_histogram(&run(1.0, 0, 0.0)), Levels::default());
}

#[test]
fn a_clock_that_is_none_gives_no_samples_instead_of_numbers_that_are_none() {
    let clock = Clock { tick: Nanos(f64::INFINITY), ..CLOCK };
    let turns = side(&[&[120; 40]]);
    let sample = from_turns(&turns, &turns, &clock)[&0];
    assert_eq!(sample, SiteSample { calls: 40, ..SiteSample::default() });
    assert_eq!(levels(&turns, 0, &clock), Levels::default());
}

/// Blocks as a run makes them: any number, with all its digits.
fn any_block(rng: &mut Rng) -> BlockSamples {
    let mut nanos = |scale: f64| Nanos(scale * rng.gaussian().exp());
    let mut sample = |_| MetricSample::of(nanos(1_000.0), nanos(1e9));
    let [p50, p99, mean, max] = [0; 4].map(|_| Some(sample(())));
    let both = SiteSample { calls: u64::MAX, p50, p90: None, p99, p999: None, mean, max };
    let alone = Levels { p50: Some(nanos(0.3)), ..Levels::default() };
    let key = |site: &str| SiteKey { workload: "replay::mixed".into(), site: site.into() };
    BlockSamples { sites: [(key("a"), both)].into(), candidate_only: [(key("b \" c"), alone)].into() }
}

#[test]
fn a_stored_block_is_read_back_to_the_last_bit() {
    let mut rng = Rng::new(12);
    for _ in 0..500 {
        let block = any_block(&mut rng);
        let line = serde_json::to_string(&block).unwrap();
        assert_eq!(serde_json::from_str::<BlockSamples>(&line).unwrap(), block, "{line}");
    }
}

#[test]
fn a_stored_block_with_a_site_twice_or_a_number_missing_is_refused() {
    let line = serde_json::to_string(&any_block(&mut Rng::new(13))).unwrap();
    let start = line.find("[[").unwrap() + 1;
    let end = line.find("]],").unwrap() + 1;
    let twice = format!("{},{}", &line[..end], &line[start..]);
    let error = serde_json::from_str::<BlockSamples>(&twice).unwrap_err().to_string();
    assert!(error.contains("named twice"), "{error}");
    let y = line.find("\"y\":").unwrap() + 4;
    let missing = format!("{}null{}", &line[..y], &line[y + line[y..].find(',').unwrap()..]);
    assert!(serde_json::from_str::<BlockSamples>(&missing).is_err(), "{missing}");
}
