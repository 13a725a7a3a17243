//! Two questions to the system that rustix takes for ones that never fail, so that it panics where a sandbox refuses them
//! (in builds with debug assertions; in others it gives what happens to lie in memory).
#![allow(unsafe_code, reason = "calls libc, which the standard library links anyway")]

use std::ffi::{c_int, c_long};

/// `struct rlimit` of 64-bit systems: the limit that holds now, and how far it may be raised.
#[repr(C)]
struct Limits {
    current: u64,
    most: u64,
}

/// Linux, all architectures but MIPS and SPARC (`asm-generic/resource.h`); the BSDs and macOS (`sys/resource.h`).
const RLIMIT_FSIZE: c_int = 1;

/// The number of `gettid`: glibc has a function of that name only since 2.30.
#[cfg(target_arch = "x86_64")]
const SYS_GETTID: c_long = 186;
/// The same where the numbers are those of `asm-generic/unistd.h`.
#[cfg(not(target_arch = "x86_64"))]
const SYS_GETTID: c_long = 178;

unsafe extern "C" {
    fn getrlimit(resource: c_int, limits: *mut Limits) -> c_int;
    fn syscall(number: c_long, ...) -> c_long;
}

/// The largest file in bytes that this process may write (`u64::MAX`: any); `None` where the system does not say.
pub(super) fn largest_file() -> Option<u64> {
    let mut limits = Limits { current: 0, most: 0 };
    // SAFETY: writes into `limits`, which has the form that it expects.
    let is_told = unsafe { getrlimit(RLIMIT_FSIZE, &mut limits) } == 0;
    is_told.then_some(limits.current)
}

/// The system's id of this thread; zero where it does not say.
pub(super) fn thread_id() -> u32 {
    // SAFETY: takes no arguments and touches no memory.
    let id = unsafe { syscall(SYS_GETTID) };
    u32::try_from(id).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_answers_as_it_answers_rustix() {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize);
        assert_eq!(largest_file(), Some(limit.current.unwrap_or(u64::MAX)));
        let id = rustix::thread::gettid().as_raw_nonzero().get();
        assert_eq!(thread_id(), id.cast_unsigned());
    }
}
