//! The slab in which resting orders live, each a link of its price's queue.

use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use crate::band::Rank;
use crate::message::{OrderId, Quantity, Side};

/// Where an order lives in [`Orders`]. Counts from one, so that no order costs no extra room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(NonZeroU32);

impl Slot {
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// An order that rests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resting {
    pub(crate) id: OrderId,
    pub(crate) quantity: Quantity,
    /// The order before it at its price.
    pub(crate) previous: Option<Slot>,
    /// The order after it at its price; in an empty slot the next empty one.
    pub(crate) next: Option<Slot>,
    pub(crate) rank: Rank,
    pub(crate) side: Side,
}

impl Resting {
    /// An order that stands in no queue yet.
    pub(crate) fn new(id: OrderId, side: Side, rank: Rank, quantity: Quantity) -> Self {
        Self { id, quantity, previous: None, next: None, rank, side }
    }
}

/// Room for a fixed number of orders; the empty slots form a list.
#[derive(Debug)]
pub(crate) struct Orders {
    slots: Box<[Resting]>,
    empty: Option<Slot>,
}

impl Orders {
    /// Room for `capacity` orders, at most 2^32 - 1.
    pub(crate) fn with_capacity(capacity: u32) -> Self {
        let vacant =
            |next| Resting { next, ..Resting::new(OrderId(0), Side::Buy, Rank::WORST, Quantity::ZERO) };
        let slot = |number| NonZeroU32::new(number).map(Slot);
        let slots = (1..=capacity).map(|number| vacant(slot(if number < capacity { number + 1 } else { 0 })));
        Self { slots: slots.collect(), empty: slot(capacity.min(1)) }
    }

    /// Whether no slot is empty.
    pub(crate) fn is_full(&self) -> bool {
        self.empty.is_none()
    }

    /// Puts an order into an empty slot, the one emptied last: its cache line is the warmest.
    ///
    /// # Panics
    ///
    /// If no slot is empty: [`Orders::is_full`] is asked before an order is accepted.
    pub(crate) fn put(&mut self, order: Resting) -> Slot {
        let slot = self.empty.expect("a full book accepts no order");
        self.empty = self[slot].next;
        self[slot] = order;
        slot
    }

    /// Empties a slot. The order must stand in no queue any more.
    pub(crate) fn vacate(&mut self, slot: Slot) {
        self[slot].next = self.empty;
        self.empty = Some(slot);
    }
}

impl Index<Slot> for Orders {
    type Output = Resting;

    fn index(&self, slot: Slot) -> &Resting {
        &self.slots[slot.index()]
    }
}

impl IndexMut<Slot> for Orders {
    fn index_mut(&mut self, slot: Slot) -> &mut Resting {
        &mut self.slots[slot.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(id: u64) -> Resting {
        Resting::new(OrderId(id), Side::Buy, Rank::WORST, Quantity(1))
    }

    #[test]
    fn it_is_full_when_each_slot_is_taken_and_not_before() {
        let mut orders = Orders::with_capacity(2);
        let first = orders.put(order(1));
        assert!(!orders.is_full());
        let second = orders.put(order(2));
        assert!(orders.is_full());
        assert_eq!((orders[first].id, orders[second].id), (OrderId(1), OrderId(2)));
    }

    #[test]
    fn an_emptied_slot_is_used_again_first() {
        let mut orders = Orders::with_capacity(3);
        let first = orders.put(order(1));
        orders.put(order(2));
        orders.vacate(first);
        assert_eq!(orders.put(order(3)), first);
    }

    #[test]
    fn without_capacity_it_is_full_from_the_start() {
        assert!(Orders::with_capacity(0).is_full());
    }

    #[test]
    fn an_order_fits_into_24_bytes() {
        assert_eq!(size_of::<Resting>(), 24);
    }
}
