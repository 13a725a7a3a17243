//! Where trades go.

use crate::message::{OrderId, Price, Quantity, Side, Volume};

/// Two orders met. The price is the resting order's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trade {
    /// The order that came in.
    pub taker: OrderId,
    /// The order that rested.
    pub maker: OrderId,
    /// Which way the taker went.
    pub side: Side,
    /// The maker's price.
    pub price: Price,
    /// How much changed hands, more than zero.
    pub quantity: Quantity,
}

/// Takes the trades of a book, in the order in which they happen.
///
/// The book sees it as an object, so that the book is compiled once and not again for each sink. A closure will
/// do: `book.submit(&message, &mut |trade: &Trade| ...)`.
pub trait TradeSink {
    /// One trade. It is called from inside the matching: it should be quick, and not allocate.
    fn trade(&mut self, trade: &Trade);
}

impl<F: FnMut(&Trade)> TradeSink for F {
    fn trade(&mut self, trade: &Trade) {
        self(trade);
    }
}

/// Counts the trades and what changed hands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// How many trades.
    pub trades: u64,
    /// How much changed hands.
    pub volume: Volume,
}

impl TradeSink for Tape {
    fn trade(&mut self, trade: &Trade) {
        self.trades += 1;
        self.volume.0 += u64::from(trade.quantity.0);
    }
}
