//! Every run is kept, so that a later one can be set beside it: `<target dir>/darwin/runs/0001.json` and so
//! on.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::{create_atomically, read_text};
use super::position::{FileError, Source};
use crate::model::{Graph, Nanos, Run, RunRef, SiteRun, Timing};

/// Names the form of a stored run; a file with another one is refused.
pub const SCHEMA: &str = "darwin.stored-run.v1";

/// So many of the latest runs are kept.
pub const KEPT_RUNS: usize = 100;

/// About ten thousand sites; larger files are not read at all.
pub const CAP_BYTES: u64 = 16 << 20;

/// Two processes that save at once each take the next free number; so many in a row do not happen.
const MOST_TRIES: u32 = 1000;

const REMEDY: &str = "remove the file, and run `cargo darwin run` again";

/// The stored runs of one target directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

/// What a run is a run of, so that it can be found again for the same code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The class of machine that it ran on.
    pub machine: String,
    /// The code and arguments of each workload, as a digest by its name.
    pub code: BTreeMap<String, String>,
    /// Too short for its latencies to mean anything.
    pub is_look: bool,
}

/// A run with the number it is stored under.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// From 1, higher is later; never used twice while a higher one is stored.
    pub number: u32,
    /// What it is a run of; `None` where nobody said.
    pub origin: Option<Origin>,
    /// What was measured.
    pub run: Run,
}

/// A file of the store.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a Origin>,
    run: &'a Run,
}

/// Read first, because the rest of a file with another schema may have any form.
#[derive(Deserialize)]
struct SchemaOnly {
    schema: String,
}

/// The rest of a file of the store.
#[derive(Debug, Deserialize)]
struct RunOnly {
    /// Runs that were stored before this was asked for have none.
    #[serde(default)]
    origin: Option<Origin>,
    run: Run,
}

impl Store {
    /// The store in the folder of a workspace, which need not exist yet.
    pub fn new(folder: &Path) -> Store {
        Store { folder: folder.join("runs") }
    }

    /// Those that `check` and `baseline` make for their own use: `last` is not one of them.
    pub fn of_code(folder: &Path) -> Store {
        Store { folder: folder.join("code") }
    }

    /// The newest runs, at most `count`, the newest first. One that cannot be read is passed over: it is not asked for by name.
    ///
    /// # Errors
    /// What the operating system says, with the path.
    pub fn newest(&self, count: usize) -> Result<Vec<StoredRun>, FileError> {
        let numbers = self.numbers()?;
        Ok(numbers
            .into_iter()
            .rev()
            .take(count)
            .filter_map(|number| self.load(RunRef::Number(number)).ok())
            .collect())
    }

    /// Keeps a run under the next number, drops those beyond the latest [`KEPT_RUNS`], and gives the number.
    ///
    /// # Errors
    /// What the operating system says, with the path.
    pub fn save(&self, run: &Run, origin: Option<&Origin>) -> Result<u32, FileError> {
        let document = Document { schema: SCHEMA, origin, run };
        let text = serde_json::to_string(&document)
            .map_err(|error| FileError::whole(&self.folder, format!("cannot store the run: {error}"), ""))?;
        fs::create_dir_all(&self.folder)
            .map_err(|error| FileError::system(&self.folder, "cannot make the folder", &error))?;
        let number = self.save_under_next_number(&text)?;
        self.prune()?;
        Ok(number)
    }

    fn save_under_next_number(&self, text: &str) -> Result<u32, FileError> {
        let first = self.numbers()?.last().copied().unwrap_or(0).saturating_add(1);
        for number in first..=first.saturating_add(MOST_TRIES) {
            if create_atomically(&self.path_of(number), text)? {
                return Ok(number);
            }
        }
        Err(FileError::whole(&self.folder, "no free number for another run", "remove stored runs by hand"))
    }

    /// A stored run. Load `last` before saving the run that it is compared with.
    ///
    /// # Errors
    /// No such run (naming those that there are), or a file that is too large, not of this form, or holds
    /// numbers that no measurement gives: with its path.
    pub fn load(&self, which: RunRef) -> Result<StoredRun, FileError> {
        let number = match which {
            RunRef::Number(number) => number,
            RunRef::Last => self.numbers()?.last().copied().ok_or_else(|| self.missing(which, &[]))?,
        };
        let path = self.path_of(number);
        match read_text(&path, CAP_BYTES)? {
            Some(text) => {
                let RunOnly { origin, run } = parse(&path, &text)?;
                Ok(StoredRun { number, origin, run })
            }
            None => Err(self.missing(which, &self.numbers()?)),
        }
    }

    /// The numbers of the stored runs, ascending; other files are passed over.
    ///
    /// # Errors
    /// What the operating system says, with the path; a folder that is not there yet is empty.
    pub fn numbers(&self) -> Result<Vec<u32>, FileError> {
        let unreadable = |error: io::Error| FileError::system(&self.folder, "cannot list the folder", &error);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            numbers.extend(number_of(&entry.map_err(unreadable)?.file_name().to_string_lossy()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Where the run with this number is, or would be.
    pub fn path_of(&self, number: u32) -> PathBuf {
        self.folder.join(file_name(number))
    }

    fn prune(&self) -> Result<(), FileError> {
        let numbers = self.numbers()?;
        for &number in &numbers[..numbers.len().saturating_sub(KEPT_RUNS)] {
            let path = self.path_of(number);
            match fs::remove_file(&path) {
                // Another process pruned at the same time.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => {
                    result.map_err(|error| FileError::system(&path, "cannot remove the old run", &error))?
                }
            }
        }
        Ok(())
    }

    fn missing(&self, which: RunRef, there: &[u32]) -> FileError {
        let what = match which {
            RunRef::Last => "no run is stored yet".to_owned(),
            RunRef::Number(number) => format!("no run {number} is stored"),
        };
        let remedy = match (there.first(), there.last()) {
            (Some(first), Some(last)) => format!("stored runs are numbered from {first} to {last}"),
            _ => "`cargo darwin run` stores one".to_owned(),
        };
        FileError::whole(&self.folder, what, remedy)
    }
}

fn file_name(number: u32) -> String {
    format!("{number:04}.json")
}

/// The number of a stored run's file; `None` for any name that this store does not give.
fn number_of(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".json")?.parse().ok()?;
    (number > 0 && file_name(number) == name).then_some(number)
}

fn parse(path: &Path, text: &str) -> Result<RunOnly, FileError> {
    let source = Source { path, text };
    let refused = |error: &serde_json::Error| source.error_at_line(error.line(), error.to_string(), REMEDY);
    let SchemaOnly { schema } = serde_json::from_str(text).map_err(|error| refused(&error))?;
    if schema != SCHEMA {
        let what = format!("the schema is `{schema}`, this cargo darwin reads `{SCHEMA}`");
        return Err(FileError::whole(path, what, "use the cargo darwin that stored it"));
    }
    let stored: RunOnly = serde_json::from_str(text).map_err(|error| refused(&error))?;
    if stored.run.seconds.is_sign_negative() {
        return Err(FileError::whole(path, "a run of negative length", REMEDY));
    }
    match stored.run.sites.iter().find(|site| !plausible(site)) {
        None => Ok(stored),
        Some(site) => {
            let what = format!("numbers that no measurement gives, at `{}`", site.site.name);
            Err(FileError::whole(path, what, REMEDY))
        }
    }
}

fn plausible(site: &SiteRun) -> bool {
    let timings = site.timing.iter().flat_map(latencies);
    let graph = site.graph.iter().flat_map(times);
    timings
        .chain(graph)
        .chain([site.call_cost_ns, site.empty_cost_ns])
        .all(|Nanos(value)| value.is_finite() && value >= 0.0)
}

fn times(graph: &Graph) -> impl Iterator<Item = Nanos> {
    let edges = graph.callers.iter().chain(&graph.callees);
    edges.flat_map(|edge| [edge.cumulative_ns, edge.self_ns]).chain([graph.self_ns])
}

fn latencies(timing: &Timing) -> [Nanos; 8] {
    let Timing { cumulative_ns, min_ns, mean_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns } = *timing;
    [cumulative_ns, min_ns, mean_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns]
}

#[cfg(test)]
mod tests;
