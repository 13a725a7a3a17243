//! A book so simple that it can be seen to be right: what [`crate::Book`] is compared with.

use std::collections::BTreeMap;

use crate::band::BAND_TICKS;
use crate::message::{Message, NewOrder, OrderId, Outcome, Price, Quantity, Reject, Side, Terms, Volume};
use crate::trade::Trade;

/// Best first: how dear the price is to the other side, then when the order came.
type Priority = (i64, u64);

/// Two sorted maps. Whatever is asked is answered by walking them.
pub(crate) struct Reference {
    floor: u32,
    capacity: usize,
    arrivals: u64,
    bids: BTreeMap<Priority, (OrderId, u32)>,
    asks: BTreeMap<Priority, (OrderId, u32)>,
    pub(crate) trades: Vec<Trade>,
}

impl Reference {
    pub(crate) fn new(floor: Price, capacity: usize) -> Self {
        let (bids, asks) = Default::default();
        Self { floor: floor.0, capacity, arrivals: 0, bids, asks, trades: Vec::new() }
    }

    pub(crate) fn submit(&mut self, message: &Message) -> Result<Outcome, Reject> {
        match *message {
            Message::New(order) => self.enter(order),
            Message::Cancel(id) => self.cancel(id),
            Message::Replace { id, price, quantity } => self.replace(id, price, quantity),
        }
    }

    /// Prices, best first, and what rests at each.
    pub(crate) fn levels(&self, side: Side) -> Vec<(Price, Volume)> {
        let mut levels: Vec<(Price, Volume)> = Vec::new();
        for (&(cost, _), &(_, left)) in self.side(side) {
            let price = Price(cost.unsigned_abs() as u32);
            match levels.last_mut() {
                Some((last, volume)) if *last == price => volume.0 += u64::from(left),
                _ => levels.push((price, Volume(left.into()))),
            }
        }
        levels
    }

    fn enter(&mut self, order: NewOrder) -> Result<Outcome, Reject> {
        if order.quantity.0 == 0 {
            return Err(Reject::ZeroQuantity);
        }
        let (price, rests) = match order.terms {
            Terms::Limit(price) | Terms::PostOnly(price) => (Some(price), true),
            Terms::ImmediateOrCancel(price) | Terms::FillOrKill(price) => (Some(price), false),
            Terms::Market => (None, false),
        };
        if price.is_some_and(|price| self.is_outside(price)) {
            return Err(Reject::OutsideBand);
        }
        if rests && self.bids.len() + self.asks.len() == self.capacity {
            return Err(Reject::BookFull);
        }
        if rests && self.find(order.id).is_some() {
            return Err(Reject::DuplicateId);
        }
        let fillable: u64 = self.crossed(order.side, price).map(|(_, left)| u64::from(left)).sum();
        match order.terms {
            Terms::PostOnly(_) if fillable > 0 => return Err(Reject::WouldTrade),
            Terms::FillOrKill(_) if fillable < order.quantity.0.into() => return Err(Reject::CannotFill),
            _ => {}
        }
        let left = self.trade(order, price);
        Ok(match price {
            _ if left == 0 => Outcome::Filled,
            Some(price) if rests => self.rest(order, price, left),
            _ => Outcome::Dropped(Quantity(left)),
        })
    }

    fn trade(&mut self, order: NewOrder, limit: Option<Price>) -> u32 {
        let mut left = order.quantity.0;
        while left > 0 {
            let Some((priority, available)) = self.crossed(order.side, limit).next() else { break };
            let makers = self.side_mut(order.side.opposite());
            let maker = makers[&priority].0;
            let quantity = available.min(left);
            left -= quantity;
            if quantity == available {
                makers.remove(&priority);
            } else {
                makers.insert(priority, (maker, available - quantity));
            }
            let price = Price(priority.0.unsigned_abs() as u32);
            let quantity = Quantity(quantity);
            self.trades.push(Trade { taker: order.id, maker, side: order.side, price, quantity });
        }
        left
    }

    fn rest(&mut self, order: NewOrder, price: Price, left: u32) -> Outcome {
        self.arrivals += 1;
        let priority = (cost(order.side, price), self.arrivals);
        let side = self.side_mut(order.side);
        let ahead = side.range(..priority).map(|(_, &(_, left))| u64::from(left)).sum();
        side.insert(priority, (order.id, left));
        Outcome::Rested { left: Quantity(left), ahead: Volume(ahead) }
    }

    fn cancel(&mut self, id: OrderId) -> Result<Outcome, Reject> {
        let (side, priority, left) = self.find(id).ok_or(Reject::UnknownOrder)?;
        self.side_mut(side).remove(&priority);
        Ok(Outcome::Cancelled(Quantity(left)))
    }

    fn replace(&mut self, id: OrderId, price: Price, quantity: Quantity) -> Result<Outcome, Reject> {
        if quantity.0 == 0 {
            return Err(Reject::ZeroQuantity);
        }
        let (side, priority, left) = self.find(id).ok_or(Reject::UnknownOrder)?;
        if self.is_outside(price) {
            return Err(Reject::OutsideBand);
        }
        if priority.0 == cost(side, price) && quantity.0 <= left {
            self.side_mut(side).insert(priority, (id, quantity.0));
            return Ok(Outcome::Reduced);
        }
        self.side_mut(side).remove(&priority);
        self.enter(NewOrder { id, side, quantity, terms: Terms::Limit(price) })
    }

    /// The orders that an order of `side` with this limit would trade with, in the order in which it would.
    fn crossed(&self, side: Side, limit: Option<Price>) -> impl Iterator<Item = (Priority, u32)> + '_ {
        let dearest = limit.map_or(i64::MAX, |price| cost(side.opposite(), price));
        let orders = self.side(side.opposite()).iter();
        orders
            .take_while(move |(priority, _)| priority.0 <= dearest)
            .map(|(&priority, order)| (priority, order.1))
    }

    fn find(&self, id: OrderId) -> Option<(Side, Priority, u32)> {
        [Side::Buy, Side::Sell].into_iter().find_map(|side| {
            let found = self.side(side).iter().find(|(_, order)| order.0 == id);
            found.map(|(&priority, order)| (side, priority, order.1))
        })
    }

    fn is_outside(&self, price: Price) -> bool {
        !(self.floor..self.floor + BAND_TICKS).contains(&price.0)
    }

    fn side(&self, side: Side) -> &BTreeMap<Priority, (OrderId, u32)> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<Priority, (OrderId, u32)> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

/// The highest bid and the lowest ask cost least.
fn cost(side: Side, price: Price) -> i64 {
    match side {
        Side::Buy => -i64::from(price.0),
        Side::Sell => i64::from(price.0),
    }
}
