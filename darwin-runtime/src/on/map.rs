//! The map of this process: one file, reserved piece by piece with `fallocate` (writing to a page that a full tmpfs
//! cannot give kills the program) and mapped at one place, so that nothing ever moves.
#![allow(unsafe_code, reason = "maps memory and hands out parts of it")]

use std::ffi::CStr;
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64};

use rustix::fs::{FallocateFlags, Mode, OFlags};
use rustix::mm::{Advice, MapFlags, ProtFlags};

use crate::layout::{CELL_BYTES, Header};

/// Address space to reserve; less where a limit on it forbids more.
const RESERVE_BYTES: [usize; 3] = [64 << 30, 1 << 30, 64 << 20];

/// Growth step: a few system calls per thread, and little waste in small programs.
const STEP_BYTES: u64 = 256 << 10;

/// The map; `base` is null before it is made.
struct Map {
    base: AtomicPtr<u8>,
    reserved: AtomicU64,
    /// Bytes that have memory behind them.
    backed: AtomicU64,
    file: AtomicI32,
    growing: AtomicBool,
}

static MAP: Map = Map {
    base: AtomicPtr::new(std::ptr::null_mut()),
    reserved: AtomicU64::new(0),
    backed: AtomicU64::new(0),
    file: AtomicI32::new(-1),
    growing: AtomicBool::new(false),
};

/// The header, when the map is made.
pub(super) fn header() -> Option<&'static Header> {
    let base = MAP.base.load(Acquire);
    // SAFETY: a base that is not null is the start of the mapping, which begins with the header and is never unmapped.
    (!base.is_null()).then(|| unsafe { &*base.cast::<Header>() })
}

/// Makes the map in a new file; `false` when that is not possible. Only one thread may call this at a time.
pub(super) fn create(name: &CStr) -> bool {
    let Ok(file) = rustix::fs::open(
        name,
        OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC,
        Mode::RUSR | Mode::WUSR,
    ) else {
        return false;
    };
    let Some((base, reserved)) = reserve() else { return false };
    MAP.reserved.store(reserved as u64, Relaxed);
    MAP.backed.store(0, Relaxed);
    MAP.growing.store(false, Relaxed);
    MAP.file.store(file.into_raw_fd(), Relaxed);
    if !back(base, STEP_BYTES) {
        return false;
    }
    // SAFETY: the first step is mapped, zeroed, and large enough for the header.
    let header = unsafe { &*base.cast::<Header>() };
    header.used.store((size_of::<Header>() as u64).next_multiple_of(CELL_BYTES), Relaxed);
    MAP.base.store(base, Release);
    true
}

/// Forgets the map without touching it: after a fork it belongs to the parent.
pub(super) fn forget() {
    MAP.base.store(std::ptr::null_mut(), Release);
}

fn reserve() -> Option<(*mut u8, usize)> {
    RESERVE_BYTES.into_iter().find_map(|bytes| {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice, without access.
        let base =
            unsafe { rustix::mm::mmap_anonymous(std::ptr::null_mut(), bytes, ProtFlags::empty(), flags) };
        base.ok().map(|base| (base.cast(), bytes))
    })
}

/// Zeroed memory in the map for a `T` and `tail` bytes behind it; `None` when there is no room.
pub(super) fn allocate<T>(tail: u64) -> Option<*mut T> {
    let header = header()?;
    let bytes = (size_of::<T>() as u64 + tail).next_multiple_of(CELL_BYTES);
    let at = header.used.fetch_add(bytes, AcqRel);
    let end = at.checked_add(bytes)?;
    if end > MAP.backed.load(Acquire) && !grow(end) {
        return None;
    }
    // SAFETY: below `backed`, hence inside the mapping.
    Some(unsafe { MAP.base.load(Relaxed).add(at as usize) }.cast())
}

/// The offset of a structure of the map in its file.
pub(super) fn offset<T>(of: *const T) -> u64 {
    (of as u64).wrapping_sub(MAP.base.load(Relaxed) as u64)
}

/// The structure at an offset that [`offset`] gave.
pub(super) fn at<T>(offset: u64) -> *const T {
    MAP.base.load(Relaxed).wrapping_add(offset as usize).cast()
}

/// Waits for the one that is growing the map. It cannot be this thread: the caller holds its `busy` flag.
fn grow(end: u64) -> bool {
    while MAP.growing.compare_exchange(false, true, Acquire, Relaxed).is_err() {
        std::thread::yield_now();
    }
    let enough = end <= MAP.backed.load(Acquire) || back(MAP.base.load(Relaxed), end);
    MAP.growing.store(false, Release);
    enough
}

/// Puts memory behind everything up to `end`, rounded up to steps.
fn back(base: *mut u8, end: u64) -> bool {
    let from = MAP.backed.load(Relaxed);
    let bytes = end.next_multiple_of(STEP_BYTES) - from;
    if from + bytes > MAP.reserved.load(Relaxed) {
        return false;
    }
    // SAFETY: the descriptor was opened by `create` and is never closed.
    let file = unsafe { BorrowedFd::borrow_raw(MAP.file.load(Relaxed)) };
    if rustix::fs::fallocate(file, FallocateFlags::empty(), from, bytes).is_err() {
        return false;
    }
    // SAFETY: replaces a part of our own reservation that nothing points into yet.
    let mapped = unsafe { map_file(base.wrapping_add(from as usize), bytes as usize, file, from) };
    if mapped {
        MAP.backed.store(from + bytes, Release);
    }
    mapped
}

/// Maps a part of the file at `place` and touches its pages now: a first touch inside a measured call costs up to 40 us.
///
/// # Safety
/// `place .. place + bytes` is address space that belongs to the caller.
unsafe fn map_file(place: *mut u8, bytes: usize, file: BorrowedFd<'_>, from: u64) -> bool {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: promised by the caller.
    let mapped = unsafe {
        rustix::mm::mmap(place.cast(), bytes, protection, MapFlags::SHARED | MapFlags::FIXED, file, from)
    };
    mapped.is_ok_and(|start| {
        // SAFETY: the range was just mapped. Kernels before 5.14 refuse this; then pages are touched when first used.
        let _ = unsafe { rustix::mm::madvise(start, bytes, Advice::LinuxPopulateWrite) };
        true
    })
}

/// Maps a file of the run directory that `cargo darwin` made, for reading and writing; it stays for good.
pub(super) fn map_existing(name: &CStr, bytes: usize) -> Option<*mut u8> {
    let file: OwnedFd = rustix::fs::open(name, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).ok()?;
    if rustix::fs::fstat(&file).ok()?.st_size < i64::try_from(bytes).ok()? {
        return None;
    }
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping at an address of the kernel's choice; the file is at least that long.
    unsafe { rustix::mm::mmap(std::ptr::null_mut(), bytes, protection, MapFlags::SHARED, &file, 0) }
        .ok()
        .map(|start| start.cast())
}
