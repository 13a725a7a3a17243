//! Do the processor's counter and the system's clock go on together? Arithmetic on readings, nothing else.

use thiserror::Error;

use super::{Reading, SHORTEST_NANOS};

/// The kernel itself bends its clock by up to 500 ppm to follow network time (`man 2 adjtimex`); what is more is a machine
/// that was suspended or moved, or a counter that is not constant.
const MOST_PPM: f64 = 500.0;

/// What is not told from a disagreement, besides the uncertainty of the readings: hypervisors set their guests' clock
/// anew by some microseconds.
const SLACK_NANOS: f64 = 10_000.0;

/// Why ticks cannot be told in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ClockError {
    /// One went faster than before, or jumped.
    #[error(
        "the processor's counter and the system's clock (CLOCK_MONOTONIC) disagree by {ppm:.0} ppm over {seconds:.3} s, more than the {MOST_PPM} ppm that are allowed: one of them jumped or changed its rate, as when a machine is suspended, moved to another host, or its clock is corrected. Times of this run would be wrong"
    )]
    Disagree {
        /// By how much, in parts of a million.
        ppm: f64,
        /// Length of the run by the system's clock.
        seconds: f64,
    },
    /// One went back.
    #[error(
        "the processor's counter or the system's clock (CLOCK_MONOTONIC) stood still or went back, as when a machine is suspended or moved to another host. Times of this run would be wrong"
    )]
    WentBack,
}

/// From one reading to a later one.
#[derive(Debug, Clone, Copy)]
struct Span {
    ticks: f64,
    nanos: f64,
    uncertain_ticks: f64,
}

impl Span {
    fn between(first: Reading, last: Reading) -> Result<Span, ClockError> {
        let ticks = last.pair.ticks.checked_sub(first.pair.ticks).filter(|ticks| *ticks > 0);
        let nanos = last.pair.nanos.checked_sub(first.pair.nanos).filter(|nanos| *nanos > 0);
        let (ticks, nanos) = ticks.zip(nanos).ok_or(ClockError::WentBack)?;
        let uncertain_ticks = first.uncertain_ticks as f64 + last.uncertain_ticks as f64;
        Ok(Span { ticks: ticks as f64, nanos: nanos as f64, uncertain_ticks })
    }
}

/// Compares the rate of the run, from `began` to `ended`, with that from `first` to `began`. What the readings leave open,
/// and a time before the run that is too short to tell a rate, are taken for agreement.
///
/// # Errors
/// When they disagree by more than [`MOST_PPM`].
pub(super) fn judge(first: Reading, began: Reading, ended: Reading) -> Result<(), ClockError> {
    let run = Span::between(began, ended)?;
    if began.pair.nanos.saturating_sub(first.pair.nanos) < SHORTEST_NANOS {
        return Ok(());
    }
    let before = Span::between(first, began)?;
    let nanos_per_tick = before.nanos / before.ticks;
    let expected = run.ticks * nanos_per_tick;
    let uncertain = run.uncertain_ticks * nanos_per_tick + expected * before.uncertain_ticks / before.ticks;
    let off = (run.nanos - expected).abs() - uncertain - SLACK_NANOS;
    let ppm = off / run.nanos * 1e6;
    match ppm > MOST_PPM {
        true => Err(ClockError::Disagree { ppm, seconds: run.nanos / 1e9 }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::map::ClockPair;

    const SECOND: u64 = 1_000_000_000;
    /// Of a counter of 2.5 GHz.
    const TICKS: u64 = 2_500_000_000;

    fn reading(ticks: u64, nanos: u64) -> Reading {
        Reading { pair: ClockPair { ticks, nanos }, uncertain_ticks: 250 }
    }

    /// A second of building, then a run of three seconds in which the counter gains or loses so many ticks.
    fn run_with(off_ticks: i64) -> Result<(), ClockError> {
        let (first, began) = (reading(77, 5), reading(77 + TICKS, 5 + SECOND));
        let ticks = (4 * TICKS).checked_add_signed(off_ticks).unwrap();
        judge(first, began, reading(77 + ticks, 5 + 4 * SECOND))
    }

    /// So many parts of a million of the run.
    fn ppm(parts: i64) -> i64 {
        parts * 3 * TICKS as i64 / 1_000_000
    }

    #[test]
    fn clocks_that_go_on_together_agree() {
        assert_eq!(run_with(0), Ok(()));
        assert_eq!(run_with(-1), Ok(()), "one tick back");
        for parts in [-490, -50, 50, 490] {
            assert_eq!(run_with(ppm(parts)), Ok(()), "{parts} ppm, as network time may bend it");
        }
    }

    #[test]
    fn a_rate_that_changes_by_more_than_500_ppm_is_refused() {
        for parts in [-510, 510, 2000, 1_000_000] {
            let refused = run_with(ppm(parts));
            assert!(
                matches!(refused, Err(ClockError::Disagree { ppm, .. }) if ppm > 500.0),
                "{parts}: {refused:?}"
            );
        }
    }

    #[test]
    fn a_clock_that_jumps_is_refused() {
        for seconds in [-1, 1, 3600] {
            let refused = run_with(seconds * TICKS as i64);
            assert!(matches!(refused, Err(ClockError::Disagree { .. })), "{seconds} s: {refused:?}");
        }
        assert_eq!(run_with(-3 * TICKS as i64), Err(ClockError::WentBack), "it stood still");
        assert_eq!(run_with(-4 * TICKS as i64), Err(ClockError::WentBack));
    }

    #[test]
    fn a_jump_before_the_run_is_refused_as_well() {
        let began = reading(2 * TICKS, SECOND);
        let ended = reading(5 * TICKS, 4 * SECOND);
        assert!(judge(reading(0, 0), began, ended).is_err(), "the rate is told from both");
        let back = judge(reading(3 * TICKS, 0), began, ended);
        assert_eq!(back, Err(ClockError::WentBack));
    }

    #[test]
    fn nothing_is_refused_for_what_the_readings_leave_open() {
        let (first, began) = (reading(0, 0), reading(TICKS, SECOND));
        let short = |off: u64, uncertain_ticks| {
            let pair = ClockPair { ticks: TICKS + TICKS / 1000 + off, nanos: SECOND + SECOND / 1000 };
            judge(first, began, Reading { pair, uncertain_ticks })
        };
        // A run of 1 ms.
        assert_eq!(short(20_000, 250), Ok(()), "8 us are no more than a hypervisor's correction");
        assert!(short(200_000, 250).is_err(), "80 us");
        assert_eq!(short(200_000, 200_000), Ok(()), "the reading was interrupted for 80 us");
        let at_once = judge(first, reading(TICKS / 100, SECOND / 100), reading(2 * TICKS, SECOND));
        assert_eq!(at_once, Ok(()), "no rate is told from 10 ms");
    }
}
