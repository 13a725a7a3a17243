//! What an entry has to do besides being timed, in one word: zero, the usual case, costs one load and one branch.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use super::control;
use crate::clock;
use crate::layout::{mode, plan};

/// It waits for its turn.
pub(super) const TURNS: u32 = 1;
/// Its caller is noted.
pub(super) const GRAPH: u32 = 2;
/// It may go untimed.
pub(super) const ADAPTIVE: u32 = 4;

static BITS: AtomicU32 = AtomicU32::new(0);

#[inline(always)]
pub(super) fn bits() -> u32 {
    BITS.load(Relaxed)
}

pub(super) fn set(bit: u32) {
    BITS.fetch_or(bit, Relaxed);
}

/// Takes the mode from the control page. Where turns are taken, every call is timed.
pub(super) fn choose() {
    let Some(control) = control::page() else { return };
    if matches!(control.plan.load(Relaxed), plan::TURNS | plan::SITES) {
        return;
    }
    match control.mode.load(Relaxed) {
        mode::GRAPH => set(GRAPH),
        mode::ADAPTIVE => {
            clock::read_on_request();
            set(ADAPTIVE);
        }
        _ => {}
    }
}

/// The mode that was chosen, for the map.
pub(super) fn chosen() -> u32 {
    match bits() {
        bits if bits & GRAPH != 0 => mode::GRAPH,
        bits if bits & ADAPTIVE != 0 => mode::ADAPTIVE,
        _ => mode::EXACT,
    }
}
