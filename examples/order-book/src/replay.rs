//! A stream going round through a book.

use std::fmt;

use crate::book::Book;
use crate::digest::Digest;
use crate::message::{Message, Price, Side, Volume};
use crate::stream::{BAND, Mix, generate};
use crate::trade::Tape;

/// A book, and a stream of messages that goes round through it.
#[derive(Debug)]
pub struct Replay {
    book: Book,
    stream: Vec<Message>,
    next: usize,
    messages: u64,
    rejects: u64,
    tape: Tape,
}

impl Replay {
    /// An empty book before the stream of `round` messages that `seed` and `mix` make. The first round fills the
    /// book; from then on it is in its steady state.
    pub fn new(seed: u64, mix: Mix, round: usize) -> Self {
        Self {
            // Twice the usual number: the stream's orders come at random.
            book: Book::new(BAND, 2 * mix.resting as u32),
            stream: generate(seed, mix, round),
            next: 0,
            messages: 0,
            rejects: 0,
            tape: Tape::default(),
        }
    }

    /// Replays the next `count` messages. Allocates nothing.
    pub fn advance(&mut self, count: usize) {
        for _ in 0..count {
            let Some(message) = self.stream.get(self.next) else { return };
            self.next = if self.next + 1 < self.stream.len() { self.next + 1 } else { 0 };
            self.messages += 1;
            self.rejects += u64::from(self.book.submit(message, &mut self.tape).is_err());
        }
    }

    /// The book as it is now.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// What has happened so far.
    pub fn summary(&self) -> Summary {
        Summary {
            messages: self.messages,
            rejects: self.rejects,
            tape: self.tape,
            digest: self.book.digest(),
            bids: SideSummary::of(&self.book, Side::Buy),
            asks: SideSummary::of(&self.book, Side::Sell),
        }
    }
}

/// What has happened in a replay and what rests at its end. Displays as some lines of text, the same for the
/// same replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Messages replayed.
    pub messages: u64,
    /// Messages that the book rejected.
    pub rejects: u64,
    /// The trades.
    pub tape: Tape,
    /// Of all that the book did.
    pub digest: Digest,
    /// What rests on the buying side.
    pub bids: SideSummary,
    /// What rests on the selling side.
    pub asks: SideSummary,
}

/// What rests on one side of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SideSummary {
    /// How many prices have orders.
    pub levels: usize,
    /// All that rests.
    pub volume: Volume,
    /// The best price.
    pub best: Option<Price>,
}

impl SideSummary {
    fn of(book: &Book, side: Side) -> Self {
        Self { levels: book.levels(side).count(), volume: book.volume(side), best: book.best(side) }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "messages  {}", self.messages)?;
        writeln!(f, "rejects   {}", self.rejects)?;
        writeln!(f, "trades    {}", self.tape.trades)?;
        writeln!(f, "volume    {} lots", self.tape.volume.0)?;
        writeln!(f, "digest    {}", self.digest)?;
        writeln!(f, "bids      {}", self.bids)?;
        write!(f, "asks      {}", self.asks)
    }
}

impl fmt::Display for SideSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lots at {} prices", self.volume.0, self.levels)?;
        self.best.map_or(Ok(()), |best| write!(f, ", best {}", best.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: usize = 12_000;

    fn after_rounds(rounds: usize) -> Replay {
        let mut replay = Replay::new(1, Mix::LIVELY, ROUND);
        replay.advance(rounds * ROUND);
        replay
    }

    fn levels(replay: &Replay) -> [Vec<(Price, Volume)>; 2] {
        [Side::Buy, Side::Sell].map(|side| replay.book().levels(side).collect())
    }

    #[test]
    fn a_replay_can_be_repeated_to_the_last_trade() {
        assert_eq!(after_rounds(2).summary(), after_rounds(2).summary());
    }

    #[test]
    fn after_the_first_rounds_each_round_ends_with_the_same_book() {
        assert_eq!(levels(&after_rounds(3)), levels(&after_rounds(4)));
        assert_eq!(levels(&after_rounds(3)), levels(&after_rounds(9)));
    }

    #[test]
    fn a_replay_in_slices_is_the_replay() {
        let mut sliced = Replay::new(1, Mix::LIVELY, ROUND);
        (0..100).for_each(|_| sliced.advance(ROUND / 50));
        assert_eq!(sliced.summary(), after_rounds(2).summary());
    }

    #[test]
    fn an_empty_stream_has_an_end() {
        let mut replay = Replay::new(1, Mix::LIVELY, 0);
        replay.advance(10);
        assert_eq!(replay.summary().messages, 0);
    }

    #[test]
    fn the_summary_names_everything_that_must_repeat() {
        let summary = Summary {
            messages: 10,
            rejects: 1,
            tape: Tape { trades: 3, volume: Volume(30) },
            digest: Digest::new(),
            bids: SideSummary { levels: 2, volume: Volume(20), best: Some(Price(99)) },
            asks: SideSummary { levels: 0, volume: Volume(0), best: None },
        };
        let text = "\
messages  10
rejects   1
trades    3
volume    30 lots
digest    cbf29ce484222325
bids      20 lots at 2 prices, best 99
asks      0 lots at 0 prices";
        assert_eq!(summary.to_string(), text);
    }
}
