//! What happened, in 64 bits.

use std::fmt;

use crate::message::{OrderId, Price, Quantity, Side, Volume};
use crate::orders::Resting;
use crate::trade::Trade;

/// A running hash of all that a book did, in order: two books that did the same have the same digest. Replicas of
/// an exchange compare such digests to learn that they still agree.
///
/// FNV-1a (Fowler, Noll and Vo), 64 bits: no table, no state but the digest, the same on every machine. It finds
/// faults, not forgeries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(u64);

impl Digest {
    const PRIME: u64 = 0x0100_0000_01b3;

    /// The digest of nothing: the offset basis in the definition of FNV.
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// An order rests at this price, with so much ahead of it.
    pub(crate) fn rested(&mut self, order: &Resting, price: Price, ahead: Volume) {
        let kind = match order.side {
            Side::Buy => b"B",
            Side::Sell => b"S",
        };
        self.feed(kind).order(order.id, order.quantity);
        self.feed(price.0.to_le_bytes()).feed(ahead.0.to_le_bytes());
    }

    /// An order was made smaller: this is left of it.
    pub(crate) fn reduced(&mut self, id: OrderId, left: Quantity) {
        self.feed(b"R").order(id, left);
    }

    /// An order was cancelled: this was left of it.
    pub(crate) fn cancelled(&mut self, id: OrderId, left: Quantity) {
        self.feed(b"C").order(id, left);
    }

    /// Two orders traded.
    pub(crate) fn traded(&mut self, trade: &Trade) {
        self.feed(b"T").order(trade.maker, trade.quantity);
        self.feed(trade.taker.0.to_le_bytes()).feed(trade.price.0.to_le_bytes());
    }

    fn order(&mut self, id: OrderId, quantity: Quantity) -> &mut Self {
        self.feed(id.0.to_le_bytes()).feed(quantity.0.to_le_bytes())
    }

    fn feed(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        for &byte in bytes.as_ref() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(Self::PRIME);
        }
        self
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_hash() {
        assert_eq!(Digest::new().feed("a").to_string(), "af63dc4c8601ec8c");
        assert_eq!(Digest::new().feed("foobar").to_string(), "85944171f73967e8");
    }

    #[test]
    fn fed_in_parts_it_is_the_same() {
        assert_eq!(Digest::new().feed("foo").feed("bar"), Digest::new().feed("foobar"));
    }
}
