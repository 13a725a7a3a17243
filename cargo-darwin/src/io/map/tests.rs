//! Maps made by hand: what a reader finds in them, and what it refuses.

mod latencies;
mod limits;

use std::mem::offset_of;
use std::path::Path;

use darwin_runtime::layout::{Block, Edge, Entry, Header, SiteRecord, Slot, site_kind};

use super::*;

/// A map of one site and one thread that called it from nowhere and from itself. Everything has a place of its own.
struct Made(Vec<u8>);

const SITE_AT: usize = 256;
const BLOCK_AT: usize = 512;
const SLOT_AT: usize = 1024;
const EDGES_AT: [usize; 2] = [2048, 2048 + size_of::<Edge>()];

impl Made {
    fn new(mode: u32) -> Made {
        let mut made = Made(vec![0; 4096]);
        made.u64(offset_of!(Header, magic), layout::MAGIC);
        made.u32(offset_of!(Header, version), layout::VERSION);
        made.u32(offset_of!(Header, mode), mode);
        made.u32(offset_of!(Header, clock), clock_kind::NANOS);
        made.u64(offset_of!(Header, sites_at), SITE_AT as u64);
        made.u64(offset_of!(Header, blocks_at), BLOCK_AT as u64);
        made.u32(SITE_AT + offset_of!(SiteRecord, id), 1);
        made.u32(SITE_AT + offset_of!(SiteRecord, kind), site_kind::FUNCTION);
        made.u32(BLOCK_AT + offset_of!(Block, slot_count), 2);
        made.u32(ENTRY_AT + offset_of!(Entry, slot_cells), ((SLOT_AT - BLOCK_AT) / 64) as u32);
        made.slot(offset_of!(Slot, calls), 30);
        made
    }

    fn in_graph_mode() -> Made {
        let mut made = Made::new(mode::GRAPH);
        made.slot(offset_of!(Slot, nested_calls), 20);
        made.u32(SLOT_AT + offset_of!(Slot, edges_cells), ((EDGES_AT[0] - SLOT_AT) / 64) as u32);
        made.u32(EDGES_AT[0] + offset_of!(Edge, next_cells), 1);
        for (at, caller, calls) in [(EDGES_AT[0], 0, 10), (EDGES_AT[1], 1, 20)] {
            made.u32(at + offset_of!(Edge, caller), caller);
            made.u64(at + offset_of!(Edge, calls), calls);
        }
        made
    }

    fn slot(&mut self, field: usize, value: u64) {
        self.u64(SLOT_AT + field, value);
    }

    fn u64(&mut self, at: usize, value: u64) {
        self.0[at..at + 8].copy_from_slice(&value.to_ne_bytes());
    }

    fn u32(&mut self, at: usize, value: u32) {
        self.0[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }

    fn read(self) -> Result<Vec<SiteTotals>, MapError> {
        Map::parse(Path::new("made.map"), Bytes::new(self.0))?.expect("it has its magic number").totals()
    }

    #[track_caller]
    fn expect_refusal(self, words: &str) {
        // Not `expect_err`, which would show a whole histogram.
        let Err(refusal) = self.read() else { panic!("it is read: {words}") };
        let refusal = refusal.to_string();
        assert!(refusal.contains(words), "{refusal}");
    }
}

/// Of site 1.
const ENTRY_AT: usize = BLOCK_AT + size_of::<Block>() + size_of::<Entry>();

#[test]
fn callers_are_read_by_their_ids() {
    let totals = Made::in_graph_mode().read().unwrap().remove(0);
    assert_eq!((totals.calls, totals.primitive_calls), (30, 10));
    let calls: Vec<(u32, u64)> = totals.callers.iter().map(|(caller, edge)| (*caller, edge.calls)).collect();
    assert_eq!(calls, [(0, 10), (1, 20)]);
}

#[test]
fn counts_of_memory_are_sums_and_the_peak_is_the_highest() {
    let mut made = Made::new(mode::EXACT);
    made.slot(offset_of!(Slot, bytes), 900);
    made.slot(offset_of!(Slot, frees), 3);
    made.slot(offset_of!(Slot, freed_bytes), 800);
    made.slot(offset_of!(Slot, peak_bytes), 500);
    let mut totals = made.read().unwrap().remove(0);
    let mut other = SiteTotals::new().unwrap();
    (other.bytes, other.frees, other.freed_bytes, other.peak_bytes) = (100, 1, u64::MAX, 60);
    totals.merge(&other);
    assert_eq!((totals.bytes, totals.frees), (1000, 4));
    assert_eq!((totals.freed_bytes, totals.peak_bytes), (u64::MAX, 500));
}

#[test]
fn a_list_of_callers_that_runs_in_a_circle_is_refused() {
    let mut made = Made::in_graph_mode();
    made.u32(EDGES_AT[1] + offset_of!(Edge, next_cells), -1_i32 as u32);
    made.expect_refusal("its list of callers has no end");
}

#[test]
fn a_caller_that_is_no_site_or_lies_outside_the_file_is_refused() {
    let mut made = Made::in_graph_mode();
    made.u32(EDGES_AT[1] + offset_of!(Edge, caller), 2);
    made.expect_refusal("a caller is no site");
    for cells in [64, i32::MAX as u32] {
        let mut made = Made::in_graph_mode();
        made.u32(SLOT_AT + offset_of!(Slot, edges_cells), cells);
        made.expect_refusal("a caller lies outside the file");
    }
}

#[test]
fn a_self_time_below_zero_counts_as_none() {
    let mut made = Made::in_graph_mode();
    made.u64(EDGES_AT[0] + offset_of!(Edge, self_ticks), u64::MAX - 5);
    assert_eq!(made.read().unwrap()[0].callers[&0].self_ticks, 0);
}

#[test]
fn calls_that_wait_for_the_next_timed_one_were_not_made_yet() {
    let mut made = Made::new(mode::ADAPTIVE);
    // Thirty are in the slot, of which twelve are still to come; the one behind them is the 15th of its stretch of 20.
    made.u32(ENTRY_AT + offset_of!(Entry, left), 12);
    made.u32(SLOT_AT + offset_of!(Slot, span), 20);
    made.u32(SLOT_AT + offset_of!(Slot, stretch), 20);
    made.u32(SLOT_AT + offset_of!(Slot, rest), 5);
    made.slot(offset_of!(Slot, unfinished), 3);
    let totals = made.read().unwrap().remove(0);
    assert_eq!((totals.calls, totals.timed), (30 - 12 - 3, 30 - 14));
}

#[test]
fn calls_left_out_where_all_are_to_be_timed_are_refused() {
    let words = "it leaves out calls that were to be timed";
    for mode in [mode::EXACT, mode::GRAPH] {
        let mut made = Made::new(mode);
        made.u32(ENTRY_AT + offset_of!(Entry, left), 1);
        made.expect_refusal(words);
        let mut made = Made::new(mode);
        made.slot(offset_of!(Slot, unfinished), 1);
        made.expect_refusal(words);
    }
    let mut made = Made::new(mode::ADAPTIVE);
    made.u32(ENTRY_AT + offset_of!(Entry, left), 5);
    made.u32(SLOT_AT + offset_of!(Slot, span), 5);
    made.expect_refusal(words);
}

#[test]
fn maps_of_another_version_or_an_unknown_mode_are_refused() {
    for version in [1, 2, 3, 4, layout::VERSION + 1] {
        let mut made = Made::new(mode::EXACT);
        made.u32(offset_of!(Header, version), version);
        made.expect_refusal(&format!(
            "has version {version}, this cargo-darwin reads version 5; use the same version"
        ));
    }
    Made::new(mode::ADAPTIVE + 1).expect_refusal("its mode is unknown");
}

#[test]
fn a_map_of_another_mode_than_asked_for_is_refused() {
    let map = Map::parse(Path::new("made.map"), Bytes::new(Made::new(mode::GRAPH).0)).unwrap().unwrap();
    assert!(map.expect_mode(Mode::Graph).is_ok());
    let refusal = map.expect_mode(Mode::Exact).unwrap_err().to_string();
    assert!(refusal.contains("another mode"), "{refusal}");
}

#[test]
fn no_cut_and_no_flipped_bit_is_ever_more_than_refused() {
    let whole = Made::in_graph_mode().0;
    let used = EDGES_AT[1] + size_of::<Edge>();
    for end in 0..used {
        let _ = Map::parse(Path::new("cut"), Bytes::new(whole[..end].to_vec()))
            .map(|map| map.map(|map| map.totals()));
    }
    for bit in 0..used * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let read = Map::parse(Path::new("flipped"), Bytes::new(bytes)).map(|map| map.map(|map| map.totals()));
        if let Ok(Some(Ok(totals))) = read {
            assert!(totals.len() <= 1);
        }
    }
}

fn map_with_clock(kind: u32, start_ticks: u64) -> Result<Map, MapError> {
    let mut made = Made::new(mode::EXACT);
    made.u32(offset_of!(Header, clock), kind);
    made.u64(offset_of!(Header, start_ticks), start_ticks);
    made.u64(offset_of!(Header, start_nanos), 1000);
    Ok(Map::parse(Path::new("made.map"), Bytes::new(made.0))?.expect("it has its magic number"))
}

#[test]
fn ticks_become_nanoseconds_by_the_kind_of_their_clock() {
    let end = ClockPair { ticks: 5000, nanos: 3000 };
    let rate = |kind, start_ticks| map_with_clock(kind, start_ticks).unwrap().clock.nanos_per_tick(end);
    assert_eq!(rate(clock_kind::COUNTER, 1000).to_bits(), 0.5_f64.to_bits());
    assert_eq!(rate(clock_kind::NANOS, 1000).to_bits(), 1.0_f64.to_bits());
    for start_ticks in [5000, 5001, u64::MAX] {
        let rate = rate(clock_kind::COUNTER, start_ticks);
        assert!(rate.is_finite() && rate > 0.0, "{start_ticks}: a clock that went back gives no panic");
    }
}

#[test]
fn a_clock_that_is_unknown_is_refused() {
    for kind in [0, 3, u32::MAX] {
        let refused = map_with_clock(kind, 0);
        assert!(
            matches!(refused, Err(MapError::Damaged { what: "its clock is unknown", .. })),
            "{refused:?}"
        );
    }
}
