//! What goes into the book and what it answers.

use std::fmt;

/// A price, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub u32);

/// The size of one order or one trade, in lots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(pub u32);

impl Quantity {
    /// Nothing: what is left of an order that traded in full.
    pub const ZERO: Self = Self(0);
}

/// A sum of quantities, in lots. A book holds fewer than 2^32 orders of less than 2^32 lots: it cannot overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Volume(pub u64);

impl From<Quantity> for Volume {
    fn from(quantity: Quantity) -> Self {
        Self(u64::from(quantity.0))
    }
}

/// What the sender calls an order. Unique among the orders that rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u64);

/// Which way an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// A bid.
    Buy,
    /// An offer, or ask.
    Sell,
}

impl Side {
    /// The side that an order of this side trades with.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

/// At which price an order trades, and what becomes of the part that cannot trade at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Terms {
    /// Trades up to its price; the rest of it rests there.
    Limit(Price),
    /// Rests at its price, or is rejected if it would trade at once.
    PostOnly(Price),
    /// Trades up to its price; the rest of it is dropped.
    ImmediateOrCancel(Price),
    /// Trades in full up to its price, or is rejected and trades nothing.
    FillOrKill(Price),
    /// Trades at any price; the rest of it is dropped.
    Market,
}

/// An order as it comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewOrder {
    /// How later messages name it.
    pub id: OrderId,
    /// Which way it goes.
    pub side: Side,
    /// Its size, more than zero.
    pub quantity: Quantity,
    /// Its price and what becomes of the rest.
    pub terms: Terms,
}

/// One message to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Enters an order.
    New(NewOrder),
    /// Takes a resting order out.
    Cancel(OrderId),
    /// Changes a resting order. At the same price and no larger than what is left of it, it keeps its place in
    /// the queue; otherwise it comes in again as a new limit order, and may trade.
    Replace {
        /// The resting order.
        id: OrderId,
        /// Its price from now on.
        price: Price,
        /// What is left of it from now on, more than zero.
        quantity: Quantity,
    },
}

/// What became of an accepted message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The order traded in full.
    Filled,
    /// What is left of the order rests in the book.
    Rested {
        /// What is left of it.
        left: Quantity,
        /// What trades before it does: everything at better prices and what was at its price before it.
        ahead: Volume,
    },
    /// The order traded what it could; this much of it was dropped.
    Dropped(Quantity),
    /// The order is out of the book; this much of it had not traded.
    Cancelled(Quantity),
    /// The order is smaller and has kept its place in the queue.
    Reduced,
}

/// Why a message changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reject {
    /// No resting order has this id: it traded, was cancelled, or never was.
    UnknownOrder,
    /// A resting order has this id already.
    DuplicateId,
    /// The price is not in the book's band.
    OutsideBand,
    /// An order of nothing.
    ZeroQuantity,
    /// A post-only order would have traded.
    WouldTrade,
    /// A fill-or-kill order could not have traded in full.
    CannotFill,
    /// The book holds as many orders as it has room for.
    BookFull,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownOrder => "no resting order has this id",
            Self::DuplicateId => "a resting order has this id already",
            Self::OutsideBand => "the price is outside the band of the book",
            Self::ZeroQuantity => "the quantity is zero",
            Self::WouldTrade => "a post-only order would have traded",
            Self::CannotFill => "a fill-or-kill order could not have traded in full",
            Self::BookFull => "the book has no room for another order",
        })
    }
}

impl std::error::Error for Reject {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_small_enough_that_a_stream_of_them_streams_through_the_cache() {
        assert_eq!(size_of::<Message>(), 24);
    }
}
