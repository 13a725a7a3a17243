//! Whether this process counts: decided once from the environment, before `main` where the platform runs constructors.

use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use rustix::io::Errno;

use super::{control, heap, map, mode, sites, steps, turns};
use crate::clock;
use crate::layout::{MAP_EXTENSION, RUN_VARIABLE, VERSION};

/// The environment was not looked at yet.
const UNKNOWN: u8 = 0;
/// Not started by `cargo darwin`, or the map could not be made: the program behaves as if measurement were off.
const INERT: u8 = 1;
/// Started by `cargo darwin`, but a harness has asked to wait.
const IDLE: u8 = 2;
/// Calls are counted.
const COUNTING: u8 = 3;

static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// What the environment said.
#[derive(Debug)]
pub(super) struct Started {
    /// 0 or 1: which side of a block this process is.
    pub(super) side: usize,
    directory: CString,
}

static STARTED: OnceLock<Started> = OnceLock::new();

/// Are calls counted now? Looks at the environment on the first call, if the constructor was lost.
pub(super) fn counting() -> bool {
    if STATE.load(Relaxed) == UNKNOWN {
        look_at_the_environment();
    }
    STATE.load(Relaxed) == COUNTING
}

/// Was this process started by `cargo darwin`?
pub(crate) fn is_measured() -> bool {
    counting() || STATE.load(Relaxed) == IDLE
}

/// Holds the counting back, or lets it begin; nothing happens in a process that is not measured.
pub(crate) fn set_idle(idle: bool) {
    if is_measured() {
        STATE.store(if idle { IDLE } else { COUNTING }, Relaxed);
    }
}

/// Which side of a block this process is; 0 when it runs alone.
pub(super) fn side() -> usize {
    STARTED.get().map_or(0, |started| started.side)
}

/// Reads the one variable, and leaves everything alone if it is not there.
pub(super) fn look_at_the_environment() {
    let found = std::env::var_os(RUN_VARIABLE).and_then(|value| parse(&value));
    let state = match found {
        None => INERT,
        Some(started) => {
            clock::choose();
            control::open(&path(&started.directory, crate::layout::CONTROL_FILE));
            heap::shift(control::heap_seed(started.side));
            turns::begin(started.side);
            mode::choose();
            let _ = STARTED.set(started);
            COUNTING
        }
    };
    STATE.store(state, Relaxed);
}

fn parse(value: &OsStr) -> Option<Started> {
    let (side, directory) = value.as_bytes().split_at_checked(2)?;
    let side = match side {
        b"0:" => 0,
        b"1:" => 1,
        _ => return None,
    };
    let directory = Some(directory).filter(|path| path.starts_with(b"/"))?;
    Some(Started { side, directory: CString::new(directory).ok()? })
}

fn path(directory: &CStr, name: &str) -> CString {
    let bytes = [directory.to_bytes(), b"/", name.as_bytes()].concat();
    CString::new(bytes).unwrap_or_default()
}

/// Makes the map of this process and registers every known site; goes inert when that fails. The caller is alone.
pub(super) fn make_map() -> bool {
    let Some(started) = STARTED.get() else { return false };
    let mut attempts = (0..MAPS_PER_PROCESS).map(|number| map::create(&map_name(started, number)));
    let made = attempts.find(|made| *made != Err(Errno::EXIST));
    match map::header().filter(|_| made == Some(Ok(()))) {
        None => {
            STATE.store(INERT, Relaxed);
            false
        }
        Some(header) => {
            header.version.store(VERSION, Relaxed);
            header.pid.store(std::process::id(), Relaxed);
            header.clock.store(clock::choose(), Relaxed);
            header.mode.store(mode::chosen(), Relaxed);
            header.start_ticks.store(clock::end().0, Relaxed);
            header.start_nanos.store(monotonic_nanos(), Relaxed);
            sites::register_all();
            steps::seal(&header.magic);
            true
        }
    }
}

/// Is there a map with all known sites in it? Before that, no other thread may add to it.
pub(super) fn map_is_complete() -> bool {
    map::header().is_some_and(|header| steps::is_sealed(&header.magic))
}

/// Copies of the runtime that one process may hold (versions, cdylibs), and process ids reused in one run.
const MAPS_PER_PROCESS: u32 = 64;

fn map_name(started: &Started, number: u32) -> CString {
    let name = format!("{}-{}-{number}.{MAP_EXTENSION}", started.side, std::process::id());
    let directory = OsStr::from_bytes(started.directory.to_bytes());
    CString::new(std::path::Path::new(directory).join(name).into_os_string().into_vec()).unwrap_or_default()
}

/// `CLOCK_MONOTONIC`, which all processes of a machine share.
pub(super) fn monotonic_nanos() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// In a forked child: the map belongs to the parent, a new one is made at the first measured call.
pub(super) extern "C" fn after_fork_in_child() {
    super::thread::abandon();
    super::cold::unlock();
    super::calibrate::forget();
    control::forget_turns();
    super::home::forget();
    super::waiting::forget();
    turns::begin(side());
    map::forget();
}

/// At an orderly end: a program without a single measured call still lists its sites.
pub(super) extern "C" fn at_end() {
    if counting() && map::header().is_none() {
        super::cold::make_map_now();
    }
    if let Some(header) = map::header() {
        header.ended.store(1, Relaxed);
    }
    control::leave_turns(side());
}
