//! What is asked of the C library, which the standard library links anyway, and what it calls: for some of it there is no
//! other way, and for the rest rustix takes for granted that it never fails, so that it panics where a sandbox refuses it (in
//! builds with debug assertions; in others it gives what happens to lie in memory).
#![allow(unsafe_code, reason = "declares and calls functions of the C library, and is called by it")]

use std::ffi::{c_int, c_long, c_uint, c_void};

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

/// As `pthread_key_t` is declared.
#[cfg(target_vendor = "apple")]
pub(super) type Key = std::ffi::c_ulong;
#[cfg(not(target_vendor = "apple"))]
pub(super) type Key = c_uint;

unsafe extern "C" {
    fn getrlimit(resource: c_int, limits: *mut Limits) -> c_int;
    fn syscall(number: c_long, ...) -> c_long;
    fn pthread_key_create(key: *mut Key, destructor: Option<extern "C" fn(*mut c_void)>) -> c_int;
    fn pthread_key_delete(key: Key) -> c_int;
    fn pthread_setspecific(key: Key, value: *const c_void) -> c_int;
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

/// A key for which `at_end` is called when a thread ends that has set it; `None` when there are no more.
pub(super) fn make_key(at_end: extern "C" fn(*mut c_void)) -> Option<Key> {
    let mut made: Key = 0;
    // SAFETY: writes the new key to where it is told to.
    (unsafe { pthread_key_create(&mut made, Some(at_end)) } == 0).then_some(made)
}

/// Sets a key in this thread. One that does not exist (any more) is refused.
pub(super) fn set_key(key: Key) {
    // SAFETY: the value is never used as a pointer; null would mean none.
    let _ = unsafe { pthread_setspecific(key, std::ptr::without_provenance(1)) };
}

/// Gives a key back.
pub(super) fn delete_key(key: Key) {
    // SAFETY: at worst there is no such key, which is refused.
    let _ = unsafe { pthread_key_delete(key) };
}

#[cfg(target_os = "linux")]
pub(super) use linux::{Semaphore, nanos};

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_long, c_uint, c_void};
    use std::ptr;

    #[repr(C)]
    struct Timespec {
        seconds: c_long,
        nanos: c_long,
    }

    unsafe extern "C" {
        fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int;
        fn sem_init(semaphore: *mut c_void, shared: c_int, value: c_uint) -> c_int;
        fn sem_post(semaphore: *mut c_void) -> c_int;
        fn sem_getvalue(semaphore: *mut c_void, value: *mut c_int) -> c_int;
        /// Itanium C++ ABI 3.3.6.3: without a library the handler runs at the end of the process only.
        fn __cxa_atexit(
            handler: unsafe extern "C" fn(*mut c_void) -> c_int,
            argument: *mut c_void,
            library: *mut c_void,
        ) -> c_int;
    }

    /// What clock number `clock` shows, in nanoseconds; `None` where there is none.
    pub(in crate::on) fn nanos(clock: c_int) -> Option<u64> {
        let mut time = Timespec { seconds: 0, nanos: 0 };
        // SAFETY: writes one `timespec`, whose two fields are C longs on every 64 bit Linux.
        let status = unsafe { clock_gettime(clock, &mut time) };
        (status == 0).then_some(time.seconds as u64 * 1_000_000_000 + time.nanos as u64)
    }

    /// One that the C library itself posts when the process ends: what is called then must not be code of ours, which may be
    /// gone by then. As large and as aligned as the C libraries' semaphores (32 bytes at most).
    pub(in crate::on) struct Semaphore([std::cell::UnsafeCell<u64>; 4]);

    // SAFETY: a semaphore is what threads share; nobody else looks into it.
    unsafe impl Sync for Semaphore {}

    impl Semaphore {
        /// A new one, which stays for good; `None` where the library does not take it.
        pub(in crate::on) fn posted_at_the_end() -> Option<&'static Semaphore> {
            let new: &'static Semaphore =
                Box::leak(Box::new(Semaphore([const { std::cell::UnsafeCell::new(0) }; 4])));
            // SAFETY: memory for a semaphore that stays. The handler is the C library's own function; called with one
            // argument, its result ignored.
            let is_watched = unsafe {
                sem_init(new.place(), 0, 0) == 0 && __cxa_atexit(sem_post, new.place(), ptr::null_mut()) == 0
            };
            is_watched.then_some(new)
        }

        pub(in crate::on) fn is_posted(&self) -> bool {
            let mut posted = 0;
            // SAFETY: a semaphore that was initialised, as every one that is given out.
            unsafe { sem_getvalue(self.place(), &mut posted) != 0 || posted != 0 }
        }

        fn place(&self) -> *mut c_void {
            self.0.as_ptr().cast_mut().cast()
        }
    }
}

/// Where the platform calls us: before `main`, at the end, and in a forked child.
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod hooks {
    use crate::on::{start, unload};

    #[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
    #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
    #[used]
    static CONSTRUCTOR: extern "C" fn() = before_main;

    #[cfg_attr(target_os = "linux", unsafe(link_section = ".fini_array"))]
    #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_term_func"))]
    #[used]
    static DESTRUCTOR: extern "C" fn() = start::at_end;

    extern "C" fn before_main() {
        start::look_at_the_environment();
        if start::is_measured() {
            // SAFETY: registers a handler that touches atomics and thread-local cells only; it may fail for want of
            // memory, and then a forked child counts into its parent's map until it calls exec.
            unsafe { pthread_atfork(None, None, Some(start::after_fork_in_child)) };
            unload::watch();
        }
    }

    unsafe extern "C" {
        fn pthread_atfork(
            prepare: Option<extern "C" fn()>,
            parent: Option<extern "C" fn()>,
            child: Option<extern "C" fn()>,
        ) -> i32;
    }
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
