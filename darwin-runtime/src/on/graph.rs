//! Graph mode: who called whom, and what a call took without the measured calls in it. The rules of recursion are those of
//! CPython's `_lsprof`: all calls and primitive ones are counted, cumulative time goes by the outermost calls alone.
//!
//! A call keeps its caller and whether it is the outermost in its guard, so that there is no stack of our own and no limit.
//! Self time needs one number per thread: the sum of the self times so far. What it grew by during a call is the time of the
//! measured calls in it.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use super::count::add;
use super::guard::{Framed, Guard};
use super::local::{self, Local};
use super::memory::Used;
use super::special::{self, State};
use super::{cold, count, place, sites, thread};
use crate::clock;
use crate::layout::{Block, Edge, Slot};
use crate::site::Site;

/// What an entry noted.
#[derive(Debug)]
pub(super) struct Frame {
    /// Id of the site that called, or zero.
    caller: u32,
    pub(super) nesting: Nesting,
    /// [`Local::selves`] at the entry.
    selves: u64,
    edge: &'static Edge,
}

/// What else of its site was open when a call began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nesting {
    /// Nothing.
    Outermost,
    /// Calls by other callers.
    OutermostOfEdge,
    /// Calls by this caller too.
    Inner,
}

/// Opens the usual call: no other one of the site is open, and its caller was the same the last time. That its edge is no
/// longer marked is all that is noted at the slot.
#[inline(always)]
pub(super) fn open_usual(local: &Local, site: &Site, slot: &'static Slot) -> Option<Frame> {
    let caller = local.site.get();
    let edge = slot.recent_edge.load_marked().filter(|edge| edge.caller.load(Relaxed) == caller)?;
    slot.recent_edge.store(edge, false);
    local.site.set(site.id());
    Some(Frame { caller, nesting: Nesting::Outermost, selves: local.selves.get(), edge })
}

/// Begins a call by the counter, not while unwinding: by another caller than the last time, or within another one.
#[inline(never)]
pub(super) fn enter(local: &'static Local, site: &'static Site) -> Guard {
    let slot = count::slot(local, site);
    let known = slot.and_then(|slot| Some((slot, known_edge(slot, local.site.get())?)));
    let Some((slot, edge)) = known else { return special::enter_slowly(local, site, State::of(false)) };
    let frame = opened(local, site.id(), slot, edge);
    Guard::framed(local, site, slot, frame, State::unusual_frame)
}

/// Ends a call that is not plain, most likely one of graph mode. Out of line, so that plain ones run straight on.
#[inline(never)]
pub(super) fn end(guard: &Guard) {
    let local = guard.local;
    let Some(call) = guard.as_framed(local) else { return end_otherwise(guard) };
    let ticks = call.difference(local, clock::end_by_counter());
    if count::is_backward(ticks) {
        return special::leave(call.timed(), 0);
    }
    let (frame, slot) = (call.frame(), call.slot());
    let own = close(local, frame, ticks);
    if slot.depth.load(Relaxed) != 0 {
        return end_with_depths(call, ticks, own);
    }
    slot.recent_edge.store(frame.edge, true);
    note_edge(frame.edge, ticks, own, 1);
    call.count(local, ticks);
}

#[inline(always)]
fn end_otherwise(guard: &Guard) {
    if guard.state.is_skipped() {
        return;
    }
    match guard.as_unusually_framed(guard.local) {
        Some(call) => end_unusual(call),
        None => special::end(guard, false),
    }
}

/// Ends one that was begun by [`enter`].
#[inline(never)]
fn end_unusual(call: Framed<'_>) {
    let ticks = call.difference(call.local, clock::end_by_counter());
    if count::is_backward(ticks) {
        return special::leave(call.timed(), 0);
    }
    let own = close(call.local, call.frame(), ticks);
    end_with_depths(call, ticks, own);
}

/// The depths tell of it.
#[cold]
#[inline(never)]
fn end_with_depths(call: Framed<'_>, ticks: u64, own: u64) {
    note(call.slot(), call.frame(), ticks, own, true);
    call.count(call.local, ticks);
}

/// Opens a call of `site`; `None` where it is not counted.
pub(super) fn open(local: &Local, site: &'static Site) -> Option<Frame> {
    open_known(local, site).or_else(|| open_slowly(site, local.site.get()))
}

fn open_known(local: &Local, site: &Site) -> Option<Frame> {
    let slot = count::slot(local, site)?;
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

fn opened(local: &Local, id: u32, slot: &Slot, edge: &'static Edge) -> Frame {
    settle(slot);
    slot.recent_edge.store(edge, false);
    let nesting = match (deepen(&slot.depth), deepen(&edge.depth)) {
        (0, _) => Nesting::Outermost,
        (_, 0) => Nesting::OutermostOfEdge,
        _ => Nesting::Inner,
    };
    Frame { caller: local.site.replace(id), nesting, selves: local.selves.get(), edge }
}

/// Before anything else is noted at `slot`: if the usual call is open, the depths say so from here on.
fn settle(slot: &Slot) {
    let is_open = slot.recent_edge.load_marked().is_none();
    if let Some(edge) = slot.recent_edge.load().filter(|_| is_open && slot.depth.load(Relaxed) == 0) {
        slot.depth.store(1, Relaxed);
        edge.depth.store(1, Relaxed);
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

/// Ends a call of `ticks` in any state of its thread; what one that panicked did with memory is not counted.
pub(super) fn leave(local: &Local, site: &'static Site, frame: &Frame, ticks: u64, completed: Option<Used>) {
    let own = close(local, frame, ticks);
    match (count::slot(local, site), completed) {
        (Some(slot), Some(used)) => {
            note(slot, frame, ticks, own, true);
            used.count(slot);
            count::call(local, slot, site, ticks);
        }
        _ => leave_slowly(site, frame, (ticks, own), completed),
    }
    if frame.caller == 0 && local.retired.get() {
        thread::release(local);
    }
}

#[cold]
#[inline(never)]
fn leave_slowly(site: &'static Site, frame: &Frame, (ticks, own): (u64, u64), completed: Option<Used>) {
    cold::with_slot(site, |local, slot| {
        note(slot, frame, ticks, own, completed.is_some());
        match completed {
            None => add(&slot.panicked, 1),
            Some(used) => {
                used.count(slot);
                cold::complete(local, slot, site, ticks);
            }
        }
    });
}

/// A poll of a future that ended after `ticks`; the call is complete when `is_ready`.
pub(super) fn leave_poll(local: &Local, site: &'static Site, frame: &Frame, ticks: u64, is_ready: bool) {
    let own = close(local, frame, ticks);
    match count::slot(local, site) {
        Some(slot) => note(slot, frame, ticks, own, is_ready),
        None => cold::with_slot(site, |_, slot| note(slot, frame, ticks, own, is_ready)),
    }
}

/// Notes at site and edge what a call took, of which `own` ticks itself.
fn note(slot: &'static Slot, frame: &Frame, ticks: u64, own: u64, is_complete: bool) {
    // The one at the entry may be in a block that is another thread's now.
    let Some(edge) = known_edge(slot, frame.caller) else { return };
    let calls = u64::from(is_complete);
    if frame.nesting == Nesting::Outermost {
        slot.depth.store(0, Relaxed);
        edge.depth.store(0, Relaxed);
        note_edge(edge, ticks, own, calls);
    } else {
        note_nested(slot, edge, frame.nesting, (ticks, own), calls);
    }
    if let Some(recent) = slot.recent_edge.load() {
        slot.recent_edge.store(recent, slot.depth.load(Relaxed) == 0);
    }
}

#[inline(always)]
fn note_edge(edge: &Edge, ticks: u64, own: u64, calls: u64) {
    add(&edge.calls, calls);
    add(&edge.ticks, ticks);
    add(&edge.self_ticks, own);
}

/// With what does not add to the cumulative time and the primitive calls.
fn note_nested(slot: &Slot, edge: &Edge, nesting: Nesting, (ticks, own): (u64, u64), calls: u64) {
    rise(&slot.depth);
    rise(&edge.depth);
    note_edge(edge, ticks, own, calls);
    add(&slot.nested_ticks, ticks);
    add(&slot.nested_calls, calls);
    if nesting == Nesting::Inner {
        add(&edge.nested_ticks, ticks);
        add(&edge.nested_calls, calls);
    }
}

/// The edge from `caller`, if there is one: most often that which was used last.
fn known_edge(slot: &'static Slot, caller: u32) -> Option<&'static Edge> {
    let is_from = |edge: &&Edge| edge.caller.load(Relaxed) == caller;
    slot.recent_edge.load().filter(is_from).or_else(|| find_edge(slot, caller))
}

/// Looks through the list. It is not put into another order: a process that is killed meanwhile would lose a part of it.
#[inline(never)]
fn find_edge(slot: &'static Slot, caller: u32) -> Option<&'static Edge> {
    let found = edges(slot).find(|edge| edge.caller.load(Relaxed) == caller)?;
    remember(slot, found);
    Some(found)
}

fn remember(slot: &Slot, edge: &'static Edge) {
    settle(slot);
    slot.recent_edge.store(edge, slot.depth.load(Relaxed) == 0);
}

fn edges(slot: &'static Slot) -> impl Iterator<Item = &'static Edge> {
    std::iter::successors(place::first_edge(slot), |edge| place::next_edge(edge))
}

/// The edge from `caller`, made now if there is none. The caller is in the runtime.
pub(super) fn edge(slot: &'static Slot, caller: u32) -> Option<&'static Edge> {
    known_edge(slot, caller).or_else(|| {
        let edge = place::add_edge(slot, caller)?;
        remember(slot, edge);
        Some(edge)
    })
}

/// The open calls of one site in a block: how many, and how many by each caller.
#[derive(Debug)]
pub(super) struct Open {
    site: u32,
    depth: u32,
    callers: Vec<(u32, u32)>,
}

/// Takes the open calls of this thread out of the block that it is about to leave.
pub(super) fn take_depths(local: &Local, block: Option<&'static Block>) -> Vec<Open> {
    let Some(block) = block.filter(|_| local.site.get() != 0) else { return Vec::new() };
    let slots = (1..=sites::count()).filter_map(|id| Some((id, place::slot(block, id)?)));
    let take = |(site, slot): (u32, &'static Slot)| {
        settle(slot);
        let depth = slot.depth.swap(0, Relaxed);
        slot.recent_edge.load().inspect(|edge| slot.recent_edge.store(edge, true));
        let open = edges(slot).map(|edge| (edge.caller.load(Relaxed), edge.depth.swap(0, Relaxed)));
        let callers = open.filter(|(_, depth)| *depth > 0).collect();
        (depth > 0).then_some(Open { site, depth, callers })
    };
    slots.filter_map(take).collect()
}

/// Puts them into the one that it goes on in.
pub(super) fn put_depths(block: &'static Block, open: Vec<Open>) {
    for Open { site, depth, callers } in open {
        let Some(slot) = thread::slot_in(block, site) else { continue };
        slot.depth.store(depth, Relaxed);
        for (caller, depth) in callers {
            edge(slot, caller).into_iter().for_each(|edge| edge.depth.store(depth, Relaxed));
        }
        slot.recent_edge.load().inspect(|edge| slot.recent_edge.store(edge, false));
    }
}

/// In a forked child: what is open belongs to the parent.
pub(super) fn forget(local: &Local) {
    local.site.set(0);
    local.begin_generation();
}

/// Runs `f` as if no measured call were open.
pub(super) fn apart(local: &Local, f: impl FnOnce()) {
    let (site, selves) = (local.site.replace(0), local.selves.get());
    f();
    local.site.set(site);
    local.selves.set(selves);
}
