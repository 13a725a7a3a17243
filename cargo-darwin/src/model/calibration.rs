//! What `calibrate` finds, as data: the report, and what is kept of it for later checks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Metric, Nanos, Percent, SiteKey, SystemReport};

/// How a figure came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Real checks, or real blocks, gave it.
    Measured,
    /// The judge gave it for blocks that were measured unchanged and made slower by arithmetic.
    Modelled,
}

/// Whole checks of which the truth was known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// How many.
    pub checks: u32,
    /// REJECT.
    pub rejected: u32,
    /// APPROVE.
    pub approved: u32,
    /// INCONCLUSIVE.
    pub inconclusive: u32,
    /// Half of them took no longer, counting included; `None` without a check.
    pub median_seconds: Option<f64>,
}

/// Checks of the working tree against itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnchangedReport {
    /// What they said.
    pub tally: Tally,
    /// The rate of false REJECTs lies below this with 95 % confidence.
    pub bound: Percent,
    /// Blocks of theirs, and those that were measured to make them enough.
    pub blocks: u32,
    /// The sites that were rejected, each once, with the number of checks.
    pub rejected: Vec<RejectedSite>,
}

/// A site that was rejected although nothing had changed.
#[derive(Debug, Clone, PartialEq)]
pub struct RejectedSite {
    /// The site in its workload.
    pub key: SiteKey,
    /// Where it stands, `file:line`.
    pub place: String,
    /// In so many checks.
    pub checks: u32,
}

/// Checks in which a site was really made slower.
#[derive(Debug, Clone, PartialEq)]
pub struct InjectedReport {
    /// The site in its workload.
    pub key: SiteKey,
    /// Which metric was made slower.
    pub metric: Metric,
    /// By so much.
    pub percent: Percent,
    /// What the checks found in the median; `None` without a check.
    pub achieved: Option<Percent>,
    /// What they said; a REJECT caught it.
    pub tally: Tally,
    /// The rate of misses lies below this with 95 % confidence.
    pub bound: Percent,
}

/// What one metric of one site can be told by; modelled.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolutionReport {
    /// The site in its workload.
    pub key: SiteKey,
    /// Which metric.
    pub metric: Metric,
    /// What checks allow it.
    pub tolerance: Percent,
    /// Standard deviation of a block; measured.
    pub spread: Percent,
    /// Unchanged blocks that it comes from.
    pub blocks: u32,
    /// The smallest slowdown that checks with this tolerance catch in 95 of 100 cases; `None`: none within reach.
    pub caught: Option<CaughtReport>,
    /// The smallest tolerance at which a slowdown by just that is caught in 95 of 100 cases; `None`: none within reach.
    pub resolution: Option<Percent>,
    /// Upper 95 % limit of what neutral edits shift it by; measured; `None`: not told.
    pub bias: Option<Percent>,
}

/// A slowdown, and what it takes to catch it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaughtReport {
    /// The slowdown.
    pub slowdown: Percent,
    /// Blocks of half of the checks.
    pub blocks: u32,
    /// Their time.
    pub seconds: f64,
}

/// What neutral edits left at one metric of a workload; measured.
#[derive(Debug, Clone, PartialEq)]
pub struct BiasReport {
    /// The workload.
    pub workload: String,
    /// Which metric.
    pub metric: Metric,
    /// 95 of 100 neutral edits shift it by less, with 95 % confidence.
    pub bias: Percent,
    /// The largest shift of one site that was seen in the median.
    pub largest: Percent,
    /// Edits that changed the machine code.
    pub edits: u32,
}

/// The whole calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrateReport {
    /// The class of this machine.
    pub machine: String,
    /// Seconds from the end of the build.
    pub seconds: f64,
    /// Seconds that it was allowed.
    pub max_seconds: f64,
    /// Seconds that a check may measure.
    pub check_seconds: f64,
    /// It was ended by Ctrl-C: what stands here was done by then.
    pub interrupted: bool,
    /// Checks of unchanged code.
    pub unchanged: UnchangedReport,
    /// Checks of slower code, by site.
    pub injected: Vec<InjectedReport>,
    /// What the blocks predict, by site and metric.
    pub resolution: Vec<ResolutionReport>,
    /// What neutral edits leave, by workload and metric.
    pub bias: Vec<BiasReport>,
    /// Why there is no bias, where there is none.
    pub no_bias: Option<String>,
    /// The machine.
    pub system: SystemReport,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// What to do next.
    pub next_step: String,
}

/// What is kept of one workload, for checks on this class of machines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The class of machines.
    pub machine: String,
    /// The package.
    pub package: String,
    /// The workload.
    pub workload: String,
    /// When, in seconds since 1970.
    pub taken_unix_seconds: u64,
    /// Checks of unchanged code, all without a REJECT or not.
    pub unchanged_checks: u32,
    /// Neutral edits behind the biases.
    pub edits: u32,
    /// Its sites.
    pub sites: Vec<CalibratedSite>,
}

/// One site of a calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibratedSite {
    /// Its name.
    pub site: String,
    /// Its median then; `None`: not told.
    pub p50: Option<Nanos>,
    /// Its gated metrics.
    pub metrics: Vec<CalibratedMetric>,
}

/// One metric of a calibrated site.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibratedMetric {
    /// Which.
    pub metric: Metric,
    /// The smallest tolerance that can be told from noise here; `None`: none within reach.
    pub resolution: Option<Percent>,
    /// Upper 95 % limit of the placement bias; `None`: not told.
    pub bias: Option<Percent>,
}

impl CalibrateReport {
    /// Was anything rejected that had not changed?
    pub fn has_false_alarms(&self) -> bool {
        self.unchanged.tally.rejected > 0
    }
}
