//! From a structure in the map to the next one, as the distances in `layout` say.
#![allow(unsafe_code, reason = "pointer arithmetic inside the shared map")]

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::bucket::Bucket;
use crate::layout::{Block, CELL_BYTES, CHUNKS, Edge, Entry, Slot};

/// The entry of site `id` in the table of `block`; `None` where the table is too short.
///
/// # Safety
/// `block` is a block in the live map, followed by its table of `slot_count` entries.
#[inline(always)]
pub(super) unsafe fn entry<'a>(block: *const Block, id: u32) -> Option<&'a Entry> {
    // SAFETY: as promised by the caller.
    unsafe { (id < (*block).slot_count.load(Relaxed)).then(|| known_entry(block, id)) }
}

/// The entry of site `id`, for which the table has room.
///
/// # Safety
/// As for [`entry`], and `id` is below `slot_count`.
#[inline(always)]
pub(super) unsafe fn known_entry<'a>(block: *const Block, id: u32) -> &'a Entry {
    // SAFETY: as promised by the caller.
    unsafe { &*block.add(1).cast::<Entry>().add(id as usize) }
}

/// The slot of site `id` in `block`; `None` before it has one.
///
/// # Safety
/// As for [`entry`].
#[inline(always)]
pub(super) unsafe fn slot<'a>(block: *const Block, id: u32) -> Option<&'a Slot> {
    // SAFETY: as promised by the caller.
    unsafe { slot_of(entry(block, id)?) }
}

/// The slot of an entry; `None` before it has one.
///
/// # Safety
/// The entry is of a block in the live map of this process.
#[inline(always)]
pub(super) unsafe fn slot_of<'a>(entry: &Entry) -> Option<&'a Slot> {
    // SAFETY: it is written only with addresses of slots of that map.
    unsafe { by_address::<Slot>(&entry.slot) }
}

/// The edge of `slot` that was used last; `None` before it has one.
///
/// # Safety
/// `slot` lies in the live map of this process.
#[inline(always)]
pub(super) unsafe fn recent_edge(slot: &Slot) -> Option<&Edge> {
    // SAFETY: as above.
    unsafe { by_address::<Edge>(&slot.recent_edge) }
}

/// What lies at an address; `None` at zero.
///
/// # Safety
/// It is zero, or that of a `To` in the live map of this process.
#[inline(always)]
unsafe fn by_address<'a, To>(address: &AtomicU64) -> Option<&'a To> {
    // SAFETY: promised by the caller.
    unsafe { std::ptr::with_exposed_provenance::<To>(address.load(Relaxed) as usize).as_ref() }
}

/// Keeps where `to` lies, for this process alone.
pub(super) fn keep_address<To>(address: &AtomicU64, to: *const To) {
    address.store(to.expose_provenance() as u64, Relaxed);
}

/// The edge `cells` away from `from`; `None` where there is none.
///
/// # Safety
/// `from` lies in the live map, and `cells` is one of its distances to edges.
#[inline(always)]
pub(super) unsafe fn edge<'a, From>(from: &From, cells: &AtomicU32) -> Option<&'a Edge> {
    let cells = cells.load(Relaxed);
    // SAFETY: as promised by the caller; a distance is written when its edge is complete.
    (cells != 0).then(|| unsafe { &*at::<From, Edge>(from, cells) })
}

/// The counter of `bucket` through one of the two tables of `slot`; `None` before its chunk exists.
///
/// # Safety
/// `slot` lies in the live map, and `table` is its `chunks_cells` or `carries_cells`.
#[inline(always)]
pub(super) unsafe fn counter<'a>(
    slot: &'a Slot,
    table: &[AtomicU32; CHUNKS],
    bucket: Bucket,
) -> Option<&'a AtomicU32> {
    // SAFETY: `bucket::of` never gives a chunk behind the last one.
    let cells = unsafe { table.get_unchecked(bucket.chunk) }.load(Relaxed);
    // SAFETY: a distance that is not zero leads to a chunk of 1024 counters in the same map; `place` is below 1024.
    (cells != 0).then(|| unsafe { &*at::<Slot, AtomicU32>(slot, cells).add(bucket.place) })
}

/// The structure `cells` away from `from`, in either direction.
///
/// # Safety
/// Both lie in the live map.
#[inline(always)]
unsafe fn at<From, To>(from: *const From, cells: u32) -> *const To {
    let distance = (cells as i32 as isize) * CELL_BYTES as isize;
    let to = from.cast::<u8>().wrapping_offset(distance);
    // SAFETY: no map is at address zero. Said to the compiler, which would ask once more.
    unsafe { std::hint::assert_unchecked(!to.is_null()) };
    to.cast()
}

/// The distance from `from` to `to` in cells; `None` when they are more than 128 GiB apart.
pub(super) fn cells<From, To>(from: *const From, to: *const To) -> Option<u32> {
    let distance = (to as isize).wrapping_sub(from as isize) / CELL_BYTES as isize;
    i32::try_from(distance).ok().map(|cells| cells as u32)
}
