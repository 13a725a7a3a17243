//! What became of the turns of a pair of processes.

use super::Nanos;

/// Why the turns of a pair say nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Not all turns were made.
    Incomplete,
    /// A side did nothing in its turn.
    Idle,
    /// A side reached its first site, and the other one did nothing before it reached one.
    NoStart,
    /// More processes than can take part.
    TooManyProcesses,
}

/// What became of the turns.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnsMade {
    /// Why they say nothing; `None`: they do.
    pub broken: Option<Broken>,
    /// How long each side waited for the other, all waits together.
    pub waited: [Nanos; 2],
    /// What its threads computed meanwhile.
    pub burnt: [Nanos; 2],
    /// The name of a thread that did, if one was seen.
    pub burner: Option<String>,
    /// Turns that ended while threads of their own side still ran.
    pub dirty: u32,
    /// Turns made.
    pub made: u32,
}
