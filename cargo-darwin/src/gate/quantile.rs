//! Quantiles of whole clock ticks, told finer than a tick.
//!
//! A clock of 41 ns a tick (common on ARM) shows a function of 100 ns as 2 or 3 ticks, and its median as 2 or 3:
//! a change of 10 % would be invisible or look like 50 %. And many counters advance by more than one tick at a time. A
//! sample that reads `v` lies anywhere between the middles to the next lower and the next higher reading, so the
//! quantile is interpolated among the samples that share its reading, as the grouped median of descriptive statistics
//! does (`statistics.median_grouped` of Python).
//!
//! The step of a counter need not be whole: one of 100 MHz behind a counter of 2.596 GHz shows 25 or 26 ticks for the same
//! step. Such neighbours are one reading. Taken for two, of which one is rare, a median of 50 ns moved half as far as
//! the calls did, or three times as far where it crossed the rare one.

/// Most ticks by which a counter of whole ticks advances at a time: a crystal of 100 MHz behind a counter of 3.2 GHz. Readings
/// further apart than that are apart for another reason.
const COARSEST_STEP: f64 = 32.0;

/// Readings below this are counted in an array; the rest, which is rare or slow, is sorted.
const COUNTED_READINGS: usize = 1 << 14;

/// How often each reading occurred, in ascending order. Latencies of one site cluster on a few hundred readings, so this
/// is small however many calls there were, and tallies of turns make one of a block in no time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    readings: Vec<(u64, u64)>,
    calls: u64,
}

impl Tally {
    /// Counts `ticks`.
    pub fn of(ticks: &[u64]) -> Tally {
        let mut counts = vec![0_u64; COUNTED_READINGS];
        let mut others = Vec::new();
        for &tick in ticks {
            match usize::try_from(tick).ok().and_then(|tick| counts.get_mut(tick)) {
                Some(count) => *count += 1,
                None => others.push((tick, 1)),
            }
        }
        others.sort_unstable();
        let counted = (0..).zip(counts).filter(|(_, count)| *count > 0);
        Tally { readings: coalesced(counted.chain(others)), calls: ticks.len() as u64 }
    }

    /// All of `parts` together.
    pub fn merged<'a>(parts: impl IntoIterator<Item = &'a Tally>) -> Tally {
        let (mut readings, mut calls) = (Vec::new(), 0);
        for part in parts {
            readings.extend_from_slice(&part.readings);
            calls += part.calls;
        }
        readings.sort_unstable();
        Tally { readings: coalesced(readings.into_iter()), calls }
    }

    /// Samples.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// The highest reading.
    pub fn max(&self) -> Option<u64> {
        self.readings.last().map(|(reading, _)| *reading)
    }

    /// The `q` quantile in ticks of a counter that advances by `step` ticks at a time; `None` for no samples. `q` lies in
    /// `0 ..= 1`.
    ///
    /// For `q` = 1/2 and readings one tick apart this is the grouped median `m - 0.5 + (n / 2 - below) / equal`, where
    /// `m` is the middle value, `below` counts the samples under it and `equal` those that share it.
    pub fn quantile(&self, q: f64, step: f64) -> Option<f64> {
        let wanted = q.clamp(0.0, 1.0) * self.calls as f64;
        let index = (wanted as u64).min(self.calls.checked_sub(1)?);
        let (mut below, mut lower) = (0, None);
        let mut cells = self.cells(step);
        let cell = cells.find(|cell| {
            below += cell.calls;
            let is_it = below > index;
            lower = if is_it { lower } else { Some(cell.middle()) };
            is_it
        })?;
        let inside = (wanted - (below - cell.calls) as f64) / cell.calls as f64;
        Some(interpolated(cell.middle(), [lower, cells.next().map(Cell::middle)], step, inside))
    }

    /// The median in ticks; `None` for no samples.
    ///
    /// Where a counter advances by many ticks at a time and calls are alike, all of them show one or two readings, and the
    /// interpolated quantile moves by half of what they move, or twice. What the mean of such readings moves is right, because
    /// a call begins anywhere within a step. So it is the mean of the readings within one step of the middle one, and from
    /// there as far as the calls are not halved by it: for calls that are alike this is their mean, and for calls spread
    /// evenly the interpolated quantile.
    pub fn median(&self, step: f64) -> Option<f64> {
        if step <= 1.0 {
            return self.quantile(0.5, step);
        }
        let half = self.calls as f64 / 2.0;
        let cells: Vec<Cell> = self.cells(step).collect();
        let mut below = 0;
        let at = cells.iter().position(|cell| {
            below += cell.calls;
            below as f64 > half
        })?;
        let middle = cells[at].middle();
        let near = |cell: &&Cell| (cell.middle() - middle).abs() <= 1.5 * step;
        let first = at - cells[..at].iter().rev().take_while(near).count();
        let last = at + cells[at + 1..].iter().take_while(near).count();
        let calls_below: u64 = cells[..first].iter().map(|cell| cell.calls).sum();
        if let Some(previous) = first.checked_sub(1).filter(|_| calls_below as f64 >= half) {
            // It falls exactly between two readings, which may lie far apart: take the middle.
            return Some(f64::midpoint(cells[previous].middle(), middle));
        }
        let near = &cells[first..=last];
        let calls = near.iter().map(|cell| cell.calls).sum::<u64>() as f64;
        let mean = near.iter().map(|cell| cell.middle() * cell.calls as f64).sum::<f64>() / calls;
        Some(mean + ((half - calls_below as f64) / calls - 0.5) * 3.0 * step)
    }

    /// The readings in ascending order, with those made one that stand for the same number of steps.
    fn cells(&self, step: f64) -> impl Iterator<Item = Cell> {
        let mut rest = self.readings.as_slice();
        std::iter::from_fn(move || {
            let first = rest.first()?.0;
            let of_it = rest.partition_point(|(reading, _)| (reading - first) as f64 <= step / 2.0);
            let (cell, others) = rest.split_at(of_it);
            rest = others;
            Some(Cell::of(first, cell))
        })
    }

    /// The mean of `ticks`, each counted as `ceiling` at most; `None` for no samples.
    pub fn mean_of(ticks: &[u64], ceiling: u64) -> Option<f64> {
        let sum: u128 = ticks.iter().map(|&tick| u128::from(tick.min(ceiling))).sum();
        (!ticks.is_empty()).then(|| sum as f64 / ticks.len() as f64)
    }

    /// The mean in ticks; `None` for no samples.
    pub fn mean(&self) -> Option<f64> {
        let part = |(reading, count): &(u64, u64)| u128::from(*reading) * u128::from(*count);
        let sum: u128 = self.readings.iter().map(part).sum();
        (self.calls > 0).then(|| sum as f64 / self.calls as f64)
    }
}

/// Readings that stand for the same number of steps.
#[derive(Debug, Clone, Copy)]
struct Cell {
    first: u64,
    /// Beyond `first`, over all calls.
    ticks_beyond: u64,
    calls: u64,
}

impl Cell {
    fn of(first: u64, readings: &[(u64, u64)]) -> Cell {
        let beyond = |&(reading, calls): &(u64, u64)| (reading - first) * calls;
        Cell {
            first,
            ticks_beyond: readings.iter().map(beyond).sum(),
            calls: readings.iter().map(|(_, calls)| calls).sum(),
        }
    }

    fn middle(self) -> f64 {
        self.first as f64 + self.ticks_beyond as f64 / self.calls as f64
    }
}

/// Neighbours with the same reading made one.
fn coalesced(ascending: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
    let mut readings: Vec<(u64, u64)> = Vec::new();
    for (reading, count) in ascending {
        match readings.last_mut() {
            Some(last) if last.0 == reading => last.1 += count,
            _ => readings.push((reading, count)),
        }
    }
    readings
}

/// The point at the share `inside` of what the reading `value` stands for, which reaches half the way to its neighbours, or
/// half a step where there are none.
fn interpolated(value: f64, [lower, higher]: [Option<f64>; 2], step: f64, inside: f64) -> f64 {
    let middle = |other: f64| f64::midpoint(other, value);
    if let Some(previous) = lower.filter(|_| inside <= 0.0) {
        // The quantile falls exactly between two readings, which may lie far apart: take the middle.
        return middle(previous);
    }
    let near = |other: &f64| (other - value).abs() <= COARSEST_STEP.max(1.5 * step);
    let low = lower.filter(near).map_or(value - step / 2.0, middle);
    let high = higher.filter(near).map_or(value + step / 2.0, middle);
    low + inside * (high - low)
}

/// The median of `values`; the mean of the middle two for an even count, `None` for none. Reorders `values`.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let even = values.len().is_multiple_of(2);
    let (left, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { left.iter().copied().max_by(f64::total_cmp).unwrap_or(upper) } else { upper };
    Some(lower + (upper - lower) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::Rng;

    fn quantile(ticks: &[u64], q: f64) -> Option<f64> {
        Tally::of(ticks).quantile(q, 1.0)
    }

    #[test]
    fn a_merged_tally_is_the_tally_of_all_samples() {
        let mut rng = Rng::new(3);
        let ticks: Vec<u64> = (0..1_000).map(|_| (30_000.0 * rng.uniform()) as u64).collect();
        let (left, right) = ticks.split_at(300);
        let merged = Tally::merged([&Tally::of(left), &Tally::of(right)]);
        assert_eq!(merged, Tally::of(&ticks));
    }

    #[test]
    fn a_ceiling_holds_back_what_lies_above_it() {
        assert_eq!(Tally::mean_of(&[1, 2, 1_000_000], 3), Some(2.0));
    }

    #[test]
    fn nothing_has_no_quantile_and_no_mean() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(Tally::of(&[]).mean(), None);
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn one_sample_is_its_own_median() {
        assert_eq!(quantile(&[7], 0.5), Some(7.0));
    }

    #[test]
    fn a_counter_that_advances_by_two_is_told_as_finely_as_one_that_advances_by_one() {
        assert_eq!(quantile(&[4, 4, 6, 6], 0.5), Some(5.0));
        assert_eq!(quantile(&[4, 6, 6, 6, 8], 0.5), Some(6.0));
        assert_eq!(quantile(&[4, 4, 4, 6, 6, 6, 6, 6, 8], 4.0 / 9.0), Some(5.0 + 2.0 / 5.0));
    }

    #[test]
    fn readings_of_the_same_step_are_one() {
        // Steps of 25.9 ticks: two of them are read as 51 or 52.
        let tally = Tally::of(&[26, 26, 51, 52, 52, 52, 78, 78]);
        let two = 51.75;
        let (low, high) = (f64::midpoint(26.0, two), f64::midpoint(two, 78.0));
        assert_eq!(tally.quantile(0.5, 25.9), Some(f64::midpoint(low, high)));
        assert_eq!(tally.quantile(0.25, 25.9), Some(low));
        // A counter of whole ticks has them apart.
        assert_eq!(tally.quantile(0.25, 1.0), Some(f64::midpoint(26.0, 51.0)));
    }

    /// Latencies of `like`, by a counter that advances by 25.96 ticks at a time.
    fn median_seen(rng: &mut Rng, mut like: impl FnMut(&mut Rng) -> f64) -> f64 {
        const STEP: f64 = 25.96;
        let counter = |at: f64| ((at / STEP).floor() * STEP) as u64;
        let ticks = (0..50_000).map(|_| {
            let (latency, begin) = (like(rng), 1e6 * rng.uniform());
            counter(begin + latency) - counter(begin)
        });
        Tally::of(&ticks.collect::<Vec<u64>>()).median(STEP).unwrap()
    }

    #[test]
    fn a_median_moves_as_far_as_the_calls_whether_they_are_alike_or_not() {
        let mut rng = Rng::new(4);
        for (spread, within) in [(0.0, 0.15), (10.0, 0.15), (40.0, 0.2), (80.0, 0.3)] {
            let mut seen =
                |added: f64| median_seen(&mut rng, |rng| 230.0 + added + spread * (rng.uniform() - 0.5));
            let still = seen(0.0);
            for added in [6.5, 13.0, 19.5, 26.0] {
                let moved = seen(added) - still;
                assert!((moved / added - 1.0).abs() < within, "{spread}: {added} more are seen as {moved}");
            }
        }
    }

    #[test]
    fn a_second_kind_of_calls_does_not_stretch_what_a_median_moves() {
        let mut rng = Rng::new(5);
        let mut seen = |added: f64| {
            median_seen(&mut rng, |rng| {
                if rng.uniform() < 0.2 { 170.0 } else { 230.0 + added + 10.0 * rng.uniform() }
            })
        };
        let still = seen(0.0);
        for added in [6.5, 13.0] {
            let moved = seen(added) - still;
            assert!((moved / added - 1.0).abs() < 0.25, "{added} more are seen as {moved}");
        }
    }

    #[test]
    fn the_median_of_few_readings_lies_between_them() {
        let median = |ticks: &[u64], step| Tally::of(ticks).median(step);
        assert_eq!(median(&[], 26.0), None);
        assert_eq!(median(&[104], 26.0), Some(104.0));
        assert_eq!(median(&[104, 130], 26.0), Some(117.0));
        assert_eq!(median(&[100, 400], 26.0), Some(250.0));
        assert_eq!(median(&[100, 400, 800], 26.0), Some(400.0));
        assert_eq!(median(&[2, 2, 3, 3], 1.0), Some(2.5));
    }

    #[test]
    fn a_reading_alone_stands_for_a_whole_step() {
        let step = 26.0;
        let alone = Tally::of(&[104; 100]).quantile(0.5, step).unwrap();
        let with_a_neighbour = Tally::of(&[&[104; 100][..], &[130]].concat()).quantile(0.5, step).unwrap();
        assert_eq!(alone, 104.0);
        assert!((with_a_neighbour - alone).abs() < 0.2, "{with_a_neighbour}");
    }

    #[test]
    fn the_median_moves_inside_its_tick_with_the_share_of_samples_below() {
        assert_eq!(quantile(&[2, 2, 3, 3], 0.5), Some(2.5));
        assert_eq!(quantile(&[2, 3, 3, 3], 0.5), Some(2.5 + 1.0 / 3.0));
        assert_eq!(quantile(&[2, 2, 2, 3], 0.5), Some(1.5 + 2.0 / 3.0));
    }

    #[test]
    fn a_median_between_two_distant_samples_is_their_middle() {
        assert_eq!(quantile(&[200, 100], 0.5), Some(150.0));
    }

    #[test]
    fn the_ends_of_the_range_are_the_edges_of_the_outermost_ticks() {
        assert_eq!(quantile(&[5, 4, 6], 0.0), Some(3.5));
        assert_eq!(quantile(&[5, 4, 6], 1.0), Some(6.5));
    }

    #[test]
    fn a_clock_of_forty_nanoseconds_tells_latencies_apart_to_two() {
        // True latencies are spread evenly around the median by more than a tick; the clock starts anywhere.
        let mut rng = Rng::new(1);
        for median_ns in [100.0, 103.0, 110.0] {
            let ticks: Vec<u64> = (0..50_000)
                .map(|_| ((median_ns + 60.0 * (rng.uniform() - 0.5)) / 41.0 + rng.uniform()) as u64)
                .collect();
            let seen = quantile(&ticks, 0.5).unwrap() * 41.0;
            assert!((seen - median_ns).abs() < 2.0, "{median_ns} ns seen as {seen}");
        }
    }

    #[test]
    fn quantiles_of_a_wide_spread_lie_between_the_neighbours_of_a_full_sort() {
        let mut rng = Rng::new(2);
        let ticks: Vec<u64> = (0..9_973).map(|_| (1_000.0 * rng.gaussian().exp()) as u64).collect();
        let mut sorted = ticks.clone();
        sorted.sort_unstable();
        for q in [0.01, 0.5, 0.9, 0.99, 0.999] {
            let index = (q * 9_973.0) as usize;
            let neighbours = sorted[index - 1] as f64 - 0.5..=sorted[index + 1] as f64 + 0.5;
            assert!(neighbours.contains(&quantile(&ticks, q).unwrap()));
        }
    }

    #[test]
    fn the_median_of_an_even_count_is_the_mean_of_the_middle_two() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
    }

    #[test]
    fn a_mean_of_huge_ticks_does_not_overflow() {
        assert_eq!(Tally::of(&[u64::MAX, u64::MAX]).mean(), Some(u64::MAX as f64));
    }
}
