//! A thread's block in the map: claimed at its first measured call, left to the next thread when it ends.

use std::mem::offset_of;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::compiler_fence;

use super::local::{self, Local};
use super::{control, cpu, ending, graph, libc, map, place, sites, steps, turns};
use crate::alloc;
use crate::layout::{Block, LOG_ENTRIES, LogChunk, Slot, block_state};
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
pub(super) fn block(local: &Local) -> Option<&'static Block> {
    local.table.block().or_else(|| claim(local, sites::count() + 1))
}

/// The slot of `site` for this thread, made now if there is none.
pub(super) fn slot(local: &Local, site: &'static Site) -> Option<&'static Slot> {
    let id = sites::id_of(site);
    let mut claimed = block(local)?;
    if id >= claimed.slot_count.load(Relaxed) {
        let open = graph::take_depths(local, Some(claimed));
        release(local);
        claimed = claim(local, id + 1)?;
        graph::put_depths(claimed, open);
    }
    slot_in(claimed, id)
}

/// The slot of site `id` in `block`, made now if there is none; `None` where its table is too short.
pub(super) fn slot_in(block: &'static Block, id: u32) -> Option<&'static Slot> {
    let entry = place::entry(block, id)?;
    entry.slot.load(Relaxed).or_else(|| place::add_slot(block, entry))
}

/// Takes over a block that an ended thread has left, or makes one.
fn claim(local: &Local, slots: u32) -> Option<&'static Block> {
    let block = reuse(slots).or_else(|| place::add_block(slots + SPARE_SLOTS))?;
    local.count_in(Some(block));
    block.thread.store(libc::thread_id(), Relaxed);
    if control::wants_log() {
        resume_log(local, block);
        // To which turn the log belongs is said at the next entry.
        local.stage.set(0);
    }
    if local.retired.get() {
        // Every call takes the slow path, which releases the block behind it.
        local.table.hide();
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
    let own = libc::thread_id();
    let others = claimed().map(|block| block.thread.load(Relaxed)).filter(|thread| *thread != own);
    others.map(|thread| cpu::of_thread(thread).unwrap_or(0)).sum()
}

/// Has any thread a block?
pub(super) fn anyone_counts() -> bool {
    claimed().next().is_some()
}

fn claimed() -> impl Iterator<Item = &'static Block> {
    place::blocks().filter(|block| block.state.load(Relaxed) == block_state::CLAIMED)
}

fn reuse(slots: u32) -> Option<&'static Block> {
    place::blocks().find(|block| block.slot_count.load(Relaxed) >= slots && steps::claim(&block.state))
}

/// Leaves this thread's block to the next one.
pub(super) fn release(local: &Local) {
    // The next one must not find calls of this one open.
    drop(graph::take_depths(local, local.table.block()));
    let Some(block) = local.count_in(None) else { return };
    let next = local.log.take().map_or(0, |chunk| map::offset(chunk) + entry_at(local.log_next.get()));
    block.log_next_at.store(next, Relaxed);
    steps::retire(&block.state);
}

/// Where entry `number` of a chunk lies in it.
fn entry_at(number: usize) -> u64 {
    (offset_of!(LogChunk, entries) + number * size_of::<u64>()) as u64
}

/// In a forked child: the block is the parent's.
pub(super) fn abandon() {
    sites::unlock();
    local::with(|local| {
        local.count_in(None);
        local.log.set(None);
        local.busy.set(false);
        local.stage.set(0);
        local.left.set(0);
        local.active.set(false);
        graph::forget(local);
    });
}

/// Goes on in the log that the block's last thread has left.
fn resume_log(local: &Local, block: &'static Block) {
    match place::newest_log(block).filter(|_| block.log_next_at.load(Relaxed) != 0) {
        None => extend_log(local, block),
        Some(chunk) => {
            let next = block.log_next_at.load(Relaxed) - map::offset(chunk) - entry_at(0);
            log_into(local, chunk, next as usize / size_of::<u64>());
        }
    }
}

/// Begins a new chunk of the block's log; without room, the log ends here and its calls are lost.
pub(super) fn extend_log(local: &Local, block: &'static Block) {
    if let Some(chunk) = place::add_log(block) {
        log_into(local, chunk, 0);
    }
}

/// A signal handler in between finds a chunk without room.
fn log_into(local: &Local, chunk: &'static LogChunk, next: usize) {
    local.log_next.set(LOG_ENTRIES);
    compiler_fence(SeqCst);
    local.log.set(Some(chunk));
    compiler_fence(SeqCst);
    local.log_next.set(next);
}
