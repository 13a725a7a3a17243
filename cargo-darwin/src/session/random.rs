//! Coins and seeds of a check. The first seed comes from the operating system; all else follows from it.

use std::hash::{BuildHasher, RandomState};

/// A stream of random numbers: Steele, Lea and Flood's SplitMix64 (OOPSLA 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A stream that no other check has.
    pub fn from_the_system() -> Random {
        Random(RandomState::new().hash_one(std::process::id()))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 or 1.
    pub fn coin(&mut self) -> usize {
        (self.next() >> 63) as usize
    }

    /// A seed that is not zero.
    pub fn seed(&mut self) -> u64 {
        self.next() | 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coin_falls_on_both_sides_about_as_often() {
        let mut random = Random(7);
        let heads: usize = (0..10_000).map(|_| random.coin()).sum();
        assert!((4_800..5_200).contains(&heads), "{heads} of 10000");
    }
}
