//! The neutral edits of a workload, or of a crate that others have written: listed, and tried.

use std::fs;
use std::path::{Path, PathBuf};

use darwin_kept::page::say;
use darwin_tests::Fixture;

use crate::check;
use crate::cli::EditsArgs;
use crate::edit::Edit;
use crate::error::{At, Error};
use crate::neutral;
use crate::workload::{Workload, numbered};

/// Where they are tried, below the target directory.
const PLACE: &str = "proof-edits";

/// Lists them; tries them if that is wanted. Returns whether the crate's tests pass with each of them.
///
/// # Errors
/// When there is no such crate, or it fails its tests as it is.
pub fn edits(wanted: &EditsArgs) -> Result<bool, Error> {
    let (folder, mut edits) = found(&wanted.of)?;
    edits.retain(|edit| wanted.with.as_ref().is_none_or(|text| edit.name.contains(text)));
    let edits = evenly(edits, wanted.at_most);
    if !wanted.tries {
        edits.iter().for_each(|edit| say(&format!("{}\n", edit.name)));
        return Ok(true);
    }
    let fixture = check::copy(PLACE, &folder)?;
    if let Err(reason) = tested(&fixture) {
        return Err(Error::Data { path: folder, reason: format!("its tests fail as it is\n{reason}") });
    }
    let mut failed = 0;
    for edit in &edits {
        check::make(&fixture, edit)?;
        let outcome = tested(&fixture);
        failed += usize::from(outcome.is_err());
        say(&outcome.map_or_else(
            |reason| format!("{}: IS NOT NEUTRAL\n{reason}\n", edit.name),
            |()| format!("{}: passes its tests\n", edit.name),
        ));
    }
    say(&format!("{} of {} edits pass the tests\n", edits.len() - failed, edits.len()));
    Ok(failed == 0)
}

/// The folder of the crate, and its edits.
fn found(name: &str) -> Result<(PathBuf, Vec<Edit>), Error> {
    let folder = Path::new(name);
    if !folder.join("Cargo.toml").is_file() {
        let workload = Workload::load(name)?;
        return Ok((workload.folder(), workload.neutral()?));
    }
    let mut files = Vec::new();
    sources(folder, Path::new("src"), &mut files)?;
    Ok((folder.to_owned(), numbered(neutral::edits(&files))))
}

/// All source files below a folder of the crate, by their paths in the crate, sorted.
fn sources(top: &Path, folder: &Path, files: &mut Vec<(String, String)>) -> Result<(), Error> {
    let path = top.join(folder);
    let mut names = Vec::new();
    for entry in fs::read_dir(&path).at("read", &path)? {
        names.push(entry.at("read", &path)?.file_name());
    }
    names.sort();
    for name in names {
        let below = folder.join(name);
        let path = top.join(&below);
        if path.is_dir() {
            sources(top, &below, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((below.display().to_string(), fs::read_to_string(&path).at("read", path)?));
        }
    }
    Ok(())
}

fn evenly(edits: Vec<Edit>, at_most: Option<u32>) -> Vec<Edit> {
    let (count, wanted) = (edits.len(), at_most.map_or(edits.len(), |most| most as usize));
    let is_wanted = |at: usize| wanted >= count || (at * wanted) / count != ((at + 1) * wanted) / count;
    edits.into_iter().enumerate().filter(|(at, _)| is_wanted(*at)).map(|(_, edit)| edit).collect()
}

/// Runs the tests; what cargo says if they fail.
fn tested(fixture: &Fixture) -> Result<(), String> {
    let ended = fixture.cargo(["test", "--quiet"]);
    if ended.code == 0 { Ok(()) } else { Err(format!("{}{}", ended.stdout, ended.stderr)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_them_are_taken_evenly() {
        let edits: Vec<Edit> = (0..10).map(|at| Edit::neutral(at.to_string(), Vec::new())).collect();
        let names = |most| {
            let some = evenly(edits.clone(), most);
            some.into_iter().map(|edit| edit.name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(Some(3)), "3 6 9");
        assert_eq!(names(Some(10)), "0 1 2 3 4 5 6 7 8 9");
        assert_eq!(names(Some(99)), names(None));
    }

    #[test]
    fn any_crate_has_edits() {
        let (folder, edits) =
            found(&darwin_tests::repository().join("darwin-macros").display().to_string()).unwrap();
        assert!(folder.ends_with("darwin-macros") && edits.len() > 100);
        assert!(found("no-such-crate").is_err());
    }
}
