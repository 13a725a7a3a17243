//! Quantiles of any latencies, from the runtime's buckets through the reader: against an exact sort, and against
//! hdrhistogram itself. `DARWIN_SOAK=full` tries 10 000 cases of each.

use hdrhistogram::Histogram;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::super::totals;
use super::*;
use crate::io::figures::quantile_ticks;
use darwin_runtime::bucket;
use darwin_runtime::layout::{CHUNK_COUNTERS, CHUNKS};

/// One site whose latencies are in the slots of several threads, as the runtime would have counted them.
#[derive(Default)]
struct Counted(Vec<u8>);

impl Counted {
    fn new(threads: &[&[u64]]) -> Counted {
        let mut counted = Counted::default();
        counted.allocate(size_of::<Header>());
        for latencies in threads {
            counted.thread(latencies);
        }
        counted
    }

    fn allocate(&mut self, bytes: usize) -> usize {
        let at = self.0.len();
        self.0.resize(at + bytes.next_multiple_of(64), 0);
        at
    }

    fn thread(&mut self, latencies: &[u64]) {
        let block = self.allocate(size_of::<Block>() + 2 * size_of::<Entry>());
        let slot = self.allocate(size_of::<Slot>());
        let before = self.u64(offset_of!(Header, blocks_at), |_| block as u64);
        self.u64(block + offset_of!(Block, next_at), |_| before);
        self.u32(block + offset_of!(Block, slot_count), |_| 2);
        let entry = block + size_of::<Block>() + size_of::<Entry>();
        self.u32(entry + offset_of!(Entry, slot_cells), |_| cells(block, slot));
        for ticks in latencies {
            self.u64(slot + offset_of!(Slot, calls), |calls| calls + 1);
            self.u64(slot + offset_of!(Slot, ticks), |sum| sum.wrapping_add(*ticks));
            self.u64(slot + offset_of!(Slot, max), |max| max.max(*ticks));
            self.count(slot, *ticks);
        }
    }

    fn count(&mut self, slot: usize, ticks: u64) {
        let bucket = bucket::of(ticks);
        assert!(bucket.chunk < CHUNKS);
        let field = slot + offset_of!(Slot, chunks_cells) + 4 * bucket.chunk;
        let mut chunk = slot + 64 * self.u32(field, |cells| cells) as usize;
        if chunk == slot {
            chunk = self.allocate(4 * CHUNK_COUNTERS);
            self.u32(field, |_| cells(slot, chunk));
        }
        self.u32(chunk + 4 * bucket.place, |count| count + 1);
    }

    /// Changes a field; gives what it was.
    fn u64(&mut self, at: usize, change: impl Fn(u64) -> u64) -> u64 {
        let field = &mut self.0[at..at + 8];
        let before = u64::from_ne_bytes(field.try_into().unwrap());
        field.copy_from_slice(&change(before).to_ne_bytes());
        before
    }

    fn u32(&mut self, at: usize, change: impl Fn(u32) -> u32) -> u32 {
        let field = &mut self.0[at..at + 4];
        let before = u32::from_ne_bytes(field.try_into().unwrap());
        field.copy_from_slice(&change(before).to_ne_bytes());
        before
    }

    fn totals(self) -> SiteTotals {
        totals::read(&Bytes::new(self.0), 1, Mode::Exact).unwrap().remove(0)
    }
}

/// The distance between two structures.
fn cells(from: usize, to: usize) -> u32 {
    u32::try_from((to - from) / 64).unwrap()
}

/// All magnitudes alike, and the edges of buckets.
fn latency() -> impl Strategy<Value = u64> {
    let magnitude = (0_u32..=64).prop_map(|bits| u64::MAX.checked_shr(64 - bits).unwrap_or(0));
    prop_oneof![
        8 => magnitude.clone().prop_flat_map(|most| 0..=most),
        1 => (magnitude, 0_u64..3).prop_map(|(edge, less)| edge.saturating_sub(less)),
        1 => Just(u64::MAX),
    ]
}

/// As a measured function has them: around one value, with a tail.
fn latencies() -> impl Strategy<Value = Vec<u64>> {
    let around =
        (latency(), prop::collection::vec((0_u64..1000, 0_u32..20), 1..300)).prop_map(|(middle, all)| {
            let near = |part| middle.saturating_add(middle / 2000 * part);
            all.into_iter()
                .map(|(part, tail)| near(part).saturating_mul(if tail == 0 { 50 } else { 1 }))
                .collect()
        });
    prop_oneof![prop::collection::vec(latency(), 1..300), around]
}

/// The same cases at every run.
fn in_many_cases<S: Strategy>(strategy: S, test: impl Fn(S::Value)) {
    let is_full = std::env::var_os("DARWIN_SOAK").is_some_and(|size| size == "full");
    let cases = if is_full { 10_000 } else { 200 };
    let config =
        Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(10), ..Config::default() };
    let run = TestRunner::new(config).run(&strategy, |value| {
        test(value);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn quantiles_are_within_a_thousandth_of_an_exact_sort_and_those_of_hdrhistogram() {
    in_many_cases((latencies(), 0.0..=1.0_f64), |(latencies, any)| {
        let read = Counted::new(&[&latencies]).totals();
        let mut peer = Histogram::<u64>::new(3).unwrap();
        let mut sorted = latencies;
        sorted.sort_unstable();
        // The reader has no bucket for zero.
        sorted.iter().for_each(|ticks| peer.record((*ticks).max(1)).unwrap());
        assert_eq!((read.calls, read.histogram.len()), (sorted.len() as u64, sorted.len() as u64));
        assert_eq!(read.max, *sorted.last().unwrap());
        for quantile in [0.5, 0.9, 0.99, 0.999, 1.0, any] {
            let rank = ((quantile * sorted.len() as f64).ceil() as usize).max(1);
            let exact = sorted[rank - 1];
            let ours = quantile_ticks(&read.histogram, quantile);
            assert!(ours.abs_diff(exact) <= exact / 1000 + 1, "{quantile}: {ours}, and in truth {exact}");
            assert_eq!(ours, quantile_ticks(&peer, quantile), "{quantile}");
        }
    });
}

#[test]
fn merging_is_associative_and_the_same_as_counting_in_one_place() {
    in_many_cases([latencies(), latencies(), latencies()], |parts| {
        let [a, b, c] = parts.each_ref().map(|part| Counted::new(&[part]).totals());
        let merged = |into: &SiteTotals, other: &SiteTotals| {
            let mut sum = into.clone();
            sum.merge(other);
            sum
        };
        let left = merged(&merged(&a, &b), &c);
        assert_eq!(left, merged(&a, &merged(&b, &c)));
        assert_eq!(left, merged(&merged(&c, &b), &a));
        let threads = Counted::new(&parts.each_ref().map(Vec::as_slice)).totals();
        assert_eq!(left, threads);
        let one = Counted::new(&[&parts.concat()]).totals();
        assert_eq!((left.calls, left.max, &left.histogram), (one.calls, one.max, &one.histogram));
    });
}
