//! `--require-faster`: a challenger must win somewhere and lose nowhere.
//!
//! A win is proven as a slowdown is, with the signs changed: evidence that the change lies below `-d0`, at the wealth of a
//! REJECT. That no win is to be had is proven as an APPROVE is: evidence that the change lies above `-d1`. Both are bets of
//! their own, so that the ordinary verdicts have the same wealth with and without them.

use super::evidence::Evidence;
use super::plan::PlannedMetric;
use crate::model::{LogRatio, Verdict};

/// How a challenger stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// Nobody asks for a win.
    NotAsked,
    /// A site is proven faster.
    Won,
    /// None is yet, and one may be.
    Open,
    /// No site has become faster by its tolerance: proven for each.
    Lost,
}

impl Challenge {
    /// The verdict of a check that would otherwise end with `verdict`: only an APPROVE depends on a win.
    pub fn applied(self, verdict: Verdict) -> Verdict {
        match (verdict, self) {
            (Verdict::Approve, Challenge::Open) => Verdict::Inconclusive,
            (Verdict::Approve, Challenge::Lost) => Verdict::Reject,
            _ => verdict,
        }
    }

    /// What is missing, in words; `None` where nothing is.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Challenge::NotAsked | Challenge::Won => None,
            Challenge::Open => Some("no site is proven faster yet, as --require-faster asks"),
            Challenge::Lost => Some(
                "no site is proven faster, as --require-faster asks: none has gained as much as its tolerance",
            ),
        }
    }
}

/// Evidence of one metric on whether it became faster.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Race {
    faster: Evidence,
    not_faster: Evidence,
}

impl Race {
    /// Adds one block.
    pub(super) fn observe(&mut self, y: LogRatio, plan: &PlannedMetric) {
        self.faster.observe(-y.0 - plan.d0.0);
        self.not_faster.observe(y.0 + plan.d1.0);
    }

    /// Evidence that the change lies below `-d0`.
    pub(super) fn faster(&self) -> f64 {
        self.faster.wealth()
    }

    /// Evidence that it lies above `-d1`: that the metric has not become faster by its tolerance.
    pub(super) fn not_faster(&self) -> f64 {
        self.not_faster.wealth()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Approve, Inconclusive, Invalid, Reject};

    #[test]
    fn only_an_approval_waits_for_a_win() {
        for (challenge, approved) in [
            (Challenge::NotAsked, Approve),
            (Challenge::Won, Approve),
            (Challenge::Open, Inconclusive),
            (Challenge::Lost, Reject),
        ] {
            assert_eq!(challenge.applied(Approve), approved, "{challenge:?}");
            for verdict in [Inconclusive, Reject, Invalid] {
                assert_eq!(challenge.applied(verdict), verdict, "{challenge:?}");
            }
        }
    }

    #[test]
    fn a_win_that_is_missing_is_said_in_words_and_one_that_nobody_asks_for_is_not() {
        for challenge in [Challenge::Open, Challenge::Lost] {
            assert!(challenge.note().unwrap().starts_with("no site is proven faster"));
        }
        assert_eq!((Challenge::NotAsked.note(), Challenge::Won.note()), (None, None));
    }
}
