//! What each thread has at hand: one constant thread-local structure without a destructor, so that reaching it costs
//! one instruction and works until the thread's last.
#![allow(unsafe_code, reason = "refers to the thread-local structure by pointer")]

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::memory::Memory;
use crate::layout::Block;

/// From one [`Local::plain`] to the next: above the flags that a state may have.
const NEXT_PLAIN: u64 = 1 << 16;

/// Where [`Local::plain`], and every other state, has the thread's generation.
pub(crate) const GENERATION_SHIFT: u32 = 8;

/// The thread's own state; what every measured call needs comes first, in one cache line.
#[repr(C, align(64))]
pub(crate) struct Local {
    /// Where this thread counts; null while it does not.
    pub(crate) block: Cell<*const Block>,
    /// Entries in the table behind it: what is asked first at every call; zero without a block.
    pub(crate) slots: Cell<u32>,
    /// How calls begin and end: see [`super::mode::way`].
    pub(crate) way: Cell<u32>,
    /// The state of a call that ends plainly if nothing comes in between: another one for each block that was counted in.
    pub(crate) plain: Cell<u64>,
    /// Ticks that this thread spent in the runtime's slow paths and waiting for turns: taken off every open frame.
    pub(crate) paused: Cell<u64>,
    /// What this thread allocated and freed.
    pub(crate) memory: Memory,
    /// Next free entry of this thread's log, and the end of its chunk; null while samples go to histograms.
    pub(crate) log_next: Cell<*const AtomicU64>,
    pub(crate) log_end: Cell<*const AtomicU64>,
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
            slots: Cell::new(0),
            plain: Cell::new(NEXT_PLAIN),
            paused: Cell::new(0),
            memory: Memory::new(),
            way: Cell::new(0),
            log_next: Cell::new(ptr::null()),
            log_end: Cell::new(ptr::null()),
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

impl Local {
    /// From here on this thread is one that a fork made.
    pub(crate) fn begin_generation(&self) {
        let generation = self.generation.get().wrapping_add(1);
        self.generation.set(generation);
        let others = self.plain.get() & !(0xff << GENERATION_SHIFT);
        self.plain.set(others | u64::from(generation) << GENERATION_SHIFT);
    }

    /// From here on this thread counts in `block`, or nowhere; where it did before.
    pub(crate) fn count_in(&self, block: *const Block) -> *const Block {
        // SAFETY: null, or a block in the live map.
        let slots = unsafe { block.as_ref() }.map_or(0, |block| block.slot_count.load(Relaxed));
        // A signal handler in between finds no slot, and takes the slow path.
        self.slots.set(0);
        self.plain.set(self.plain.get().wrapping_add(NEXT_PLAIN));
        let before = self.block.replace(block);
        self.slots.set(slots);
        before
    }
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
