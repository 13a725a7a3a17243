//! What a thread allocated and freed, and the most that it held at once. The allocator counts into the thread's own cells;
//! a measured call looks at them when it begins and when it ends.
//!
//! *Held* is what was allocated less what was freed, by this thread: it goes below zero where the thread frees what others
//! have allocated. One high-water mark is enough for calls within calls: an entry sets it to what is held now and keeps the
//! outer one, an end puts the higher of the two back. Calls of one thread that overlap without lying within each other
//! (`scope!` across an await) spoil each other's peaks, and nothing else: all other figures are differences.

use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

use super::hot::add;
use super::local;
use crate::layout::Slot;

/// A thread's counts so far, if [`crate::Alloc`] is installed.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Allocations and frees: one number tells whether anything was done.
    changes: Cell<u64>,
    /// Bytes allocated.
    bytes: Cell<u64>,
    /// Frees alone.
    frees: Cell<u64>,
    /// Bytes held.
    held: Cell<i64>,
    /// The highest `held` within the innermost measured call.
    high: Cell<i64>,
}

/// The counts at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    changes: u64,
    bytes: u64,
    frees: u64,
    held: i64,
    high: i64,
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
            held: Cell::new(0),
            high: Cell::new(0),
        }
    }

    /// A new block of `bytes`.
    #[inline(always)]
    pub(crate) fn allocate(&self, bytes: usize) {
        self.changes.set(self.changes.get().wrapping_add(1));
        self.gain(bytes);
    }

    /// A block of `bytes` has gone.
    #[inline(always)]
    pub(crate) fn free(&self, bytes: usize) {
        self.changes.set(self.changes.get().wrapping_add(1));
        self.lose(bytes);
    }

    /// A block of one size in place of one of another: an allocation and a free, of no more bytes than the difference.
    #[inline(always)]
    pub(crate) fn reallocate(&self, from: usize, to: usize) {
        self.changes.set(self.changes.get().wrapping_add(2));
        self.lose(from.saturating_sub(to));
        self.gain(to.saturating_sub(from));
    }

    #[inline(always)]
    fn gain(&self, bytes: usize) {
        self.bytes.set(self.bytes.get().wrapping_add(bytes as u64));
        let held = self.held.get().wrapping_add_unsigned(bytes as u64);
        self.held.set(held);
        if held > self.high.get() {
            self.high.set(held);
        }
    }

    #[inline(always)]
    fn lose(&self, bytes: usize) {
        self.frees.set(self.frees.get().wrapping_add(1));
        self.held.set(self.held.get().wrapping_sub_unsigned(bytes as u64));
    }

    /// The counts now.
    #[inline(always)]
    pub(super) fn mark(&self) -> Mark {
        Mark {
            changes: self.changes.get(),
            bytes: self.bytes.get(),
            frees: self.frees.get(),
            held: self.held.get(),
            high: self.high.get(),
        }
    }

    /// As if nothing had been allocated or freed since `mark`.
    pub(super) fn restore(&self, mark: &Mark) {
        self.changes.set(mark.changes);
        self.bytes.set(mark.bytes);
        self.frees.set(mark.frees);
        self.held.set(mark.held);
        self.high.set(mark.high);
    }

    /// A call begins. Every mark goes to [`Memory::leave`], once.
    #[inline(always)]
    pub(super) fn enter(&self) -> Mark {
        let mark = self.mark();
        self.high.set(mark.held);
        mark
    }

    /// The call that began at `mark` ends; `None`: it neither allocated nor freed.
    #[inline(always)]
    pub(super) fn leave(&self, mark: &Mark) -> Option<Used> {
        if self.changes.get() == mark.changes {
            self.high.set(mark.high);
            return None;
        }
        let high = self.high.get();
        self.high.set(high.max(mark.high));
        let changes = self.changes.get().wrapping_sub(mark.changes);
        let bytes = self.bytes.get().wrapping_sub(mark.bytes);
        let frees = self.frees.get().wrapping_sub(mark.frees);
        let gained = self.held.get().wrapping_sub(mark.held).cast_unsigned();
        Some(Used {
            allocs: changes.wrapping_sub(frees),
            bytes,
            frees,
            freed_bytes: bytes.wrapping_sub(gained),
            peak_bytes: high.wrapping_sub(mark.held).cast_unsigned(),
        })
    }
}

impl Used {
    /// This and then `next`, in which what is held goes on.
    #[must_use]
    pub(super) fn then(self, next: Used) -> Used {
        let held = self.bytes.wrapping_sub(self.freed_bytes).cast_signed();
        let next_peak = held.saturating_add_unsigned(next.peak_bytes).max(0).cast_unsigned();
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
