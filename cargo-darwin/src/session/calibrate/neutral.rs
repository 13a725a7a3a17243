//! What neutral edits leave.

use std::collections::BTreeMap;
use std::time::Instant;

use super::once::Setup;
use super::shown::Shown;
use crate::model::{BiasReport, LogRatio, Metric, Percent, SiteKey};

/// What neutral edits left, by workload and metric.
#[derive(Debug, Default)]
pub struct Biases {
    /// The limits.
    pub reports: Vec<BiasReport>,
    /// Why there are none.
    pub why_not: Option<String>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

impl Biases {
    /// The limit for a metric of a site: that of its workload.
    pub fn of(&self, key: &SiteKey, metric: Metric) -> Option<Percent> {
        let own = self.reports.iter().find(|bias| bias.workload == key.workload && bias.metric == metric);
        own.map(|bias| bias.bias)
    }

    /// The limits for all metrics of a site.
    pub fn of_site(&self, key: &SiteKey) -> BTreeMap<Metric, LogRatio> {
        let own = self.reports.iter().filter(|bias| bias.workload == key.workload);
        own.map(|bias| (bias.metric, LogRatio::from(bias.bias))).collect()
    }
}

pub fn biases(_: &Setup<'_>, _: u32, _: Instant, _: &Shown) -> Biases {
    Biases { why_not: Some("no".into()), ..Biases::default() }
}
