//! What `cargo darwin calibrate` foretells of a workload, kept to stand beside what checks then find.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use darwin_kept::page::say;
use darwin_kept::{Line, Lines, Origin, lines};
use darwin_tests::repository;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::Bench;
use crate::error::Error;
use crate::origin;
use crate::run::seconds_since_1970;
use crate::workload::Workload;

/// All of them, in this repository.
const FILE: &str = "proof/results/foretold/calibrations.jsonl";

/// Of the form below.
const VERSION: u32 = 1;

/// A calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Foretold {
    version: u32,
    /// What was calibrated, and where.
    #[serde(flatten)]
    pub origin: Origin,
    /// Name of the workload.
    pub workload: String,
    /// The site that checks make slower.
    pub site: String,
    /// When it began, in seconds since 1970.
    began: u64,
    /// How long it took.
    seconds: f64,
    /// The smallest slowdown of its p50 that 95 of 100 checks catch, in percent; none within reach.
    pub caught_percent: Option<f64>,
}

impl Line for Foretold {
    const VERSIONS: RangeInclusive<u32> = VERSION..=VERSION;

    fn version(&self) -> u32 {
        self.version
    }

    fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Calibrates the workloads that have not been calibrated yet as they are now.
///
/// # Errors
/// When there is no such workload, it names no site, or it cannot be calibrated.
pub fn calibrate(workloads: &[String]) -> Result<bool, Error> {
    let origin = origin::sources().origin()?;
    let mut known = Lines::<Foretold>::open(&path(&origin))?;
    for name in workloads {
        if known.of(&origin).any(|foretold| foretold.workload == *name) {
            continue;
        }
        let foretold = one(&origin, name)?;
        let caught = foretold.caught_percent.map_or("none".to_owned(), |percent| format!("{percent:.2} %"));
        say(&format!("{name}: {caught} at {} ({:.0} s)\n", foretold.site, foretold.seconds));
        known.add([foretold])?;
    }
    Ok(true)
}

/// All that are kept with the sources.
///
/// # Errors
/// When the file cannot be read, or has other lines than ours.
pub fn read_all() -> Result<Vec<Foretold>, Error> {
    Ok(lines::read(&repository().join(FILE))?)
}

fn path(origin: &Origin) -> PathBuf {
    match origin.is_committed() {
        true => repository().join(FILE),
        false => darwin_tests::place(crate::check::PLACE).join("calibrations.jsonl"),
    }
}

fn one(origin: &Origin, name: &str) -> Result<Foretold, Error> {
    let workload = Workload::load(name)?;
    let site = workload.inject.clone().ok_or_else(|| Error::Unknown {
        what: "site to be made slower in",
        name: name.to_owned(),
        known: "those of workloads with `inject`".to_owned(),
    })?;
    let began = seconds_since_1970();
    let report = Bench::of(workload)?.calibrate()?;
    Ok(Foretold {
        version: VERSION,
        origin: origin.clone(),
        workload: name.to_owned(),
        began,
        seconds: report["seconds"].as_f64().unwrap_or(f64::NAN),
        caught_percent: caught(&report, &site),
        site,
    })
}

/// Of several workloads of a program that have the site, the one in which it is caught first: a check is of all of them.
fn caught(report: &Value, site: &str) -> Option<f64> {
    let rows = report["resolution"].as_array()?.iter();
    let of_site = rows.filter(|row| row["site"] == site && row["metric"] == "p50");
    of_site.filter_map(|row| row["caught_percent"].as_f64()).min_by(f64::total_cmp)
}

#[cfg(test)]
pub mod samples {
    use super::*;

    /// What was foretold of the workload `three`.
    pub fn of_three(caught_percent: Option<f64>) -> Foretold {
        Foretold {
            version: VERSION,
            origin: Origin { commit: "c0ffee".into(), machine: "a machine".into() },
            workload: "three".into(),
            site: "a::f".into(),
            began: 1_000_000,
            seconds: 450.0,
            caught_percent,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_median_of_the_site_is_taken_in_the_workload_that_tells_it_best() {
        let row = |workload: &str, site: &str, metric: &str, caught: Option<f64>| json!({ "workload": workload, "site": site, "metric": metric, "caught_percent": caught });
        let report = json!({ "resolution": [
            row("a", "f", "p50", Some(0.9)),
            row("b", "f", "p50", Some(0.8)),
            row("c", "f", "p50", None),
            row("b", "f", "mean", Some(0.2)),
            row("b", "g", "p50", Some(0.1)),
        ] });
        assert_eq!(caught(&report, "f"), Some(0.8));
        assert_eq!(caught(&report, "h"), None);
    }

    #[test]
    fn the_calibrations_that_are_kept_can_be_read() {
        read_all().unwrap();
    }
}
