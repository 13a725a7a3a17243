//! Who judges.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A rule; several may judge the same measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// `cargo darwin check --measure` of this repository.
    Darwin,
    /// criterion with a saved baseline.
    Criterion,
    /// A threshold on the means of the same two runs of criterion.
    Threshold,
    /// tango as it is.
    Tango,
    /// tango with a second for each function.
    TangoSecond,
    /// Mann-Whitney on ten whole runs a side.
    MannWhitney,
    /// Gungraun's instructions.
    Gungraun,
    /// The same counts, judged by 1 %.
    GungraunStrict,
    /// soothfast's gate.
    Soothfast,
}

impl Peer {
    /// All, in the order of the table.
    pub const ALL: [Peer; 9] = [
        Peer::Darwin,
        Peer::Criterion,
        Peer::Threshold,
        Peer::Tango,
        Peer::TangoSecond,
        Peer::MannWhitney,
        Peer::Gungraun,
        Peer::GungraunStrict,
        Peer::Soothfast,
    ];

    /// As typed after `--only`.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Darwin => "darwin",
            Peer::Criterion => "criterion",
            Peer::Threshold => "threshold",
            Peer::Tango => "tango",
            Peer::TangoSecond => "tango-second",
            Peer::MannWhitney => "mann-whitney",
            Peer::Gungraun => "gungraun",
            Peer::GungraunStrict => "gungraun-strict",
            Peer::Soothfast => "soothfast",
        }
    }

    /// Its rule, as the table calls it.
    pub fn title(self) -> &'static str {
        match self {
            Peer::Darwin => "Darwin",
            Peer::Criterion => "criterion, saved baseline",
            Peer::Threshold => "5 % threshold on the mean of one run",
            Peer::Tango => "tango",
            Peer::TangoSecond => "tango, 1 s",
            Peer::MannWhitney => "Mann-Whitney at 5 %, ten runs a side",
            Peer::Gungraun => "Gungraun, instructions +5 %",
            Peer::GungraunStrict => "Gungraun, instructions +1 %",
            Peer::Soothfast => "soothfast gate",
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_kept_under_the_name_that_is_typed() {
        for peer in Peer::ALL {
            assert_eq!(serde_json::to_value(peer).unwrap(), peer.name());
        }
    }
}
