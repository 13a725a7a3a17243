//! How the time is divided, settled before the first check; what comes next is a function of what was done.

use std::time::{Duration, Instant};

use super::share;
use crate::gate::calibrate::limit;
use crate::options::Calibrate;

/// Misses that the slower checks are to exclude: one in twenty.
const MISSES: f64 = 0.05;

/// Of the time, for building and measuring neutral edits.
const EDITS: f64 = 0.25;

/// Of the time, for blocks that the checks have not made, and for predicting; checks leave it alone.
const AFTER_EDITS: f64 = 0.08;

/// Of the time, for predicting alone.
const PREDICTING: f64 = 0.03;

/// Predicting takes no longer than that on one processor for twenty sites.
const MOST_PREDICTING: Duration = Duration::from_secs(20);

/// A check may take so much longer than the middle one.
const LONGEST: f64 = 1.5;

/// The times of a calibration.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    begin: Instant,
    max_time: Duration,
    /// Checks of each kind that were asked for.
    checks: Option<u32>,
    edits: bool,
}

/// What was done so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Done {
    /// Checks of unchanged code.
    pub unchanged: u32,
    /// Checks of slower code.
    pub injected: u32,
    /// How many of these were caught.
    pub caught: u32,
    /// How many of those were rejected.
    pub alarms: u32,
    /// Half of the checks took no longer.
    pub median_seconds: f64,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A check of unchanged code.
    Unchanged,
    /// A slower one: the number of those before it.
    Injected(usize),
    /// No check.
    Done,
}

impl Schedule {
    /// From now on.
    pub fn of(asked: &Calibrate, begin: Instant) -> Schedule {
        Schedule { begin, max_time: asked.max_time, checks: asked.checks, edits: asked.edits > 0 }
    }

    /// No check goes on beyond this.
    pub fn end_of_checks(&self) -> Instant {
        let edits = if self.edits { EDITS } else { 0.0 };
        self.begin + share(self.max_time, 1.0 - edits - AFTER_EDITS)
    }

    /// No edit is built or measured beyond this: what checks left over is not for edits.
    pub fn until_edits(&self, now: Instant) -> Instant {
        (now + share(self.max_time, EDITS)).min(self.begin + share(self.max_time, 1.0 - AFTER_EDITS))
    }

    /// No further block is begun beyond this.
    pub fn end_of_blocks(&self) -> Instant {
        self.begin + self.max_time - share(self.max_time, PREDICTING).min(MOST_PREDICTING)
    }

    /// The end of everything.
    pub fn end(&self) -> Instant {
        self.begin + self.max_time
    }

    /// What comes next, with `targets` sites to be made slower.
    pub fn next(&self, done: &Done, targets: usize, now: Instant) -> Next {
        let expected = Duration::from_secs_f64(done.median_seconds * LONGEST);
        if done.unchanged > 0 && now + expected > self.end_of_checks() {
            return Next::Done;
        }
        let slower = if targets == 0 { 0 } else { self.checks.unwrap_or(limit::trials_for(MISSES)) };
        let is_enough = self.checks.is_some_and(|checks| done.unchanged >= checks);
        match done.injected < slower && (done.injected < done.unchanged || is_enough) {
            true => Next::Injected(done.injected as usize),
            false if is_enough => Next::Done,
            false => Next::Unchanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metric;

    fn schedule(checks: Option<u32>, edits: u32) -> Schedule {
        let max_time = Duration::from_secs(600);
        let asked = Calibrate { checks, inject: None, site: None, metric: Metric::P50, edits, max_time };
        Schedule::of(&asked, Instant::now())
    }

    fn after(schedule: &Schedule, seconds: u64) -> Instant {
        schedule.begin + Duration::from_secs(seconds)
    }

    /// The checks of a calibration in which each takes `seconds`.
    fn played(schedule: &Schedule, targets: usize, seconds: f64) -> Done {
        let mut done = Done { median_seconds: seconds, ..Done::default() };
        let mut now = schedule.begin;
        loop {
            match schedule.next(&done, targets, now) {
                Next::Done => return done,
                Next::Unchanged => done.unchanged += 1,
                Next::Injected(_) => done.injected += 1,
            }
            now += Duration::from_secs_f64(seconds);
            assert!(done.injected <= done.unchanged);
        }
    }

    #[test]
    fn in_ten_minutes_fifty_nine_slower_checks_come_in_turn_with_unchanged_ones_which_get_the_rest() {
        let done = played(&schedule(None, 6), 1, 2.0);
        assert_eq!(done.injected, 59);
        assert!((130..=150).contains(&done.unchanged), "{done:?}");
    }

    #[test]
    fn slow_checks_are_shared_between_both_kinds() {
        let done = played(&schedule(None, 6), 1, 20.0);
        assert!(done.unchanged - done.injected <= 1 && done.injected >= 8, "{done:?}");
    }

    #[test]
    fn a_number_of_checks_holds_for_both_kinds() {
        let done = played(&schedule(Some(2), 6), 1, 1.0);
        assert_eq!((done.unchanged, done.injected), (2, 2));
        let none = played(&schedule(Some(2), 6), 0, 1.0);
        assert_eq!((none.unchanged, none.injected), (2, 0), "where nothing can be made slower");
    }

    #[test]
    fn the_first_check_is_always_tried() {
        let schedule = schedule(None, 6);
        let late = after(&schedule, 10_000);
        assert_eq!(schedule.next(&Done::default(), 1, late), Next::Unchanged);
        assert_eq!(schedule.next(&Done { unchanged: 1, ..Done::default() }, 1, late), Next::Done);
    }

    #[test]
    fn edits_and_blocks_have_times_of_their_own() {
        let schedule = schedule(None, 6);
        assert_eq!(schedule.end_of_checks(), after(&schedule, 402));
        assert_eq!(schedule.until_edits(after(&schedule, 402)), after(&schedule, 552));
        assert_eq!(schedule.until_edits(after(&schedule, 10)), after(&schedule, 160));
        assert_eq!(schedule.end_of_blocks(), after(&schedule, 582));
    }
}
