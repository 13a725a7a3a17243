//! The model against GATE.md's figures, against brute force, and against what it must not claim.

use std::collections::BTreeMap;

use super::*;
use crate::gate::judge::{Judge, Status};
use crate::gate::plan::{BudgetRequest, Plan, SiteRequest, Tolerances};
use crate::gate::sample::BlockSamples;
use crate::gate::testing::{Rng, block, key, request};
use crate::model::{Budget, BudgetMetric, LogRatio, Metric, Nanos, Percent, Verdict};

/// Three sites, of which p50 alone is judged, within 2 %.
fn requests() -> Vec<SiteRequest> {
    ["a", "b", "c"].into_iter().map(request).collect()
}

/// A block of these sites, all of this standard deviation in percent, the first one shifted.
fn noisy(rng: &mut Rng, deviation: f64, shift: f64) -> BlockSamples {
    let mut noise = || deviation / 100.0 * rng.gaussian();
    block([("a", shift + noise()), ("b", noise()), ("c", noise())])
}

/// Unchanged blocks, of this standard deviation in percent.
fn gaussian(blocks: usize, deviation: f64, seed: u64) -> Vec<BlockSamples> {
    let mut rng = Rng::new(seed);
    (0..blocks).map(|_| noisy(&mut rng, deviation, 0.0)).collect()
}

fn predicted(requests: &[SiteRequest], unchanged: &[BlockSamples], limit_blocks: u32) -> Option<Prediction> {
    let replays = Replays { requests, unchanged, limit_blocks, seed: 7 };
    predict(replays, &Others::of(replays), &key("a"), Metric::P50)
}

/// The share of checks of fresh Gaussian blocks that reject a slowdown of so many percent, at this tolerance.
fn caught_by_force(deviation: f64, slowdown: Percent, tolerance: f64, limit_blocks: u32) -> f64 {
    const CHECKS: u64 = 1_000;
    let within = Tolerances { median: Percent(tolerance), tail: None };
    let mut requests = requests();
    requests[0].tolerances = within;
    let plan = Plan::freeze(requests);
    let shift = LogRatio::from(slowdown).0;
    let caught = (0..CHECKS).filter(|&seed| {
        let (mut rng, mut judge) = (Rng::new(1_000_000 + seed), Judge::new(plan.clone()));
        while judge.status() == Status::Open && judge.blocks() < limit_blocks {
            judge.add(&noisy(&mut rng, deviation, shift));
        }
        judge.finish() == Verdict::Reject
    });
    caught.count() as f64 / CHECKS as f64
}

#[test]
fn the_resolution_is_that_of_the_published_operating_characteristic() {
    for (limit_blocks, deviations) in [(24, 2.7), (40, 2.0), (60, 1.6), (136, 1.0)] {
        let of_pool = |seed| {
            let prediction = predicted(&requests(), &gaussian(600, 1.0, seed), limit_blocks).unwrap();
            prediction.resolution.unwrap().0
        };
        let mut pools: Vec<f64> = (0..3).map(of_pool).collect();
        pools.sort_unstable_by(f64::total_cmp);
        let (resolution, error) = (pools[1], pools[1] / deviations - 1.0);
        assert!(error.abs() < 0.1, "{pools:?} instead of {deviations} in {limit_blocks} blocks");
        let caught = caught_by_force(1.0, Percent(resolution), resolution, limit_blocks);
        assert!((0.93..0.98).contains(&caught), "{caught} of {resolution} in {limit_blocks} blocks");
    }
}

#[test]
fn a_hundred_and_fifty_blocks_predict_within_a_tenth_what_brute_force_catches() {
    // (deviation, limit): the tolerance of 2 % is told in the first, and out of reach in the second.
    for (deviation, limit_blocks) in [(1.0, 136), (3.0, 100)] {
        let points: Vec<f64> = (0..5)
            .map(|seed| {
                let prediction =
                    predicted(&requests(), &gaussian(150, deviation, seed), limit_blocks).unwrap();
                prediction.caught.unwrap().slowdown.0
            })
            .collect();
        let mut sorted = points.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let slightly =
            |factor: f64| caught_by_force(deviation, Percent(sorted[2] * factor), 2.0, limit_blocks);
        let (below, above) = (slightly(0.9), slightly(1.1));
        assert!(below < 0.95 && above > 0.95, "{below} and {above} around {points:?}");
        assert!(points.iter().all(|point| (point / sorted[2] - 1.0).abs() < 0.2), "{points:?}");
    }
}

#[test]
fn a_slowdown_of_half_the_tolerance_is_never_said_to_be_caught() {
    // Without any noise to speak of, what lies between half the tolerance and all of it may get either verdict.
    let prediction = predicted(&requests(), &gaussian(150, 0.01, 3), 200).unwrap();
    let slowdown = prediction.caught.unwrap().slowdown.0;
    assert!((1.0..=2.0).contains(&slowdown), "{slowdown}");
    assert!((0.005..0.02).contains(&prediction.spread.0), "{:?}", prediction.spread);
}

#[test]
fn what_one_site_would_get_away_with_is_caught_while_another_is_not_proven_yet() {
    let noisier = |noise: f64| -> Vec<BlockSamples> {
        let mut rng = Rng::new(9);
        let mut of = |deviation: f64| deviation * rng.gaussian();
        (0..300).map(|_| block([("a", of(0.002)), ("b", of(noise)), ("c", of(0.002))])).collect()
    };
    let caught = |noise| predicted(&requests(), &noisier(noise), 200).unwrap().caught.unwrap().slowdown.0;
    let (alone, waited_for) = (caught(0.002), caught(0.1));
    assert!(waited_for < 0.7 * alone && waited_for > 1.0, "{alone} and {waited_for}");
}

#[test]
fn a_budget_of_another_site_is_not_waited_for() {
    let unchanged = gaussian(150, 0.3, 10);
    let mut with_budget = requests();
    let budget = Budget { metric: BudgetMetric::P999, limit: 5_000.0 };
    with_budget[1].budgets = vec![BudgetRequest { budget, recorded: Some(Nanos(1_000.0)) }];
    assert_eq!(predicted(&with_budget, &unchanged, 100), predicted(&requests(), &unchanged, 100));
}

#[test]
fn blocks_and_time_of_a_catch_are_those_of_the_middle_replay() {
    let prediction = predicted(&requests(), &gaussian(300, 1.0, 4), 136).unwrap();
    let blocks = prediction.caught.unwrap().blocks;
    // GATE.md: 2 % at a deviation of 1 % takes 21 blocks.
    assert!((17..=25).contains(&blocks), "{blocks}");
    assert_eq!(prediction.blocks, 300);
}

#[test]
fn what_placement_leaves_has_to_be_exceeded() {
    let unchanged = gaussian(150, 0.3, 5);
    let free = predicted(&requests(), &unchanged, 100).unwrap();
    let mut biased = requests();
    biased[0].placement_bias = BTreeMap::from([(Metric::P50, LogRatio::from(Percent(4.0)))]);
    let biased = predicted(&biased, &unchanged, 100).unwrap();
    let caught = |prediction: Prediction| prediction.caught.unwrap().slowdown.0;
    assert!(caught(biased) > 2.0 && caught(biased) > caught(free), "{} {}", caught(biased), caught(free));
    assert!(biased.resolution.unwrap().0 > 4.0, "{:?}", biased.resolution);
}

#[test]
fn the_same_seed_predicts_the_same() {
    let unchanged = gaussian(60, 1.0, 6);
    assert_eq!(predicted(&requests(), &unchanged, 100), predicted(&requests(), &unchanged, 100));
}

#[test]
fn nothing_is_predicted_from_few_blocks_or_of_what_is_not_gated() {
    assert_eq!(predicted(&requests(), &gaussian(LEAST_BLOCKS - 1, 1.0, 7), 100), None);
    let unchanged = gaussian(LEAST_BLOCKS, 1.0, 7);
    assert!(predicted(&requests(), &unchanged, 100).is_some());
    let new = vec![SiteRequest { baseline_calls: None, ..request("a") }];
    assert_eq!(predicted(&new, &unchanged, 100), None);
    let replays = Replays { requests: &requests(), unchanged: &unchanged, limit_blocks: 100, seed: 7 };
    let others = Others::of(replays);
    assert_eq!(predict(replays, &others, &key("a"), Metric::P99), None, "not wished for");
    assert_eq!(predict(replays, &others, &key("unknown"), Metric::P50), None);
}

#[test]
fn noise_that_drowns_everything_catches_nothing() {
    let mut rng = Rng::new(8);
    let wild: Vec<BlockSamples> = (0..150).map(|_| block([("a", 30.0 * rng.cauchy())])).collect();
    let prediction = predicted(&requests(), &wild, 20).unwrap();
    assert_eq!((prediction.caught, prediction.resolution), (None, None));
}
