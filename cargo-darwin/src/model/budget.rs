//! An absolute limit written at a site.

use serde::{Deserialize, Serialize};

/// What a budget limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetMetric {
    /// Median latency.
    P50,
    /// 90 % quantile of the latency.
    P90,
    /// 99 % quantile of the latency.
    P99,
    /// 99.9 % quantile of the latency.
    P999,
    /// Mean latency.
    Mean,
    /// The slowest call.
    Max,
    /// Allocations per call.
    Allocs,
    /// Bytes allocated per call.
    Bytes,
}

/// `#[hotpath(p99 = "50us")]`: what is limited, and to how much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// What is limited.
    pub metric: BudgetMetric,
    /// The limit: nanoseconds for latencies, a number per call for `Allocs`, bytes per call for `Bytes`.
    pub limit: f64,
}
