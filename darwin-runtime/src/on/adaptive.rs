//! Adaptive mode: every call is counted, few are timed. What a call that is not timed costs is [`skip`].

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::count::add;
use super::local::{self, Local};
use super::place::{self, Counters};
use super::{calibrate, cold, sampling};
use crate::bucket;
use crate::clock;
use crate::layout::{Entry, Slot};
use crate::site::{Kind, Site};

/// Counts a call that is not timed; `false` for one that is.
#[inline(always)]
pub(super) fn skip(local: &Local, site: &Site) -> bool {
    local.table.entry(site.id()).is_some_and(|entry| {
        let (left, is_none) = entry.left.load(Relaxed).overflowing_sub(1);
        if !is_none {
            entry.left.store(left, Relaxed);
        }
        !is_none
    })
}

/// Begins a call of an async site: for how many it stands; zero: it is not timed.
pub(super) fn begin(site: &'static Site) -> u32 {
    local::with(|local| if skip(local, site) { 0 } else { sample(local, site).unwrap_or(1) })
}

/// Begins a call that is timed, and settles which one is next: for how many calls it stands; zero: it is not timed after
/// all. `None` where it is not counted.
#[inline(never)]
pub(super) fn sample(local: &Local, site: &'static Site) -> Option<u32> {
    let mut weight = None;
    if local.busy.get() {
        // Its end will tell that it is lost.
        return None;
    }
    match own_slot(local, site) {
        Some((slot, entry)) => {
            // From here on none settles the stretch in between.
            local.busy.set(true);
            weight = Some(skip_or_advance(local, site, slot, entry));
            local.busy.set(false);
        }
        None => cold::with_slot(site, |local, slot| {
            weight = local.table.entry(site.id()).map(|entry| skip_or_advance(local, site, slot, entry));
        }),
    }
    weight
}

/// There may be calls that are not to be timed after all: left by the thread that had this block before, or by a signal
/// handler just now.
fn skip_or_advance(local: &Local, site: &Site, slot: &Slot, entry: &Entry) -> u32 {
    if skip(local, site) { 0 } else { advance(local, site, slot, entry) }
}

fn own_slot(local: &Local, site: &Site) -> Option<(&'static Slot, &'static Entry)> {
    let entry = local.table.entry(site.id())?;
    Some((entry.slot.load(Relaxed)?, entry))
}

/// Ends a stretch and begins the next one.
fn advance(local: &Local, site: &Site, slot: &Slot, entry: &Entry) -> u32 {
    let now = clock::end().0;
    let weight = slot.stretch.load(Relaxed).max(1);
    let elapsed = now.wrapping_sub(slot.sampled_at.load(Relaxed));
    let length = match site.kind {
        // What timing costs is told by calls that are timed.
        Kind::Calibration => 1,
        _ => sampling::length(weight, slot.span.load(Relaxed), elapsed, gap(local, now)),
    };
    let drawn = sampling::draw(length, slot.rest.load(Relaxed), random(local, now));
    slot.stretch.store(length, Relaxed);
    slot.rest.store(drawn.rest, Relaxed);
    slot.span.store(drawn.left.saturating_add(1), Relaxed);
    slot.sampled_at.store(now, Relaxed);
    entry.left.store(drawn.left, Relaxed);
    add(&slot.calls, u64::from(drawn.left));
    weight
}

/// The thread's gap between timed calls, looked at anew now and then.
fn gap(local: &Local, now: u64) -> u64 {
    let timed = local.timed.get() + 1;
    local.timed.set(timed % sampling::TIMED_PER_LOOK);
    if timed == sampling::TIMED_PER_LOOK || local.gap.get() == 0 {
        let elapsed = now.wrapping_sub(local.looked_at.replace(now));
        local.gap.set(sampling::gap(local.gap.get(), calibrate::cost_ticks(), elapsed));
    }
    local.gap.get()
}

fn random(local: &Local, now: u64) -> u32 {
    let mut state = match local.random.get() {
        // Two threads that begin at one tick have their cells at different places.
        0 => (now ^ (std::ptr::from_ref(local) as u64).rotate_left(32)) | 1,
        state => state,
    };
    let number = sampling::random(&mut state);
    local.random.set(state);
    number
}

/// Ends a call of `ticks` that stands for `weight` calls.
pub(super) fn complete(local: &Local, site: &'static Site, ticks: u64, weight: u32) {
    let is_counted = own_slot(local, site).is_some_and(|(slot, _)| count(slot, ticks, weight));
    if !is_counted {
        cold::with_slot(site, |_, slot| record(slot, ticks, weight));
    }
}

/// The same; makes room where needed. The caller is in the runtime.
pub(super) fn record(slot: &'static Slot, ticks: u64, weight: u32) {
    match cold::counter(slot, Counters::Low, bucket::of(ticks)) {
        Some(_) => _ = count(slot, ticks, weight),
        None => cold::lost(),
    }
}

/// Counts it, unless there is no room yet for its magnitude.
fn count(slot: &'static Slot, ticks: u64, weight: u32) -> bool {
    let bucket = bucket::of(ticks);
    let Some(chunk) = place::chunk(slot, Counters::Low, bucket.chunk) else { return false };
    let counter = &chunk[bucket.place];
    let (next, ran_over) = counter.load(Relaxed).overflowing_add(weight);
    counter.store(next, Relaxed);
    if ran_over {
        cold::carry(slot, ticks);
    }
    add(&slot.calls, 1);
    add(&slot.ticks, ticks.saturating_mul(u64::from(weight)));
    if ticks > slot.max.load(Relaxed) {
        slot.max.store(ticks, Relaxed);
    }
    true
}

/// A call that is counted and was not timed did not complete; `why` is the count that it goes into.
#[cold]
#[inline(never)]
pub(super) fn unfinished(site: &'static Site, why: impl Fn(&Slot) -> &AtomicU64) {
    cold::with_slot(site, |_, slot| {
        add(&slot.unfinished, 1);
        add(why(slot), 1);
    });
}
