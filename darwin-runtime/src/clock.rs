//! The clock of a measured call: two reads, of which the second waits for the measured code.
//!
//! The processor's counter is used where the kernel itself vouches for it (it lists `tsc` among the clock sources it
//! would use: constant rate, synchronous over the cores), else the operating system's monotonic clock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Instant;

use crate::layout::clock_kind;

/// A reading, or a difference of readings, of the clock that this process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticks(pub u64);

/// Which clock `start` and `end` read; zero until [`choose`] was called.
static KIND: AtomicU32 = AtomicU32::new(0);

/// Decides on the clock, once, and returns its [`clock_kind`].
pub fn choose() -> u32 {
    match KIND.load(Relaxed) {
        0 => {
            let kind = if counter::is_vouched_for() { clock_kind::COUNTER } else { clock_kind::NANOS };
            // Settled before any thread can fork while another one settles it: the child would wait for that one.
            monotonic();
            KIND.store(kind, Relaxed);
            kind
        }
        kind => kind,
    }
}

/// Begins a measurement. May run before code that stands before it, which makes the time longer, never shorter.
#[inline(always)]
pub fn start() -> Ticks {
    if KIND.load(Relaxed) == clock_kind::COUNTER { counter::start() } else { other_clock() }
}

/// Ends a measurement: waits until all code before it is done. An unordered read lets the processor overlap body and
/// clock and shows 30 ns for a true 82 ns.
#[inline(always)]
pub fn end() -> Ticks {
    if KIND.load(Relaxed) == clock_kind::COUNTER { counter::end() } else { other_clock() }
}

/// The same for a caller to whom [`choose`] gave `COUNTER`.
#[inline(always)]
pub fn start_by_counter() -> Ticks {
    counter::start()
}

/// The same for a caller to whom [`choose`] gave `COUNTER`.
#[inline(always)]
pub fn end_by_counter() -> Ticks {
    counter::end()
}

#[cold]
#[inline(never)]
fn other_clock() -> Ticks {
    if KIND.load(Relaxed) == 0 && choose() == clock_kind::COUNTER { counter::end() } else { monotonic() }
}

/// Nanoseconds since this process first asked.
fn monotonic() -> Ticks {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let elapsed = ORIGIN.get_or_init(Instant::now).elapsed();
    let ticks = Ticks(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX));
    #[cfg(test)]
    let ticks = mock::moved(ticks);
    ticks
}

#[cfg(not(test))]
use hardware as counter;

/// In tests, the counter is one that can be moved.
#[cfg(test)]
pub(crate) mod mock;
#[cfg(test)]
use mock as counter;

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "the time stamp counter is read through intrinsics")]
mod hardware {
    use super::Ticks;
    use std::arch::x86_64::{__cpuid, __rdtscp, _rdtsc};
    use std::fs::File;
    use std::io::Read;

    #[inline(always)]
    pub(super) fn start() -> Ticks {
        // SAFETY: reading the time stamp counter touches no memory; `is_vouched_for` saw that it exists.
        Ticks(unsafe { _rdtsc() })
    }

    #[inline(always)]
    pub(super) fn end() -> Ticks {
        let mut cpu = 0;
        // SAFETY: as above; `rdtscp` waits for all instructions before it and writes its core into `cpu`.
        Ticks(unsafe { __rdtscp(&mut cpu) })
    }

    pub(super) fn is_vouched_for() -> bool {
        has_rdtscp() && the_kernel_would_use_it()
    }

    fn has_rdtscp() -> bool {
        // Intel SDM volume 2A, CPUID: 80000001h EDX bit 27.
        __cpuid(0x8000_0000).eax >= 0x8000_0001 && __cpuid(0x8000_0001).edx & (1 << 27) != 0
    }

    /// The kernel takes `tsc` off the list when it finds it unstable or out of step between cores. Read without memory:
    /// who asks first may be an allocator, or a signal handler that has interrupted one.
    fn the_kernel_would_use_it() -> bool {
        const SOURCES: &str = "/sys/devices/system/clocksource/clocksource0/available_clocksource";
        let mut list = [0; 256];
        let length = File::open(SOURCES).and_then(|mut file| file.read(&mut list)).unwrap_or(0);
        list[..length].split(u8::is_ascii_whitespace).any(|name| name == b"tsc")
    }
}

#[cfg(target_arch = "aarch64")]
#[allow(unsafe_code, reason = "the virtual counter is read through assembly")]
mod hardware {
    use super::Ticks;
    use std::arch::asm;

    #[inline(always)]
    pub(super) fn start() -> Ticks {
        let ticks: u64;
        // SAFETY: reads a register that Linux and macOS leave readable to user space.
        unsafe { asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        Ticks(ticks)
    }

    #[inline(always)]
    pub(super) fn end() -> Ticks {
        let ticks: u64;
        // SAFETY: as above; the barrier waits for all instructions before it.
        unsafe { asm!("isb", "mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        Ticks(ticks)
    }

    pub(super) fn is_vouched_for() -> bool {
        // Architecturally constant in rate and common to all cores.
        cfg!(any(target_os = "linux", target_os = "macos"))
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod hardware {
    use super::Ticks;

    pub(super) fn start() -> Ticks {
        super::monotonic()
    }

    pub(super) fn end() -> Ticks {
        super::monotonic()
    }

    pub(super) fn is_vouched_for() -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_never_before_the_start() {
        choose();
        for _ in 0..1000 {
            let begin = start();
            assert!(end() >= begin);
        }
    }
}
