//! What measuring costs, found at the first measured call of the process by calls of a site of our own, whose body is timed
//! bare as well. What they show more in the cheapest round is what the reader takes off every latency; what the calls take more,
//! one after the other, is what a call costs the program.

use std::hint::black_box;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::graph;
use super::guard::Guard;
use super::local::Local;
use super::map;
use crate::clock;
use crate::layout::{CALIBRATING_CALLS as CALLS, COST_FRACTION};
use crate::site::{Kind, Place, Site};

static PLACE: Place = Place { file: file!(), line: line!(), column: 1 };
static SITE: Site = Site::new(Kind::Calibration, Some("(empty site)"), || "", &[], &PLACE);

/// Some 150 us in all.
const ROUNDS: u64 = 5;
/// Laps of a call's body: it takes longer than beginning a call does, which runs beside the first laps. An empty call would
/// have to wait for what a call with a body hides, and figures that have that taken off would be some nanoseconds short.
const LAPS: u32 = 16;

static DONE: AtomicBool = AtomicBool::new(false);

/// What a measured call costs, in whole ticks; zero before it is known.
static COST_TICKS: AtomicU64 = AtomicU64::new(0);

pub(super) fn cost_ticks() -> u64 {
    COST_TICKS.load(Relaxed)
}

/// A forked child does it again, in its own map.
pub(super) fn forget() {
    DONE.store(false, Release);
}

/// Calibrates, once per process. The caller is in the runtime and has a block.
pub(super) fn once(local: &Local) {
    if DONE.swap(true, Acquire) {
        return;
    }
    // Its calls go through the same paths as all others, which refuse a thread that is in the runtime.
    local.busy.set(false);
    let (mut bare, mut measured) = (0, 0);
    graph::apart(local, || {
        bare = cheapest(body);
        measured = cheapest(call);
    });
    local.busy.set(true);
    let cost = measured.saturating_sub(bare);
    COST_TICKS.store(cost / CALLS, Relaxed);
    if let Some(header) = map::header() {
        header.call_cost.store(cost.saturating_mul(COST_FRACTION) / CALLS, Relaxed);
        header.calibration_body.store(bare.saturating_mul(COST_FRACTION) / CALLS, Relaxed);
    }
}

/// The ticks of the cheapest round of calls, each of which needs what the one before returned.
fn cheapest(call: impl Fn(u64) -> u64) -> u64 {
    let round = |_| {
        let begin = clock::end();
        black_box((0..CALLS).fold(black_box(7), |x, _| call(x)));
        // None when the clock went back.
        clock::end().0.checked_sub(begin.0)
    };
    (0..ROUNDS).filter_map(round).min().unwrap_or(0)
}

#[inline(never)]
fn call(x: u64) -> u64 {
    let _call = Guard::enter(&SITE);
    body(x)
}

/// Multiplications of which each needs the one before.
#[inline(always)]
fn body(x: u64) -> u64 {
    (0..LAPS).fold(x, |x, _| (x ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd134_2543_de82_ef95))
}
