//! What is kept for later checks: one file for each workload.

use super::once::Subject;
use super::sofar::Sofar;
use crate::io::baseline::Layout;
use crate::io::calibration::Folder;
use crate::io::position::FileError;
use crate::model::{CalibratedMetric, CalibratedSite, Calibration, Nanos, ResolutionReport};
use crate::session::calibrated::{medians, now_unix_seconds};
use crate::session::project::Project;

/// Keeps what is known of each workload, in place of what was.
///
/// # Errors
/// What the operating system says.
pub fn keep(
    project: &Project,
    machine: &str,
    subject: &Subject,
    predicted: &[ResolutionReport],
    sofar: &Sofar,
) -> Result<(), FileError> {
    let folder = Folder::new(&Layout::of(&project.workspace).root());
    let report = sofar.report();
    for workload in &subject.workloads {
        let name = &workload.candidate.name;
        let site = |(site, p50): (&str, Option<Nanos>)| CalibratedSite {
            site: site.to_owned(),
            p50: p50.filter(|p50| p50.0 > 0.0),
            metrics: metrics(predicted, name, site),
        };
        let edits = report.bias.iter().filter(|bias| bias.workload == *name).map(|bias| bias.edits);
        folder.save(&Calibration {
            machine: machine.to_owned(),
            package: project.package.name.to_string(),
            workload: name.clone(),
            taken_unix_seconds: now_unix_seconds(),
            unchanged_checks: report.unchanged.tally.checks,
            edits: edits.max().unwrap_or(0),
            sites: medians(workload).into_iter().map(site).collect(),
        })?;
    }
    Ok(())
}

/// What to say where it could not be kept.
pub fn not_kept(error: &FileError) -> String {
    format!("{}: {}; later checks do not know of this calibration", error.path.display(), error.what)
}

fn metrics(predicted: &[ResolutionReport], workload: &str, site: &str) -> Vec<CalibratedMetric> {
    let own = predicted.iter().filter(|one| one.key.workload == workload && one.key.site == site);
    own.map(|one| CalibratedMetric { metric: one.metric, resolution: one.resolution, bias: one.bias })
        .collect()
}
