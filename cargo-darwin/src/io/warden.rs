//! Cleans up after a `cargo darwin` that was killed and could not do it itself: a process of our own that waits for
//! nothing but its end. The measured processes are in groups of their own and would go on, and their run directory is in
//! memory.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::run_dir;

/// Our own first argument, in place of cargo's `darwin`.
const WORD: &str = "warden";

/// Between two looks whether the one that was watched has been buried: until then its locks may still be held.
const PAUSE: Duration = Duration::from_millis(2);

/// A running one. It is ended with this, because nothing is left to clean up after an orderly end.
#[derive(Debug)]
pub struct Warden(Child);

/// Starts one for this process. Without one (the executable has been replaced meanwhile, say) the next command cleans up.
pub fn start() -> Option<Warden> {
    let mut command = Command::new(std::env::current_exe().ok()?);
    // In a group of its own: who kills ours is not to take it along.
    command.arg(WORD).process_group(0).current_dir("/");
    // Its pipe is closed when this process ends, however that happens.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok().map(Warden)
}

/// Is this process to be one?
pub fn is_asked_for(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|word| word == OsStr::new(WORD))
}

/// Waits for the end of the process that started this one, and cleans up.
pub fn watch() {
    let watched = rustix::process::getppid();
    let _ = std::io::stdin().read(&mut [0]);
    while watched.is_some() && rustix::process::getppid() == watched {
        std::thread::sleep(PAUSE);
    }
    run_dir::remove_abandoned();
}

impl Drop for Warden {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
