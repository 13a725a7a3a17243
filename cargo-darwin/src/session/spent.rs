//! What a block costs besides its turns, for `check -v`.

use std::time::{Duration, Instant};

/// Where the time of the blocks went.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    blocks: u32,
    linking: Duration,
    running: Duration,
    turns: Duration,
    reading: Duration,
}

impl Spent {
    /// One block more, which waited so long for its layouts.
    pub fn began(&mut self, linking: Duration) {
        self.blocks += 1;
        self.linking += linking;
    }

    /// Its processes took so long from their start to their end, so much of it by their turns.
    pub fn ran(&mut self, running: Duration, turns: Option<Duration>) {
        self.running += running;
        self.turns += turns.unwrap_or(running);
    }

    /// It was read since then, while the next layouts were linked.
    pub fn read_since(&mut self, begin: Instant) {
        self.reading += begin.elapsed();
    }

    /// The mean block in words; nothing without one.
    pub fn note(&self) -> Option<String> {
        let each = |all: Duration| (all.checked_div(self.blocks)).map(|mean| mean.as_secs_f64() * 1e3);
        let total = each(self.linking + self.running + self.reading)?;
        let (turns, started) = (each(self.turns)?, each(self.running.saturating_sub(self.turns))?);
        let prepared = each(self.linking + self.reading)?;
        Some(format!(
            "a block took {total:.0} ms in the mean: {turns:.0} ms of turns, {started:.0} ms to start, set up and end its \
             processes, {prepared:.0} ms to read them and link the next layouts"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn the_mean_block_is_told_by_its_parts() {
        let mut spent = Spent::default();
        assert_eq!(spent.note(), None);
        spent.began(20 * MILLISECOND);
        spent.ran(50 * MILLISECOND, Some(42 * MILLISECOND));
        spent.ran(50 * MILLISECOND, Some(42 * MILLISECOND));
        spent.began(Duration::ZERO);
        spent.ran(30 * MILLISECOND, None);
        assert_eq!(
            spent.note().unwrap(),
            "a block took 75 ms in the mean: 57 ms of turns, 8 ms to start, set up and end its processes, 10 ms to read them \
             and link the next layouts"
        );
    }
}
