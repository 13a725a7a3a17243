//! The file of results: one line a check, written when the check ends. Whoever stops the driver loses the check that
//! runs, and no other.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use darwin_tests::repository;

use crate::check::PLACE;
use crate::error::{At, Error};
use crate::origin::Origin;
use crate::record::{OLDEST, Record, VERSION};

/// Results of commits, in this repository.
const FOLDER: &str = "proof/results";

/// Results that more are added to.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    file: File,
    records: Vec<Record>,
}

impl Results {
    /// Goes on with the results in `path`, or begins them.
    ///
    /// # Errors
    /// When the file cannot be read or written, or has other lines than ours.
    pub fn open(path: &Path) -> Result<Results, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(path).at("write", path)?;
        let text = fs::read_to_string(path).at("read", path)?;
        let whole = whole_lines(&text);
        if whole.len() < text.len() {
            // The machine went down in the middle of a line: the next one must not be glued to it.
            file.set_len(whole.len() as u64).at("write", path)?;
        }
        Ok(Results { path: path.to_owned(), file, records: parse(whole, path)? })
    }

    /// Adds a check, and does not return before it is in the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, record: Record) -> Result<(), Error> {
        let line = serde_json::to_string(&record).map_err(std::io::Error::from).at("write", &self.path)?;
        self.file.write_all(format!("{line}\n").as_bytes()).at("write", &self.path)?;
        self.file.sync_data().at("write", &self.path)?;
        self.records.push(record);
        Ok(())
    }

    /// How many checks of a scenario there are from this origin.
    pub fn done(&self, origin: &Origin, scenario: &str) -> u32 {
        self.of(origin).filter(|record| record.scenario == scenario).count() as u32
    }

    /// The checks from this origin.
    pub fn of(&self, origin: &Origin) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.origin == *origin)
    }
}

/// Where the results of an origin are kept: with the sources if they are of a commit, otherwise nowhere for long.
pub fn file_of(origin: &Origin) -> PathBuf {
    let folder = match origin.is_committed() {
        true => repository().join(FOLDER),
        false => darwin_tests::place(PLACE).join("results"),
    };
    folder.join(origin.file_name())
}

/// The results in all files that are kept with the sources.
///
/// # Errors
/// When a file cannot be read, or has other lines than ours.
pub fn read_all() -> Result<Vec<Record>, Error> {
    let folder = repository().join(FOLDER);
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).at("read", &folder)? {
        paths.push(entry.at("read", &folder)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    let records = paths.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    Ok(records.concat())
}

/// The results in `path`; none if there is no file.
///
/// # Errors
/// When the file cannot be read, or has other lines than ours.
pub fn read(path: &Path) -> Result<Vec<Record>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => parse(whole_lines(&text), path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(source).at("read", path),
    }
}

/// Without what was being written when the machine went down.
fn whole_lines(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |end| end + 1)]
}

fn parse(text: &str, path: &Path) -> Result<Vec<Record>, Error> {
    let of_line = |(at, line): (usize, &str)| {
        let refused = |reason: String| Error::Line { path: path.to_owned(), line: at + 1, reason };
        let record: Record = serde_json::from_str(line).map_err(|error| refused(error.to_string()))?;
        match record.version {
            OLDEST..=VERSION => Ok(record),
            other => Err(refused(format!("version {other} in place of {OLDEST} to {VERSION}"))),
        }
    };
    text.lines().enumerate().map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use cargo_darwin::model::Verdict;

    use super::*;
    use crate::record::samples::record;
    use crate::scenario::Expected;

    /// A file that is removed again.
    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str) -> Temporary {
            let path = std::env::temp_dir().join(format!("darwin-proof-{}-{name}", std::process::id()));
            let _ = fs::remove_file(&path);
            Temporary(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn approved(scenario: &str) -> Record {
        record(scenario, Expected::Approve, Verdict::Approve)
    }

    #[test]
    fn what_was_added_is_there_when_the_file_is_opened_again() {
        let file = Temporary::new("again");
        let mut results = Results::open(&file.0).unwrap();
        results.add(approved("a/unchanged")).unwrap();
        drop(results);
        let mut results = Results::open(&file.0).unwrap();
        results.add(approved("a/unchanged")).unwrap();
        results.add(record("a/slower-2", Expected::Reject, Verdict::Reject)).unwrap();
        let origin = approved("a/unchanged").origin;
        assert_eq!((results.done(&origin, "a/unchanged"), results.done(&origin, "a/slower-2")), (2, 1));
        assert_eq!(read(&file.0).unwrap(), results.records);
    }

    #[test]
    fn checks_of_another_commit_or_machine_do_not_count() {
        let file = Temporary::new("origin");
        let mut results = Results::open(&file.0).unwrap();
        results.add(approved("a/unchanged")).unwrap();
        let origin = approved("a/unchanged").origin;
        let other = Origin { commit: "another".into(), ..origin.clone() };
        assert_eq!(results.done(&other, "a/unchanged"), 0);
        let other = Origin { machine: "another".into(), ..origin };
        assert_eq!(results.done(&other, "a/unchanged"), 0);
    }

    #[test]
    fn half_a_line_at_the_end_is_forgotten_and_the_next_one_written_in_its_place() {
        let file = Temporary::new("torn");
        Results::open(&file.0).unwrap().add(approved("a/unchanged")).unwrap();
        let whole = fs::read_to_string(&file.0).unwrap();
        for end in [1, whole.len() / 2, whole.len() - 1] {
            fs::write(&file.0, format!("{whole}{}", &whole[..end])).unwrap();
            assert_eq!(read(&file.0).unwrap().len(), 1);
            let mut results = Results::open(&file.0).unwrap();
            results.add(approved("a/neutral")).unwrap();
            assert_eq!(read(&file.0).unwrap(), [approved("a/unchanged"), approved("a/neutral")]);
        }
    }

    #[test]
    fn a_line_of_something_else_is_refused_with_its_number() {
        let file = Temporary::new("foreign");
        let line = serde_json::to_string(&approved("a/unchanged")).unwrap();
        for foreign in ["{}", "text", &line.replace("\"version\":2", "\"version\":3")] {
            fs::write(&file.0, format!("{line}\n{foreign}\n{line}\n")).unwrap();
            let error = read(&file.0).unwrap_err().to_string();
            assert!(error.contains(":2: "), "{error}");
            assert_eq!(Results::open(&file.0).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn no_file_means_no_results() {
        assert_eq!(read(&Temporary::new("missing").0).unwrap(), []);
    }

    #[test]
    fn the_results_that_are_kept_can_be_read() {
        assert!(!read_all().unwrap().is_empty());
    }

    #[test]
    fn what_was_not_committed_is_not_kept_with_the_sources() {
        let origin = approved("a/unchanged").origin;
        assert!(file_of(&origin).starts_with(repository().join(FOLDER)));
        let uncommitted = Origin { commit: "c0ffee+1a2b3c4d".into(), ..origin };
        assert!(!file_of(&uncommitted).starts_with(repository().join(FOLDER)));
    }
}
