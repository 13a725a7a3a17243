//! The book: what each message does.

use darwin_runtime::hotpath;

use crate::band::{Band, Rank};
use crate::digest::Digest;
use crate::ids::Ids;
use crate::ladder::Ladder;
use crate::message::{Message, NewOrder, OrderId, Outcome, Price, Quantity, Reject, Side, Terms, Volume};
use crate::orders::{Orders, Resting, Slot};
use crate::trade::{Trade, TradeSink};

/// A limit order book of one instrument, with price-time priority.
///
/// No method allocates after [`Book::new`].
#[derive(Debug)]
pub struct Book {
    band: Band,
    orders: Orders,
    ids: Ids,
    bids: Ladder,
    asks: Ladder,
    digest: Digest,
}

/// An order while it trades.
struct Taker {
    id: OrderId,
    side: Side,
    quantity: Quantity,
    /// The worst rank of the other side that it accepts.
    limit: Rank,
}

impl Book {
    /// An empty book with room for `capacity` resting orders, at prices of `band`.
    pub fn new(band: Band, capacity: u32) -> Self {
        Self {
            band,
            orders: Orders::with_capacity(capacity),
            ids: Ids::with_capacity(capacity),
            bids: Ladder::new(),
            asks: Ladder::new(),
            digest: Digest::new(),
        }
    }

    /// Does what one message says and reports the trades to `trades`.
    ///
    /// # Errors
    ///
    /// Says why the message was rejected; the book is then as it was before.
    #[hotpath(p50 = "5us", p99 = "50us", allocs = 0)]
    pub fn submit(&mut self, message: &Message, trades: &mut dyn TradeSink) -> Result<Outcome, Reject> {
        match *message {
            Message::New(order) => self.enter(&order, trades),
            Message::Cancel(id) => self.cancel(id).map(Outcome::Cancelled),
            Message::Replace { id, price, quantity } => self.replace(id, price, quantity, trades),
        }
    }

    /// Takes a resting order out of the book and says how much of it had not traded.
    ///
    /// # Errors
    ///
    /// [`Reject::UnknownOrder`] if no resting order has this id.
    #[hotpath(p50 = "5us", p99 = "50us", allocs = 0)]
    pub fn cancel(&mut self, id: OrderId) -> Result<Quantity, Reject> {
        let slot = self.ids.get(id).ok_or(Reject::UnknownOrder)?;
        let Resting { side, quantity, .. } = self.orders[slot];
        let (ladder, orders) = self.side(side);
        ladder.remove(slot, orders);
        self.forget(id, slot);
        self.digest.cancelled(id, quantity);
        Ok(quantity)
    }

    /// The best price of a side: the highest bid, the lowest ask.
    pub fn best(&self, side: Side) -> Option<Price> {
        self.ladder(side).best().map(|rank| self.band.price(side, rank))
    }

    /// All that rests on a side.
    pub fn volume(&self, side: Side) -> Volume {
        self.ladder(side).up_to(Rank::WORST)
    }

    /// The prices of a side that have orders, best first, and what rests at each. It looks at the whole band:
    /// for reports, not for trading.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = (Price, Volume)> + '_ {
        let levels = self.ladder(side).levels(&self.orders);
        levels.map(move |(rank, volume)| (self.band.price(side, rank), volume))
    }

    /// The digest of all that the book did. Rejected messages leave it as it is.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    fn enter(&mut self, order: &NewOrder, trades: &mut dyn TradeSink) -> Result<Outcome, Reject> {
        if order.quantity == Quantity::ZERO {
            return Err(Reject::ZeroQuantity);
        }
        match order.terms {
            Terms::Limit(price) => self.limit(order, price, trades),
            Terms::PostOnly(price) => self.post_only(order, price),
            Terms::ImmediateOrCancel(price) => Ok(self.take(self.taker(order, price)?, trades)),
            Terms::FillOrKill(price) => self.fill_or_kill(self.taker(order, price)?, trades),
            Terms::Market => {
                let NewOrder { id, side, quantity, .. } = *order;
                Ok(self.take(Taker { id, side, quantity, limit: Rank::WORST }, trades))
            }
        }
    }

    fn limit(
        &mut self,
        order: &NewOrder,
        price: Price,
        trades: &mut dyn TradeSink,
    ) -> Result<Outcome, Reject> {
        let taker = self.taker(order, price)?;
        let rank = self.room_for(order, price)?;
        let left = self.trade(&taker, trades);
        if left == Quantity::ZERO {
            return Ok(Outcome::Filled);
        }
        let ahead = self.insert(Resting::new(order.id, order.side, rank, left));
        Ok(Outcome::Rested { left, ahead })
    }

    fn post_only(&mut self, order: &NewOrder, price: Price) -> Result<Outcome, Reject> {
        let rank = self.room_for(order, price)?;
        if self.can_trade(&self.taker(order, price)?) {
            return Err(Reject::WouldTrade);
        }
        let ahead = self.insert(Resting::new(order.id, order.side, rank, order.quantity));
        Ok(Outcome::Rested { left: order.quantity, ahead })
    }

    fn fill_or_kill(&mut self, taker: Taker, trades: &mut dyn TradeSink) -> Result<Outcome, Reject> {
        if self.ladder(taker.side.opposite()).up_to(taker.limit) < taker.quantity.into() {
            return Err(Reject::CannotFill);
        }
        Ok(self.take(taker, trades))
    }

    /// Trades what can be traded at once and drops the rest.
    fn take(&mut self, taker: Taker, trades: &mut dyn TradeSink) -> Outcome {
        match self.trade(&taker, trades) {
            Quantity::ZERO => Outcome::Filled,
            left => Outcome::Dropped(left),
        }
    }

    fn replace(
        &mut self,
        id: OrderId,
        price: Price,
        quantity: Quantity,
        trades: &mut dyn TradeSink,
    ) -> Result<Outcome, Reject> {
        if quantity == Quantity::ZERO {
            return Err(Reject::ZeroQuantity);
        }
        let slot = self.ids.get(id).ok_or(Reject::UnknownOrder)?;
        let Resting { side, rank, quantity: left, .. } = self.orders[slot];
        let new_rank = self.band.rank(side, price).ok_or(Reject::OutsideBand)?;
        if new_rank == rank && quantity <= left {
            self.reduce(slot, quantity);
            return Ok(Outcome::Reduced);
        }
        self.cancel(id)?;
        self.limit(&NewOrder { id, side, quantity, terms: Terms::Limit(price) }, price, trades)
    }

    /// Makes an order smaller; it keeps its place.
    fn reduce(&mut self, slot: Slot, quantity: Quantity) {
        let Resting { side, rank, quantity: left, .. } = self.orders[slot];
        self.orders[slot].quantity = quantity;
        self.side(side).0.reduce(rank, Quantity(left.0 - quantity.0).into());
        self.digest.reduced(self.orders[slot].id, quantity);
    }

    /// The rank at which an order that may rest would do so, if the book can take it.
    fn room_for(&self, order: &NewOrder, price: Price) -> Result<Rank, Reject> {
        let rank = self.band.rank(order.side, price).ok_or(Reject::OutsideBand)?;
        if self.orders.is_full() {
            return Err(Reject::BookFull);
        }
        match self.ids.get(order.id) {
            Some(_) => Err(Reject::DuplicateId),
            None => Ok(rank),
        }
    }

    /// Lets an order rest behind those at its price and says how much trades before it. It must not cross the
    /// other side, its id must be new, and there must be room.
    #[hotpath(p50 = "5us", p99 = "50us", allocs = 0)]
    fn insert(&mut self, order: Resting) -> Volume {
        let slot = self.orders.put(order);
        self.ids.insert(order.id, slot);
        let (ladder, orders) = self.side(order.side);
        let ahead = ladder.up_to(order.rank);
        ladder.push(slot, orders);
        self.digest.rested(&order, self.band.price(order.side, order.rank), ahead);
        ahead
    }

    fn taker(&self, order: &NewOrder, price: Price) -> Result<Taker, Reject> {
        let NewOrder { id, side, quantity, .. } = *order;
        let limit = self.band.rank(side.opposite(), price).ok_or(Reject::OutsideBand)?;
        Ok(Taker { id, side, quantity, limit })
    }

    fn can_trade(&self, taker: &Taker) -> bool {
        self.ladder(taker.side.opposite()).best().is_some_and(|best| best <= taker.limit)
    }

    /// Trades what can be traded and returns what is left. Most orders cross nothing: matching is not entered
    /// for them.
    fn trade(&mut self, taker: &Taker, trades: &mut dyn TradeSink) -> Quantity {
        if self.can_trade(taker) { self.match_incoming(taker, trades) } else { taker.quantity }
    }

    /// Trades with the other side, best price first, until the order is filled or its limit is reached. Returns
    /// what is left of it.
    #[hotpath(p50 = "10us", p99 = "100us", allocs = 0)]
    fn match_incoming(&mut self, taker: &Taker, trades: &mut dyn TradeSink) -> Quantity {
        let mut left = taker.quantity;
        while left > Quantity::ZERO
            && let Some(rank) = self.ladder(taker.side.opposite()).best()
            && rank <= taker.limit
        {
            left = self.match_level(rank, taker, left, trades);
        }
        left
    }

    /// Trades with the orders at one price, oldest first. Returns what is left of the taker.
    fn match_level(
        &mut self,
        rank: Rank,
        taker: &Taker,
        wanted: Quantity,
        trades: &mut dyn TradeSink,
    ) -> Quantity {
        let side = taker.side.opposite();
        let price = self.band.price(side, rank);
        let mut left = wanted;
        while left > Quantity::ZERO
            && let Some(slot) = self.ladder(side).first(rank)
        {
            let (maker, quantity) = self.fill(slot, left);
            left.0 -= quantity.0;
            let trade = Trade { taker: taker.id, maker, side: taker.side, price, quantity };
            self.digest.traded(&trade);
            trades.trade(&trade);
        }
        self.side(side).0.reduce(rank, Quantity(wanted.0 - left.0).into());
        left
    }

    /// Takes up to `wanted` from a resting order, and the order out of the book if that was all of it.
    fn fill(&mut self, slot: Slot, wanted: Quantity) -> (OrderId, Quantity) {
        let maker = &mut self.orders[slot];
        let (id, side, quantity) = (maker.id, maker.side, maker.quantity.min(wanted));
        maker.quantity.0 -= quantity.0;
        if maker.quantity == Quantity::ZERO {
            let (ladder, orders) = self.side(side);
            ladder.unlink(slot, orders);
            self.forget(id, slot);
        }
        (id, quantity)
    }

    /// Forgets an order that stands in no queue any more.
    fn forget(&mut self, id: OrderId, slot: Slot) {
        self.ids.remove(id);
        self.orders.vacate(slot);
    }

    fn ladder(&self, side: Side) -> &Ladder {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    /// One side and the orders that its queues link.
    fn side(&mut self, side: Side) -> (&mut Ladder, &mut Orders) {
        let ladder = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        (ladder, &mut self.orders)
    }
}

#[cfg(test)]
mod tests;
