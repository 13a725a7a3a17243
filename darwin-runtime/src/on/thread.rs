//! A thread's block in the map: claimed at its first measured call, left to the next thread when it ends.
#![allow(unsafe_code, reason = "refers to blocks, slots and logs in the shared map")]

use std::ptr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::local::{self, Local};
use super::{control, cpu, ending, graph, map, place, refusable, sites, steps, turns};
use crate::alloc;
use crate::layout::{Block, Entry, LOG_ENTRIES, LogChunk, Slot, block_state};
use crate::site::Site;

/// Sites that only a first call registers find room in a table made before it.
const SPARE_SLOTS: u32 = 64;

/// The thread ends. What it still calls in its last destructors, it counts call by call.
pub(super) fn end() {
    local::with(|local| {
        turns::retire(local);
        release(local);
        local.retired.set(true);
    });
}

/// The block of this thread, claimed now if it has none.
pub(super) fn block(local: &Local) -> Option<*const Block> {
    if local.block.get().is_null() {
        claim(local, sites::count() + 1)?;
    }
    Some(local.block.get())
}

/// The slot of `site` for this thread, made now if there is none.
pub(super) fn slot(local: &Local, site: &'static Site) -> Option<&'static Slot> {
    let id = sites::id_of(site);
    let mut claimed = block(local)?;
    // SAFETY: a claimed block lies in the map.
    if id >= unsafe { (*claimed).slot_count.load(Relaxed) } {
        let open = graph::take_depths(local, claimed);
        release(local);
        claimed = claim(local, id + 1)?;
        graph::put_depths(claimed, open);
    }
    // SAFETY: as above.
    match unsafe { place::slot(claimed, id) } {
        Some(slot) => Some(slot),
        None => make_slot(claimed, id),
    }
}

pub(super) fn make_slot(block: *const Block, id: u32) -> Option<&'static Slot> {
    let slot = map::allocate::<Slot>(0)?;
    let cells = place::cells(block, slot.cast_const())?;
    // SAFETY: the table behind the block has more than `id` entries, as the caller has seen; the slot is zeroed.
    unsafe {
        let entry = place::entry(block, id)?;
        steps::publish(&entry.slot_cells, cells);
        place::keep_address(&entry.slot, slot);
        Some(&*slot)
    }
}

/// Takes over a block that an ended thread has left, or makes one.
fn claim(local: &Local, slots: u32) -> Option<*const Block> {
    let block = reuse(slots).or_else(|| make_block(slots + SPARE_SLOTS))?;
    local.count_in(block);
    // SAFETY: this thread's claimed block in the map.
    unsafe { (*block).thread.store(refusable::thread_id(), Relaxed) };
    if control::wants_log() {
        resume_log(local, block);
        // To which turn the log belongs is said at the next entry.
        local.stage.set(0);
    }
    if local.retired.get() {
        // Every call takes the slow path, which releases the block behind it.
        local.slots.set(0);
    } else {
        ending::watch_this_thread();
    }
    if let Some(header) = map::header() {
        header.alloc_installed.store(u32::from(alloc::is_installed()), Relaxed);
    }
    Some(block)
}

/// What the other threads that count in this process have computed, in nanoseconds.
pub(super) fn others_computed() -> u64 {
    let own = refusable::thread_id();
    let (mut at, mut sum) = (map::header().map_or(0, |header| header.blocks_at.load(Acquire)), 0);
    while at != 0 {
        // SAFETY: the list of the map holds offsets of complete blocks.
        let block = unsafe { &*map::at::<Block>(at) };
        let thread = block.thread.load(Relaxed);
        if block.state.load(Relaxed) == block_state::CLAIMED && thread != own {
            sum += cpu::of_thread(thread).unwrap_or(0);
        }
        at = block.next_at.load(Relaxed);
    }
    sum
}

/// Has any thread a block?
pub(super) fn anyone_counts() -> bool {
    let mut at = map::header().map_or(0, |header| header.blocks_at.load(Acquire));
    while at != 0 {
        // SAFETY: the list of the map holds offsets of complete blocks.
        let block = unsafe { &*map::at::<Block>(at) };
        if block.state.load(Relaxed) == block_state::CLAIMED {
            return true;
        }
        at = block.next_at.load(Relaxed);
    }
    false
}

fn reuse(slots: u32) -> Option<*const Block> {
    let mut at = map::header()?.blocks_at.load(Acquire);
    while at != 0 {
        let block = map::at::<Block>(at);
        // SAFETY: the list of the map holds offsets of complete blocks.
        let fields = unsafe { &*block };
        if fields.slot_count.load(Relaxed) >= slots && steps::claim(&fields.state) {
            return Some(block);
        }
        at = fields.next_at.load(Relaxed);
    }
    None
}

fn make_block(slots: u32) -> Option<*const Block> {
    let header = map::header()?;
    let block = map::allocate::<Block>(u64::from(slots) * size_of::<Entry>() as u64)?;
    // SAFETY: fresh zeroed memory in the map.
    let fields = unsafe { &*block };
    fields.state.store(block_state::CLAIMED, Relaxed);
    fields.slot_count.store(slots, Relaxed);
    steps::push(&header.blocks_at, &fields.next_at, map::offset(block));
    Some(block.cast_const())
}

/// Leaves this thread's block to the next one.
pub(super) fn release(local: &Local) {
    // The next one must not find calls of this one open.
    drop(graph::take_depths(local, local.block.get()));
    // SAFETY: null, or this thread's claimed block in the map.
    let Some(block) = (unsafe { local.count_in(ptr::null()).as_ref() }) else { return };
    let next = local.log_next.replace(ptr::null());
    block.log_next_at.store(if next.is_null() { 0 } else { map::offset(next) }, Relaxed);
    steps::retire(&block.state);
}

/// In a forked child: the block is the parent's.
pub(super) fn abandon() {
    sites::unlock();
    local::with(|local| {
        local.count_in(ptr::null());
        local.log_next.set(ptr::null());
        local.busy.set(false);
        local.stage.set(0);
        local.left.set(0);
        local.active.set(false);
        graph::forget(local);
    });
}

/// Goes on in the log that the block's last thread has left.
fn resume_log(local: &Local, block: *const Block) {
    // SAFETY: this thread's claimed block in the map.
    let fields = unsafe { &*block };
    let next = fields.log_next_at.load(Relaxed);
    if next == 0 {
        return extend_log(local, fields);
    }
    let chunk = map::at::<LogChunk>(fields.log_at.load(Relaxed));
    // SAFETY: `log_at` is the chunk into which `log_next_at` points.
    let entries = unsafe { &(*chunk).entries };
    local.log_next.set(map::at::<AtomicU64>(next));
    local.log_end.set(entries.as_ptr_range().end);
}

/// Begins a new chunk of the block's log; without room, the log ends here and its calls are lost.
pub(super) fn extend_log(local: &Local, block: &Block) {
    let Some(chunk) = map::allocate::<LogChunk>(0) else { return };
    // SAFETY: fresh zeroed memory in the map.
    let fields = unsafe { &*chunk };
    fields.previous_at.store(block.log_at.load(Relaxed), Relaxed);
    block.log_at.store(map::offset(chunk), Release);
    local.log_next.set(fields.entries.as_ptr());
    local.log_end.set(fields.entries.as_ptr_range().end);
    debug_assert_eq!(fields.entries.len(), LOG_ENTRIES);
}
