//! Files that a filter of the user's git configuration writes when they are checked out (Git LFS, git-crypt).
//!
//! No filter writes a file for an export: it is a program that may ask, download, or write into the repository, and nobody
//! has checked anything out. What it would have written comes from the user's tree where that has the same file, or from
//! the large files that Git LFS has already downloaded.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::error::{ACCEPT, BASELINE};
use super::export::Exported;
use super::{GitError, Repository, os_string};
use crate::io::command::{self, CommandError};
use crate::io::files::At;

/// How the file begins that Git LFS commits in place of a large one.
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n";
/// Such a file is shorter (Git LFS, docs/spec.md).
const POINTER_BYTES: u64 = 1024;

/// A filter that changes files when they are checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    name: String,
}

/// A file that a filter would have written.
struct Filtered<'a> {
    path: PathBuf,
    hash: String,
    filter: &'a str,
}

impl Filter {
    /// Settings by which git neither runs nor misses it.
    pub(super) fn switched_off(&self) -> [String; 4] {
        ["smudge=", "clean=", "process=", "required=false"].map(|end| format!("filter.{}.{end}", self.name))
    }
}

impl Repository {
    /// The configured filters.
    pub(super) fn filters(&self) -> Result<Vec<Filter>, GitError> {
        let words = ["config", "--null", "--get-regexp", r"^filter\..*\.(smudge|process)$"];
        match command::output(self.command().args(words)) {
            Ok(listed) => Ok(filters(&String::from_utf8_lossy(&listed))),
            // There are none.
            Err(CommandError::Failed { status, .. }) if status.code() == Some(1) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the exported files what their filters would have written.
    pub(super) fn restore_filtered(
        &self,
        exported: &Exported<'_>,
        filters: &[Filter],
    ) -> Result<(), GitError> {
        let filtered = self.filtered(exported, filters)?;
        if filtered.is_empty() {
            return Ok(());
        }
        let live = self.unchanged()?;
        for file in &filtered {
            if live.contains(&(file.hash.clone(), file.path.clone())) {
                refill(&exported.dest.join(&file.path), &self.root.join(&file.path))?;
            } else {
                self.restore(file, exported)?;
            }
        }
        Ok(())
    }

    /// A file that the user's tree does not have like this.
    fn restore(&self, file: &Filtered<'_>, exported: &Exported<'_>) -> Result<(), GitError> {
        let dest = exported.dest.join(&file.path);
        let Some(id) = pointer(&dest) else {
            let is_large = file.filter == "lfs";
            let unknown = || GitError::Filtered {
                path: file.path.clone(),
                filter: file.filter.to_owned(),
                of: BASELINE,
                remedy: ACCEPT,
            };
            // Large files that were committed as they are.
            return if is_large { Ok(()) } else { Err(unknown()) };
        };
        // Without downloads the candidate has its pointers too.
        if pointer(&self.root.join(&file.path)).is_some() {
            return Ok(());
        }
        let stored = self.large_files()?.join(&id[..2]).join(&id[2..4]).join(&id);
        if !stored.is_file() {
            let (path, commit) = (file.path.clone(), Some(exported.tree.to_owned()));
            return Err(GitError::LargeFile { path, of: BASELINE, commit, submodule: None });
        }
        Ok(refill(&dest, &stored)?)
    }

    /// Where Git LFS keeps what it has downloaded.
    fn large_files(&self) -> Result<PathBuf, GitError> {
        let common = self.root.join(self.line(["rev-parse", "--git-common-dir"])?);
        let storage = self.line(["config", "--type=path", "--get", "lfs.storage"]).unwrap_or("lfs".into());
        Ok(common.join(storage).join("objects"))
    }

    /// The files of an export that one of the filters is set for.
    fn filtered<'a>(
        &self,
        exported: &Exported<'_>,
        filters: &'a [Filter],
    ) -> Result<Vec<Filtered<'a>>, GitError> {
        let mut list = exported.command(self, [""; 0]);
        let files = staged(&command::output(list.args(["ls-files", "--stage", "-z"]))?);
        let mut names = tempfile::tempfile().at("create a file in", &std::env::temp_dir())?;
        for (_, path) in &files {
            let written = names.write_all(path.as_os_str().as_encoded_bytes()).and(names.write_all(b"\0"));
            written.at("write to a file in", &std::env::temp_dir())?;
        }
        std::io::Seek::rewind(&mut names).at("read a file in", &std::env::temp_dir())?;
        let mut ask = exported.command(self, [""; 0]);
        ask.args(["check-attr", "--stdin", "-z", "filter"]);
        let told = command::output_of(&mut ask, Stdio::from(names))?;
        let mut values = told.split(|byte| *byte == 0).skip(2).step_by(3);
        let set = |value: &[u8]| filters.iter().find(|filter| filter.name.as_bytes() == value);
        let found = files.into_iter().filter_map(|(hash, path)| {
            set(values.next()?).map(|filter| Filtered { path, hash, filter: &filter.name })
        });
        Ok(found.collect())
    }

    /// Files of the user's tree that are as they were checked out, with the hash of what is committed of them. git looks
    /// into files as `git status` does; where it cannot, none is taken.
    fn unchanged(&self) -> Result<HashSet<(String, PathBuf)>, GitError> {
        let words = ["diff-files", "--name-only", "--no-ext-diff", "-z"];
        let Ok(changed) = command::output(self.command().args(words)) else { return Ok(HashSet::new()) };
        let changed: HashSet<&[u8]> = changed.split(|byte| *byte == 0).collect();
        let files = staged(&command::output(self.command().args(["ls-files", "--stage", "-z"]))?);
        let is_same = |path: &Path| !changed.contains(&path.as_os_str().as_encoded_bytes());
        Ok(files.into_iter().filter(|(_, path)| is_same(path)).collect())
    }
}

/// Reads `filter.NAME.KEY LF VALUE NUL`. A filter that hands on what it gets changes nothing.
fn filters(listed: &str) -> Vec<Filter> {
    let mut found = Vec::new();
    for entry in listed.split('\0') {
        let Some((key, program)) = entry.split_once('\n') else { continue };
        let name = key.strip_prefix("filter.").and_then(|rest| rest.rsplit_once('.'));
        let filter = name.map(|(name, _)| Filter { name: name.to_owned() });
        let is_new = |filter: &Filter| !matches!(program.trim(), "" | "cat") && !found.contains(filter);
        found.extend(filter.filter(is_new));
    }
    found
}

/// Reads `MODE SP HASH SP STAGE TAB PATH NUL`: hash and path of each regular file without conflict.
fn staged(listed: &[u8]) -> Vec<(String, PathBuf)> {
    let one = |entry: &[u8]| {
        let tab = entry.iter().position(|byte| *byte == b'\t')?;
        let about = std::str::from_utf8(&entry[..tab]).ok()?;
        let hash = about.strip_prefix("100")?.split(' ').nth(1).filter(|_| about.ends_with(" 0"))?;
        Some((hash.to_owned(), PathBuf::from(os_string(entry[tab + 1..].to_vec()))))
    };
    listed.split(|byte| *byte == 0).filter_map(one).collect()
}

/// The 64 digits by which Git LFS knows the content; `None` for a file that is no pointer.
fn pointer(file: &Path) -> Option<String> {
    if fs::symlink_metadata(file).ok().filter(|about| about.is_file())?.len() >= POINTER_BYTES {
        return None;
    }
    let mut text = String::new();
    File::open(file).ok()?.read_to_string(&mut text).ok()?;
    let lines = text.strip_prefix(POINTER)?.lines();
    let id = lines.filter_map(|line| line.strip_prefix("oid sha256:")).next()?;
    (id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
}

/// Replaces what is in a file and leaves its permissions.
fn refill(file: &Path, from: &Path) -> Result<(), crate::io::files::FileError> {
    let mut source = File::open(from).at("read", from)?;
    let mut dest = File::create(file).at("write", file)?;
    std::io::copy(&mut source, &mut dest).map(drop).at("copy", from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_those_that_change_something() {
        let listed = "filter.lfs.process\ngit-lfs filter-process\0filter.lfs.smudge\ngit-lfs smudge -- %f\0\
                      filter.strip.smudge\ncat\0filter.My.Own.smudge\nrun\0filter.off.smudge\n\0";
        let names: Vec<String> = filters(listed).into_iter().map(|filter| filter.name).collect();
        assert_eq!(names, ["lfs", "My.Own"]);
    }

    #[test]
    fn only_regular_files_without_conflict_are_listed() {
        let listed =
            b"100644 aa 0\ta b\x00120000 bb 0\tlink\x00160000 cc 0\tsub\x00100755 dd 2\tconflict\x00100755 ee 0\tx\0";
        let files = staged(listed);
        assert_eq!(files, [("aa".to_owned(), PathBuf::from("a b")), ("ee".to_owned(), PathBuf::from("x"))]);
    }
}
