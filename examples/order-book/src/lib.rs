//! A limit order book with price-time priority, and a stream of messages to replay through it.
//!
//! The book is one instrument's: [`Book`] takes [`Message`]s, matches what crosses against the other side, best
//! price first and oldest order first, reports each [`Trade`] to a [`TradeSink`] of the caller's, and lets the
//! rest of a limit order rest.
//!
//! All memory is taken when the book is made. From then on neither entering, nor matching, nor cancelling
//! allocates: orders live in a slab ([`Book::new`] says how many), the queue of a price is linked through the
//! orders themselves, the prices of a side are an array over a fixed band ([`Band`]), and ids are found through
//! an open-addressing table. The budgets in the `#[hotpath]` attributes say so, and `cargo darwin check` holds
//! them.
//!
//! ```
//! use order_book::{Band, Book, Message, NewOrder, OrderId, Outcome, Price, Quantity, Side, Tape, Terms};
//!
//! let mut book = Book::new(Band::starting_at(Price(10_000)), 1_000);
//! let mut tape = Tape::default();
//! let ask = NewOrder {
//!     id: OrderId(1),
//!     side: Side::Sell,
//!     quantity: Quantity(5),
//!     terms: Terms::Limit(Price(10_100)),
//! };
//! let buy = NewOrder { id: OrderId(2), side: Side::Buy, quantity: Quantity(3), terms: Terms::Market };
//!
//! book.submit(&Message::New(ask), &mut tape)?;
//! assert_eq!(book.submit(&Message::New(buy), &mut tape)?, Outcome::Filled);
//! assert_eq!(book.best(Side::Sell), Some(Price(10_100)));
//! # Ok::<(), order_book::Reject>(())
//! ```

mod band;
mod book;
mod depth;
mod digest;
mod ids;
mod ladder;
mod message;
mod occupied;
mod orders;
mod random;
#[cfg(test)]
mod reference;
mod replay;
mod stream;
mod trade;

pub use band::{BAND_TICKS, Band};
pub use book::Book;
pub use digest::Digest;
pub use message::{Message, NewOrder, OrderId, Outcome, Price, Quantity, Reject, Side, Terms, Volume};
pub use random::SplitMix64;
pub use replay::{Replay, SideSummary, Summary};
pub use stream::{Mix, generate};
pub use trade::{Tape, Trade, TradeSink};
