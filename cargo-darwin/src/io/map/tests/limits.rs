//! Counters at their limits: added up they stay there, and no figure is made of them.

use darwin_runtime::layout::{CHUNK_COUNTERS, CHUNKS};

use super::*;

/// Where a chunk of counters of latencies around one tick lies in a made map, and the carries of that.
const CHUNK_AT: usize = 4096;
const CARRIES_AT: usize = CHUNK_AT + 4 * CHUNK_COUNTERS;

const RUN_OVER: &str = "one of its counters has run over";

/// A map with one counter of latencies of `ticks`, as its low and its high half.
fn counted(ticks: u64, low: u32, high: u32) -> Made {
    let mut made = Made::new(mode::EXACT);
    made.0.resize(CARRIES_AT + 4 * CHUNK_COUNTERS, 0);
    let bucket = darwin_runtime::bucket::of(ticks);
    assert!(bucket.chunk < CHUNKS);
    for (table, at, value) in
        [(offset_of!(Slot, chunks_cells), CHUNK_AT, low), (offset_of!(Slot, carries_cells), CARRIES_AT, high)]
    {
        made.u32(SLOT_AT + table + 4 * bucket.chunk, ((at - SLOT_AT) / 64) as u32);
        made.u32(at + 4 * bucket.place, value);
    }
    made
}

#[test]
fn a_32_bit_counter_that_ran_over_counts_on_in_its_carry() {
    let totals = counted(1, 5, 1).read().unwrap().remove(0);
    assert_eq!(totals.histogram.len(), (1 << 32) + 5);
    let totals = counted(1, u32::MAX, 0x7fff_fffe).read().unwrap().remove(0);
    assert_eq!(totals.histogram.len(), 0x7fff_fffe_ffff_ffff);
}

#[test]
fn a_carry_that_stopped_at_its_limit_is_refused() {
    for low in [0, 7, u32::MAX] {
        counted(1, low, u32::MAX).expect_refusal(RUN_OVER);
    }
}

#[test]
fn latencies_that_add_up_to_more_than_a_counter_holds_are_refused_whatever_their_sum_says() {
    // Three calls of 2^62 ticks: their sum has run over, or is about to.
    for sum in [0, 1 << 62, u64::MAX] {
        let mut made = counted(1 << 62, 3, 0);
        made.slot(offset_of!(Slot, calls), 3);
        made.slot(offset_of!(Slot, ticks), sum);
        made.expect_refusal(RUN_OVER);
    }
    let mut made = counted(1 << 62, 1, 0);
    made.slot(offset_of!(Slot, calls), 1);
    made.slot(offset_of!(Slot, ticks), 1 << 62);
    assert!(made.read().is_ok());
}

#[test]
fn every_counter_near_its_limit_is_refused() {
    for field in [
        offset_of!(Slot, calls),
        offset_of!(Slot, ticks),
        offset_of!(Slot, allocs),
        offset_of!(Slot, bytes),
        offset_of!(Slot, panicked),
        offset_of!(Slot, cancelled),
        offset_of!(Slot, polls),
        offset_of!(Slot, busy_ticks),
        offset_of!(Slot, nested_calls),
        offset_of!(Slot, nested_ticks),
        offset_of!(Slot, frees),
        offset_of!(Slot, freed_bytes),
    ] {
        for value in [1 << 63, u64::MAX - 1, u64::MAX] {
            let mut made = Made::new(mode::EXACT);
            made.slot(field, value);
            made.expect_refusal(RUN_OVER);
        }
    }
    for field in [
        offset_of!(Edge, calls),
        offset_of!(Edge, ticks),
        offset_of!(Edge, nested_calls),
        offset_of!(Edge, nested_ticks),
    ] {
        let mut made = Made::in_graph_mode();
        made.u64(EDGES_AT[0] + field, u64::MAX);
        made.expect_refusal(RUN_OVER);
    }
}

#[test]
fn threads_and_processes_add_up_to_the_limit_and_no_further() {
    let part = || {
        let mut made = counted(1, 0, 0x4000_0000);
        made.slot(offset_of!(Slot, calls), 1 << 62);
        made.slot(offset_of!(Slot, bytes), (1 << 63) - 1);
        made.read().unwrap().remove(0)
    };
    let mut sum = part();
    assert!(!sum.has_run_over);
    for _ in 0..3 {
        sum.merge(&part());
    }
    assert_eq!((sum.calls, sum.bytes), (u64::MAX, u64::MAX));
    assert!(sum.has_run_over);
    assert!(sum.histogram.len() < 1 << 63, "its own sums do not run over");
    assert_eq!(sum.histogram.value_at_quantile(0.99), 1);
}
