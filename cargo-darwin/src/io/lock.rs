//! Measuring is exclusive: two commands at once would measure each other.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// Held while this process builds and measures.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock in `folder`, which is made where it is missing; `waiting` is told once if another process has it.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn take(folder: &Path, waiting: impl FnOnce()) -> io::Result<Lock> {
        std::fs::create_dir_all(folder)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock()?;
            }
        }
        Ok(Lock(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would do as well.
        let _ = self.0.unlock();
    }
}
