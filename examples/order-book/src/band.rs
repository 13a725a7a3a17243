//! The band of prices that a book covers, and the rank of a price on a side.

use crate::message::{Price, Side};

/// Width of the band, in ticks: 64 words of 64 bits, which is what one word of summary can cover.
pub const BAND_TICKS: u32 = 64 * 64;

/// Place of a price among the prices of a side: 0 is the best price that the band allows, the lowest for asks and
/// the highest for bids. On ranks both sides look the same: smaller trades first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u16);

impl Rank {
    /// The limit of an order that takes any price.
    pub(crate) const WORST: Self = Self(BAND_TICKS as u16 - 1);

    /// The rank at this index of an array over the band; `None` if the band ends before it.
    pub(crate) fn at(index: usize) -> Option<Self> {
        (index < BAND_TICKS as usize).then_some(Self(index as u16))
    }

    /// Index into an array over the band.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The prices that a book takes: [`BAND_TICKS`] of them from a floor up, as exchanges bound a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    floor: Price,
}

impl Band {
    /// The band whose lowest price is `floor`.
    ///
    /// # Panics
    ///
    /// If the band would go beyond the highest price there is.
    pub const fn starting_at(floor: Price) -> Self {
        assert!(floor.0 <= u32::MAX - BAND_TICKS, "the band goes beyond the highest price: lower its floor");
        Self { floor }
    }

    /// The rank of a price among the orders of `side`; `None` outside the band.
    pub(crate) fn rank(self, side: Side, price: Price) -> Option<Rank> {
        let above_floor = price.0.checked_sub(self.floor.0).filter(|&ticks| ticks < BAND_TICKS)?;
        Some(Rank(match side {
            Side::Buy => (BAND_TICKS - 1 - above_floor) as u16,
            Side::Sell => above_floor as u16,
        }))
    }

    /// The price that has this rank among the orders of `side`.
    pub(crate) fn price(self, side: Side, rank: Rank) -> Price {
        let rank = u32::from(rank.0);
        Price(match side {
            Side::Buy => self.floor.0 + (BAND_TICKS - 1 - rank),
            Side::Sell => self.floor.0 + rank,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAND: Band = Band::starting_at(Price(1_000));

    #[test]
    fn a_better_price_has_a_smaller_rank_on_either_side() {
        assert!(BAND.rank(Side::Buy, Price(1_200)) < BAND.rank(Side::Buy, Price(1_100)));
        assert!(BAND.rank(Side::Sell, Price(1_100)) < BAND.rank(Side::Sell, Price(1_200)));
    }

    #[test]
    fn a_rank_gives_its_price_back() {
        for side in [Side::Buy, Side::Sell] {
            for price in (1_000..1_000 + BAND_TICKS).map(Price) {
                let rank = BAND.rank(side, price).expect("in the band");
                assert_eq!(BAND.price(side, rank), price);
            }
        }
    }

    #[test]
    fn a_price_on_either_side_of_the_band_has_no_rank() {
        assert_eq!(BAND.rank(Side::Buy, Price(999)), None);
        assert_eq!(BAND.rank(Side::Sell, Price(1_000 + BAND_TICKS)), None);
    }
}
