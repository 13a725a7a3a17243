//! What no program can be brought to do in the time of a test: very long calls, very many, and pauses within pauses.

mod clocks;

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use super::graph::Nesting;
use super::guard::Guard;
use super::local::{self, Local};
use super::memory::Used;
use super::mode::way;
use super::place::Counters::{self, Carries, Low};
use super::{cold, graph, map, place, thread};
use crate::bucket;
use crate::clock;
use crate::layout::{LOG_ENTRIES, Slot};
use crate::site::{Kind, Place, Site};

static PLACE: Place = Place { file: file!(), line: line!(), column: 1 };
static LONG: Site = Site::new(Kind::Function, Some("long"), || "", &[], &PLACE);
static RECURSIVE: Site = Site::new(Kind::Function, Some("recursive"), || "", &[], &PLACE);
static UNENDED: Site = Site::new(Kind::Function, Some("unended"), || "", &[], &PLACE);
static FULL: Site = Site::new(Kind::Function, Some("full"), || "", &[], &PLACE);
static LOGGED: Site = Site::new(Kind::Function, Some("logged"), || "", &[], &PLACE);

/// Runs `test` in a thread that has not counted before.
fn in_a_new_thread(test: fn(&Local)) {
    clock::choose();
    std::thread::spawn(move || local::with(test)).join().expect("the test passes");
}

/// This thread's slot of `site`, in a map that all tests of this process share.
fn slot(local: &Local, site: &'static Site) -> &'static Slot {
    static MAP: OnceLock<()> = OnceLock::new();
    MAP.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("darwin-runtime-test-{}.map", std::process::id()));
        let name = CString::new(path.as_os_str().as_bytes()).expect("no zero in a path");
        map::create(&name).expect("a map can be made");
        std::fs::remove_file(&path).expect("the map is a file");
    });
    thread::slot(local, site).expect("there is room")
}

/// The counter for calls of `ticks` in one of the two tables of `slot`.
fn counter(slot: &'static Slot, of: Counters, ticks: u64) -> Option<&'static AtomicU32> {
    let bucket = bucket::of(ticks);
    Some(&place::chunk(slot, of, bucket.chunk)?[bucket.place])
}

#[test]
fn long_calls_and_full_counters_are_counted_exactly() {
    in_a_new_thread(|local| {
        let slot = slot(local, &LONG);
        let count = |table, ticks| counter(slot, table, ticks).map_or(0, |count| count.load(Relaxed));
        for ticks in [1 << 33, (1 << 33) + 1, 1 << 40, u64::MAX >> 2, 7] {
            cold::complete(local, slot, &LONG, ticks);
        }
        assert_eq!((slot.calls.load(Relaxed), slot.max.load(Relaxed)), (5, u64::MAX >> 2));
        assert_eq!(count(Low, 1 << 33), 2, "neighbours share a counter");
        assert_eq!(count(Low, 1 << 40), 1);
        assert_eq!(count(Carries, 7), 0);

        counter(slot, Low, 7).expect("it was counted above").store(u32::MAX, Relaxed);
        cold::complete(local, slot, &LONG, 7);
        assert_eq!((count(Low, 7), count(Carries, 7)), (0, 1), "2^32 calls");
    });
}

#[test]
fn a_carry_at_its_limit_stays_there_for_the_reader_to_refuse() {
    in_a_new_thread(|local| {
        let slot = slot(local, &FULL);
        cold::complete(local, slot, &FULL, 7);
        let low = counter(slot, Low, 7).expect("it was counted above");
        for expected in [1, 2, u32::MAX, u32::MAX] {
            if expected == u32::MAX {
                let carry = counter(slot, Carries, 7).expect("it has run over");
                carry.fetch_max(u32::MAX - 1, Relaxed);
            }
            low.store(u32::MAX, Relaxed);
            cold::complete(local, slot, &FULL, 7);
            let carry = counter(slot, Carries, 7).map(|count| count.load(Relaxed));
            assert_eq!((low.load(Relaxed), carry), (0, Some(expected)));
        }
    });
}

#[test]
fn a_log_grows_in_a_pause() {
    in_a_new_thread(|local| {
        let slot = slot(local, &LOGGED);
        let block = thread::block(local).expect("a thread with a slot has a block");
        thread::extend_log(local, block);
        let first = block.log_at.load(Relaxed);
        for ticks in 0..LOG_ENTRIES as u64 {
            cold::spill(local, slot, &LOGGED, ticks);
        }
        assert_eq!((block.log_at.load(Relaxed), local.paused.get()), (first, 0));
        cold::spill(local, slot, &LOGGED, 1);
        let newest = place::newest_log(block).expect("it has two");
        assert_eq!(newest.previous_at.load(Relaxed), first);
        assert_ne!(newest.entries[0].load(Relaxed), 0);
        assert!(local.paused.get() > 0, "the time of growing is no measured call's");
    });
}

#[test]
fn a_pause_within_a_pause_counts_once() {
    in_a_new_thread(|local| {
        let begin = clock::end();
        cold::paused(local, || {
            // As calibrating does.
            local.busy.set(false);
            cold::paused(local, || (0..10_000).for_each(|_| _ = clock::end()));
            local.busy.set(true);
        });
        let all = clock::end().0 - begin.0;
        assert!((1..=all).contains(&local.paused.get()), "{} of {all}", local.paused.get());
    });
}

#[test]
fn open_calls_go_along_when_their_thread_needs_a_larger_block() {
    in_a_new_thread(|local| {
        let first = slot(local, &RECURSIVE);
        let edges =
            |slot: &'static Slot| [0, RECURSIVE.id()].map(|caller| graph::edge(slot, caller).expect("room"));
        edges(first);
        let open = || graph::open(local, &RECURSIVE).expect("its edge is there");
        let (outer, inner) = (open(), open());
        assert_eq!((outer.nesting, inner.nesting), (Nesting::Outermost, Nesting::OutermostOfEdge));
        let block = || local.table.block().map(std::ptr::from_ref);
        let before = block();
        while block() == before {
            let late = Site::new(Kind::Function, Some("late"), || "", &[], &PLACE);
            thread::slot(local, Box::leak(Box::new(late))).expect("there is room");
        }
        assert_eq!(first.depth.load(Relaxed), 0, "the next thread finds nothing open");
        let deepest = open();
        assert_eq!(deepest.nesting, Nesting::Inner);
        for (frame, ticks) in [(deepest, 1), (inner, 10), (outer, 100)] {
            graph::leave(local, &RECURSIVE, &frame, ticks, Some(Used::default()));
        }
        let second = slot(local, &RECURSIVE);
        let whole = [&second.calls, &second.nested_calls, &second.nested_ticks];
        assert_eq!(whole.map(|count| count.load(Relaxed)), [3, 2, 11]);
        let of_edge = edges(second).map(|edge| {
            [&edge.calls, &edge.ticks, &edge.self_ticks, &edge.nested_calls, &edge.nested_ticks]
                .map(|count| count.load(Relaxed))
        });
        assert_eq!(of_edge, [[1, 100, 90, 0, 0], [2, 11, 10, 1, 1]]);
        assert_eq!((local.site.get(), local.selves.get()), (0, 100));
    });
}

#[test]
fn a_thread_that_ends_within_a_call_leaves_no_depth_behind() {
    in_a_new_thread(|local| {
        let own = slot(local, &UNENDED);
        graph::edge(own, 0);
        graph::open(local, &UNENDED).expect("its edge is there");
        assert_ne!(own.depth.load(Relaxed), 0);
        thread::release(local);
        let edge = graph::edge(own, 0).expect("it is there");
        assert_eq!((own.depth.load(Relaxed), edge.depth.load(Relaxed)), (0, 0));
    });
}

/// Calls, and what of them is nested: of the slot, and of its edge from `caller`.
fn nested(slot: &'static Slot, caller: u32) -> [[u64; 2]; 2] {
    let edge = graph::edge(slot, caller).expect("it is there");
    let counts = [[&slot.calls, &slot.nested_calls], [&edge.calls, &edge.nested_calls]];
    counts.map(|of| of.map(|count| count.load(Relaxed)))
}

/// Begins and ends calls as in graph mode by the counter.
fn in_graph_mode(site: &'static Site, test: fn(&'static Local, &'static Slot, &dyn Fn() -> Guard)) {
    clock::choose();
    let test = move || {
        let local = local::here();
        let slot = slot(local, site);
        local.way.set(way::GRAPH);
        graph::edge(slot, 0);
        test(local, slot, &|| Guard::enter(site));
        assert_eq!(slot.depth.load(Relaxed), 0);
        assert!(slot.recent_edge.load_marked().is_some(), "nothing is open");
        assert_eq!(local.site.get(), 0);
    };
    std::thread::spawn(test).join().expect("the test passes");
}

#[test]
fn the_usual_call_leaves_the_depths_alone() {
    static USUAL: Site = Site::new(Kind::Function, Some("usual"), || "", &[], &PLACE);
    in_graph_mode(&USUAL, |local, slot, enter| {
        for _ in 0..3 {
            let call = enter();
            assert_eq!((slot.depth.load(Relaxed), local.site.get()), (0, USUAL.id()));
            assert!(slot.recent_edge.load_marked().is_none(), "it is open");
            drop(call);
        }
        assert_eq!(nested(slot, 0), [[3, 0], [3, 0]]);
    });
}

#[test]
fn a_call_within_the_usual_one_is_nested() {
    static WITHIN: Site = Site::new(Kind::Function, Some("within"), || "", &[], &PLACE);
    in_graph_mode(&WITHIN, |_, slot, enter| {
        graph::edge(slot, WITHIN.id());
        for _ in 0..2 {
            let outer = enter();
            let middle = enter();
            assert_eq!(slot.depth.load(Relaxed), 2);
            drop((enter(), middle).0);
            drop(outer);
        }
        assert_eq!(nested(slot, 0), [[6, 4], [2, 0]]);
        assert_eq!(nested(slot, WITHIN.id()), [[6, 4], [4, 2]]);
    });
}

#[test]
fn callers_may_take_turns() {
    static CALLED: Site = Site::new(Kind::Function, Some("called"), || "", &[], &PLACE);
    in_graph_mode(&CALLED, |local, slot, enter| {
        [1, 2].into_iter().for_each(|caller| _ = graph::edge(slot, caller));
        for caller in [1, 2, 2, 1, 0] {
            local.site.set(caller);
            drop(enter());
            assert_eq!(local.site.replace(0), caller);
        }
        assert_eq!([0, 1, 2].map(|caller| nested(slot, caller)[1]), [[1, 0], [2, 0], [2, 0]]);
    });
}

#[test]
fn calls_that_overlap_are_all_closed() {
    static OVERLAPPING: Site = Site::new(Kind::Function, Some("overlapping"), || "", &[], &PLACE);
    in_graph_mode(&OVERLAPPING, |local, slot, enter| {
        graph::edge(slot, OVERLAPPING.id());
        let (first, second) = (enter(), enter());
        drop(first);
        drop(second);
        // The second had the first as its caller.
        local.site.set(0);
        assert_eq!(nested(slot, 0), [[2, 1], [1, 0]]);
    });
}
