//! What an earlier `cargo darwin calibrate` found here, for a check: how far placement shifts what has not changed, what
//! slowdown is told from noise, and whether that still holds.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::blocks::PairedWorkload;
use super::evidence::Opponents;
use super::project::Project;
use super::side::CANDIDATE;
use crate::gate::Plan;
use crate::gate::calibrate::kept::{self, Stale};
use crate::io::baseline::Layout;
use crate::io::calibration::{Folder, Found};
use crate::model::{CalibratedMetric, Calibration, LogRatio, Metric, Nanos, Percent, SiteKey};
use crate::render::calibrated as words;

/// What is kept of the workloads of a check.
#[derive(Debug, Default)]
pub struct Calibrated {
    machine: String,
    now_unix_seconds: u64,
    /// The command that calibrates them.
    command: String,
    kept: BTreeMap<String, Calibration>,
    refused: Vec<String>,
}

/// Upper limits of the placement bias, by site.
pub type Biases = BTreeMap<String, BTreeMap<Metric, LogRatio>>;

impl Calibrated {
    /// What is kept of `workloads`.
    pub fn of(project: &Project, machine: &str, workloads: &[Opponents]) -> Calibrated {
        let package = project.package.name.as_str();
        let folder = Folder::new(&Layout::of(&project.workspace).root());
        let mut calibrated = Calibrated {
            machine: machine.to_owned(),
            now_unix_seconds: now_unix_seconds(),
            command: format!("cargo darwin calibrate -p {package}"),
            ..Calibrated::default()
        };
        for Opponents { candidate: workload, .. } in workloads {
            let Found { calibration, refused } = folder.find(package, &workload.name, machine);
            calibrated.kept.extend(calibration.map(|kept| (workload.name.clone(), kept)));
            calibrated.refused.extend(refused.iter().map(|error| words::refused(&error.path, &error.what)));
        }
        calibrated
    }

    /// How far placement may shift the sites of a workload; empty where that is not known, or no longer.
    pub fn biases(&self, workload: &PairedWorkload) -> Biases {
        let Some(kept) = self.usable(workload) else { return Biases::new() };
        let of_metric = |metric: &CalibratedMetric| Some((metric.metric, LogRatio::from(metric.bias?)));
        let now = medians(workload);
        let sites = kept.sites.iter().filter(|site| {
            let p50 = now.iter().find(|(name, _)| *name == site.site).and_then(|(_, p50)| *p50);
            kept::is_known(kept, &site.site, p50)
        });
        sites.map(|site| (site.site.clone(), site.metrics.iter().filter_map(of_metric).collect())).collect()
    }

    /// What a report has to say of it.
    pub fn notes(&self, workloads: &[PairedWorkload], plan: &Plan) -> Vec<String> {
        let mut notes: Vec<String> = self.refused.clone();
        for workload in workloads {
            let name = &workload.candidate.name;
            let Some(kept) = self.kept.get(name) else { continue };
            let stale = self.stale(kept, workload);
            let days = kept::age_days(kept.taken_unix_seconds, self.now_unix_seconds);
            if stale.is_none_or(Stale::is_usable) {
                let gated = |site: &str, metric: Metric| is_gated(plan, name, site, metric);
                notes.extend(words::resolution(kept, &gated, days));
            }
            notes.extend(stale.map(|stale| words::stale(stale, kept, days, &self.command)));
        }
        notes.extend(words::raised(plan, &|key, metric| self.resolution(key, metric)));
        notes
    }

    /// The smallest tolerance that can be told from noise and placement.
    fn resolution(&self, key: &SiteKey, metric: Metric) -> Option<Percent> {
        let sites = &self.kept.get(&key.workload)?.sites;
        let site = sites.iter().find(|site| site.site == key.site)?;
        site.metrics.iter().find(|known| known.metric == metric)?.resolution
    }

    fn usable(&self, workload: &PairedWorkload) -> Option<&Calibration> {
        let kept = self.kept.get(&workload.candidate.name)?;
        self.stale(kept, workload).is_none_or(Stale::is_usable).then_some(kept)
    }

    fn stale(&self, kept: &Calibration, workload: &PairedWorkload) -> Option<Stale> {
        kept::stale(kept, &self.machine, self.now_unix_seconds, &medians(workload))
    }
}

/// The called sites of the candidate's counting run, with their medians.
pub fn medians(workload: &PairedWorkload) -> Vec<(&str, Option<Nanos>)> {
    let runs = workload.counts.sides[CANDIDATE].runs.first().into_iter().flatten();
    let called = runs.filter(|site| site.calls > 0);
    called.map(|site| (site.site.name.as_str(), site.timing.map(|timing| timing.p50_ns))).collect()
}

/// The system's time; a clock before 1970 is taken for 1970.
pub fn now_unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn is_gated(plan: &Plan, workload: &str, site: &str, metric: Metric) -> bool {
    let key = SiteKey { workload: workload.to_owned(), site: site.to_owned() };
    let mut planned = plan.gated().filter(|planned| planned.key == key).flat_map(|planned| &planned.metrics);
    planned.any(|planned| planned.metric == metric && planned.share.is_some())
}
