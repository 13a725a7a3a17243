//! Decides, and touches nothing: no file, environment, process or clock. Whatever is measured comes in as data.
//!
//! One block on its way to the verdict:
//!
//! 1. [`quantile`] takes quantiles of raw ticks, finer than a tick;
//! 2. [`sample`] makes one log ratio per site and metric of the two sides' turns (or whole runs);
//! 3. [`plan`] has fixed, before the first block, what is gated, with which weight and tolerance;
//! 4. [`evidence`] bets on the sign of the log ratios and grows rich only on a real change;
//! 5. [`series`] keeps one metric, [`budget`] one latency budget, [`interval`] says how far a median is known;
//! 6. [`judge`] turns wealth into REJECT, APPROVE or "not yet" after each block;
//! 7. [`challenge`] is the same for a candidate that has to be faster somewhere;
//! 8. [`probe`] is the loop around it, ended by a verdict, by the time, or by a failure;
//! 9. [`exact`] compares counts that repeat to the last digit, [`contradiction`] forgives time what code and counts deny, and
//!    [`mod@overall`] makes one verdict of all.
//!
//! [`mod@calibrate`] says how good all that is on one machine. [`turns`] and [`environment`] say whether a block counts at all, and which machines are fit. Where there is no baseline to run, [`record`] says what the
//! committed record alone supports.

pub mod budget;
mod by_key;
pub mod calibrate;
pub mod challenge;
pub mod contradiction;
pub mod environment;
pub mod evidence;
pub mod exact;
pub mod interval;
pub mod judge;
pub mod overall;
pub mod plan;
pub mod probe;
pub mod quantile;
pub mod record;
pub mod sample;
pub mod series;
pub mod turns;
pub mod unchanged;

#[cfg(test)]
mod operating_characteristic;
#[cfg(test)]
mod testing;

pub use challenge::Challenge;
pub use contradiction::contradicted;
pub use judge::{Judge, SiteFinding, Status};
pub use overall::{RunState, SiteParts, overall};
pub use plan::{BudgetRequest, Exclusion, Plan, SiteRequest, Standing as SiteStanding, Tolerances};
pub use probe::{BlockOutcome, Findings, Outcome, Probe, ProbeError, Progress, Recorder, Standing, measure};
pub use sample::{BlockSamples, Clock, Levels, MetricSample, SideTurns, SiteSample, Turn};
pub use series::OpenMetric;
