//! Learns of the end of threads. Through a key of the C library, and not through a variable with a destructor: to register
//! one the C library allocates, and a thread's first measured call may be that of a signal handler that has interrupted the
//! allocator.

use std::ffi::c_void;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

use super::libc::{self, Key};
use super::thread;

/// No key was made yet.
const NONE: u64 = 0;
/// This copy of the runtime is about to leave the process.
const CLOSED: u64 = u64::MAX;

/// One more than the key.
static KEY: AtomicU64 = AtomicU64::new(NONE);

/// Lets [`thread::end`] run when this thread ends, behind the destructors of Rust's own variables.
pub(super) fn watch_this_thread() {
    if let Some(key) = key() {
        libc::set_key(key);
    }
}

/// In the thread that ends the process, or takes this library out of it: no other one comes back here.
pub(super) fn close() {
    thread::end();
    let key = KEY.swap(CLOSED, AcqRel);
    if key != NONE && key != CLOSED {
        libc::delete_key((key - 1) as Key);
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
    let made = libc::make_key(this_thread_ends)?;
    match KEY.compare_exchange(NONE, u64::from(made) + 1, AcqRel, Acquire) {
        Ok(_) => Some(made),
        Err(_) => {
            libc::delete_key(made);
            key()
        }
    }
}

extern "C" fn this_thread_ends(_: *mut c_void) {
    thread::end();
}
