//! The words in which the gate answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer for a metric, a site or a whole check, from best to worst: the worst one wins (`max`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Proven faster, or equal within the tolerance.
    Approve,
    /// Neither could be proven in the time allowed.
    Inconclusive,
    /// Proven slower than allowed.
    Reject,
    /// Nothing could be judged: the build or the workload failed, or the machine is unfit.
    Invalid,
}

/// What is compared per site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Median latency.
    P50,
    /// 99 % quantile of the latency, pooled over a block.
    P99,
    /// Mean latency; throughput is its inverse and not counted twice.
    Mean,
}
