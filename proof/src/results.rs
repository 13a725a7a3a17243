//! The files of results: one for each commit and machine.

use std::fs;
use std::path::PathBuf;

use darwin_kept::{Lines, Origin, lines};
use darwin_tests::repository;

use crate::check::PLACE;
use crate::error::{At, Error};
use crate::record::Record;
use crate::scenario::Scenario;

/// Results of commits, in this repository.
const FOLDER: &str = "proof/results";

/// Results that more are added to.
pub type Results = Lines<Record>;

/// How many checks of a scenario there are from this origin.
pub fn done(results: &Results, origin: &Origin, scenario: &Scenario) -> u32 {
    let scenario = scenario.to_string();
    results.of(origin).filter(|record| record.scenario == scenario).count() as u32
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
    let records = paths.iter().map(|path| lines::read(path)).collect::<Result<Vec<_>, _>>()?;
    Ok(records.concat())
}

#[cfg(test)]
mod tests {
    use cargo_darwin::model::Verdict;

    use super::*;
    use crate::record::samples::record;
    use crate::scenario::Expected;

    fn approved(scenario: &str) -> Record {
        record(scenario, Expected::Approve, Verdict::Approve)
    }

    #[test]
    fn checks_are_counted_by_scenario_and_origin() {
        let folder = tempfile::tempdir().unwrap();
        let mut results = Results::open(&folder.path().join("results.jsonl")).unwrap();
        let rejected = record("a/slower-2", Expected::Reject, Verdict::Reject);
        results.add([approved("a/unchanged"), rejected, approved("a/unchanged")]).unwrap();
        let origin = approved("a/unchanged").origin;
        let done = |origin: &Origin, scenario: &str| done(&results, origin, &scenario.parse().unwrap());
        assert_eq!((done(&origin, "a/unchanged"), done(&origin, "a/slower-2")), (2, 1));
        let other = Origin { commit: "another".into(), ..origin };
        assert_eq!(done(&other, "a/unchanged"), 0);
    }

    #[test]
    fn the_first_version_is_read_beside_this_one_and_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        let line = serde_json::to_string(&approved("a/unchanged")).unwrap();
        let of = |version: u32| line.replace("\"version\":2", &format!("\"version\":{version}"));
        fs::write(&path, format!("{}\n{line}\n", of(1))).unwrap();
        let versions: Vec<u32> =
            lines::read::<Record>(&path).unwrap().iter().map(|record| record.version).collect();
        assert_eq!(versions, [1, 2]);
        fs::write(&path, format!("{line}\n{}\n", of(3))).unwrap();
        let error = lines::read::<Record>(&path).unwrap_err().to_string();
        assert!(error.contains(":2: version 3 in place of 1 to 2; "), "{error}");
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
