//! The data that travels between the parts: no logic beyond arithmetic on units, no input, no output.

mod budget;
mod calibration;
mod check;
mod environment;
mod glob;
mod hook;
mod init;
mod injection;
mod limits;
mod machine;
mod rename;
mod run;
mod run_number;
mod stage;
mod turns;
mod units;
mod verdict;
mod workload;

pub use budget::{Budget, BudgetMetric};
pub use calibration::{
    BiasReport, CalibrateReport, CalibratedMetric, CalibratedSite, Calibration, CaughtReport, How,
    InjectedReport, RejectedSite, ResolutionReport, Tally, UnchangedReport,
};
pub use check::{
    BaselineSource, BudgetFinding, CheckReport, CheckedSite, Delta, ExactCount, MetricReport, Outstanding,
    RecordReport, SystemCheck, SystemReport, SystemStatus, ThroughputUnit,
};
pub use environment::{Signs, TICK, Usage, VoidCount, VoidKind, VoidReason};
pub use glob::{EmptyGlob, Glob};
pub use hook::{HookReport, HookState, HooksReport};
pub use init::{FileChanged, FileReport, InitReport, NextStep};
pub use injection::{
    Achieved, Cost, Effect, Injected, Injection, NotAnInjection, OutOfReach, Own, Resolved, USUAL, Work,
};
pub use limits::{LimitError, MaxTime, TAIL_FACTOR, TailTolerance, Tolerance, switch};
pub use machine::{Builder, Facts, Load, RunFolder, TimeSource};
pub use rename::{NotARename, Rename, Renames, likely};
pub use run::{Edge, Graph, Mode, Polling, Run, Site, SiteKey, SiteKind, SiteRun, Timing};
pub use run_number::{NotARun, RunRef};
pub use stage::Stage;
pub use turns::{Broken, TurnsMade};
pub use units::{LogRatio, Nanos, Percent};
pub use verdict::{Metric, Verdict};
pub use workload::{NotAName, Target, Workload, checked_name};
