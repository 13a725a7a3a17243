//! One side of the book.

use crate::band::{BAND_TICKS, Rank};
use crate::depth::Depth;
use crate::message::{Quantity, Volume};
use crate::occupied::Occupied;
use crate::orders::{Orders, Slot};

/// The orders of one side: a queue for each price of the band, which prices have one, and how much rests up to
/// each. It knows ranks and not prices, so that bids and asks are the same code.
#[derive(Debug)]
pub(crate) struct Ladder {
    queues: Box<[Queue]>,
    occupied: Occupied,
    depth: Depth,
}

/// The orders at one price, oldest first, linked through the orders themselves.
#[derive(Clone, Copy, Debug, Default)]
struct Queue {
    first: Option<Slot>,
    last: Option<Slot>,
}

impl Ladder {
    /// A side without orders.
    pub(crate) fn new() -> Self {
        let queues = vec![Queue::default(); BAND_TICKS as usize].into();
        Self { queues, occupied: Occupied::new(), depth: Depth::new() }
    }

    /// The best rank that has orders.
    pub(crate) fn best(&self) -> Option<Rank> {
        self.occupied.best()
    }

    /// The oldest order at this rank.
    pub(crate) fn first(&self, rank: Rank) -> Option<Slot> {
        self.queues[rank.index()].first
    }

    /// What rests at this rank and at all better ones.
    pub(crate) fn up_to(&self, rank: Rank) -> Volume {
        self.depth.up_to(rank)
    }

    /// Puts an order at the end of its queue.
    pub(crate) fn push(&mut self, slot: Slot, orders: &mut Orders) {
        let (rank, quantity) = (orders[slot].rank, orders[slot].quantity);
        let queue = &mut self.queues[rank.index()];
        orders[slot].previous = queue.last.replace(slot);
        match orders[slot].previous {
            Some(previous) => orders[previous].next = Some(slot),
            None => {
                queue.first = Some(slot);
                self.occupied.set(rank);
            }
        }
        self.depth.add(rank, quantity.into());
    }

    /// Takes an order out of its queue. What is left of it is no longer counted.
    pub(crate) fn remove(&mut self, slot: Slot, orders: &mut Orders) {
        self.reduce(orders[slot].rank, orders[slot].quantity.into());
        self.unlink(slot, orders);
    }

    /// Takes an order out of its queue that has nothing left.
    pub(crate) fn unlink(&mut self, slot: Slot, orders: &mut Orders) {
        let order = orders[slot];
        let queue = &mut self.queues[order.rank.index()];
        match order.previous {
            Some(previous) => orders[previous].next = order.next,
            None => queue.first = order.next,
        }
        match order.next {
            Some(next) => orders[next].previous = order.previous,
            None => queue.last = order.previous,
        }
        if queue.first.is_none() {
            self.occupied.clear(order.rank);
        }
    }

    /// Counts less at this rank: orders there traded or became smaller.
    pub(crate) fn reduce(&mut self, rank: Rank, by: Volume) {
        self.depth.subtract(rank, by);
    }

    /// The ranks that have orders, best first, and what rests at each. For people and tests: it looks at the
    /// whole band.
    pub(crate) fn levels<'a>(&'a self, orders: &'a Orders) -> impl Iterator<Item = (Rank, Volume)> + 'a {
        let ranks = (0..).map_while(Rank::at).filter(|&rank| self.first(rank).is_some());
        ranks.map(|rank| (rank, Volume(self.queue(rank, orders).map(|(_, left)| u64::from(left.0)).sum())))
    }

    /// The orders at this rank, oldest first, and what is left of each.
    pub(crate) fn queue<'a>(
        &'a self,
        rank: Rank,
        orders: &'a Orders,
    ) -> impl Iterator<Item = (Slot, Quantity)> + 'a {
        let slots = std::iter::successors(self.first(rank), |&slot| orders[slot].next);
        slots.map(|slot| (slot, orders[slot].quantity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{OrderId, Side};
    use crate::orders::Resting;

    /// A ladder with three orders of one lot at the same rank.
    fn three_in_a_queue() -> (Ladder, Orders, Rank, [Slot; 3]) {
        let (mut ladder, mut orders) = (Ladder::new(), Orders::with_capacity(3));
        let rank = Rank::at(100).expect("in the band");
        let slots = [1, 2, 3].map(|id| {
            let slot = orders.put(Resting::new(OrderId(id), Side::Sell, rank, Quantity(1)));
            ladder.push(slot, &mut orders);
            slot
        });
        (ladder, orders, rank, slots)
    }

    fn queue(ladder: &Ladder, orders: &Orders, rank: Rank) -> Vec<Slot> {
        ladder.queue(rank, orders).map(|(slot, _)| slot).collect()
    }

    #[test]
    fn orders_queue_as_they_come() {
        let (ladder, orders, rank, slots) = three_in_a_queue();
        assert_eq!(queue(&ladder, &orders, rank), slots);
        assert_eq!(ladder.up_to(rank), Volume(3));
    }

    #[test]
    fn an_order_leaves_from_any_place_of_the_queue() {
        for leaves in 0..3 {
            let (mut ladder, mut orders, rank, slots) = three_in_a_queue();
            ladder.remove(slots[leaves], &mut orders);
            let stay: Vec<_> = slots.into_iter().filter(|&slot| slot != slots[leaves]).collect();
            assert_eq!(queue(&ladder, &orders, rank), stay);
            assert_eq!(ladder.up_to(rank), Volume(2));
        }
    }

    #[test]
    fn the_rank_is_the_best_until_its_last_order_leaves() {
        let (mut ladder, mut orders, rank, slots) = three_in_a_queue();
        for slot in slots {
            assert_eq!(ladder.best(), Some(rank));
            ladder.remove(slot, &mut orders);
        }
        assert_eq!(ladder.best(), None);
        assert_eq!(ladder.up_to(rank), Volume(0));
    }
}
