//! Ctrl-C and SIGTERM: the measured processes are in groups of their own and would go on, so they are killed first.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal};

static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Exit code after Ctrl-C, as shells have it: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// From now on an interrupt kills every measured process, removes every run directory, and ends this process.
pub fn install() {
    // A second handler in one process would be a mistake of ours; without one, Ctrl-C ends us all the same.
    let _ = ctrlc::set_handler(|| {
        for group in lock(&GROUPS).drain(..) {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        for folder in lock(&FOLDERS).drain(..) {
            let _ = std::fs::remove_dir_all(folder);
        }
        std::process::exit(INTERRUPTED);
    });
}

pub(super) fn register(group: Pid) {
    lock(&GROUPS).push(group);
}

pub(super) fn unregister(group: Pid) {
    lock(&GROUPS).retain(|registered| *registered != group);
}

pub(super) fn register_folder(folder: &Path) {
    lock(&FOLDERS).push(folder.to_owned());
}

pub(super) fn unregister_folder(folder: &Path) {
    lock(&FOLDERS).retain(|registered| registered != folder);
}

fn lock<T>(list: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
