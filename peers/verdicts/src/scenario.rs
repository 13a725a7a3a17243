//! What is checked again and again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::edit::{Edit, Edits};
use crate::error::Error;

/// What somebody did between the baseline and the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Nothing.
    Unchanged,
    /// The same source, linked in another order; another one in each check.
    Layout,
    /// An edit of no measured function; another one in each check.
    Neutral,
    /// The loop does 1 % more.
    #[serde(rename = "slower-1")]
    Slower1,
    /// The loop does 2 % more.
    #[serde(rename = "slower-2")]
    Slower2,
    /// The loop does 5 % more.
    #[serde(rename = "slower-5")]
    Slower5,
    /// The sort takes 5 % longer.
    #[serde(rename = "sort-5")]
    Sort5,
    /// One call of the sort in 64 takes some 40 % longer.
    Tail,
    /// The sort allocates once more.
    Allocation,
}

impl Scenario {
    /// All, in the order of the table.
    pub const ALL: [Scenario; 9] = [
        Scenario::Unchanged,
        Scenario::Layout,
        Scenario::Neutral,
        Scenario::Slower1,
        Scenario::Slower2,
        Scenario::Slower5,
        Scenario::Sort5,
        Scenario::Tail,
        Scenario::Allocation,
    ];

    /// As typed after `--only`, and as the edits are called.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Unchanged => "unchanged",
            Scenario::Layout => "layout",
            Scenario::Neutral => "neutral",
            Scenario::Slower1 => "slower-1",
            Scenario::Slower2 => "slower-2",
            Scenario::Slower5 => "slower-5",
            Scenario::Sort5 => "sort-5",
            Scenario::Tail => "tail",
            Scenario::Allocation => "allocation",
        }
    }

    /// Head of its column.
    pub fn title(self) -> &'static str {
        match self {
            Scenario::Unchanged => "unchanged",
            Scenario::Layout => "other layout",
            Scenario::Neutral => "neutral edit",
            Scenario::Slower1 => "loop +1 %",
            Scenario::Slower2 => "loop +2 %",
            Scenario::Slower5 => "loop +5 %",
            Scenario::Sort5 => "sort +5 %",
            Scenario::Tail => "p99 only",
            Scenario::Allocation => "one allocation",
        }
    }

    /// Whether a function is slower in it.
    pub fn is_slower(self) -> bool {
        !matches!(self, Scenario::Unchanged | Scenario::Layout | Scenario::Neutral)
    }

    /// The edit of a round; all peers get the same.
    ///
    /// # Errors
    /// When there is none of its name.
    pub fn edit(self, edits: &Edits, round: u32) -> Result<Edit, Error> {
        match self {
            Scenario::Unchanged => Ok(Edit::none()),
            Scenario::Layout => Ok(Edit::layout(layout_seed(round))),
            Scenario::Neutral => Ok(edits.neutral(round as usize)),
            slower => edits.named(slower.name()),
        }
    }
}

/// A number of its own for each round, never 0, which would leave the order as it is.
fn layout_seed(round: u32) -> u32 {
    // Odd, so that no two rounds meet: Knuth's multiplicative hash.
    (round + 1).wrapping_mul(2_654_435_761)
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_scenario_is_kept_under_the_name_that_is_typed() {
        for scenario in Scenario::ALL {
            assert_eq!(serde_json::to_value(scenario).unwrap(), scenario.name());
        }
    }

    #[test]
    fn every_round_has_a_layout_of_its_own() {
        let seeds: BTreeSet<u32> = (0..100).map(layout_seed).collect();
        assert_eq!((seeds.len(), seeds.contains(&0)), (100, false));
    }
}
