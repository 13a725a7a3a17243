//! What a thread allocated and freed, and the most that it held at once. The allocator counts into the thread's own cells;
//! a measured call looks at them when it begins and when it ends.
//!
//! *Held* is what was allocated less what was freed, by this thread: it goes below zero where the thread frees what others
//! have allocated. The peak is kept as the distance that is left up to it, so that one cell is enough for calls within
//! calls: an entry sets it to zero and keeps the outer one, an end puts the outer one back, or what is left of the inner
//! peak if that was higher. Calls of one thread that overlap without lying within each other (`scope!` across an await)
//! spoil each other's peaks, and nothing else: all other figures are differences.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::sync::atomic::Ordering::Relaxed;

use super::count::add;
use super::local;
use crate::layout::Slot;

/// A thread's counts so far, if [`crate::Alloc`] is installed. In an order in which a mark is taken of two at a time.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Memory {
    /// Allocations and frees: one number tells whether anything was done.
    changes: Cell<u64>,
    /// Bytes allocated.
    bytes: Cell<u64>,
    /// Frees alone.
    frees: Cell<u64>,
    /// Bytes freed.
    freed_bytes: Cell<u64>,
    /// How many bytes less are held now than at the peak of the innermost measured call.
    below_peak: Cell<u64>,
}

/// The counts at one moment; `None` before anything was allocated, where they are all zero and need not be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(Option<Counts>);

/// What they were otherwise.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
struct Counts {
    bytes: u64,
    frees: u64,
    freed_bytes: u64,
    below_peak: u64,
    changes: NonZeroU64,
}

impl Mark {
    /// Before anything was allocated.
    #[inline(always)]
    pub(super) fn none() -> Mark {
        Mark(None)
    }

    #[inline(always)]
    fn changes(&self) -> u64 {
        self.0.map_or(0, |counts| counts.changes.get())
    }

    #[inline(always)]
    fn counts(&self, of: fn(&Counts) -> u64) -> u64 {
        self.0.as_ref().map_or(0, of)
    }
}

/// What a call did with memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Used {
    allocs: u64,
    bytes: u64,
    frees: u64,
    freed_bytes: u64,
    /// Most bytes held at once, above what was held when it began.
    peak_bytes: u64,
}

impl Memory {
    pub(super) const fn new() -> Memory {
        Memory {
            changes: Cell::new(0),
            bytes: Cell::new(0),
            frees: Cell::new(0),
            freed_bytes: Cell::new(0),
            below_peak: Cell::new(0),
        }
    }

    /// A new block of `bytes`.
    #[inline(always)]
    pub(crate) fn allocate(&self, bytes: usize) {
        self.note_changes(1);
        self.gain(bytes as u64);
    }

    /// A block of `bytes` has gone.
    #[inline(always)]
    pub(crate) fn free(&self, bytes: usize) {
        self.note_changes(1);
        self.lose(bytes as u64);
    }

    /// A block of one size in place of one of another: an allocation and a free, of no more bytes than the difference.
    #[inline(always)]
    pub(crate) fn reallocate(&self, from: usize, to: usize) {
        self.note_changes(2);
        self.lose(from.saturating_sub(to) as u64);
        self.gain(to.saturating_sub(from) as u64);
    }

    #[inline(always)]
    fn note_changes(&self, changes: u64) {
        self.changes.set(self.changes.get().wrapping_add(changes));
    }

    #[inline(always)]
    fn gain(&self, bytes: u64) {
        self.bytes.set(self.bytes.get().wrapping_add(bytes));
        self.below_peak.set(self.below_peak.get().saturating_sub(bytes));
    }

    #[inline(always)]
    fn lose(&self, bytes: u64) {
        self.frees.set(self.frees.get().wrapping_add(1));
        self.freed_bytes.set(self.freed_bytes.get().wrapping_add(bytes));
        self.below_peak.set(self.below_peak.get().wrapping_add(bytes));
    }

    /// The counts now.
    #[inline(always)]
    pub(super) fn mark(&self) -> Mark {
        Mark(NonZeroU64::new(self.changes.get()).map(|changes| Counts {
            bytes: self.bytes.get(),
            frees: self.frees.get(),
            freed_bytes: self.freed_bytes.get(),
            below_peak: self.below_peak.get(),
            changes,
        }))
    }

    /// As if nothing had been allocated or freed since `mark`.
    pub(super) fn restore(&self, mark: &Mark) {
        self.changes.set(mark.changes());
        self.bytes.set(mark.counts(|counts| counts.bytes));
        self.frees.set(mark.counts(|counts| counts.frees));
        self.freed_bytes.set(mark.counts(|counts| counts.freed_bytes));
        self.below_peak.set(mark.counts(|counts| counts.below_peak));
    }

    /// A call begins. Every mark goes to [`Memory::leave`], once. Where the allocator is not ours nothing ever changes, and
    /// a call looks at one number.
    #[inline(always)]
    pub(super) fn enter(&self) -> Mark {
        let mark = self.mark();
        if mark.0.is_some() {
            self.below_peak.set(0);
        }
        mark
    }

    /// Has this thread allocated or freed anything? Never, where the allocator is not ours.
    #[inline(always)]
    pub(super) fn is_used(&self) -> bool {
        self.changes.get() != 0
    }

    /// The call that began at `mark` ends, if it neither allocated nor freed.
    #[inline(always)]
    pub(super) fn leave_unchanged(&self, mark: &Mark) -> bool {
        let changes = self.changes.get();
        if changes == 0 {
            return true;
        }
        match mark.0 {
            Some(counts) if counts.changes.get() == changes => {
                self.below_peak.set(counts.below_peak);
                true
            }
            _ => false,
        }
    }

    /// The call that began at `mark` ends; `None`: it neither allocated nor freed.
    #[inline(always)]
    pub(super) fn leave(&self, mark: &Mark) -> Option<Used> {
        let changes = self.changes.get();
        if changes == 0 {
            return None;
        }
        let outer_below_peak = mark.counts(|counts| counts.below_peak);
        if changes == mark.changes() {
            self.below_peak.set(outer_below_peak);
            return None;
        }
        let frees = self.frees.get().wrapping_sub(mark.counts(|counts| counts.frees));
        let mut used = Used {
            allocs: changes.wrapping_sub(mark.changes()).wrapping_sub(frees),
            bytes: self.bytes.get().wrapping_sub(mark.counts(|counts| counts.bytes)),
            frees,
            freed_bytes: self.freed_bytes.get().wrapping_sub(mark.counts(|counts| counts.freed_bytes)),
            peak_bytes: 0,
        };
        used.peak_bytes = not_negative(used.held().wrapping_add_unsigned(self.below_peak.get()));
        let outer = outer_below_peak.cast_signed().wrapping_sub(used.held());
        self.below_peak.set(self.below_peak.get().max(not_negative(outer)));
        Some(used)
    }
}

#[inline(always)]
fn not_negative(bytes: i64) -> u64 {
    bytes.max(0).cast_unsigned()
}

impl Used {
    /// Bytes more than at its beginning; below zero where it freed what was there before, or what others allocated.
    #[inline(always)]
    fn held(&self) -> i64 {
        self.bytes.wrapping_sub(self.freed_bytes).cast_signed()
    }

    /// This and then `next`, in which what is held goes on.
    #[must_use]
    pub(super) fn then(self, next: Used) -> Used {
        let next_peak = not_negative(self.held().wrapping_add_unsigned(next.peak_bytes));
        Used {
            allocs: self.allocs.wrapping_add(next.allocs),
            bytes: self.bytes.wrapping_add(next.bytes),
            frees: self.frees.wrapping_add(next.frees),
            freed_bytes: self.freed_bytes.wrapping_add(next.freed_bytes),
            peak_bytes: self.peak_bytes.max(next_peak),
        }
    }

    /// Counts it as one call's.
    #[inline(always)]
    pub(super) fn count(&self, slot: &Slot) {
        add(&slot.allocs, self.allocs);
        add(&slot.bytes, self.bytes);
        add(&slot.frees, self.frees);
        add(&slot.freed_bytes, self.freed_bytes);
        // After the bytes: a reader finds no peak above them.
        if self.peak_bytes > slot.peak_bytes.load(Relaxed) {
            slot.peak_bytes.store(self.peak_bytes, Relaxed);
        }
    }
}

/// A part of a call that is made in several: a poll. A panic ends it too, for the sake of the calls around it.
#[derive(Debug)]
pub(super) struct Part {
    began: Option<Mark>,
}

impl Part {
    #[inline]
    pub(super) fn begin() -> Part {
        Part { began: Some(local::with(|local| local.memory.enter())) }
    }

    #[inline]
    pub(super) fn end(mut self) -> Used {
        self.close().unwrap_or_default()
    }

    fn close(&mut self) -> Option<Used> {
        let began = self.began.take()?;
        local::with(|local| local.memory.leave(&began))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;
