//! Ctrl-C and SIGTERM: what we started is ended and what we made is removed before this process ends.
//!
//! Everything that must not be cut in two (starting a process and noting it, making a folder and noting it, replacing a
//! file) happens while [`hold`] is held; an interrupt waits for it, and never gives it back.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::process::{Pid, Signal};

use super::orphans::{self, Process};

static STARTED: Mutex<Started> =
    Mutex::new(Started { groups: Vec::new(), folders: Vec::new(), elders: None, adopts: false });

/// Exit code after Ctrl-C, as shells have it: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// Clears a progress line that was cut in two, and shows the cursor again.
const CLEAR_LINE: &[u8] = b"\r\x1b[K\x1b[?25h";

/// Tries to remove a folder into which a dying process still writes.
const REMOVALS: u32 = 100;

/// What there is to end and to remove.
#[derive(Debug)]
struct Started {
    /// Leaders of measured processes' groups.
    groups: Vec<Pid>,
    /// Run directories.
    folders: Vec<PathBuf>,
    /// Children from before the processes that are measured now: a compiler cache that cargo has started is not ours to kill.
    elders: Option<Vec<Pid>>,
    /// Orphans come to us. Otherwise all our children are of our own making.
    adopts: bool,
}

/// While it is held, an interrupt waits.
#[derive(Debug)]
pub struct Held(MutexGuard<'static, Started>);

/// Puts interrupts off, and waits for ever once there was one.
pub fn hold() -> Held {
    Held(STARTED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What an interrupt says at last.
type Words = Box<dyn FnOnce() + Send>;

static LAST_WORDS: Mutex<Option<Words>> = Mutex::new(None);

/// An interrupt says something, until this is dropped.
#[derive(Debug)]
pub struct LastWords(());

/// From now on an interrupt, when all is ended, says `words`.
pub fn last_words(words: impl FnOnce() + Send + 'static) -> LastWords {
    *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(words));
    LastWords(())
}

impl Drop for LastWords {
    fn drop(&mut self) {
        *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn interrupted() -> i32 {
    let words = LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(words) = words {
        words();
    }
    INTERRUPTED
}

/// From now on an interrupt ends every process of ours, removes every run directory, and ends this process.
pub fn install() {
    // A second handler in one process would be a mistake of ours; without one, Ctrl-C ends us all the same.
    let _ = ctrlc::set_handler(|| end(&hold().0, interrupted));
}

/// Called before anything is reported: what fails because of an interrupt is no result. Waits for ever after one.
pub fn settle() {
    drop(hold());
}

/// Runs out unless it is dropped first.
#[derive(Debug)]
pub struct Alarm(#[expect(dead_code, reason = "its end tells the thread")] mpsc::Sender<()>);

/// At that instant all is ended as an interrupt ends it, and then this process, with the code that `last_words` gives.
pub fn alarm(at: Instant, last_words: impl FnOnce() -> i32 + Send + 'static) -> Alarm {
    let (running, dropped) = mpsc::channel();
    std::thread::spawn(move || {
        let left = at.saturating_duration_since(Instant::now());
        if dropped.recv_timeout(left) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let held = hold();
        // Who drops it and then passes `settle` has ended before us.
        if dropped.try_recv() == Err(TryRecvError::Empty) {
            end(&held.0, last_words);
        }
    });
    Alarm(running)
}

fn end(started: &Started, last_words: impl FnOnce() -> i32) -> ! {
    for group in &started.groups {
        let _ = rustix::process::kill_process_group(*group, Signal::KILL);
    }
    orphans::end_each(|| started.ours(orphans::living(orphans::children())));
    for folder in &started.folders {
        (0..REMOVALS).find(|_| std::fs::remove_dir_all(folder).is_ok() || !folder.exists());
    }
    let mut screen = std::io::stderr();
    if screen.is_terminal() {
        let _ = screen.write_all(CLEAR_LINE);
    }
    std::process::exit(last_words());
}

impl Started {
    /// Measured processes and their orphans, and what shares our own group: cargo, rustc, linkers, git.
    fn ours(&self, children: Vec<Process>) -> Vec<Process> {
        let own = rustix::process::getpgrp().as_raw_nonzero().get();
        let is_ours = |child: &Process| {
            child.group == own || self.groups.contains(&child.pid) || self.is_adopted(child)
        };
        children.into_iter().filter(is_ours).collect()
    }

    /// Came to us while something was measured.
    fn is_adopted(&self, child: &Process) -> bool {
        self.adopts
            && !self.groups.contains(&child.pid)
            && self.elders.as_ref().is_some_and(|elders| !elders.contains(&child.pid))
    }
}

impl Held {
    pub(super) fn adopts(&mut self) {
        self.0.adopts = true;
    }

    /// Notes what lives, unless something is measured already.
    pub(super) fn before_measuring(&mut self) {
        if self.0.groups.is_empty() {
            self.0.elders = Some(orphans::children().into_iter().map(|child| child.pid).collect());
        }
    }

    pub(super) fn register(&mut self, group: Pid) {
        self.0.groups.push(group);
    }

    pub(super) fn register_folder(&mut self, folder: &Path) {
        self.0.folders.push(folder.to_owned());
    }
}

/// Is no other process measured now?
pub(super) fn is_the_only_one(group: Pid) -> bool {
    hold().0.groups.iter().all(|registered| *registered == group)
}

/// Forgets a measured process that has ended; whether it was still known.
pub(super) fn unregister(group: Pid) -> bool {
    let mut held = hold();
    let before = held.0.groups.len();
    held.0.groups.retain(|registered| *registered != group);
    held.0.groups.len() < before
}

pub(super) fn unregister_folder(folder: &Path) {
    hold().0.folders.retain(|registered| registered != folder);
}

/// Those of our children that measured processes have left to us.
pub(super) fn adopted(children: Vec<Process>) -> Vec<Process> {
    let held = hold();
    children.into_iter().filter(|child| held.0.is_adopted(child)).collect()
}
