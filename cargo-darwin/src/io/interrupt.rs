//! Ctrl-C and SIGTERM: the measured processes are in groups of their own and would go on, so they are killed first.

use std::sync::Mutex;

use rustix::process::{Pid, Signal};

static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Exit code after Ctrl-C, as shells have it: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// From now on an interrupt kills every registered group, removes what `clean_up` removes, and ends this process.
pub fn install(clean_up: impl Fn() + Send + 'static) {
    // A second handler in one process would be a mistake of ours; without one, Ctrl-C ends us all the same.
    let _ = ctrlc::set_handler(move || {
        for group in lock().drain(..) {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        clean_up();
        std::process::exit(INTERRUPTED);
    });
}

pub(super) fn register(group: Pid) {
    lock().push(group);
}

pub(super) fn unregister(group: Pid) {
    lock().retain(|registered| *registered != group);
}

fn lock() -> std::sync::MutexGuard<'static, Vec<Pid>> {
    GROUPS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
