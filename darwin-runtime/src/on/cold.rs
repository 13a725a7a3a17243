//! The slow paths of a measured call: the first one of a thread, of a site, of a magnitude; panics; a full counter.
//! What they cost is taken off every open frame.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32};

use super::local::{self, Local};
use super::memory::Used;
use super::place::{self, Counters};
use super::{calibrate, count, log, map, start, steps, thread};
use crate::bucket::{self, Bucket};
use crate::clock;
use crate::layout::Slot;
use crate::site::Site;

/// Ends a call that the hot path could not count.
#[cold]
#[inline(never)]
pub(super) fn leave(site: &'static Site, ticks: u64, used: Used, panicked: bool) {
    with_slot(site, |local, slot| {
        if panicked {
            return count::add(&slot.panicked, 1);
        }
        used.count(slot);
        complete(local, slot, site, ticks);
    });
}

/// Counts one completed call of `ticks`; makes room for it where needed. The caller is in the runtime.
pub(super) fn complete(local: &Local, slot: &'static Slot, site: &Site, ticks: u64) {
    let room = match log::is_on(local) {
        true => log::make_room(local),
        false => counter(slot, Counters::Low, bucket::of(ticks)).is_some(),
    };
    if !room {
        return lost();
    }
    count::call(local, slot, site, ticks);
}

/// Hands the slot of `site` to `f`, if this process counts and this thread may.
pub(super) fn with_slot(site: &'static Site, f: impl FnOnce(&'static Local, &'static Slot)) {
    if !start::counting() {
        return;
    }
    local::with(|local| {
        if local.masked.get() {
            return;
        }
        paused(local, || {
            if !map_is_made() {
                return;
            }
            if thread::block(local).is_some() {
                calibrate::once(local);
            }
            match thread::slot(local, site) {
                Some(slot) => f(local, slot),
                None => lost(),
            }
            // While calls are open (graph mode), their depths stay where they are.
            if local.retired.get() && local.site.get() == 0 {
                thread::release(local);
            }
        });
    });
}

/// Runs `f` unless this thread is already in the runtime, and takes its time and what it does with memory off every open frame.
pub(super) fn paused(local: &Local, f: impl FnOnce()) {
    if local.busy.replace(true) {
        return lost();
    }
    let (paused, memory) = (local.paused.get(), local.memory.mark());
    let begin = clock::start();
    f();
    let spent = clock::end().0.wrapping_sub(begin.0);
    // Not added to what it is now: pauses within this one, which calibrating makes, are a part of it.
    local.paused.set(paused.wrapping_add(spent));
    local.memory.restore(&memory);
    local.busy.set(false);
}

/// The first sample of its magnitude at this site, or a sample for the log.
#[inline(never)]
pub(super) fn spill(local: &Local, slot: &'static Slot, site: &Site, ticks: u64) {
    if log::is_on(local) {
        if !local.unlogged.get() && !log::append(local, site.id(), ticks) {
            paused(local, || {
                if !(log::make_room(local) && log::append(local, site.id(), ticks)) {
                    lost();
                }
            });
        }
        return;
    }
    paused(local, || match counter(slot, Counters::Low, bucket::of(ticks)) {
        Some(counter) => count::increment(slot, counter, ticks),
        None => lost(),
    });
}

/// What this thread logs from here on belongs to turn `number`, or to none.
pub(super) fn mark_turn(number: Option<u32>) {
    local::with(|local| paused(local, || mark_turn_now(local, number)));
}

/// The same for a caller that is in the runtime.
pub(super) fn mark_turn_now(local: &Local, number: Option<u32>) {
    if log::is_on(local) && !(log::make_room(local) && log::mark_turn(local, number)) {
        lost();
    }
}

/// A 32-bit counter ran over: once in 2^32 calls, so nothing is done about a signal handler at this very place.
#[cold]
#[inline(never)]
pub(super) fn carry(slot: &'static Slot, ticks: u64) {
    match counter(slot, Counters::Carries, bucket::of(ticks)) {
        Some(counter) => counter.store(counter.load(Relaxed).saturating_add(1), Relaxed),
        None => lost(),
    }
}

/// The counter of `bucket`, its chunk made now if there is none.
pub(super) fn counter(slot: &'static Slot, of: Counters, bucket: Bucket) -> Option<&'static AtomicU32> {
    let known = place::chunk(slot, of, bucket.chunk);
    let chunk = known.or_else(|| place::add_chunk(slot, of, bucket.chunk))?;
    chunk.get(bucket.place)
}

/// One call was not counted.
pub(super) fn lost() {
    if let Some(header) = map::header() {
        header.lost.fetch_add(1, Relaxed);
    }
}

static MAKING: AtomicBool = AtomicBool::new(false);

/// Is there a map? Makes it at the first measured call of the process; other threads wait until it is complete.
fn map_is_made() -> bool {
    let is_missing = || !start::map_is_complete() && start::counting();
    steps::make_once(&MAKING, is_missing, || {
        if map::header().is_none() {
            start::make_map();
        }
    });
    start::map_is_complete()
}

/// Makes the map without a measured call.
pub(super) fn make_map_now() {
    local::with(|local| {
        paused(local, || {
            map_is_made();
        })
    });
}

/// After a fork another thread of the parent may have been making the map.
pub(super) fn unlock() {
    steps::unlock(&MAKING);
}
