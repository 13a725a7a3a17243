//! Who may work now: one command in a workspace, one that measures on the machine, one that writes a baseline file. All
//! are locks of the operating system, which gives them back when a process ends, however that comes.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::run_dir;

/// Held while this process does what only one may do at a time.
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
        Lock::of(file, waiting)
    }

    /// The right to measure: two workspaces of this user that measure at once would measure each other. `None` where
    /// there is no place for such a lock, which costs precision only.
    pub fn of_machine(waiting: impl FnOnce()) -> Option<Lock> {
        let name = format!("darwin-{}.lock", rustix::process::getuid().as_raw());
        run_dir::parents()
            .iter()
            .find_map(|folder| own_file(&folder.join(&name)).ok())
            .and_then(|file| Lock::of(file, waiting).ok())
    }

    /// The right to change files in `folder`. It is the folder itself that is locked, so that nothing is left in it.
    ///
    /// # Errors
    /// When the folder is not there.
    pub fn of_folder(folder: &Path) -> io::Result<Lock> {
        let opened = File::open(folder)?;
        match opened.lock() {
            Ok(()) => Ok(Lock(opened)),
            // NFS locks no folders. Then at least the processes of this machine go one after another.
            Err(_) => Lock::of(own_file(&stand_in(folder)?)?, || {}),
        }
    }

    fn of(file: File, waiting: impl FnOnce()) -> io::Result<Lock> {
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

/// A lock file in a folder that others can write too: not theirs, and not what a link of theirs names.
fn own_file(path: &Path) -> io::Result<File> {
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).custom_flags(no_link).open(path)
}

/// What is locked in place of a folder that cannot be.
fn stand_in(folder: &Path) -> io::Result<PathBuf> {
    let name = Digest::default().part(folder.canonicalize()?.as_os_str().as_encoded_bytes()).hex();
    Ok(std::env::temp_dir().join(format!("darwin-{name}.lock")))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would do as well.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_second_is_told_and_gets_the_lock_when_the_first_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path(), || panic!("nobody has it")).unwrap();
        let (say, heard) = mpsc::channel();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| Lock::take(folder.path(), || say.send(()).unwrap()).unwrap());
            heard.recv().unwrap();
            drop(first);
            second.join().unwrap();
        });
    }

    #[test]
    fn locking_a_folder_leaves_nothing_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::of_folder(folder.path()).unwrap();
        assert!(File::open(folder.path()).unwrap().try_lock().is_err());
        drop(lock);
        assert!(File::open(folder.path()).unwrap().try_lock().is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_link_in_place_of_a_lock_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("target"), &link).unwrap();
        assert!(own_file(&link).is_err());
        assert!(!folder.path().join("target").exists());
    }
}
