//! Which prices of a side have orders.

use crate::band::{BAND_TICKS, Rank};

const WORD_BITS: usize = u64::BITS as usize;
const WORDS: usize = BAND_TICKS as usize / WORD_BITS;

/// A bit for each rank of the band and one word of summary, a bit for each word that is not zero: the best price
/// is found by counting trailing zeros twice, however far the market has moved.
#[derive(Debug)]
pub(crate) struct Occupied {
    summary: u64,
    words: [u64; WORDS],
}

const _: () = assert!(WORDS == WORD_BITS, "one word of summary covers the band exactly");

impl Occupied {
    /// No price has orders.
    pub(crate) fn new() -> Self {
        Self { summary: 0, words: [0; WORDS] }
    }

    /// The best rank that has orders.
    pub(crate) fn best(&self) -> Option<Rank> {
        // The summary is zero when its trailing zeros are WORD_BITS: there is no such word.
        let word = self.summary.trailing_zeros() as usize;
        let bits = self.words.get(word)?;
        Rank::at(word * WORD_BITS + bits.trailing_zeros() as usize)
    }

    /// The rank has orders from now on.
    pub(crate) fn set(&mut self, rank: Rank) {
        let (word, bit) = place(rank);
        self.words[word] |= bit;
        self.summary |= 1 << word;
    }

    /// The rank has no orders from now on.
    pub(crate) fn clear(&mut self, rank: Rank) {
        let (word, bit) = place(rank);
        self.words[word] &= !bit;
        if self.words[word] == 0 {
            self.summary &= !(1 << word);
        }
    }
}

fn place(rank: Rank) -> (usize, u64) {
    (rank.index() / WORD_BITS, 1 << (rank.index() % WORD_BITS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn the_best_rank_is_the_smallest_that_is_set() {
        let (mut occupied, mut model) = (Occupied::new(), BTreeSet::new());
        let mut random = SplitMix64::new(2);
        let rank = |index| Rank::at(index).expect("in the band");
        assert_eq!(occupied.best(), None);
        for _ in 0..20_000 {
            let index = random.below(BAND_TICKS) as usize;
            if random.below(3) == 0 && model.insert(index) {
                occupied.set(rank(index));
            } else if let Some(best) = model.pop_first() {
                occupied.clear(rank(best));
            }
            assert_eq!(occupied.best().map(Rank::index), model.first().copied());
        }
    }
}
