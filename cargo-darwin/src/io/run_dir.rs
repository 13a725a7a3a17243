//! The private folder of a run: the control page and the maps of its processes lie there, on tmpfs where there is one,
//! so that writeback never stalls a measured call.

use std::path::{Path, PathBuf};

use darwin_runtime::layout::{CONTROL_FILE, MAP_EXTENSION, RUN_VARIABLE};
use rustix::fs::Access;

use super::interrupt;
use super::map::{Map, MapError};

/// Where shared memory lives on Linux; elsewhere the temporary folder has to do.
const SHARED_MEMORY: &str = "/dev/shm";

/// The folder in which a run directory is made: shared memory, if we may write there.
pub fn parent() -> PathBuf {
    let shared = PathBuf::from(SHARED_MEMORY);
    let writable = rustix::fs::access(&shared, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if writable { shared } else { std::env::temp_dir() }
}

/// A run directory; removed with everything in it when dropped.
#[derive(Debug)]
pub struct RunDir(tempfile::TempDir);

impl RunDir {
    /// Makes a new, empty one that only this user can enter.
    ///
    /// # Errors
    /// When neither shared memory nor the temporary folder can be written.
    pub fn new() -> std::io::Result<RunDir> {
        let make = |parent: &Path| tempfile::Builder::new().prefix("darwin-").tempdir_in(parent);
        let folder = make(Path::new(SHARED_MEMORY)).or_else(|_| make(&std::env::temp_dir()))?;
        interrupt::register_folder(folder.path());
        Ok(RunDir(folder))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.path()
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
        paths.iter().filter_map(|path| Map::read(path).transpose()).collect()
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        interrupt::unregister_folder(self.path());
    }
}

fn belongs_to(path: &Path, side: usize) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    name.starts_with(&format!("{side}-")) && path.extension().is_some_and(|end| end == MAP_EXTENSION)
}
