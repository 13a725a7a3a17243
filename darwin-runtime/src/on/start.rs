//! Whether this process counts: decided once from the environment, before `main` where the platform runs constructors.

use std::ffi::{CStr, CString, OsStr};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU8};

use rustix::io::Errno;

use super::{control, heap, inject, local, map, mode, sites, steps, stream, turns, unload};
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
/// The environment is being looked at. What that calls is not counted: the allocator, which may be measured.
const LOOKING: u8 = 4;

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
    while STATE.load(Acquire) == LOOKING && !local::with(|local| local.busy.get()) {
        // Another thread does.
        std::thread::yield_now();
    }
    STATE.load(Relaxed) == COUNTING
}

/// Is it settled whether calls are counted? Not for what looking at the environment calls.
pub(super) fn is_settled() -> bool {
    counting() || STATE.load(Relaxed) != LOOKING
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

/// Reads the one variable, and leaves everything alone if it is not there. Once: it was done where the first allocation
/// before `main` was a measured call.
pub(super) fn look_at_the_environment() {
    if STATE.compare_exchange(UNKNOWN, LOOKING, Acquire, Relaxed).is_err() {
        return;
    }
    local::with(|local| local.busy.set(true));
    let found = std::env::var_os(RUN_VARIABLE).and_then(|value| parse(&value));
    let state = match found {
        None => INERT,
        Some(started) => {
            clock::choose();
            stream::choose();
            control::open(&path(&started.directory, crate::layout::CONTROL_FILE));
            heap::shift(control::heap_seed(started.side));
            turns::begin(started.side);
            mode::choose();
            inject::begin();
            let _ = STARTED.set(started);
            COUNTING
        }
    };
    STATE.store(state, Release);
    local::with(|local| local.busy.set(false));
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
    let mut room = [0; LONGEST_PATH_BYTES];
    let now = monotonic_nanos();
    let mut attempts = (now..now + MOST_ATTEMPTS).map(|number| match map_name(started, number, &mut room) {
        Some(name) => map::create(name),
        None => Err(Errno::NAMETOOLONG),
    });
    let made = attempts.find(|made| *made != Err(Errno::EXIST));
    match map::header().filter(|_| made == Some(Ok(()))) {
        None => {
            STATE.store(INERT, Relaxed);
            if !IS_ENDING.load(Relaxed) {
                control::miss_map(started.side);
            }
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

/// Names that are tried for a map, should some be taken.
const MOST_ATTEMPTS: u64 = 64;

/// What the system takes: PATH_MAX of Linux.
const LONGEST_PATH_BYTES: usize = 4096;

/// A process may hold several copies of the runtime (versions, cdylibs, one that is loaded again and again), and process
/// ids come again: the time tells the maps of one id apart. The name is written into `room`: whoever makes the first measured
/// call may have interrupted the allocator.
fn map_name<'a>(started: &Started, number: u64, room: &'a mut [u8; LONGEST_PATH_BYTES]) -> Option<&'a CStr> {
    let mut rest = &mut room[..];
    rest.write_all(started.directory.to_bytes()).ok()?;
    write!(rest, "/{}-{}-{number}.{MAP_EXTENSION}\0", started.side, std::process::id()).ok()?;
    CStr::from_bytes_until_nul(room).ok()
}

/// `CLOCK_MONOTONIC`, which all processes of a machine share.
pub(super) fn monotonic_nanos() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Was this process forked from a measured one, and has not become another program since?
static IS_FORKED: AtomicBool = AtomicBool::new(false);

/// In a forked child: the map belongs to the parent, a new one is made at the first measured call.
pub(super) extern "C" fn after_fork_in_child() {
    IS_FORKED.store(true, Relaxed);
    super::thread::abandon();
    super::cold::unlock();
    super::calibrate::forget();
    control::forget_turns();
    super::home::forget();
    super::waiting::forget();
    turns::begin(side());
    map::forget();
}

/// Has the end come without a measured call? A map that cannot be made now lacks no calls.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// At an orderly end, or when the library is unloaded that this copy of the runtime is in.
pub(super) extern "C" fn at_end() {
    let only_unloaded = unload::is_all();
    // A program without a single measured call still lists its sites; for a forked child its parent does.
    if counting() && map::header().is_none() && !IS_FORKED.load(Relaxed) {
        IS_ENDING.store(true, Relaxed);
        super::cold::make_map_now();
    }
    if let Some(header) = map::header() {
        header.ended.store(1, Relaxed);
    }
    super::ending::close();
    if only_unloaded {
        leave_nothing();
    } else {
        control::leave_turns(side());
    }
}

/// Gives back what would pile up in a process that loads and unloads a library again and again.
fn leave_nothing() {
    // What other threads count into stays.
    if super::thread::anyone_counts() {
        return;
    }
    STATE.store(INERT, Relaxed);
    map::close();
    control::close();
}
