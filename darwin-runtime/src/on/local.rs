//! What each thread has at hand: one constant thread-local structure without a destructor, so that reaching it costs
//! one instruction and works until the thread's last.
#![allow(unsafe_code, reason = "keeps a reference to a thread-local structure")]

use std::cell::Cell;
use std::fmt;
use std::ptr;

use super::memory::Memory;
use super::place::Table;
use crate::layout::{Block, LogChunk};

/// From one [`Local::plain`] to the next: above the flags that a state may have.
const NEXT_PLAIN: u64 = 1 << 16;

/// Where [`Local::plain`], and every other state, has the thread's generation.
pub(crate) const GENERATION_SHIFT: u32 = 8;

/// The thread's own state; what every measured call needs comes first, in one cache line.
#[repr(C, align(64))]
pub(crate) struct Local {
    /// Where this thread counts.
    pub(super) table: Table,
    /// How calls begin and end: see [`super::mode::way`].
    pub(crate) way: Cell<u32>,
    /// Turns at sites: the stage in which this thread has last been let in. Here, because it fills a gap: threads pay for each
    /// cache line.
    pub(crate) stage: Cell<u32>,
    /// The state of a call that ends plainly if nothing comes in between: another one for each block that was counted in.
    pub(crate) plain: Cell<u64>,
    /// Ticks that this thread spent in the runtime's slow paths and waiting for turns: taken off every open frame.
    pub(crate) paused: Cell<u64>,
    /// What this thread allocated and freed.
    pub(crate) memory: Memory,
    /// The newest chunk of this thread's log; `None` while samples go to histograms ...
    pub(crate) log: Cell<Option<&'static LogChunk>>,
    /// ... and its next free entry.
    pub(crate) log_next: Cell<usize>,
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
    /// It allocates because it was asked to: not once more for a call that this makes.
    pub(crate) injects: Cell<bool>,
    /// Adaptive: ticks from one timed call of a site to the next (0: not yet known) ...
    pub(crate) gap: Cell<u64>,
    /// ... calls that were timed since it was last looked at, and when that was ...
    pub(crate) timed: Cell<u32>,
    pub(crate) looked_at: Cell<u64>,
    /// ... and the state of its random numbers (0: not yet seeded).
    pub(crate) random: Cell<u64>,
    /// Turns at sites: beside [`Local::stage`], entries that it may make in it without asking ...
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
            table: Table::none(),
            plain: Cell::new(NEXT_PLAIN),
            paused: Cell::new(0),
            memory: Memory::new(),
            way: Cell::new(0),
            stage: Cell::new(0),
            log: Cell::new(None),
            log_next: Cell::new(0),
            unlogged: Cell::new(false),
            busy: Cell::new(false),
            masked: Cell::new(false),
            retired: Cell::new(false),
            site: Cell::new(0),
            selves: Cell::new(0),
            generation: Cell::new(0),
            injects: Cell::new(false),
            gap: Cell::new(0),
            timed: Cell::new(0),
            looked_at: Cell::new(0),
            random: Cell::new(0),
            left: Cell::new(0),
            batch: Cell::new(1),
            given_at: Cell::new(0),
            active: Cell::new(false),
            ordinal: Cell::new(0),
        }
    };
}

/// Each thread of the program has one, in static memory of which little is to spare.
const _: () = assert!(size_of::<Local>() <= 192);

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

impl Local {
    /// From here on this thread is one that a fork made.
    pub(crate) fn begin_generation(&self) {
        let generation = self.generation.get().wrapping_add(1);
        self.generation.set(generation);
        let others = self.plain.get() & !(0xff << GENERATION_SHIFT);
        self.plain.set(others | u64::from(generation) << GENERATION_SHIFT);
    }

    /// From here on this thread counts in `block`, or nowhere; where it did before.
    pub(crate) fn count_in(&self, block: Option<&'static Block>) -> Option<&'static Block> {
        self.plain.set(self.plain.get().wrapping_add(NEXT_PLAIN));
        self.table.replace(block)
    }
}

/// Hands the thread's state to `f`.
#[inline(always)]
pub(crate) fn with<R>(f: impl FnOnce(&'static Local) -> R) -> R {
    f(here())
}

/// The thread's state, for where a closure would not be inlined, or for as long as a call lasts. Other threads cannot be
/// given it: what is not `Sync` is not `Send` by reference.
#[inline(always)]
pub(crate) fn here() -> &'static Local {
    // SAFETY: without a destructor it is there until the thread's last instruction, and it does not leave the thread.
    unsafe { &*LOCAL.with(ptr::from_ref) }
}
