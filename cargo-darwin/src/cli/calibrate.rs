//! What was typed behind `calibrate`.

use clap::{Args, ValueEnum};

use super::SharedArgs;
use crate::model::{Glob, MaxTime, Metric, TailTolerance, Tolerance};

/// `cargo darwin calibrate`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct CalibrateArgs {
    /// Whole checks of each kind, unchanged and slower [default: as many as the time allows, 59 of them slower]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub checks: Option<u32>,
    /// How much slower a site is made in the slower checks, such as 1% [default: its tolerance]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub inject: Option<Tolerance>,
    /// Where: a full name, `*` is any text; several sites take turns [default: the function that takes most time]
    #[arg(long, value_name = "GLOB")]
    pub site: Option<Glob>,
    /// What is made slower: every call, or the slowest ones
    #[arg(long, value_enum, default_value_t = Slower::P50)]
    pub metric: Slower,
    /// Neutral edits tried in a copy of the tree, for what placement leaves; 0: none
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub edits: u32,
    /// Time for everything behind the build, such as 5m [default: 10m]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub max_time: Option<MaxTime>,
    /// Tolerance of the checks, such as 1% [default: 1%] [env: DARWIN_TOLERANCE]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub tolerance: Option<Tolerance>,
    /// The same for p99, or `off` [default: five times the tolerance] [env: DARWIN_TAIL_TOLERANCE]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub tail_tolerance: Option<TailTolerance>,
    /// What every command takes.
    #[command(flatten)]
    pub shared: SharedArgs,
}

/// What is made slower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Slower {
    /// Every call, by a part of the median
    P50,
    /// The slowest calls, by a part of the 99 % quantile
    P99,
}

impl Slower {
    /// The metric that moves.
    pub fn metric(self) -> Metric {
        match self {
            Slower::P50 => Metric::P50,
            Slower::P99 => Metric::P99,
        }
    }
}
