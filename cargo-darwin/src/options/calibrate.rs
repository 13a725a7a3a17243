//! What `calibrate` is asked for.

use std::time::Duration;

use crate::cli::CalibrateArgs;
use crate::model::{Glob, Metric, Percent};

/// Time behind the build when nothing else is said: what GATE.md allows, and what people wait for once a month.
const DEFAULT_MAX_TIME: Duration = Duration::from_secs(600);

/// What `calibrate` is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrate {
    /// Checks of each kind; `None`: as many as the time allows.
    pub checks: Option<u32>,
    /// How much slower; `None`: the tolerance.
    pub inject: Option<Percent>,
    /// Where; `None`: at the function that takes most time.
    pub site: Option<Glob>,
    /// What is made slower.
    pub metric: Metric,
    /// Neutral edits.
    pub edits: u32,
    /// Time behind the build.
    pub max_time: Duration,
}

impl Calibrate {
    /// What was typed, with the defaults.
    pub fn of(args: &CalibrateArgs) -> Calibrate {
        Calibrate {
            checks: args.checks,
            inject: args.inject.map(|tolerance| tolerance.percent()),
            site: args.site.clone(),
            metric: args.metric.metric(),
            edits: args.edits,
            max_time: args.max_time.map_or(DEFAULT_MAX_TIME, |max_time| max_time.duration()),
        }
    }
}
