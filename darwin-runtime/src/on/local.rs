//! What each thread has at hand: one constant thread-local structure without a destructor, so that reaching it costs
//! one instruction and works until the thread's last.
#![allow(unsafe_code, reason = "refers to the thread-local structure by pointer")]

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::AtomicU64;

use crate::layout::Block;

/// The thread's own state.
pub(crate) struct Local {
    /// Where this thread counts; null while it does not.
    pub(crate) block: Cell<*const Block>,
    /// Ticks that this thread spent in the runtime's slow paths and waiting for turns: taken off every open frame.
    pub(crate) paused: Cell<u64>,
    /// Allocations of this thread so far, if [`crate::Alloc`] is installed.
    pub(crate) allocs: Cell<u64>,
    /// Bytes allocated by this thread so far.
    pub(crate) bytes: Cell<u64>,
    /// Next free entry of this thread's log, and the end of its chunk; null while samples go to histograms.
    pub(crate) log_next: Cell<*const AtomicU64>,
    pub(crate) log_end: Cell<*const AtomicU64>,
    /// How calls begin and end: see [`super::mode::way`].
    pub(crate) way: Cell<u32>,
    /// Samples are dropped: they belong to a turn that is not kept.
    pub(crate) unlogged: Cell<bool>,
    /// In the runtime: a measured call from a signal handler or an allocator must not enter again.
    pub(crate) busy: Cell<bool>,
    /// Measured calls are ignored (a bench's set-up).
    pub(crate) masked: Cell<bool>,
    /// The thread has been told that it ends: what it still counts, it counts call by call.
    pub(crate) retired: Cell<bool>,
    /// Graph: the innermost measured call of this thread; zero: none ...
    pub(crate) site: Cell<u32>,
    /// ... and the sum of the self times of all that have ended.
    pub(crate) selves: Cell<u64>,
    /// How often this thread is one that a fork made: what was opened before belongs to the parent.
    pub(crate) generation: Cell<u8>,
    /// Adaptive: ticks from one timed call of a site to the next (0: not yet known) ...
    pub(crate) gap: Cell<u64>,
    /// ... calls that were timed since it was last looked at, and when that was ...
    pub(crate) timed: Cell<u32>,
    pub(crate) looked_at: Cell<u64>,
    /// ... and the state of its random numbers (0: not yet seeded).
    pub(crate) random: Cell<u64>,
    /// Turns at sites: the stage in which this thread has last been let in ...
    pub(crate) stage: Cell<u32>,
    /// ... entries that it may make in it without asking ...
    pub(crate) left: Cell<u64>,
    /// ... how many it is given at a time ...
    pub(crate) batch: Cell<u64>,
    /// ... when it was given the last ones, in nanoseconds ...
    pub(crate) given_at: Cell<u64>,
    /// ... whether it counts among the threads that have to come to rest ...
    pub(crate) active: Cell<bool>,
    /// ... and as the how many-th thread of its process it came (0: not yet).
    pub(crate) ordinal: Cell<usize>,
}

thread_local! {
    static LOCAL: Local = const {
        Local {
            block: Cell::new(ptr::null()),
            paused: Cell::new(0),
            allocs: Cell::new(0),
            bytes: Cell::new(0),
            log_next: Cell::new(ptr::null()),
            log_end: Cell::new(ptr::null()),
            way: Cell::new(0),
            unlogged: Cell::new(false),
            busy: Cell::new(false),
            masked: Cell::new(false),
            retired: Cell::new(false),
            site: Cell::new(0),
            selves: Cell::new(0),
            generation: Cell::new(0),
            gap: Cell::new(0),
            timed: Cell::new(0),
            looked_at: Cell::new(0),
            random: Cell::new(0),
            stage: Cell::new(0),
            left: Cell::new(0),
            batch: Cell::new(1),
            given_at: Cell::new(0),
            active: Cell::new(false),
            ordinal: Cell::new(0),
        }
    };
}

/// Hands the thread's state to `f`.
#[inline(always)]
pub(crate) fn with<R>(f: impl FnOnce(&Local) -> R) -> R {
    // SAFETY: `f` cannot take it elsewhere.
    f(unsafe { here() })
}

/// The thread's state, for where a closure would not be inlined.
///
/// # Safety
/// It belongs to this thread, and must not be kept.
#[inline(always)]
pub(crate) unsafe fn here<'a>() -> &'a Local {
    // SAFETY: without a destructor it is there until the thread's last instruction.
    unsafe { &*LOCAL.with(ptr::from_ref) }
}
