//! From a structure in the map to the next one, as the distances in `layout` say, and how such links are made. Together with
//! `map`, where all memory comes from, this is where every reference to a block, a slot, a counter, an edge or a record
//! begins: what others hold is right because nobody else can make one.
#![allow(unsafe_code, reason = "pointer arithmetic inside the shared map")]

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicU32, AtomicU64, compiler_fence};

use super::map::{self, Chunk};
use super::steps;
use crate::layout::{
    Block, CELL_BYTES, CHUNKS, Edge, Entry, Header, Link, LogChunk, SiteRecord, Slot, block_state,
};

/// The block into which a thread counts, and how many entries its table has: what is asked first at every call.
pub(super) struct Table {
    block: Cell<*const Block>,
    /// Zero without a block.
    entries: Cell<u32>,
}

impl Table {
    pub(super) const fn none() -> Table {
        Table { block: Cell::new(ptr::null()), entries: Cell::new(0) }
    }

    /// The entry of site `id`; `None` where there is none, or the table is [hidden](Table::hide).
    #[inline(always)]
    pub(super) fn entry(&self, id: u32) -> Option<&'static Entry> {
        // SAFETY: so many entries has the table behind the block, which `replace` was given.
        (id < self.entries.get()).then(|| unsafe { entry_behind(self.block.get(), id) })
    }

    pub(super) fn block(&self) -> Option<&'static Block> {
        // SAFETY: null, or what `replace` was given.
        unsafe { self.block.get().as_ref() }
    }

    /// The thread counts in `block` from here on, or nowhere; where it did before.
    pub(super) fn replace(&self, block: Option<&'static Block>) -> Option<&'static Block> {
        let before = self.block();
        // A signal handler in between finds no entry, and takes the slow path.
        self.hide();
        self.block.set(block.map_or(ptr::null(), ptr::from_ref));
        compiler_fence(SeqCst);
        self.entries.set(block.map_or(0, |block| block.slot_count.load(Relaxed)));
        before
    }

    /// Without entries from here on: every call takes the slow path.
    pub(super) fn hide(&self) {
        self.entries.set(0);
        compiler_fence(SeqCst);
    }
}

/// # Safety
/// The table behind `block` has more than `id` entries.
#[inline(always)]
unsafe fn entry_behind(block: *const Block, id: u32) -> &'static Entry {
    // SAFETY: as promised by the caller.
    unsafe { &*block.add(1).cast::<Entry>().add(id as usize) }
}

/// The entry of site `id`; `None` where the table is too short.
pub(super) fn entry(block: &'static Block, id: u32) -> Option<&'static Entry> {
    // SAFETY: `add_block` makes room for so many behind it.
    (id < block.slot_count.load(Relaxed)).then(|| unsafe { entry_behind(block, id) })
}

/// The slot of site `id` in `block`; `None` before it has one.
pub(super) fn slot(block: &'static Block, id: u32) -> Option<&'static Slot> {
    entry(block, id)?.slot.load(Relaxed)
}

/// The blocks of the map, newest first.
pub(super) fn blocks() -> impl Iterator<Item = &'static Block> {
    list(|header| &header.blocks_at, |block: &Block| &block.next_at)
}

/// The records of all sites that are in the map, newest first.
pub(super) fn records() -> impl Iterator<Item = &'static SiteRecord> {
    list(|header| &header.sites_at, |record: &SiteRecord| &record.next_at)
}

/// Two fields that lead to a `T` by its offset.
fn list<T: 'static>(
    first: impl Fn(&'static Header) -> &'static Link<AtomicU64>,
    next: impl Fn(&'static T) -> &'static Link<AtomicU64>,
) -> impl Iterator<Item = &'static T> {
    let first = map::header().and_then(|header| at(first(header), Acquire));
    std::iter::successors(first, move |of| at(next(of), Relaxed))
}

/// What a link of the map leads to by its offset.
fn at<T: 'static>(link: &'static Link<AtomicU64>, order: Ordering) -> Option<&'static T> {
    let offset = link.load(order);
    // SAFETY: where there are links to a `T`, no others are stored than to one in this map, complete before it is linked.
    (offset != 0).then(|| unsafe { &*map::at::<T>(offset) })
}

/// The newest chunk of the log of `block`, a block of this map.
pub(super) fn newest_log(block: &'static Block) -> Option<&'static LogChunk> {
    at(&block.log_at, Relaxed)
}

/// Which of a slot's tables of chunks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counters {
    /// How often each latency was seen ...
    Low,
    /// ... and how often that ran over.
    Carries,
}

impl Counters {
    #[inline(always)]
    fn links(self, slot: &Slot) -> &[Link<AtomicU32>; CHUNKS] {
        match self {
            Counters::Low => &slot.chunks_cells,
            Counters::Carries => &slot.carries_cells,
        }
    }
}

/// Chunk `number` of `slot`; `None` before it exists.
#[inline(always)]
pub(super) fn chunk(slot: &'static Slot, of: Counters, number: usize) -> Option<&'static Chunk> {
    // SAFETY: `add_chunk` stores the distance of a chunk.
    unsafe { follow(slot, of.links(slot).get(number)?) }
}

/// The first edge of `slot`; `None` where it has none.
pub(super) fn first_edge(slot: &'static Slot) -> Option<&'static Edge> {
    // SAFETY: `add_edge` stores the distance of an edge.
    unsafe { follow(slot, &slot.edges_cells) }
}

/// The one behind it.
pub(super) fn next_edge(edge: &'static Edge) -> Option<&'static Edge> {
    // SAFETY: as above.
    unsafe { follow(edge, &edge.next_cells) }
}

/// What `link` leads to.
///
/// # Safety
/// It is a field of `from`, and leads to a `To`.
#[inline(always)]
unsafe fn follow<From, To>(from: &'static From, link: &Link<AtomicU32>) -> Option<&'static To> {
    let cells = link.load(Relaxed);
    if cells == 0 {
        return None;
    }
    let distance = (cells as i32 as isize) * CELL_BYTES as isize;
    let to = ptr::from_ref(from).cast::<u8>().wrapping_offset(distance).cast::<To>();
    // SAFETY: as promised by the caller. No map is at address zero; the compiler would ask once more.
    Some(unsafe {
        std::hint::assert_unchecked(!to.is_null());
        &*to
    })
}

/// The distance from `from` to `to` in cells; `None` when they are more than 128 GiB apart.
fn cells<From, To>(from: &From, to: &To) -> Option<u32> {
    let address = |of: usize| of.cast_signed();
    let distance = address(ptr::from_ref(to).addr()).wrapping_sub(address(ptr::from_ref(from).addr()));
    i32::try_from(distance / CELL_BYTES as isize).ok().map(|cells| cells as u32)
}

/// A claimed block with a table of so many entries.
pub(super) fn add_block(entries: u32) -> Option<&'static Block> {
    let header = map::header()?;
    let table = u64::from(entries) * size_of::<Entry>() as u64;
    let place = map::allocate_bytes(size_of::<Block>() as u64 + table)?.cast::<Block>();
    // SAFETY: fresh zeroed memory, all fields of which are atomics; it stays, with the table behind it.
    let block = unsafe { &*place };
    block.state.store(block_state::CLAIMED, Relaxed);
    // SAFETY: so many entries lie behind it, and a complete block is put before complete ones.
    unsafe {
        block.slot_count.field().store(entries, Relaxed);
        steps::push(header.blocks_at.field(), block.next_at.field(), map::offset(block));
    }
    Some(block)
}

/// A slot for an entry of `block`.
pub(super) fn add_slot(block: &'static Block, entry: &'static Entry) -> Option<&'static Slot> {
    let slot = map::allocate::<Slot>()?;
    steps::publish(&entry.slot_cells, cells(block, slot)?);
    entry.slot.store(Some(slot), Relaxed);
    Some(slot)
}

/// Chunk `number` of `slot`, which has none yet.
pub(super) fn add_chunk(slot: &'static Slot, of: Counters, number: usize) -> Option<&'static Chunk> {
    let link = of.links(slot).get(number)?;
    let chunk = map::allocate::<Chunk>()?;
    let cells = cells(slot, chunk)?;
    // SAFETY: the distance of a chunk that is complete: all zeros.
    steps::publish(unsafe { link.field() }, cells);
    Some(chunk)
}

/// An edge from `caller` at the head of the list of `slot`.
pub(super) fn add_edge(slot: &'static Slot, caller: u32) -> Option<&'static Edge> {
    let edge = map::allocate::<Edge>()?;
    let to_edge = cells(slot, edge)?;
    edge.caller.store(caller, Relaxed);
    let to_next = first_edge(slot).map_or(Some(0), |first| cells(edge, first))?;
    // SAFETY: the distance of the edge that was the first, or zero; then that of this one, which is complete.
    unsafe {
        edge.next_cells.field().store(to_next, Relaxed);
        steps::publish(slot.edges_cells.field(), to_edge);
    }
    Some(edge)
}

/// A new chunk of the log of `block`.
pub(super) fn add_log(block: &'static Block) -> Option<&'static LogChunk> {
    let chunk = map::allocate::<LogChunk>()?;
    chunk.previous_at.store(block.log_at.load(Relaxed), Relaxed);
    // SAFETY: the offset of a chunk that is complete.
    unsafe { block.log_at.field() }.store(map::offset(chunk), Release);
    Some(chunk)
}

/// A record that others can be found behind.
pub(super) fn add_record(fill: impl FnOnce(&'static SiteRecord)) -> Option<()> {
    let header = map::header()?;
    let record = map::allocate::<SiteRecord>()?;
    fill(record);
    // SAFETY: the offset of the record that was the first, or zero; then that of this one, which is complete.
    unsafe {
        record.next_at.field().store(header.sites_at.load(Relaxed), Relaxed);
        header.sites_at.field().store(map::offset(record), Release);
    }
    header.site_count.fetch_add(1, Release);
    Some(())
}

/// Stores around the caches.
#[cfg(target_arch = "x86_64")]
pub(super) fn store_around_caches(place: &AtomicU64, number: u64) {
    // SAFETY: an aligned place that may be written. The store is weakly ordered; the reader waits for the end of the process.
    unsafe { std::arch::x86_64::_mm_stream_si64(place.as_ptr().cast(), number.cast_signed()) };
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn store_around_caches(place: &AtomicU64, number: u64) {
    place.store(number, Relaxed);
}
