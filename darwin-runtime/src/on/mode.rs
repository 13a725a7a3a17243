//! What an entry has to do besides being timed: for the process, and at hand in each thread.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use super::local::Local;
use super::{control, inject, start};
use crate::clock;
use crate::layout::{clock_kind, mode, plan};

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

/// How a thread's calls begin and end. Zero, as a thread begins: that is to be settled.
pub(super) mod way {
    /// The processor's counter begins and ends every call, and nothing else is to be done.
    pub(in crate::on) const PLAIN: u32 = 1;
    /// The same after waiting for a turn.
    pub(in crate::on) const TURNS: u32 = 2;
    /// The counter begins and ends every call, and the caller is noted.
    pub(in crate::on) const GRAPH: u32 = 4;
    /// A call may go untimed.
    pub(in crate::on) const ADAPTIVE: u32 = 8;
    /// Another clock.
    pub(in crate::on) const OTHER: u32 = 16;
    /// Beside any of them: a site may be asked for more work, and no call takes the shortest way.
    pub(in crate::on) const INJECTED: u32 = 32;
    /// `PLAIN` but for that.
    pub(in crate::on) const INJECTED_PLAIN: u32 = INJECTED | PLAIN;
    /// `TURNS` but for that.
    pub(in crate::on) const INJECTED_TURNS: u32 = INJECTED | TURNS;
}

/// Settles this thread's way, unless what it depends on is just being decided: that is done once in a process.
pub(super) fn settle(local: &Local) {
    if !start::is_settled() {
        return;
    }
    let is_counter = clock::choose() == clock_kind::COUNTER;
    let own = match bits() {
        ADAPTIVE => way::ADAPTIVE,
        _ if !is_counter => way::OTHER,
        0 => way::PLAIN,
        bits if bits & TURNS != 0 => way::TURNS,
        _ => way::GRAPH,
    };
    // What is neither of the two goes the slow way, which is every mode's.
    local.way.set(if inject::is_on() { way::INJECTED | own & (way::PLAIN | way::TURNS) } else { own });
}

/// Takes the mode from the control page. Where turns are taken, every call is timed.
pub(super) fn choose() {
    let Some(control) = control::page() else { return };
    if matches!(control.plan.load(Relaxed), plan::TURNS | plan::SITES) {
        return;
    }
    match control.mode.load(Relaxed) {
        mode::GRAPH => set(GRAPH),
        mode::ADAPTIVE => set(ADAPTIVE),
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
