//! The control page: what `cargo darwin` asks of this process, and the futex over which two processes take turns.
#![allow(unsafe_code, reason = "refers to a page shared with other processes")]

use std::ffi::CStr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32};

use rustix::thread::futex;

use super::map;
use crate::layout::{CONTROL_MAGIC, Control, VERSION, plan};

static PAGE: AtomicPtr<Control> = AtomicPtr::new(std::ptr::null_mut());

/// A waiter looks around this often, should a wake-up be lost.
const LOOK_AROUND_NANOS: i64 = 10_000_000;

/// Maps the page, if there is one and it is of this version.
pub(super) fn open(name: &CStr) {
    let Some(page) = map::map_existing(name, size_of::<Control>()) else { return };
    let page: *mut Control = page.cast();
    // SAFETY: the file is at least as long as a `Control`, mapped at a page boundary, and stays mapped.
    let control = unsafe { &*page };
    if control.magic.load(Relaxed) == CONTROL_MAGIC && control.version.load(Relaxed) == VERSION {
        PAGE.store(page, Release);
    }
}

/// The page, when there is one.
pub(crate) fn page() -> Option<&'static Control> {
    let page = PAGE.load(Acquire);
    // SAFETY: stored by `open` only, which keeps it mapped.
    (!page.is_null()).then(|| unsafe { &*page })
}

/// Do samples go to the log?
pub(super) fn wants_log() -> bool {
    page().is_some_and(|control| control.plan.load(Relaxed) == plan::TURNS)
}

pub(super) fn heap_seed(side: usize) -> u64 {
    page().map_or(0, |control| control.heap_seed[side].load(Relaxed))
}

/// Does this very process take turns? A child that it forks or starts must not speak for its side.
static TAKES_TURNS: AtomicBool = AtomicBool::new(false);

/// This process takes the turns of its side from now on.
pub(super) fn enter_turns() {
    TAKES_TURNS.store(true, Relaxed);
}

/// In a forked child: the turns are the parent's.
pub(super) fn forget_turns() {
    TAKES_TURNS.store(false, Relaxed);
}

/// This side takes no further turns; whoever waits for it may go on.
pub(super) fn leave_turns(side: usize) {
    if let Some(control) = page().filter(|_| TAKES_TURNS.load(Relaxed)) {
        control.gone[side].store(1, Release);
        wake(&control.turn);
    }
}

/// Waits until it is turn `number`; `false` when it never will be.
pub(crate) fn wait_for_turn(control: &Control, side: usize, number: u32) -> bool {
    loop {
        let now = control.turn.load(Acquire);
        if now >= number {
            return true;
        }
        if control.gone[1 - side].load(Acquire) != 0 || control.void.load(Relaxed) != 0 {
            return false;
        }
        let timeout = futex::Timespec { tv_sec: 0, tv_nsec: LOOK_AROUND_NANOS };
        // Woken, timed out, interrupted or changed meanwhile: look again in any case.
        let _ = futex::wait(&control.turn, futex::Flags::empty(), now, Some(&timeout));
    }
}

/// Ends turn `number` and lets the next one begin.
pub(crate) fn end_turn(control: &Control, number: u32) {
    control.turn.store(number + 1, Release);
    wake(&control.turn);
}

fn wake(turn: &AtomicU32) {
    let _ = futex::wake(turn, futex::Flags::empty(), u32::MAX >> 1);
}
