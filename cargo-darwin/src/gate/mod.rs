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
//! 7. [`probe`] is the loop around it, ended by a verdict, by the time, or by a failure;
//! 8. [`environment`] says which machines are fit and which blocks were disturbed;
//! 9. [`exact`] compares counts that repeat to the last digit, and [`mod@overall`] makes one verdict of all.

pub mod budget;
pub mod environment;
pub mod evidence;
pub mod exact;
pub mod interval;
pub mod judge;
pub mod overall;
pub mod plan;
pub mod probe;
pub mod quantile;
pub mod sample;
pub mod series;

#[cfg(test)]
mod operating_characteristic;
#[cfg(test)]
mod testing;

pub use judge::{Judge, SiteFinding, Status};
pub use overall::{RunState, SiteParts, overall};
pub use plan::{BudgetRequest, Exclusion, Plan, SiteRequest, Standing as SiteStanding, Tolerances};
pub use probe::{BlockOutcome, Findings, Outcome, Probe, ProbeError, Progress, Standing, measure};
pub use sample::{BlockSamples, Clock, Levels, MetricSample, SideTurns, SiteSample, Turn};
pub use series::OpenMetric;
