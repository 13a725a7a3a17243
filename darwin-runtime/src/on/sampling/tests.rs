use super::*;

#[test]
fn one_call_of_each_stretch_is_timed_and_none_lies_in_two() {
    let mut state = 7;
    let (mut begin, mut at, mut rest) = (0_u64, 0_u64, 0);
    for length in (0..1000).map(|n| 1 + n % 37) {
        let drawn = draw(length, rest, random(&mut state));
        at += u64::from(drawn.left);
        assert!((begin..begin + u64::from(length)).contains(&at), "call {at}, stretch from {begin}");
        at += 1;
        begin += u64::from(length);
        rest = drawn.rest;
        assert_eq!(at + u64::from(rest), begin);
    }
}

/// A site whose calls come one after another, and what adaptive mode makes of them.
struct Site {
    state: u64,
    length: u32,
    rest: u32,
    left: u32,
    span: u32,
    now: u64,
    sampled_at: u64,
    /// Latency and weight of each timed call.
    timed: Vec<(u64, u64)>,
    /// Latencies of all calls.
    all: Vec<u64>,
}

/// Between two calls, in ticks.
const PAUSE: u64 = 5;
/// Between two timed ones.
const GAP: u64 = 8_000;

impl Site {
    fn new(seed: u64) -> Site {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let (timed, all) = (Vec::new(), Vec::new());
        Site { state, length: 1, rest: 0, left: 0, span: 0, now: 1 << 40, sampled_at: 0, timed, all }
    }

    /// As `adaptive` does it.
    fn call(&mut self, latency: u64) {
        self.all.push(latency);
        if self.left > 0 {
            self.left -= 1;
        } else {
            self.timed.push((latency, u64::from(self.length)));
            self.length = length(self.length, self.span, self.now - self.sampled_at, GAP);
            let drawn = draw(self.length, self.rest, random(&mut self.state));
            (self.left, self.rest, self.span) = (drawn.left, drawn.rest, drawn.left + 1);
            self.sampled_at = self.now;
        }
        self.now += latency + PAUSE;
    }

    fn until_timed(mut self, number: usize, mut latency: impl FnMut(u64) -> u64) -> Site {
        while self.timed.len() < number {
            self.call(latency(self.all.len() as u64));
        }
        self
    }

    /// Quantile of the timed calls by their weights, over that of all calls.
    fn ratio(&self, quantile: f64) -> f64 {
        let mut timed = self.timed.clone();
        timed.sort_unstable();
        let wanted = quantile * timed.iter().map(|(_, weight)| *weight as f64).sum::<f64>();
        let mut sum = 0.0;
        let found = timed.iter().find(|(_, weight)| {
            sum += *weight as f64;
            sum >= wanted
        });
        let mut all = self.all.clone();
        all.sort_unstable();
        let exact = all[(all.len() as f64 * quantile) as usize];
        found.expect("a quantile is below the sum").0 as f64 / exact as f64
    }
}

const SAMPLES: usize = 10_000;

/// Within 1 % at p50 and 3 % at p99, for every seed.
fn assert_quantiles(name: &str, latency: impl Fn(&mut u64, u64) -> u64) {
    for seed in 1..=4 {
        let mut own = seed * 77 + 1;
        let site = Site::new(seed).until_timed(SAMPLES, |number| latency(&mut own, number));
        assert!(site.all.len() > SAMPLES * 4, "{name}: most calls are not timed: {}", site.all.len());
        let (p50, p99) = (site.ratio(0.5), site.ratio(0.99));
        assert!((p50 - 1.0).abs() < 0.01, "{name}, seed {seed}: p50 is off by {p50}");
        assert!((p99 - 1.0).abs() < 0.03, "{name}, seed {seed}: p99 is off by {p99}");
    }
}

/// Uniform in 0..1.
fn unit(state: &mut u64) -> f64 {
    f64::from(random(state)) / f64::from(u32::MAX)
}

#[test]
fn quantiles_of_skewed_latencies_are_right() {
    // An exponential tail over a body of 200 ticks.
    assert_quantiles("skewed", |state, _| 200 - (50.0 * (1.0 - unit(state)).ln()) as u64);
}

#[test]
fn quantiles_of_bimodal_latencies_are_right() {
    assert_quantiles("bimodal", |state, _| {
        let base: u32 = if unit(state) < 0.1 { 3000 } else { 100 };
        u64::from(base) + (unit(state) * 0.2 * f64::from(base)) as u64
    });
}

#[test]
fn quantiles_of_periodic_latencies_are_right_whatever_the_period() {
    for period in [3, 7, 17, 51, 64, 65, 128, 1000] {
        assert_quantiles(&format!("period {period}"), |_, number| {
            // A ramp, and a peak in 2 % of the calls where the period is long enough.
            let place = number % period;
            if place * 50 < period && period >= 50 { 900 } else { 200 + place * 100 / period }
        });
    }
}

#[test]
fn quantiles_are_right_where_phases_differ_in_their_call_rate() {
    // Three quarters of the calls take a tenth of the time: equal gaps in time see few of them.
    assert_quantiles("phases", |state, number| {
        let base = if number % 4_000 < 3_000 { 100.0 } else { 1000.0 };
        (base * (1.0 + 0.2 * unit(state))) as u64
    });
}

#[test]
fn weights_sum_to_the_calls_and_means_have_no_bias() {
    let (mut estimated, mut exact, mut weights, mut calls) = (0.0, 0.0, 0.0, 0.0);
    for seed in 1..=200 {
        let mut own = seed;
        let phases = |number: u64| if (number / 500).is_multiple_of(2) { 60.0 } else { 900.0 };
        let site =
            Site::new(seed).until_timed(500, |number| (phases(number) * (1.0 + unit(&mut own))) as u64);
        estimated += site.timed.iter().map(|(ticks, weight)| (ticks * weight) as f64).sum::<f64>();
        weights += site.timed.iter().map(|(_, weight)| *weight as f64).sum::<f64>();
        exact += site.all.iter().map(|ticks| *ticks as f64).sum::<f64>();
        calls += site.all.len() as f64;
    }
    let (time, number): (f64, f64) = (estimated / exact - 1.0, weights / calls - 1.0);
    assert!(time.abs() < 0.01, "times are off by {time}");
    assert!(number.abs() < 0.005, "weights are off by {number}");
}

#[test]
fn a_stretch_grows_twofold_at_most_and_follows_the_call_rate() {
    assert_eq!(length(1, 1, 10, 1000), 2);
    assert_eq!(length(64, 64, 640, 1000), 100);
    assert_eq!(length(4096, 10, 1_000_000, 1000), 1, "calls became rare");
    assert_eq!(length(u32::MAX, 1, 0, u64::MAX), LONGEST_STRETCH);
    assert_eq!(length(0, 0, 0, 0), 1);
}

#[test]
fn a_thread_times_so_many_calls_that_they_cost_their_share() {
    let (cost, mut gap_ticks) = (80, 0);
    // Forty sites called in turn, each every 400 ticks, so that each is timed every `gap_ticks`.
    for _ in 0..200 {
        let elapsed = u64::from(TIMED_PER_LOOK) * gap_ticks.max(400) / 40;
        gap_ticks = gap(gap_ticks, cost, elapsed);
    }
    let share = 40.0 * cost as f64 / gap_ticks as f64;
    assert!((0.009..=0.0101).contains(&share), "{share}");
    assert_eq!(gap(0, cost, u64::MAX), cost * SHARE, "a rare site is always timed");
}
