//! The processor's counter, bare: what no measurement with it can go below.
#![allow(unsafe_code, reason = "the counter is read through intrinsics")]

use std::hint::black_box;

/// Two reads that the processor may overlap with the body.
pub struct Unordered(u64);

impl Unordered {
    /// The first one.
    #[inline(always)]
    pub fn begin() -> Unordered {
        Unordered(counter::read())
    }
}

impl Drop for Unordered {
    #[inline(always)]
    fn drop(&mut self) {
        black_box(counter::read().wrapping_sub(self.0));
    }
}

/// Two reads, of which the second waits for the body.
pub struct Ordered(u64);

impl Ordered {
    /// The first one.
    #[inline(always)]
    pub fn begin() -> Ordered {
        Ordered(counter::read())
    }
}

impl Drop for Ordered {
    #[inline(always)]
    fn drop(&mut self) {
        black_box(counter::read_after().wrapping_sub(self.0));
    }
}

#[cfg(target_arch = "x86_64")]
mod counter {
    use std::arch::x86_64::{__rdtscp, _rdtsc};

    #[inline(always)]
    pub(super) fn read() -> u64 {
        // SAFETY: touches no memory; every processor that Rust supports has it.
        unsafe { _rdtsc() }
    }

    #[inline(always)]
    pub(super) fn read_after() -> u64 {
        let mut processor = 0;
        // SAFETY: writes to `processor` only. A processor without it (before 2008) stops the program with a signal, and
        // the driver says which contestant that was.
        unsafe { __rdtscp(&mut processor) }
    }
}

#[cfg(target_arch = "aarch64")]
mod counter {
    use std::arch::asm;

    #[inline(always)]
    pub(super) fn read() -> u64 {
        let ticks: u64;
        // SAFETY: reads a register that user space may read.
        unsafe { asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        ticks
    }

    #[inline(always)]
    pub(super) fn read_after() -> u64 {
        let ticks: u64;
        // SAFETY: as above; the barrier waits for everything before it.
        unsafe { asm!("isb", "mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        ticks
    }
}
