//! From the id of a resting order to its slot.

use crate::message::OrderId;
use crate::orders::Slot;

/// A hash table of fixed size with linear probing, at most half full. An entry that goes is filled from behind
/// (Knuth, The Art of Computer Programming 3, section 6.4, algorithm R), so that there are no tombstones and a
/// table in use for a week probes no longer than a new one.
#[derive(Debug)]
pub(crate) struct Ids {
    entries: Box<[Option<Entry>]>,
    /// The hash is the top bits of a product: this many of its bits go.
    shift: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: OrderId,
    slot: Slot,
}

impl Ids {
    /// 2^64 divided by the golden ratio (Knuth 3, section 6.4: Fibonacci hashing): ids that follow one another,
    /// which is how ids come, fall far from one another.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

    /// Room for `orders` ids.
    pub(crate) fn with_capacity(orders: u32) -> Self {
        let size = (orders as usize * 2).next_power_of_two().max(2);
        Self { entries: vec![None; size].into(), shift: u64::BITS - size.ilog2() }
    }

    /// The slot of the resting order with this id.
    pub(crate) fn get(&self, id: OrderId) -> Option<Slot> {
        self.entries[self.find(id)].map(|entry| entry.slot)
    }

    /// Adds an id that is not there. There must be room.
    pub(crate) fn insert(&mut self, id: OrderId, slot: Slot) {
        let place = self.find(id);
        self.entries[place] = Some(Entry { id, slot });
    }

    /// Takes an id out, if it is there.
    pub(crate) fn remove(&mut self, id: OrderId) {
        let mut hole = self.find(id);
        if self.entries[hole].take().is_none() {
            return;
        }
        let mut place = self.after(hole);
        while let Some(entry) = self.entries[place] {
            if self.may_move(entry.id, place, hole) {
                self.entries[hole] = self.entries[place].take();
                hole = place;
            }
            place = self.after(place);
        }
    }

    /// Where the id is, or the empty place where it would go.
    fn find(&self, id: OrderId) -> usize {
        let mut place = self.home(id);
        while self.entries[place].is_some_and(|entry| entry.id != id) {
            place = self.after(place);
        }
        place
    }

    /// Whether the entry at `place` is still found at `hole`: not if that lies before its home.
    fn may_move(&self, id: OrderId, place: usize, hole: usize) -> bool {
        self.distance(self.home(id), place) >= self.distance(hole, place)
    }

    fn home(&self, id: OrderId) -> usize {
        (id.0.wrapping_mul(Self::SPREAD) >> self.shift) as usize
    }

    fn after(&self, place: usize) -> usize {
        (place + 1) & self.mask()
    }

    /// Steps from one place forward to another, around the end.
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask()
    }

    fn mask(&self) -> usize {
        self.entries.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::band::Rank;
    use crate::message::{Quantity, Side};
    use crate::orders::{Orders, Resting};
    use crate::random::SplitMix64;

    const CAPACITY: u32 = 8;

    fn slots() -> Vec<Slot> {
        let mut orders = Orders::with_capacity(CAPACITY);
        let resting = |id| Resting::new(OrderId(id), Side::Buy, Rank::WORST, Quantity(1));
        (0..u64::from(CAPACITY)).map(|id| orders.put(resting(id))).collect()
    }

    #[test]
    fn it_answers_as_a_hash_map_does_while_ids_come_and_go() {
        let (slots, mut random) = (slots(), SplitMix64::new(1));
        let (mut ids, mut model) = (Ids::with_capacity(CAPACITY), HashMap::new());
        for _ in 0..20_000 {
            let id = OrderId(random.below(24).into());
            if model.remove(&id).is_some() {
                ids.remove(id);
            } else if model.len() < slots.len() {
                let slot = slots[model.len()];
                model.insert(id, slot);
                ids.insert(id, slot);
            }
            for id in (0..24).map(OrderId) {
                assert_eq!(ids.get(id), model.get(&id).copied());
            }
        }
    }

    #[test]
    fn taking_out_an_id_that_is_not_there_changes_nothing() {
        let mut ids = Ids::with_capacity(CAPACITY);
        ids.insert(OrderId(3), slots()[0]);
        ids.remove(OrderId(4));
        assert_eq!(ids.get(OrderId(3)), Some(slots()[0]));
    }
}
