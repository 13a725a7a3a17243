//! The coins of a replay, from a seed that is handed in.

/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014).
pub struct Coins(u64);

impl Coins {
    /// Those of one replay among others with the same seed.
    pub fn of(seed: u64, replay: u32) -> Coins {
        let mut coins = Coins(seed ^ (u64::from(replay) << 32));
        // Streams of neighbouring replays begin far apart.
        coins = Coins(coins.next());
        coins
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// `1` or `-1`.
    pub fn sign(&mut self) -> f64 {
        if self.next() >> 63 == 0 { 1.0 } else { -1.0 }
    }

    /// Below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
