//! How much rests up to a price.

use crate::band::{BAND_TICKS, Rank};
use crate::message::Volume;

/// Sums of volume over the best ranks, in a binary indexed tree (Fenwick 1994, "A new data structure for
/// cumulative frequency tables"): a change and a question both take at most 13 steps over 4096 prices. It
/// answers at once whether a fill-or-kill order can fill, and how much trades before an order that rests.
#[derive(Debug)]
pub(crate) struct Depth {
    /// The node at index i covers as many ranks, ending with rank i, as the lowest bit of i + 1 says.
    nodes: Box<[u64]>,
}

impl Depth {
    /// Nothing rests.
    pub(crate) fn new() -> Self {
        Self { nodes: vec![0; BAND_TICKS as usize].into() }
    }

    /// What rests at this rank and at all better ones.
    pub(crate) fn up_to(&self, rank: Rank) -> Volume {
        let mut end = rank.index() + 1;
        let mut sum = 0;
        while end > 0 {
            sum += self.nodes[end - 1];
            end &= end - 1;
        }
        Volume(sum)
    }

    /// More rests at this rank.
    pub(crate) fn add(&mut self, rank: Rank, volume: Volume) {
        self.change(rank, |node| node + volume.0);
    }

    /// Less rests at this rank; not less than nothing.
    pub(crate) fn subtract(&mut self, rank: Rank, volume: Volume) {
        self.change(rank, |node| node - volume.0);
    }

    fn change(&mut self, rank: Rank, change: impl Fn(u64) -> u64) {
        let mut end = rank.index() + 1;
        while let Some(node) = self.nodes.get_mut(end - 1) {
            *node = change(*node);
            end += end & end.wrapping_neg();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    #[test]
    fn a_sum_is_that_of_the_ranks_up_to_it() {
        let (mut depth, mut model) = (Depth::new(), vec![0; BAND_TICKS as usize]);
        let mut random = SplitMix64::new(3);
        for _ in 0..2_000 {
            let index = random.below(BAND_TICKS) as usize;
            let rank = Rank::at(index).expect("in the band");
            if model[index] > 0 {
                depth.subtract(rank, Volume(model[index]));
                model[index] = 0;
            } else {
                let volume = u64::from(random.below(1_000));
                depth.add(rank, Volume(volume));
                model[index] = volume;
            }
            assert_eq!(depth.up_to(rank), Volume(model[..=index].iter().sum()));
            assert_eq!(depth.up_to(Rank::WORST), Volume(model.iter().sum()));
        }
    }
}
