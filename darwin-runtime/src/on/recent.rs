//! The chunk of a slot's histogram that was used last. From one call to the next it rarely changes; so a call asks whether
//! its latency lies there too, which the processor guesses, instead of waiting for a logarithm and a look into the table.
#![allow(unsafe_code, reason = "goes to a counter by its address")]

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use super::map::Chunk;
use crate::layout::{CHUNK_COUNTERS, Slot};

/// A chunk in one word, so that a signal handler never sees a half of one and a half of another: the address where the
/// counter of zero would be; in its low bits by how many a latency is shifted, which then is its place behind that
/// address; in its high bits one more than the thousands of such places. Zero is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recent(u64);

/// A chunk begins with a cell, which leaves the low six bits of its address.
const ADDRESS: u64 = (1 << THOUSANDS_SHIFT) - 64;
/// No address of a program needs the two highest bits.
const THOUSANDS_SHIFT: u32 = 62;
const PLACES: u64 = CHUNK_COUNTERS as u64;

impl Recent {
    #[inline(always)]
    pub(super) fn of(slot: &Slot) -> Recent {
        Recent(slot.recent.load(Relaxed))
    }

    /// The counter of `ticks`, if it lies in this chunk.
    #[inline(always)]
    pub(super) fn counter(self, ticks: u64) -> Option<&'static AtomicU32> {
        let shifted = ticks >> (self.0 & 63);
        let counters = (self.0 & ADDRESS) as *const AtomicU32;
        // SAFETY: what is in these thousands is a place in the chunk, as `new` has put them together.
        (shifted / PLACES == (self.0 >> THOUSANDS_SHIFT).wrapping_sub(1))
            .then(|| unsafe { &*counters.wrapping_add(shifted as usize) })
    }

    /// Chunk `number` of a slot; `None` at addresses that are not known to exist.
    fn new(chunk: *const Chunk, number: usize) -> Option<Recent> {
        // From chunk 1 on, a place has a leading bit that does not count, and from chunk 2 on it is shifted.
        let leading = if number == 0 { 0 } else { CHUNK_COUNTERS };
        let shift = number.saturating_sub(1) as u64;
        let address = chunk.cast::<AtomicU32>().wrapping_sub(leading).expose_provenance() as u64;
        let thousands = leading as u64 / PLACES + 1;
        (address & !ADDRESS == 0).then_some(Recent(address | shift | thousands << THOUSANDS_SHIFT))
    }
}

/// Chunk `number` of `slot` was used.
pub(super) fn remember(slot: &Slot, chunk: &'static Chunk, number: usize) {
    // SAFETY: a chunk that stays, as `counter` expects it.
    let field = unsafe { slot.recent.field() };
    field.store(Recent::new(chunk, number).map_or(0, |recent| recent.0), Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket;
    use crate::layout::CHUNKS;

    /// As a chunk in the map: it begins with a cell.
    #[repr(align(64))]
    struct Aligned(Chunk);

    #[test]
    fn a_chunk_has_the_counters_of_its_latencies_and_no_others() {
        let chunk: &'static Chunk =
            &Box::leak(Box::new(Aligned([const { AtomicU32::new(0) }; CHUNK_COUNTERS]))).0;
        let edges = (0..64).flat_map(|bit| [(1u64 << bit) - 1, 1 << bit, (1 << bit) + 1]);
        for ticks in edges.chain([u64::MAX, 0, 1023, 1024, 2047, 2048, 123_456_789]) {
            let own = bucket::of(ticks);
            for number in 0..CHUNKS {
                let recent = Recent::new(chunk, number).expect("an address of this program");
                let counter = recent.counter(ticks).map(std::ptr::from_ref);
                let expected = (number == own.chunk).then(|| std::ptr::from_ref(&chunk[own.place]));
                assert_eq!(counter, expected, "{ticks} in chunk {number}");
            }
            assert!(Recent(0).counter(ticks).is_none(), "{ticks}");
        }
    }

    #[test]
    fn an_address_that_leaves_no_room_is_not_remembered() {
        let far = std::ptr::without_provenance::<Chunk>(1 << 63);
        assert_eq!(Recent::new(far, 0), None);
    }
}
