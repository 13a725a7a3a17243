//! What measuring costs: an empty site of our own, called at the first measured call of the process. Its median is
//! what the reader takes off every latency.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::graph;
use super::guard::Guard;
use super::local::Local;
use super::map;
use crate::clock;
use crate::layout::COST_FRACTION;
use crate::site::{Kind, Place, Site};

static PLACE: Place = Place { file: file!(), line: line!(), column: 1 };
static EMPTY: Site = Site::new(Kind::Calibration, Some("(empty site)"), || "", &[], &PLACE);

/// Calls per round; some 40 us in all.
const CALLS: u64 = 256;
/// The cheapest round counts: interruptions only ever add.
const ROUNDS: u64 = 5;

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
    // The empty calls go through the same paths as all others, which refuse a thread that is in the runtime.
    local.busy.set(false);
    let mut cheapest = 0;
    graph::apart(local, || cheapest = (0..ROUNDS).filter_map(|_| round()).min().unwrap_or(0));
    local.busy.set(true);
    COST_TICKS.store(cheapest / CALLS, Relaxed);
    if let Some(header) = map::header() {
        header.call_cost.store(cheapest.saturating_mul(COST_FRACTION) / CALLS, Relaxed);
    }
}

/// What a round took; `None` when the clock went back in it.
fn round() -> Option<u64> {
    let begin = clock::end();
    for _ in 0..CALLS {
        drop(Guard::enter(&EMPTY));
    }
    clock::end().0.checked_sub(begin.0)
}
