//! The private folder of a run: the control page and the maps of its processes lie there, on tmpfs where there is one,
//! so that writeback never stalls a measured call.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use darwin_runtime::layout::{CONTROL_FILE, MAP_EXTENSION, RUN_VARIABLE};
use rustix::fs::Access;

use super::map::{Map, MapError};
use super::{clock, interrupt, orphans};

/// Where shared memory lives on Linux; elsewhere the temporary folder has to do.
const SHARED_MEMORY: &str = "/dev/shm";

/// The folder in which a run directory is made: shared memory, if we may write there.
pub fn parent() -> PathBuf {
    let shared = PathBuf::from(SHARED_MEMORY);
    let writable = rustix::fs::access(&shared, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if writable { shared } else { std::env::temp_dir() }
}

/// Times that a new folder may be taken for an abandoned one, between being made and being locked.
const MOST_TRIES: u32 = 100;

/// A run directory; removed with everything in it when dropped.
#[derive(Debug)]
pub struct RunDir {
    folder: tempfile::TempDir,
    /// Says that the owner lives: the system gives the lock back with its end, however that comes.
    _lock: File,
}

impl RunDir {
    /// Makes a new, empty one that only this user can enter.
    ///
    /// # Errors
    /// When neither shared memory nor the temporary folder can be written.
    pub fn new() -> io::Result<RunDir> {
        clock::start();
        let mut held = interrupt::hold();
        let [first, second] = parents();
        let (folder, lock) = make(&first).or_else(|_| make(&second))?;
        held.register_folder(folder.path());
        Ok(RunDir { folder, _lock: lock })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the control page is.
    pub fn control(&self) -> PathBuf {
        self.path().join(CONTROL_FILE)
    }

    /// The variable that makes a process of `side` count into this folder.
    pub fn variable(&self, side: usize) -> (&'static str, String) {
        (RUN_VARIABLE, format!("{side}:{}", self.path().display()))
    }

    /// The maps that the processes of `side` have left; those that died before making theirs have none.
    ///
    /// # Errors
    /// When the folder or a map cannot be read, or a map is damaged.
    pub fn maps(&self, side: usize) -> Result<Vec<Map>, MapError> {
        let read = |source| MapError::Read { path: self.path().to_owned(), source };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(self.path()).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if belongs_to(&path, side) {
                paths.push(path);
            }
        }
        paths.sort();
        let mut maps: Vec<Map> = Vec::with_capacity(paths.len());
        for path in paths {
            maps.extend(Map::read(&path)?);
            maps.last_mut().into_iter().for_each(Map::shrink);
        }
        Ok(maps)
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        interrupt::unregister_folder(self.path());
    }
}

/// Where run directories are: shared memory, or else the temporary folder.
pub(super) fn parents() -> [PathBuf; 2] {
    [SHARED_MEMORY.into(), std::env::temp_dir()]
}

fn make(parent: &Path) -> io::Result<(tempfile::TempDir, File)> {
    for _ in 0..MOST_TRIES {
        let folder =
            tempfile::Builder::new().prefix(&format!("darwin-{}-", std::process::id())).tempdir_in(parent)?;
        if let Some(lock) = locked(folder.path())? {
            return Ok((folder, lock));
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// The lock of a folder; `None` where somebody else has it, or the folder has gone.
fn locked(folder: &Path) -> io::Result<Option<File>> {
    let gone = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(None) } else { Err(error) };
    let lock = match File::open(folder) {
        Ok(lock) => lock,
        Err(error) => return gone(error),
    };
    if lock.try_lock().is_err() {
        return Ok(None);
    }
    let inode = lock.metadata()?.ino();
    match std::fs::metadata(folder) {
        Ok(now) => Ok(Some(lock).filter(|_| now.ino() == inode)),
        Err(error) => gone(error),
    }
}

/// Removes the run directories of processes that were killed, and kills what still counts into them.
pub fn remove_abandoned() {
    for parent in parents() {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        for folder in entries.map(|entry| entry.path()).filter(|path| is_run_dir(path)) {
            // Held while it is removed, so that two who clean up do not meet. Another user's cannot be opened.
            let Ok(Some(_lock)) = locked(&folder) else { continue };
            orphans::end_marked(|mark| names(mark, &folder));
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

/// `darwin-`, the process, and random letters.
fn is_run_dir(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let rest = name.strip_prefix("darwin-").and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(pid, random)| pid.parse::<u32>().is_ok() && !random.is_empty()) && path.is_dir()
}

/// Is it a value that [`RunDir::variable`] gives for this folder?
fn names(mark: &OsStr, folder: &Path) -> bool {
    mark.as_bytes().get(2..).is_some_and(|path| path == folder.as_os_str().as_bytes())
}

fn belongs_to(path: &Path, side: usize) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    name.starts_with(&format!("{side}-")) && path.extension().is_some_and(|end| end == MAP_EXTENSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_living_process_stays_and_that_of_a_dead_one_goes() {
        let living = RunDir::new().unwrap();
        let parent = living.path().parent().unwrap();
        // Nobody holds its lock.
        let dead = tempfile::Builder::new().prefix("darwin-1-").tempdir_in(parent).unwrap().keep();
        std::fs::write(dead.join("0-1-0.map"), "a map").unwrap();
        remove_abandoned();
        assert!(living.path().exists());
        assert!(!dead.exists());
    }

    #[test]
    fn what_only_looks_like_a_run_directory_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["darwin-abc-x", "darwin-1", "darwin-1-", "other-1-x"] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            assert!(!is_run_dir(&path), "{name}");
        }
        std::fs::write(folder.path().join("darwin-2-x"), "a file").unwrap();
        assert!(!is_run_dir(&folder.path().join("darwin-2-x")));
    }

    #[test]
    fn a_mark_names_the_folder_on_either_side() {
        let folder = RunDir::new().unwrap();
        for side in [0, 1] {
            assert!(names(OsStr::new(&folder.variable(side).1), folder.path()));
        }
        assert!(!names(OsStr::new("0:/dev/shm/another"), folder.path()));
        assert!(!names(OsStr::new(""), folder.path()));
    }
}
