//! Whether a library is being unloaded, or the whole process ends: the platform calls the same destructor for both, but at
//! the end of the process other threads may still count, and nothing may be taken from under them.

pub(super) use platform::{is_all, watch};

#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "asks the C library to note the end of the process")]
mod platform {
    use std::ffi::{c_int, c_uint, c_void};
    use std::sync::atomic::AtomicPtr;
    use std::sync::atomic::Ordering::{Acquire, Release};

    /// As large and as aligned as the C libraries' semaphores (32 bytes at most).
    type Semaphore = [u64; 4];

    /// Posted when the process ends; null where that could not be arranged. It belongs to the C library: what is called at
    /// the end of the process must not be code of ours, which may be gone by then.
    static ENDS: AtomicPtr<Semaphore> = AtomicPtr::new(std::ptr::null_mut());

    /// Has the end of the process noted, which comes before any library's destructor.
    pub(in crate::on) fn watch() {
        let semaphore: *mut Semaphore = Box::leak(Box::new([0; 4]));
        // SAFETY: memory for a semaphore that stays for good. The handler is the C library's own function; called with one
        // argument, its result ignored.
        let is_watched = unsafe {
            sem_init(semaphore.cast(), 0, 0) == 0
                && __cxa_atexit(sem_post, semaphore.cast(), std::ptr::null_mut()) == 0
        };
        if is_watched {
            ENDS.store(semaphore, Release);
        }
    }

    /// Is it the library alone that goes? Asked in the destructor.
    pub(in crate::on) fn is_all() -> bool {
        let semaphore = ENDS.load(Acquire);
        let mut posted = 0;
        // SAFETY: `watch` has initialised it.
        !semaphore.is_null() && unsafe { sem_getvalue(semaphore.cast(), &mut posted) } == 0 && posted == 0
    }

    unsafe extern "C" {
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
}

/// Elsewhere libraries with thread-local variables stay loaded.
#[cfg(not(target_os = "linux"))]
mod platform {
    pub(in crate::on) fn watch() {}

    pub(in crate::on) fn is_all() -> bool {
        false
    }
}
