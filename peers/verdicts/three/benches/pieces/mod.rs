//! One iteration of each function, the same for every tool.

use three::Work;

/// What is worked on, and where the keys for the sort come from.
pub struct Pieces {
    work: Work,
    key: u64,
}

impl Pieces {
    /// The same in every run.
    pub fn new() -> Pieces {
        Pieces { work: Work::new(), key: 1 }
    }

    /// The loop.
    pub fn spin(&mut self) -> u64 {
        self.work.spin()
    }

    /// The map.
    pub fn churn(&mut self) {
        self.work.churn();
    }

    /// The sort, each time of other numbers: what the loop would give as the next key costs as much as it.
    pub fn sort(&mut self) -> u64 {
        // Knuth's MMIX.
        self.key = self.key.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.work.sort(self.key)
    }
}
