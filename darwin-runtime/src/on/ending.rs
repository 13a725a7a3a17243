//! Learns of the end of threads. Through a key of the C library, and not through a variable with a destructor: to register
//! one the C library allocates, and a thread's first measured call may be that of a signal handler that has interrupted the
//! allocator.
#![allow(unsafe_code, reason = "the C library's keys have no safe form")]

use std::ffi::{c_int, c_void};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

use super::thread;

/// As `pthread_key_t` is declared.
#[cfg(target_vendor = "apple")]
type Key = std::ffi::c_ulong;
#[cfg(not(target_vendor = "apple"))]
type Key = std::ffi::c_uint;

/// No key was made yet.
const NONE: u64 = 0;
/// This copy of the runtime is about to leave the process.
const CLOSED: u64 = u64::MAX;

/// One more than the key.
static KEY: AtomicU64 = AtomicU64::new(NONE);

/// Lets [`thread::end`] run when this thread ends, behind the destructors of Rust's own variables.
pub(super) fn watch_this_thread() {
    if let Some(key) = key() {
        // SAFETY: a key that was made and not deleted. The value is never used as a pointer; null would mean none.
        let _ = unsafe { pthread_setspecific(key, std::ptr::without_provenance(1)) };
    }
}

/// In the thread that ends the process, or takes this library out of it: no other one comes back here.
pub(super) fn close() {
    thread::end();
    let key = KEY.swap(CLOSED, AcqRel);
    if key != NONE && key != CLOSED {
        // SAFETY: made by `key`, and nobody sets it from now on.
        let _ = unsafe { pthread_key_delete((key - 1) as Key) };
    }
}

/// The key, made now if there is none; `None` when there are no more, or it is closed.
fn key() -> Option<Key> {
    match KEY.load(Acquire) {
        NONE => make_key(),
        CLOSED => None,
        key => Some((key - 1) as Key),
    }
}

fn make_key() -> Option<Key> {
    let mut made: Key = 0;
    // SAFETY: writes the new key to where it is told to.
    if unsafe { pthread_key_create(&mut made, Some(this_thread_ends)) } != 0 {
        return None;
    }
    match KEY.compare_exchange(NONE, made as u64 + 1, AcqRel, Acquire) {
        Ok(_) => Some(made),
        Err(_) => {
            // SAFETY: made above, and given to nobody.
            let _ = unsafe { pthread_key_delete(made) };
            key()
        }
    }
}

extern "C" fn this_thread_ends(_: *mut c_void) {
    thread::end();
}

unsafe extern "C" {
    fn pthread_key_create(key: *mut Key, destructor: Option<extern "C" fn(*mut c_void)>) -> c_int;
    fn pthread_key_delete(key: Key) -> c_int;
    fn pthread_setspecific(key: Key, value: *const c_void) -> c_int;
}
