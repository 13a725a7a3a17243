//! What stops a commit or push, and what only warns.

use serde::Deserialize;

use crate::exit_code::ExitCode;

/// An end of a check that a hook may stop on, by its name in `darwin.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Exit code 1.
    Reject,
    /// Exit code 2.
    Usage,
    /// Exit code 3, and a budget of time that is used up.
    Inconclusive,
    /// Exit code 4.
    Invalid,
}

/// Which ends stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy(Vec<Stop>);

impl Policy {
    /// What is proven worse stops, and what nobody can judge before it is mended; a machine that could not tell only warns.
    pub const DEFAULT: [Stop; 2] = [Stop::Reject, Stop::Usage];

    /// As configured.
    pub fn new(stop_on: Option<Vec<Stop>>) -> Policy {
        Policy(stop_on.unwrap_or_else(|| Policy::DEFAULT.to_vec()))
    }

    /// What the hook tells git after a check that ended with `code`.
    pub fn applied(&self, code: ExitCode) -> ExitCode {
        let stop = match code {
            ExitCode::Success => return ExitCode::Success,
            ExitCode::Reject => Stop::Reject,
            ExitCode::BadInput => Stop::Usage,
            ExitCode::Inconclusive => Stop::Inconclusive,
            ExitCode::Invalid => Stop::Invalid,
        };
        if self.0.contains(&stop) { code } else { ExitCode::Success }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [ExitCode; 5] =
        [ExitCode::Success, ExitCode::Reject, ExitCode::BadInput, ExitCode::Inconclusive, ExitCode::Invalid];

    fn told(policy: &Policy) -> [u8; 5] {
        ALL.map(|code| policy.applied(code).code())
    }

    #[test]
    fn proven_and_mistaken_stop_and_the_rest_warns() {
        assert_eq!(told(&Policy::new(None)), [0, 1, 2, 0, 0]);
    }

    #[test]
    fn what_stops_can_be_chosen() {
        assert_eq!(told(&Policy::new(Some(vec![]))), [0; 5]);
        assert_eq!(told(&Policy::new(Some(vec![Stop::Inconclusive, Stop::Invalid]))), [0, 0, 0, 3, 4]);
    }
}
