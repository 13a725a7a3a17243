//! Fixtures take turns, across the threads of a test binary and across test binaries.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::path::Path;

thread_local! {
    static TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// Held while a fixture lives; the operating system ends it with the process at the latest.
#[derive(Debug)]
pub(crate) struct Turn {
    _file: File,
}

impl Turn {
    /// Waits for its turn.
    ///
    /// # Panics
    /// When this thread has one already: it would wait for itself.
    pub(crate) fn take(lock: &Path) -> Turn {
        assert!(!TAKEN.get(), "one fixture at a time: drop the first one before making another");
        let mut options = OpenOptions::new();
        let file =
            options.create(true).truncate(false).write(true).open(lock).expect("the lock can be opened");
        file.lock().expect("the lock can be taken");
        TAKEN.set(true);
        Turn { _file: file }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.set(false);
    }
}
