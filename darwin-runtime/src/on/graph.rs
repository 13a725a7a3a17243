//! Graph mode: who called whom, and what a call took without the measured calls in it. The rules of recursion are those of
//! CPython's `_lsprof`: all calls and primitive ones are counted, cumulative time goes by the outermost calls alone.
//!
//! A call keeps its caller and its depth's zero in its guard, so that there is no stack of our own and no limit. Self time
//! needs one number per thread: the sum of the self times so far. What it grew by during a call is the time of the measured
//! calls in it.
#![allow(unsafe_code, reason = "reaches slots and edges in the shared map")]

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::panicking;

use super::hot::{Guard, add};
use super::local::{self, Local};
use super::special::{self, Frame, State};
use super::{cold, hot, map, place, sites, steps, thread};
use crate::clock;
use crate::layout::{Block, Edge, Slot};
use crate::site::Site;

/// Begins a call of `site` by the counter.
#[inline(never)]
pub(super) fn enter(local: &Local, site: &'static Site, state: State) -> Guard {
    match open_known(local, site) {
        Some(frame) => Guard::framed(local, site, (state, &frame), clock::start_by_counter),
        None => special::enter_slowly(local, site, state),
    }
}

/// Ends a call by the counter.
#[inline(never)]
pub(super) fn end(guard: &Guard) {
    let end = clock::end_by_counter();
    local::with(|local| {
        let ticks = guard.elapsed(local, end);
        let is_usual = guard.state.is_own_frame(local) && !local.retired.get() && !panicking();
        match own_slot(local, guard.site).zip(guard.frame().filter(|_| is_usual)) {
            None => special::leave(guard, ticks),
            Some((slot, frame)) => {
                let own = close(local, &frame, ticks);
                note(slot, &frame, ticks, own, true);
                guard.count(local, slot, ticks);
            }
        }
    });
}

/// Opens a call of `site`; `None` where it is not counted.
pub(super) fn open(local: &Local, site: &'static Site) -> Option<Frame> {
    open_known(local, site).or_else(|| open_slowly(site, local.site.get()))
}

#[inline(always)]
fn open_known(local: &Local, site: &Site) -> Option<Frame> {
    let slot = own_slot(local, site)?;
    Some(opened(local, site.id(), slot, known_edge(slot, local.site.get())?))
}

/// The first call by this caller.
#[cold]
#[inline(never)]
fn open_slowly(site: &'static Site, caller: u32) -> Option<Frame> {
    let mut frame = None;
    if local::with(|local| local.busy.get()) {
        // Its end will tell that it is lost.
        return None;
    }
    // Opened in there: a thread that is ending keeps its block as long as a call is open.
    cold::with_slot(site, |local, slot| match edge(slot, caller) {
        Some(edge) => frame = Some(opened(local, site.id(), slot, edge)),
        None => cold::lost(),
    });
    frame
}

#[inline(always)]
fn opened(local: &Local, id: u32, slot: &Slot, edge: &Edge) -> Frame {
    Frame {
        caller: local.site.replace(id),
        is_outermost: deepen(&slot.depth) == 0,
        is_outermost_of_edge: deepen(&edge.depth) == 0,
        selves: local.selves.get(),
    }
}

fn deepen(depth: &AtomicU32) -> u32 {
    let before = depth.load(Relaxed);
    depth.store(before.wrapping_add(1), Relaxed);
    before
}

fn rise(depth: &AtomicU32) {
    depth.store(depth.load(Relaxed).saturating_sub(1), Relaxed);
}

/// Closes a call: what it took itself. The thread is in its caller again.
#[inline(always)]
fn close(local: &Local, frame: &Frame, ticks: u64) -> u64 {
    let inner = local.selves.get().wrapping_sub(frame.selves);
    local.selves.set(frame.selves.wrapping_add(ticks));
    local.site.set(frame.caller);
    ticks.wrapping_sub(inner)
}

/// Ends a call of `ticks` in any state of its thread; one that panicked has no allocations to count.
pub(super) fn leave(
    local: &Local,
    site: &'static Site,
    frame: &Frame,
    ticks: u64,
    completed: Option<(u64, u64)>,
) {
    let own = close(local, frame, ticks);
    match (own_slot(local, site), completed) {
        (Some(slot), Some((allocs, bytes))) => {
            note(slot, frame, ticks, own, true);
            add(&slot.allocs, allocs);
            add(&slot.bytes, bytes);
            hot::count(local, slot, site, ticks);
        }
        _ => leave_slowly(site, frame, (ticks, own), completed),
    }
    if frame.caller == 0 && local.retired.get() {
        thread::release(local);
    }
}

#[cold]
#[inline(never)]
fn leave_slowly(site: &'static Site, frame: &Frame, (ticks, own): (u64, u64), completed: Option<(u64, u64)>) {
    cold::with_slot(site, |local, slot| {
        note(slot, frame, ticks, own, completed.is_some());
        match completed {
            None => add(&slot.panicked, 1),
            Some((allocs, bytes)) => {
                add(&slot.allocs, allocs);
                add(&slot.bytes, bytes);
                cold::complete(local, slot, site, ticks);
            }
        }
    });
}

/// A poll of a future that ended after `ticks`; the call is complete when `is_ready`.
pub(super) fn leave_poll(local: &Local, site: &'static Site, frame: &Frame, ticks: u64, is_ready: bool) {
    let own = close(local, frame, ticks);
    match own_slot(local, site) {
        Some(slot) => note(slot, frame, ticks, own, is_ready),
        None => cold::with_slot(site, |_, slot| note(slot, frame, ticks, own, is_ready)),
    }
}

/// Notes at site and edge what a call took, of which `own` ticks itself.
#[inline(always)]
fn note(slot: &Slot, frame: &Frame, ticks: u64, own: u64, is_complete: bool) {
    rise(&slot.depth);
    if frame.is_outermost {
        add(&slot.cumulative_ticks, ticks);
        add(&slot.primitive_calls, u64::from(is_complete));
    }
    let Some(edge) = known_edge(slot, frame.caller) else { return };
    rise(&edge.depth);
    add(&edge.self_ticks, own);
    add(&edge.calls, u64::from(is_complete));
    if frame.is_outermost_of_edge {
        add(&edge.cumulative_ticks, ticks);
        add(&edge.primitive_calls, u64::from(is_complete));
    }
}

/// This thread's slot of `site`, if it has one.
#[inline(always)]
fn own_slot<'a>(local: &Local, site: &Site) -> Option<&'a Slot> {
    let block = local.block.get();
    // SAFETY: not null, so this thread's own claimed block in the map.
    if block.is_null() { None } else { unsafe { place::slot(block, site.id()) } }
}

/// The edge from `caller`: most often the one that was used last.
#[inline(always)]
fn known_edge(slot: &Slot, caller: u32) -> Option<&Edge> {
    // SAFETY: `slot` lies in the map.
    let recent = unsafe { place::edge(slot, &slot.recent_cells) };
    match recent.filter(|edge| edge.caller.load(Relaxed) == caller) {
        None => find_edge(slot, caller),
        found => found,
    }
}

/// Looks through the list. It is not put into another order: a process that is killed meanwhile would lose a part of it.
#[inline(never)]
fn find_edge(slot: &Slot, caller: u32) -> Option<&Edge> {
    let found = edges(slot).find(|edge| edge.caller.load(Relaxed) == caller)?;
    slot.recent_cells.store(place::cells(slot, found)?, Relaxed);
    Some(found)
}

fn edges(slot: &Slot) -> impl Iterator<Item = &Edge> {
    // SAFETY: `slot` lies in the map, and so does every edge of its list.
    let first = unsafe { place::edge(slot, &slot.edges_cells) };
    // SAFETY: as above.
    std::iter::successors(first, |edge| unsafe { place::edge(*edge, &edge.next_cells) })
}

/// The edge from `caller`, made now if there is none. The caller is in the runtime.
pub(super) fn edge(slot: &Slot, caller: u32) -> Option<&'static Edge> {
    if let Some(edge) = known_edge(slot, caller) {
        // SAFETY: an edge of the map, which stays mapped.
        return Some(unsafe { &*std::ptr::from_ref(edge) });
    }
    let place = map::allocate::<Edge>(0)?.cast_const();
    let cells = place::cells(slot, place)?;
    // SAFETY: fresh zeroed memory in the map.
    let edge = unsafe { &*place };
    edge.caller.store(caller, Relaxed);
    // SAFETY: `slot` lies in the map.
    if let Some(first) = unsafe { place::edge(slot, &slot.edges_cells) } {
        edge.next_cells.store(place::cells(edge, first)?, Relaxed);
    }
    steps::publish(&slot.edges_cells, cells);
    slot.recent_cells.store(cells, Relaxed);
    Some(edge)
}

/// The open calls of one site in a block: how many, and how many by each caller.
#[derive(Debug)]
pub(super) struct Open {
    site: u32,
    depth: u32,
    callers: Vec<(u32, u32)>,
}

/// Takes the open calls of this thread out of the block that it is about to leave.
pub(super) fn take_depths(local: &Local, block: *const Block) -> Vec<Open> {
    if local.site.get() == 0 || block.is_null() {
        return Vec::new();
    }
    // SAFETY: this thread's own claimed block in the map.
    let slots = (1..=sites::count()).filter_map(|id| Some((id, unsafe { place::slot(block, id) }?)));
    let take = |(site, slot): (u32, &Slot)| {
        let depth = slot.depth.swap(0, Relaxed);
        let open = edges(slot).map(|edge| (edge.caller.load(Relaxed), edge.depth.swap(0, Relaxed)));
        let callers = open.filter(|(_, depth)| *depth > 0).collect();
        (depth > 0).then_some(Open { site, depth, callers })
    };
    slots.filter_map(take).collect()
}

/// Puts them into the one that it goes on in.
pub(super) fn put_depths(block: *const Block, open: Vec<Open>) {
    for Open { site, depth, callers } in open {
        // SAFETY: this thread's own claimed block in the map.
        let slot = unsafe { place::slot(block, site) };
        let Some(slot) = slot.or_else(|| thread::make_slot(block, site)) else { continue };
        slot.depth.store(depth, Relaxed);
        for (caller, depth) in callers {
            edge(slot, caller).into_iter().for_each(|edge| edge.depth.store(depth, Relaxed));
        }
    }
}

/// In a forked child: what is open belongs to the parent.
pub(super) fn forget(local: &Local) {
    local.site.set(0);
    local.generation.set(local.generation.get().wrapping_add(1));
}

/// Runs `f` as if no measured call were open.
pub(super) fn apart(local: &Local, f: impl FnOnce()) {
    let (site, selves) = (local.site.replace(0), local.selves.get());
    f();
    local.site.set(site);
    local.selves.set(selves);
}
