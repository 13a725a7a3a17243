//! A clock that jumps or changes its rate, at any of its readings: nothing panics, and every call counts.

use std::fs;
use std::future::poll_fn;
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::thread;

use super::super::guard::Guard;
use super::super::local::Local;
use super::super::{calibrate, cold, future, map, start, thread as block};
use crate::clock::mock::{self, Movement};
use crate::layout::{self, Control, Header};
use crate::site::{Kind, Place, Site};

static PLACE: Place = Place { file: file!(), line: line!(), column: 1 };
static OUTER: Site = Site::new(Kind::Function, Some("outer"), || "", &[], &PLACE);
static INNER: Site = Site::new(Kind::Function, Some("inner"), || "", &[], &PLACE);
static LEAF: Site = Site::new(Kind::Async, Some("leaf"), || "", &[], &PLACE);
static FUTURE: Site = Site::new(Kind::Async, Some("future"), || "", &[], &PLACE);

/// An hour of a counter of some GHz.
const HOUR: i64 = 3600 * SECOND;
const SECOND: i64 = 3_000_000_000;

const MOVEMENTS: [Movement; 11] = [
    Movement::Jump(0),
    Movement::Jump(-1),
    Movement::Jump(-SECOND),
    Movement::Jump(HOUR),
    Movement::Jump(i64::MAX),
    Movement::Jump(i64::MIN),
    Movement::Rate(0),
    Movement::Rate(-1),
    Movement::Rate(2),
    Movement::Rate(1000),
    Movement::Rate(-SECOND),
];

/// Calls of the sites in one round: completed, panicked, cancelled.
const OUTER_ENDS: [u64; 3] = [2, 1, 0];
const INNER_ENDS: [u64; 3] = [13, 0, 0];
const LEAF_ENDS: [u64; 3] = [7, 0, 0];
const FUTURE_ENDS: [u64; 3] = [1, 1, 1];

/// Rounds that this process has made.
static ROUNDS: AtomicU64 = AtomicU64::new(0);

fn outer(fails: bool) {
    let _guard = Guard::enter(&OUTER);
    (0..2).for_each(|_| drop(Guard::enter(&INNER)));
    if fails {
        // Not `panic!`, which says so.
        resume_unwind(Box::new(()));
    }
}

/// A measured future of three polls with a measured call and a measured future in each.
async fn three_polls(fails: bool) {
    let mut left = 3;
    let inner = poll_fn(move |_| {
        drop(Guard::enter(&INNER));
        assert!(poll(pin!(future::timed(&LEAF, async {}))));
        left -= 1;
        match left {
            0 if fails => resume_unwind(Box::new(())),
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    });
    future::timed(&FUTURE, inner).await;
}

fn poll<F: Future>(future: Pin<&mut F>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    catch_unwind(AssertUnwindSafe(|| future.poll(&mut context).is_ready())).unwrap_or(true)
}

/// Calls and futures that end in every way.
fn round() {
    outer(false);
    assert!(catch_unwind(|| outer(true)).is_err());
    outer(false);
    cold::mark_turn(None);
    assert!(!poll(pin!(three_polls(false))), "it is dropped after one poll");
    for fails in [true, false] {
        let mut future = pin!(three_polls(fails));
        while !poll(future.as_mut()) {}
    }
}

/// A round in a thread that has not counted before; gives how often it read the clock.
fn moved_round(reading: u64, movement: Movement) -> u64 {
    ROUNDS.fetch_add(1, Relaxed);
    let round = move || mock::with(reading, movement, round);
    thread::spawn(round).join().unwrap_or_else(|_| panic!("{movement:?} at reading {reading}"))
}

/// Every movement at every reading of a round.
fn rounds() {
    moved_round(0, Movement::Jump(0));
    let readings = moved_round(0, Movement::Jump(0));
    for movement in MOVEMENTS {
        (0..=readings).for_each(|reading| _ = moved_round(reading, movement));
        // Calibrating reads the clock some 2600 times, all of them within the first call.
        for reading in (0..2700).step_by(73) {
            calibrate::forget();
            moved_round(reading, movement);
        }
    }
}

/// Completed, panicked, cancelled.
fn ends(local: &Local, site: &'static Site) -> [u64; 3] {
    let slot = block::slot(local, site).expect("there is room");
    assert!(slot.max.load(Relaxed).cast_signed() >= 0, "time that went back is no time");
    let entry = local.table.entry(site.id()).expect("a site with a slot has an entry");
    let not_made = u64::from(entry.left.load(Relaxed)) + slot.unfinished.load(Relaxed);
    let counts = [&slot.calls, &slot.panicked, &slot.cancelled].map(|count| count.load(Relaxed));
    [counts[0] - not_made, counts[1], counts[2]]
}

/// Threads one after another share a block, so that one slot has everything.
fn assert_counted(local: &Local) {
    assert_eq!(map::header().expect("a process that counts has a map").lost.load(Relaxed), 0);
    let rounds = ROUNDS.load(Relaxed);
    for (site, in_one) in
        [(&OUTER, OUTER_ENDS), (&INNER, INNER_ENDS), (&LEAF, LEAF_ENDS), (&FUTURE, FUTURE_ENDS)]
    {
        assert_eq!(ends(local, site), in_one.map(|count| count * rounds), "{site:?}");
    }
}

/// By itself a test that nothing happens in a program that is not measured.
#[test]
fn rounds_in_this_process() {
    rounds();
    if start::counting() {
        super::in_a_new_thread(assert_counted);
    }
}

/// A control page that asks for `mode`.
fn control_page(mode: u32) -> Vec<u8> {
    let mut page = vec![0; size_of::<Control>()];
    page[offset_of!(Control, magic)..][..8].copy_from_slice(&layout::CONTROL_MAGIC.to_ne_bytes());
    page[offset_of!(Control, version)..][..4].copy_from_slice(&layout::VERSION.to_ne_bytes());
    page[offset_of!(Control, mode)..][..4].copy_from_slice(&mode.to_ne_bytes());
    page
}

/// The modes of the maps in a folder.
fn modes_of_maps(folder: &Path) -> Vec<Vec<u8>> {
    let paths = fs::read_dir(folder).expect("the folder can be read").flatten().map(|entry| entry.path());
    let maps = paths.filter(|path| path.extension().is_some_and(|end| end == layout::MAP_EXTENSION));
    let mode = |path| fs::read(path).expect("a map can be read")[offset_of!(Header, mode)..][..4].to_vec();
    maps.map(mode).collect()
}

#[test]
fn whatever_the_clock_does_nothing_panics_and_every_call_counts() {
    let (_, module) = module_path!().split_once("::").expect("a module of a crate");
    for mode in [layout::mode::EXACT, layout::mode::GRAPH, layout::mode::ADAPTIVE] {
        let folder = std::env::temp_dir().join(format!("darwin-clocks-{}-{mode}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join(layout::CONTROL_FILE), control_page(mode)).expect("a file can be written");
        let measured = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(["--exact", &format!("{module}::rounds_in_this_process")])
            .env(layout::RUN_VARIABLE, format!("0:{}", folder.display()))
            .output()
            .expect("this program can be started");
        assert!(measured.status.success(), "mode {mode}: {measured:#?}");
        assert_eq!(modes_of_maps(&folder), [mode.to_ne_bytes()], "one process, counting as it was asked to");
        fs::remove_dir_all(&folder).expect("the folder can be removed");
    }
}
