//! What a check leaves for the next one. Checks that go on from each other would be one sample.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{At, Error};

/// What `cargo darwin` may keep from one check to the next: builds, and nothing that was measured. Whatever else there
/// is goes before each check, or the next one would begin with the evidence of the last.
const STAY: [&str; 4] = ["baseline", "cache", "candidate", "lock"];

/// Removes what checks have left in a target directory, but for what they built.
///
/// # Errors
/// When it cannot be removed.
pub fn forget(target: &Path) -> Result<(), Error> {
    let darwin = target.join("darwin");
    let workspaces = if darwin.is_dir() { entries(&darwin)? } else { Vec::new() };
    for workspace in workspaces {
        for path in entries(&workspace)? {
            match path.file_name().and_then(|name| name.to_str()) {
                Some(name) if STAY.contains(&name) => {}
                _ if path.is_dir() => fs::remove_dir_all(&path).at("remove", &path)?,
                _ => fs::remove_file(&path).at("remove", &path)?,
            }
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = fs::read_dir(folder).at("read", folder)?;
    read.map(|entry| Ok(entry.at("read", folder)?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_stays_and_all_else_goes() {
        let target = tempfile::tempdir().unwrap();
        let workspace = target.path().join("darwin/a-workspace");
        for folder in ["baseline", "evidence/deep", "candidate"] {
            fs::create_dir_all(workspace.join(folder)).unwrap();
        }
        for file in ["lock", "baseline/program", "evidence/deep/line", "last.json"] {
            fs::write(workspace.join(file), "text").unwrap();
        }
        fs::write(target.path().join("program"), "text").unwrap();
        forget(target.path()).unwrap();
        let mut names: Vec<PathBuf> = entries(&workspace).unwrap();
        names.sort();
        assert_eq!(names, ["baseline", "candidate", "lock"].map(|name| workspace.join(name)));
        assert!(workspace.join("baseline/program").exists() && target.path().join("program").exists());
    }

    #[test]
    fn before_the_first_check_there_is_nothing_to_forget() {
        let target = tempfile::tempdir().unwrap();
        forget(target.path()).unwrap();
        assert_eq!(entries(target.path()).unwrap(), Vec::<PathBuf>::new());
    }
}
