//! How often the whole judge is right and wrong, over simulated checks with fixed seeds: the figures of GATE.md
//! section 3. The tests of `evidence` hold the bet alone to its 1 %.

use super::judge::{Judge, Status};
use super::plan::{Plan, SiteRequest};
use super::testing::{Rng, all_metrics, block, request};
use crate::model::Verdict;

const CHECKS: u64 = 2_000;
/// Enough for a tolerance of one deviation in 95 of 100 checks.
const LIMIT_BLOCKS: u32 = 136;
const SITES: [&str; 3] = ["a", "b", "c"];

/// The verdicts of many checks of three sites within 2 %.
struct Rates {
    reject: f64,
    approve: f64,
    inconclusive: f64,
    median_blocks: u32,
}

/// Noise of one block, as a log ratio, at a site.
type Noise = fn(&mut Rng) -> f64;

const ONE_PERCENT: Noise = |rng| 0.01 * rng.gaussian();
const TWO_PERCENT: Noise = |rng| 0.02 * rng.gaussian();

/// Checks in which site `a` is slower by `shift` percent and the others are unchanged.
fn rates(shift: f64, noise: Noise) -> Rates {
    let plan = Plan::freeze(SITES.map(request).to_vec());
    let mut checks: Vec<(Verdict, u32)> = (0..CHECKS).map(|seed| check(&plan, seed, shift, noise)).collect();
    let share = |verdict: Verdict| {
        checks.iter().filter(|(given, _)| *given == verdict).count() as f64 / checks.len() as f64
    };
    let (reject, approve) = (share(Verdict::Reject), share(Verdict::Approve));
    let inconclusive = share(Verdict::Inconclusive);
    checks.sort_unstable_by_key(|(_, blocks)| *blocks);
    Rates { reject, approve, inconclusive, median_blocks: checks[checks.len() / 2].1 }
}

fn check(plan: &Plan, seed: u64, shift: f64, noise: Noise) -> (Verdict, u32) {
    let mut rng = Rng::new(seed);
    let mut judge = Judge::new(plan.clone());
    while judge.status() == Status::Open && judge.blocks() < LIMIT_BLOCKS {
        let shifts = [(shift / 100.0).ln_1p(), 0.0, 0.0];
        judge.add(&block(SITES.into_iter().zip(shifts.map(|shift| shift + noise(&mut rng)))));
    }
    (judge.finish(), judge.blocks())
}

#[test]
fn an_unchanged_program_is_approved() {
    let rates = rates(0.0, ONE_PERCENT);
    assert_eq!(rates.reject, 0.0);
    assert!(rates.approve >= 0.999, "{}", rates.approve);
    assert!(rates.median_blocks <= 22, "{}", rates.median_blocks);
}

#[test]
fn a_shift_of_half_the_tolerance_is_rejected_in_at_most_one_of_two_hundred() {
    let rates = rates(1.0, ONE_PERCENT);
    assert!(rates.reject <= 0.005, "{}", rates.reject);
}

#[test]
fn a_shift_of_the_tolerance_is_rejected_in_97_of_100_after_some_21_blocks() {
    let rates = rates(2.0, ONE_PERCENT);
    assert!(rates.reject >= 0.97, "{}", rates.reject);
    assert!((19..=23).contains(&rates.median_blocks), "{}", rates.median_blocks);
}

#[test]
fn a_shift_beyond_the_tolerance_is_always_rejected() {
    let rates = rates(2.5, ONE_PERCENT);
    assert!(rates.reject >= 0.999, "{}", rates.reject);
}

#[test]
fn noise_as_large_as_the_tolerance_costs_blocks_and_hardly_any_power() {
    let rates = rates(2.0, TWO_PERCENT);
    assert!(rates.reject >= 0.92, "{}", rates.reject);
    assert!(rates.approve <= 0.03, "{}", rates.approve);
    assert!(rates.inconclusive <= 0.06, "{}", rates.inconclusive);
    assert!((55..=75).contains(&rates.median_blocks), "{}", rates.median_blocks);
}

#[test]
fn noise_far_above_the_tolerance_ends_open_and_not_in_a_guess() {
    let plan = Plan::freeze(SITES.map(request).to_vec());
    let verdicts = (0..200).map(|seed| check(&plan, seed, 0.0, |rng| 0.2 * rng.gaussian()).0);
    assert!(verdicts.filter(|&verdict| verdict != Verdict::Inconclusive).count() <= 2);
}

#[test]
fn all_three_metrics_together_find_a_slower_site_too() {
    let wish = |site: &&'static str| SiteRequest {
        metrics: all_metrics(),
        baseline_calls: Some(5_000),
        candidate_calls: Some(5_000),
        ..request(site)
    };
    let plan = Plan::freeze(SITES.iter().map(wish).collect());
    let mut verdicts = (0..200).map(|seed| check(&plan, seed, 20.0, ONE_PERCENT).0);
    assert!(verdicts.all(|verdict| verdict == Verdict::Reject));
}
