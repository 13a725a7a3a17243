//! Makes the control page of a run, and says over it that a side has gone.
#![allow(unsafe_code, reason = "shares a page with the measured processes")]

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::ptr;
use std::sync::atomic::Ordering::{Relaxed, Release};

use darwin_runtime::layout::{CONTROL_MAGIC, Control, VERSION, plan};
use rustix::mm::{MapFlags, ProtFlags};
use rustix::thread::futex;

/// What the benches of a run are asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plan {
    /// Iterate for so many nanoseconds.
    Timed {
        /// Without warming up.
        nanos: u64,
    },
    /// Iterate so often.
    Fixed {
        /// Iterations.
        iterations: u64,
    },
    /// Take turns.
    Turns {
        /// Length of a turn in nanoseconds.
        turn_nanos: u64,
        /// What comes before it and does not count, in nanoseconds.
        warm_up_nanos: u64,
        /// Pairs of turns, the first for warming up.
        pairs: u32,
        /// The side that makes the first turn.
        coin: u32,
    },
}

/// The mapped page.
#[derive(Debug)]
pub struct ControlPage(ptr::NonNull<Control>);

// SAFETY: the page holds atomics only, and stays mapped until this handle is dropped.
unsafe impl Sync for ControlPage {}
// SAFETY: as above; the mapping is not bound to a thread.
unsafe impl Send for ControlPage {}

impl ControlPage {
    /// Makes the page in a new file.
    ///
    /// # Errors
    /// When the file cannot be made or mapped.
    pub fn create(path: &Path, plan: Plan, heap_seeds: [u64; 2]) -> io::Result<ControlPage> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        let length = size_of::<Control>();
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, length as u64)?;
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice, as long as the file.
        let page = unsafe { rustix::mm::mmap(ptr::null_mut(), length, access, MapFlags::SHARED, &file, 0)? };
        let page = ControlPage(ptr::NonNull::new(page.cast()).ok_or(io::ErrorKind::OutOfMemory)?);
        page.fill(plan, heap_seeds);
        Ok(page)
    }

    fn fill(&self, plan: Plan, heap_seeds: [u64; 2]) {
        let control = self.get();
        control.version.store(VERSION, Relaxed);
        for (field, seed) in control.heap_seed.iter().zip(heap_seeds) {
            field.store(seed, Relaxed);
        }
        let kind = match plan {
            Plan::Timed { nanos } => {
                control.duration_nanos.store(nanos, Relaxed);
                plan::TIMED
            }
            Plan::Fixed { iterations } => {
                control.iterations.store(iterations, Relaxed);
                plan::FIXED
            }
            Plan::Turns { turn_nanos, warm_up_nanos, pairs, coin } => {
                control.turn_nanos.store(turn_nanos, Relaxed);
                control.warm_up_nanos.store(warm_up_nanos, Relaxed);
                control.pairs.store(pairs, Relaxed);
                control.coin.store(coin, Relaxed);
                plan::TURNS
            }
        };
        control.plan.store(kind, Relaxed);
        control.magic.store(CONTROL_MAGIC, Release);
    }

    /// `side` has ended: the other one need not wait for it.
    pub fn mark_gone(&self, side: usize) {
        let control = self.get();
        control.gone[side].store(1, Release);
        let _ = futex::wake(&control.turn, futex::Flags::empty(), u32::MAX >> 1);
    }

    /// Turns that were completed.
    pub fn turns_made(&self) -> u32 {
        self.get().turn.load(Relaxed)
    }

    fn get(&self) -> &Control {
        // SAFETY: mapped, aligned to a page, as long as a `Control`, until `drop`.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for ControlPage {
    fn drop(&mut self) {
        // SAFETY: mapped by `create` with this length; nothing refers to it any more.
        let _ = unsafe { rustix::mm::munmap(self.0.as_ptr().cast(), size_of::<Control>()) };
    }
}
