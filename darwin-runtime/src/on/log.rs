//! Raw samples in the order of their ends: what a turn measured is told apart later, in the reader.

use super::local::Local;
use super::{stream, thread};
use crate::layout::{LOG_ENTRIES, LOG_NO_TURN, LOG_TICK_BITS, LOG_TURN_MARK};

/// Longest latency that an entry holds: 2^48 ticks are a day.
const LONGEST_TICKS: u64 = (1 << LOG_TICK_BITS) - 1;

/// Does this thread log?
#[inline]
pub(super) fn is_on(local: &Local) -> bool {
    local.log.get().is_some()
}

/// Does the next entry need a new chunk?
#[inline]
pub(super) fn is_full(local: &Local) -> bool {
    local.log_next.get() >= LOG_ENTRIES
}

/// Room for one entry, in a new chunk where needed; `false` when there is none. The caller is in the runtime.
pub(super) fn make_room(local: &Local) -> bool {
    if is_full(local) {
        local.table.block().inspect(|block| thread::extend_log(local, block));
    }
    !is_full(local)
}

/// Writes one sample of site `id`; `false` when the log is full.
#[inline]
pub(super) fn append(local: &Local, id: u32, ticks: u64) -> bool {
    write(local, u64::from(id) << LOG_TICK_BITS | ticks.min(LONGEST_TICKS))
}

/// What follows belongs to turn `number`, or to none.
pub(super) fn mark_turn(local: &Local, number: Option<u32>) -> bool {
    write(local, LOG_TURN_MARK << LOG_TICK_BITS | number.map_or(LOG_NO_TURN, u64::from))
}

fn write(local: &Local, entry: u64) -> bool {
    let number = local.log_next.get();
    let Some(place) = local.log.get().and_then(|chunk| chunk.entries.get(number)) else { return false };
    // A signal handler that interrupts behind this line takes the entry after this one.
    local.log_next.set(number + 1);
    stream::store(place, entry);
    true
}
