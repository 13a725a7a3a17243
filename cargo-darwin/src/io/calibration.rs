//! What `calibrate` found, kept for later checks: `<target dir>/darwin/calibration/WORKLOAD-MACHINE.json`, one file for a
//! workload on a class of machines. Both names are digests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::{read_text, write_atomically};
use super::digest::Digest;
use super::position::{FileError, Source};
use crate::model::{Calibration, Percent};

/// Names the form of the file; another one is not used.
pub const SCHEMA: &str = "darwin.calibration.v1";

/// About ten thousand sites; larger files are not read at all.
pub const CAP_BYTES: u64 = 8 << 20;

/// Digits of a digest in a name.
const DIGITS: usize = 16;

/// A bias or resolution above this is none that was measured.
const MOST_PERCENT: f64 = 1e6;

const REMEDY: &str = "it is not used; `cargo darwin calibrate` writes a new one";

/// The calibrations of one target directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

/// What there is about a workload.
#[derive(Debug, Default)]
pub struct Found {
    /// Of this class of machines, or else the newest of another one.
    pub calibration: Option<Calibration>,
    /// Why files were passed over.
    pub refused: Vec<FileError>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    calibration: &'a Calibration,
}

/// Read first, because the rest of a file with another schema may have any form.
#[derive(Deserialize)]
struct SchemaOnly {
    schema: String,
}

#[derive(Deserialize)]
struct CalibrationOnly {
    calibration: Calibration,
}

impl Folder {
    /// The calibrations in the folder of a workspace, which need not exist yet.
    pub fn new(root: &Path) -> Folder {
        Folder { path: root.join("calibration") }
    }

    /// Keeps a calibration in place of the last one of this workload on this class of machines, and gives its path.
    ///
    /// # Errors
    /// What the operating system says, with the path; the last one is then untouched.
    pub fn save(&self, calibration: &Calibration) -> Result<PathBuf, FileError> {
        fs::create_dir_all(&self.path)
            .map_err(|error| FileError::system(&self.path, "cannot make the folder", &error))?;
        let path = self.path_of(calibration);
        let text = serde_json::to_string(&Document { schema: SCHEMA, calibration })
            .map_err(|error| FileError::whole(&path, format!("cannot keep the calibration: {error}"), ""))?;
        write_atomically(&path, &text)?;
        Ok(path)
    }

    /// What is kept of a workload for this class of machines, or else for another one. What cannot be read is passed over.
    pub fn find(&self, package: &str, workload: &str, machine: &str) -> Found {
        let own = self.path.join(file_name(package, workload, machine));
        let mut found = Found::default();
        let mut others: Vec<PathBuf> = self.files(&prefix(package, workload));
        others.retain(|path| *path != own);
        for path in std::iter::once(own.clone()).chain(others) {
            match read(&path) {
                Ok(Some(kept)) if kept.package == package && kept.workload == workload => {
                    let is_newer = |known: &Calibration| kept.taken_unix_seconds > known.taken_unix_seconds;
                    if path == own && kept.machine == machine {
                        return Found { calibration: Some(kept), refused: found.refused };
                    }
                    if found.calibration.as_ref().is_none_or(is_newer) {
                        found.calibration = Some(kept);
                    }
                }
                Ok(_) => {}
                Err(error) => found.refused.push(error),
            }
        }
        found
    }

    fn path_of(&self, calibration: &Calibration) -> PathBuf {
        let Calibration { package, workload, machine, .. } = calibration;
        self.path.join(file_name(package, workload, machine))
    }

    /// In order of name; a folder that cannot be read has none.
    fn files(&self, prefix: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().collect::<io::Result<Vec<_>>>();
        let mut files: Vec<PathBuf> = entries.unwrap_or_default().iter().map(fs::DirEntry::path).collect();
        let is_one = |name: &str| name.starts_with(prefix) && name.ends_with(".json");
        files.retain(|path| path.file_name().is_some_and(|name| is_one(&name.to_string_lossy())));
        files.sort();
        files
    }
}

fn prefix(package: &str, workload: &str) -> String {
    short(Digest::default().part(package).part(workload).hex())
}

fn file_name(package: &str, workload: &str, machine: &str) -> String {
    let machine = short(Digest::default().part(machine).hex());
    format!("{}-{machine}.json", prefix(package, workload))
}

fn short(mut digest: String) -> String {
    digest.truncate(DIGITS);
    digest
}

/// A file; `None` where there is none.
fn read(path: &Path) -> Result<Option<Calibration>, FileError> {
    let Some(text) = read_text(path, CAP_BYTES)? else { return Ok(None) };
    let source = Source { path, text: &text };
    let refused = |error: &serde_json::Error| source.error_at_line(error.line(), error.to_string(), REMEDY);
    let SchemaOnly { schema } = serde_json::from_str(&text).map_err(|error| refused(&error))?;
    if schema != SCHEMA {
        let what = format!("the schema is `{schema}`, this cargo darwin reads `{SCHEMA}`");
        return Err(FileError::whole(path, what, REMEDY));
    }
    let CalibrationOnly { calibration } = serde_json::from_str(&text).map_err(|error| refused(&error))?;
    match is_plausible(&calibration) {
        true => Ok(Some(calibration)),
        false => Err(FileError::whole(path, "numbers that no calibration gives", REMEDY)),
    }
}

fn is_plausible(calibration: &Calibration) -> bool {
    let is_percent = |percent: &Percent| percent.0.is_finite() && (0.0..=MOST_PERCENT).contains(&percent.0);
    calibration.sites.iter().all(|site| {
        let metrics = site.metrics.iter().flat_map(|metric| metric.resolution.iter().chain(&metric.bias));
        site.p50.is_none_or(|p50| p50.0.is_finite() && p50.0 > 0.0) && metrics.into_iter().all(is_percent)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CalibratedMetric, CalibratedSite, Metric, Nanos};

    fn calibration(machine: &str, taken_unix_seconds: u64, bias: f64) -> Calibration {
        let metric = CalibratedMetric { metric: Metric::P50, resolution: None, bias: Some(Percent(bias)) };
        Calibration {
            machine: machine.to_owned(),
            package: "app".to_owned(),
            workload: "replay".to_owned(),
            taken_unix_seconds,
            unchanged_checks: 10,
            edits: 6,
            sites: vec![CalibratedSite {
                site: "f".to_owned(),
                p50: Some(Nanos(80.0)),
                metrics: vec![metric],
            }],
        }
    }

    fn found(folder: &Folder, machine: &str) -> Option<Calibration> {
        folder.find("app", "replay", machine).calibration
    }

    #[test]
    fn what_was_kept_is_found_for_its_workload_and_machine() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path());
        assert!(folder.find("app", "replay", "here").calibration.is_none());
        folder.save(&calibration("here", 5, 0.1)).unwrap();
        folder.save(&calibration("here", 6, 0.1)).unwrap();
        assert_eq!(found(&folder, "here"), Some(calibration("here", 6, 0.1)));
        assert_eq!(folder.find("app", "other", "here").calibration, None);
        assert_eq!(folder.find("lib", "replay", "here").calibration, None);
    }

    #[test]
    fn another_machines_is_found_only_where_this_one_has_none() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path());
        folder.save(&calibration("there", 7, 0.1)).unwrap();
        folder.save(&calibration("elsewhere", 8, 0.1)).unwrap();
        assert_eq!(found(&folder, "here").map(|kept| kept.machine), Some("elsewhere".to_owned()));
        folder.save(&calibration("here", 1, 0.1)).unwrap();
        assert_eq!(found(&folder, "here").map(|kept| kept.machine), Some("here".to_owned()));
    }

    #[test]
    fn a_torn_or_hostile_file_is_passed_over_and_said() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path());
        let path = folder.save(&calibration("here", 5, 0.1)).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        let hostile = [
            whole[..whole.len() / 2].to_owned(),
            String::new(),
            whole.replace(SCHEMA, "darwin.calibration.v2"),
            whole.replace("80.0", "-80.0"),
            whole.replace("0.1", "1e999"),
            whole.replace("\"bias\":0.1", "\"bias\":-3.0"),
        ];
        for text in hostile {
            fs::write(&path, &text).unwrap();
            let found = folder.find("app", "replay", "here");
            assert!(found.calibration.is_none(), "{text}");
            assert_eq!(found.refused.len(), 1, "{text}");
        }
    }

    #[test]
    fn a_file_that_speaks_of_another_workload_is_not_believed() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path());
        let path = folder.save(&calibration("here", 5, 0.1)).unwrap();
        let text = fs::read_to_string(&path).unwrap().replace("\"replay\"", "\"other\"");
        fs::write(&path, text).unwrap();
        assert!(found(&folder, "here").is_none());
    }
}
