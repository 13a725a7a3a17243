//! The map of this process: one file, reserved piece by piece with `fallocate` (writing to a page that a full tmpfs
//! cannot give kills the program) and mapped at one place, so that nothing ever moves.
//!
//! What is handed out here stays for good, which is why all of it is `'static`: nothing is unmapped that has been handed out,
//! but when the code of this copy of the runtime is unloaded, by [`close`] and [`close_existing`]. After those two, nobody
//! runs who could have kept a reference.
#![allow(unsafe_code, reason = "maps memory and hands out parts of it")]

use std::ffi::CStr;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU8, AtomicU32, AtomicU64};

use rustix::fs::{FallocateFlags, Mode, OFlags};
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags};

use super::{libc, steps};
use crate::layout::{
    BudgetRecord, CELL_BYTES, CHUNK_COUNTERS, Control, Edge, Header, LogChunk, SiteRecord, Slot,
};

/// Address space to reserve; less where a limit on it forbids more.
const RESERVE_BYTES: [usize; 3] = [64 << 30, 1 << 30, 64 << 20];

/// Growth: as much again as there is, so that a short process takes little, of which a workload may start ten thousand.
/// The least that is a whole page everywhere ...
const FIRST_STEP_BYTES: u64 = 64 << 10;
/// ... up to this much: a few system calls per thread.
const LAST_STEP_BYTES: u64 = 256 << 10;

/// The map; `base` is null before it is made.
struct Map {
    base: AtomicPtr<u8>,
    /// Where the parent's is, in a forked child that has none of its own yet.
    parents: AtomicPtr<u8>,
    /// Address space that belongs to it.
    reserved: AtomicU64,
    /// It did not grow when it was asked to.
    is_full: AtomicBool,
    /// Bytes that have memory behind them.
    backed: AtomicU64,
    file: AtomicI32,
    /// Which file that descriptor refers to: a daemon may close it and open another one in its place.
    identity: [AtomicU64; 2],
    growing: AtomicBool,
}

static MAP: Map = Map {
    base: AtomicPtr::new(std::ptr::null_mut()),
    parents: AtomicPtr::new(std::ptr::null_mut()),
    reserved: AtomicU64::new(0),
    is_full: AtomicBool::new(false),
    backed: AtomicU64::new(0),
    file: AtomicI32::new(-1),
    identity: [AtomicU64::new(0), AtomicU64::new(0)],
    growing: AtomicBool::new(false),
};

/// The header, when the map is made.
pub(super) fn header() -> Option<&'static Header> {
    let base = MAP.base.load(Acquire);
    // SAFETY: a base that is not null is the start of the mapping, which begins with the header and stays.
    (!base.is_null()).then(|| unsafe { &*base.cast::<Header>() })
}

/// Makes the map in a new file, or leaves nothing behind. Only one thread may call this at a time.
pub(super) fn create(name: &CStr) -> Result<(), Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    leave_parents();
    let file = rustix::fs::open(name, flags, Mode::RUSR | Mode::WUSR)?;
    let made = identity(file.as_fd()).and_then(|identity| map_first_step(&file, identity));
    match made {
        // It stays open for growing.
        Ok(()) => _ = file.into_raw_fd(),
        Err(_) => {
            MAP.file.store(-1, Relaxed);
            let _ = rustix::fs::unlink(name);
        }
    }
    made
}

fn map_first_step(file: &OwnedFd, identity: [u64; 2]) -> Result<(), Errno> {
    let (base, reserved) = reserve()?;
    MAP.reserved.store(reserved as u64, Relaxed);
    MAP.is_full.store(false, Relaxed);
    MAP.backed.store(0, Relaxed);
    MAP.growing.store(false, Relaxed);
    MAP.file.store(file.as_raw_fd(), Relaxed);
    MAP.identity.iter().zip(identity).for_each(|(field, value)| field.store(value, Relaxed));
    if let Err(error) = back(base, FIRST_STEP_BYTES) {
        // SAFETY: our own reservation, into which nothing points.
        let _ = unsafe { rustix::mm::munmap(base.cast(), reserved) };
        return Err(error);
    }
    // SAFETY: the first step is mapped, zeroed, and large enough for the header.
    let header = unsafe { &*base.cast::<Header>() };
    let used = (size_of::<Header>() as u64).next_multiple_of(CELL_BYTES);
    // SAFETY: nothing is handed out yet, and nothing before this.
    unsafe { header.used.field() }.store(used, Relaxed);
    MAP.base.store(base, Release);
    Ok(())
}

fn identity(file: BorrowedFd<'_>) -> Result<[u64; 2], Errno> {
    rustix::fs::fstat(file).map(|stat| [stat.st_dev, stat.st_ino])
}

/// Forgets the map without touching it: after a fork it belongs to the parent.
pub(super) fn forget() {
    let base = MAP.base.swap(std::ptr::null_mut(), AcqRel);
    if !base.is_null() {
        MAP.parents.store(base, Relaxed);
    }
}

/// Gives back what a forked child has of its parent's map, before it makes one: children of children would run out of
/// descriptors and addresses. What has memory behind it stays: a signal handler may have forked in the middle of a call.
fn leave_parents() {
    let base = MAP.parents.swap(std::ptr::null_mut(), Relaxed);
    if !base.is_null() {
        close_file();
        unmap(base, MAP.backed.load(Relaxed));
    }
}

/// Gives the map back: the code of this copy of the runtime is about to be unloaded. Only the file stays.
pub(super) fn close() {
    leave_parents();
    let base = MAP.base.swap(std::ptr::null_mut(), AcqRel);
    if !base.is_null() {
        close_file();
        unmap(base, 0);
    }
}

/// Unmaps what is behind `from`.
fn unmap(base: *mut u8, from: u64) {
    let bytes = MAP.reserved.load(Relaxed).saturating_sub(from);
    // SAFETY: a part of our own reservation; the callers know that nothing refers to it.
    let _ = unsafe { rustix::mm::munmap(base.wrapping_add(from as usize).cast(), bytes as usize) };
}

/// Closes the map's file, unless the program has done so.
fn close_file() {
    let descriptor = MAP.file.swap(-1, Relaxed);
    if descriptor < 0 {
        return;
    }
    // SAFETY: opened by `create`; should the program have closed it since, the next line sees that.
    let file = ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(descriptor) });
    if is_ours(file.as_fd()).is_ok() {
        drop(ManuallyDrop::into_inner(file));
    }
}

/// Is it still the file of the map?
fn is_ours(file: BorrowedFd<'_>) -> Result<(), Errno> {
    let ours = MAP.identity.each_ref().map(|part| part.load(Relaxed));
    if identity(file)? == ours { Ok(()) } else { Err(Errno::BADF) }
}

fn reserve() -> Result<(*mut u8, usize), Errno> {
    let attempt = |bytes| {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice, without access.
        let base =
            unsafe { rustix::mm::mmap_anonymous(std::ptr::null_mut(), bytes, ProtFlags::empty(), flags) };
        base.map(|base| (base.cast(), bytes))
    };
    RESERVE_BYTES.into_iter().map(attempt).find(Result::is_ok).unwrap_or(Err(Errno::NOMEM))
}

/// What zeroed memory is: structures of atomics, which many may write.
///
/// # Safety
/// Zeros are a valid value, of no more than [`CELL_BYTES`] alignment.
pub(super) unsafe trait Zeroed: Sync + 'static {}

/// A chunk of a histogram.
pub(super) type Chunk = [AtomicU32; CHUNK_COUNTERS];

// SAFETY: numbers, and links and addresses, of which zero means none.
unsafe impl Zeroed for AtomicU8 {}
// SAFETY: as above.
unsafe impl Zeroed for BudgetRecord {}
// SAFETY: as above.
unsafe impl Zeroed for Chunk {}
// SAFETY: as above.
unsafe impl Zeroed for Edge {}
// SAFETY: as above.
unsafe impl Zeroed for LogChunk {}
// SAFETY: as above.
unsafe impl Zeroed for SiteRecord {}
// SAFETY: as above.
unsafe impl Zeroed for Slot {}

/// A new `T` in the map; `None` when there is no room.
pub(super) fn allocate<T: Zeroed>() -> Option<&'static T> {
    // SAFETY: so much memory, zeroed, of which nobody else knows; it stays.
    allocate_bytes(size_of::<T>() as u64).map(|place| unsafe { &*place.cast::<T>() })
}

/// The same, so many of them.
pub(super) fn allocate_many<T: Zeroed>(count: usize) -> Option<&'static [T]> {
    let bytes = size_of::<T>().checked_mul(count)?;
    // SAFETY: as above.
    allocate_bytes(bytes as u64).map(|place| unsafe { std::slice::from_raw_parts(place.cast::<T>(), count) })
}

/// Zeroed memory in the map, from the beginning of a cell; `None` when there is no room.
pub(super) fn allocate_bytes(bytes: u64) -> Option<*mut u8> {
    let header = header()?;
    // SAFETY: `reserve` hands out what lies behind, and nothing twice.
    let used = unsafe { header.used.field() };
    let (at, end) = steps::reserve(used, bytes.next_multiple_of(CELL_BYTES))?;
    if !steps::cover(&MAP.backed, &MAP.growing, end, || grow(end)) {
        return None;
    }
    Some(MAP.base.load(Relaxed).wrapping_add(at as usize))
}

/// The offset of a structure of the map in its file.
pub(super) fn offset<T: ?Sized>(of: &T) -> u64 {
    (std::ptr::from_ref(of).addr() as u64).wrapping_sub(MAP.base.load(Relaxed).addr() as u64)
}

/// The structure at an offset that [`offset`] gave.
pub(super) fn at<T>(offset: u64) -> *const T {
    MAP.base.load(Relaxed).wrapping_add(offset as usize).cast()
}

/// The caller has the lock `growing`, and waited for nobody but other threads: whoever comes here has set its `busy` flag.
/// After a failure the map stays as it is: what finds no room in it is lost without a system call each time.
fn grow(end: u64) -> bool {
    let is_enough = !MAP.is_full.load(Relaxed) && back(MAP.base.load(Relaxed), end).is_ok();
    if !is_enough {
        MAP.is_full.store(true, Relaxed);
    }
    is_enough
}

/// Puts memory behind everything up to `end`, rounded up to steps.
fn back(base: *mut u8, end: u64) -> Result<(), Errno> {
    let from = MAP.backed.load(Relaxed);
    let step = from.clamp(FIRST_STEP_BYTES, LAST_STEP_BYTES);
    let bytes = end.next_multiple_of(step) - from;
    if from + bytes > MAP.reserved.load(Relaxed) {
        return Err(Errno::NOMEM);
    }
    // SAFETY: opened by `create`; should the program have closed it since, the next line sees that.
    let file = unsafe { BorrowedFd::borrow_raw(MAP.file.load(Relaxed)) };
    is_ours(file)?;
    // Beyond the limit on the size of files a signal would kill the program.
    if libc::largest_file().is_none_or(|limit| from + bytes > limit) {
        return Err(Errno::FBIG);
    }
    // A timer's signal interrupts it on tmpfs.
    rustix::io::retry_on_intr(|| rustix::fs::fallocate(file, FallocateFlags::empty(), from, bytes))?;
    // SAFETY: replaces a part of our own reservation that nothing points into yet.
    unsafe { map_file(base.wrapping_add(from as usize), bytes as usize, file, from)? };
    MAP.backed.store(from + bytes, Release);
    Ok(())
}

/// Maps a part of the file at `place` and touches its pages now: a first touch inside a measured call costs up to 40 us.
///
/// # Safety
/// `place .. place + bytes` is address space that belongs to the caller.
unsafe fn map_file(place: *mut u8, bytes: usize, file: BorrowedFd<'_>, from: u64) -> Result<(), Errno> {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: promised by the caller.
    let start = unsafe {
        rustix::mm::mmap(place.cast(), bytes, protection, MapFlags::SHARED | MapFlags::FIXED, file, from)?
    };
    // SAFETY: the range was just mapped. Kernels before 5.14 refuse this; then pages are touched when first used.
    let _ = unsafe { rustix::mm::madvise(start, bytes, Advice::LinuxPopulateWrite) };
    Ok(())
}

/// Maps the control page that `cargo darwin` made, for reading and writing.
pub(super) fn map_existing(name: &CStr) -> Option<&'static Control> {
    let file: OwnedFd = rustix::fs::open(name, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let bytes = size_of::<Control>();
    if rustix::fs::fstat(&file).ok()?.st_size < i64::try_from(bytes).ok()? {
        return None;
    }
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping at an address of the kernel's choice; the file is at least that long.
    let start =
        unsafe { rustix::mm::mmap(std::ptr::null_mut(), bytes, protection, MapFlags::SHARED, &file, 0) };
    // SAFETY: mapped just now, at a page boundary; it stays, and any number is a value of its atomics.
    start.ok().map(|start| unsafe { &*start.cast::<Control>() })
}

/// Gives back what [`map_existing`] gave: the code of this copy of the runtime is about to be unloaded.
pub(super) fn close_existing(page: &'static Control) {
    let start = std::ptr::from_ref(page).cast_mut();
    // SAFETY: a mapping of that size; no code is left that could refer to it.
    let _ = unsafe { rustix::mm::munmap(start.cast(), size_of::<Control>()) };
}
