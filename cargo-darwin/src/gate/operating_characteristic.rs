//! How often the whole judge is right and wrong, over simulated checks with fixed seeds: the figures of GATE.md
//! section 3, each within what chance allows in so many checks. The tests of `evidence` hold the bet alone to its 1 %.

use super::judge::{Judge, Status};
use super::plan::{Plan, SiteRequest};
use super::testing::{Rng, all_metrics, block, request};
use crate::model::{LogRatio, Percent, Verdict};

const CHECKS: u64 = 2_000;
/// Enough for a tolerance of one deviation in 95 of 100 checks.
const LIMIT_BLOCKS: u32 = 136;

/// The verdicts of many checks.
struct Rates {
    reject: f64,
    approve: f64,
    inconclusive: f64,
    median_blocks: u32,
}

/// Many checks of sites of which the first is slower.
#[derive(Clone)]
struct World {
    plan: Plan,
    names: Vec<String>,
    /// Standard deviation of a block.
    deviation: f64,
    limit_blocks: u32,
    checks: u64,
}

impl World {
    /// So many sites within 2 %, with a standard deviation of a block of so many percent.
    fn of(sites: usize, deviation: f64) -> World {
        let names: Vec<String> = (0..sites).map(|site| format!("site {site}")).collect();
        let plan = Plan::freeze(names.iter().map(|name| request(name)).collect());
        World { plan, names, deviation: deviation / 100.0, limit_blocks: LIMIT_BLOCKS, checks: CHECKS }
    }

    /// The same, and a site must become faster.
    fn challenged(self) -> World {
        World { plan: self.plan.require_faster(true), ..self }
    }

    /// The verdict of one check in which the first site is slower by `shift` percent, and its blocks.
    fn check(&self, seed: u64, shift: f64) -> (Verdict, u32) {
        let mut rng = Rng::new(seed);
        let mut judge = Judge::new(self.plan.clone());
        let shift = LogRatio::from(Percent(shift)).0;
        while judge.status() == Status::Open && judge.blocks() < self.limit_blocks {
            let site = |(index, name): (usize, &'_ String)| {
                let own = if index == 0 { shift } else { 0.0 };
                (name.clone(), own + self.deviation * rng.gaussian())
            };
            let sites: Vec<(String, f64)> = self.names.iter().enumerate().map(site).collect();
            judge.add(&block(sites.iter().map(|(name, y)| (name.as_str(), *y))));
        }
        (judge.finish(), judge.blocks())
    }

    fn rates(&self, shift: f64) -> Rates {
        let mut checks: Vec<(Verdict, u32)> = (0..self.checks).map(|seed| self.check(seed, shift)).collect();
        let share = |verdict: Verdict| {
            checks.iter().filter(|(given, _)| *given == verdict).count() as f64 / checks.len() as f64
        };
        let (reject, approve) = (share(Verdict::Reject), share(Verdict::Approve));
        let inconclusive = share(Verdict::Inconclusive);
        checks.sort_unstable_by_key(|(_, blocks)| *blocks);
        Rates { reject, approve, inconclusive, median_blocks: checks[checks.len() / 2].1 }
    }
}

/// A rate, within what chance allows.
#[track_caller]
fn assert_rate(rate: f64, published: f64, chance: f64) {
    assert!((rate - published).abs() <= chance, "{rate} instead of {published}");
}

#[test]
fn an_unchanged_program_is_approved() {
    let rates = World::of(3, 1.0).rates(0.0);
    assert_eq!(rates.reject, 0.0);
    assert!(rates.approve >= 0.999, "{}", rates.approve);
    assert!(rates.median_blocks <= 12, "{}", rates.median_blocks);
}

#[test]
fn a_shift_of_half_the_tolerance_is_rejected_in_two_of_a_thousand() {
    let rates = World { checks: 8_000, ..World::of(3, 1.0) }.rates(1.0);
    assert!(rates.reject <= 0.003, "{}", rates.reject);
}

#[test]
fn a_shift_between_half_the_tolerance_and_all_of_it_gets_either_verdict() {
    let rates = World::of(3, 1.0).rates(1.5);
    assert_rate(rates.reject, 0.36, 0.03);
    assert_rate(rates.approve, 0.64, 0.03);
}

#[test]
fn a_shift_of_the_tolerance_is_rejected_in_985_of_1000_after_some_21_blocks() {
    let rates = World::of(3, 1.0).rates(2.0);
    assert_rate(rates.reject, 0.985, 0.008);
    assert!((20..=22).contains(&rates.median_blocks), "{}", rates.median_blocks);
}

#[test]
fn a_shift_beyond_the_tolerance_is_always_rejected() {
    let rates = World::of(3, 1.0).rates(2.5);
    assert!(rates.reject >= 0.999, "{}", rates.reject);
}

#[test]
fn noise_as_large_as_the_tolerance_costs_blocks_and_hardly_any_power() {
    let rates = World::of(3, 2.0).rates(2.0);
    assert_rate(rates.reject, 0.95, 0.015);
    assert_rate(rates.approve, 0.02, 0.01);
    assert_rate(rates.inconclusive, 0.03, 0.01);
    assert!((61..=67).contains(&rates.median_blocks), "{}", rates.median_blocks);
}

#[test]
fn fifty_sites_cost_some_14_times_the_blocks() {
    let few = |sites| World { checks: 300, ..World::of(sites, 1.0) };
    for (shift, verdict) in [(0.0, Verdict::Approve), (2.0, Verdict::Reject)] {
        let (three, fifty) = (few(3).rates(shift), few(50).rates(shift));
        let factor = f64::from(fifty.median_blocks) / f64::from(three.median_blocks);
        assert!((1.2..=1.5).contains(&factor), "{factor} for {verdict:?}");
        let right = if verdict == Verdict::Approve { fifty.approve } else { fifty.reject };
        assert!(right >= 0.97, "{right} for {verdict:?}");
    }
}

#[test]
fn the_resolution_that_is_printed_is_caught_in_95_of_100() {
    for (limit_blocks, deviations) in [(24, 2.7), (40, 2.0), (60, 1.6), (136, 1.0)] {
        let world = World { limit_blocks, checks: 1_000, ..World::of(3, 2.0 / deviations) };
        let caught = world.rates(2.0).reject;
        assert!(caught >= 0.95 - 0.014, "{caught} in {limit_blocks} blocks");
    }
}

#[test]
fn noise_far_above_the_tolerance_ends_open_and_not_in_a_guess() {
    let world = World { checks: 200, ..World::of(3, 20.0) };
    assert!(world.rates(0.0).inconclusive >= 0.99);
}

#[test]
fn all_three_metrics_together_find_a_slower_site_too() {
    let mut world = World { checks: 200, ..World::of(3, 1.0) };
    let wish = |site: &String| SiteRequest {
        metrics: all_metrics(),
        baseline_calls: Some(5_000),
        candidate_calls: Some(5_000),
        ..request(site)
    };
    world.plan = Plan::freeze(world.names.iter().map(wish).collect());
    assert_eq!(world.rates(20.0).reject, 1.0);
}

#[test]
fn a_challenger_that_is_no_faster_does_not_win_by_luck() {
    for deviation in [1.0, 2.0] {
        let rates = World::of(3, deviation).challenged().rates(0.0);
        assert!(rates.approve <= 0.001 && rates.reject >= 0.995, "{} {}", rates.approve, rates.reject);
    }
    // Faster by less than half of the tolerance is no win either.
    let almost = World::of(3, 1.0).challenged().rates(-0.98);
    assert!(almost.approve <= 0.005, "{}", almost.approve);
}

#[test]
fn a_challenger_that_is_faster_by_the_tolerance_at_one_site_wins() {
    // 1 / 1.02 of the time; the figures mirror those of a slowdown.
    let rates = World::of(3, 1.0).challenged().rates(-1.96);
    assert_rate(rates.approve, 0.985, 0.008);
    assert!(rates.reject <= 0.025, "{}", rates.reject);
    assert!((18..=21).contains(&rates.median_blocks), "{}", rates.median_blocks);
}
