//! What a hook has to judge, and whether it can matter.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use super::measured::Measured;
use crate::cli::JudgedArgs;
use crate::hook::{Pushed, parse_refs};
use crate::io::files;
use crate::io::git::{Commit, GitError, LastChange, Repository, Snapshot};

/// Git writes a line of some hundred bytes for each reference; no push has that many.
const CAP_BYTES: u64 = 16 << 20;

/// Changes of the baseline within one push that it is compared with: each takes a build of its own.
const MOST_BASELINES: usize = 3;

/// Something to judge.
#[derive(Debug)]
pub struct Change {
    /// For people: `what is staged`, `refs/heads/main (0123456789)`.
    pub shown: String,
    /// The option of `check` that names it.
    pub option: String,
    snapshot: Snapshot,
    /// None for what is staged.
    commit: Option<Commit>,
    /// What it is a change of: it must matter to none of them to be let go.
    bases: Vec<Commit>,
}

/// What is staged.
///
/// # Errors
/// When git fails.
pub fn staged(repository: &Repository) -> Result<Change, GitError> {
    let (snapshot, bases) = (repository.staged()?, repository.head().into_iter().collect());
    let (shown, option) = ("what is staged".to_owned(), "--staged".to_owned());
    Ok(Change { shown, option, snapshot, commit: None, bases })
}

/// What a push brings to the other end; `None` where that is nothing that can be judged. `remote` is the name of that end.
///
/// # Errors
/// When git fails.
pub fn pushed(
    repository: &Repository,
    pushed: &Pushed,
    remote: Option<&str>,
) -> Result<Option<Change>, GitError> {
    // A tag may be of something that is no commit.
    let Ok(commit) = repository.resolve(&pushed.revision) else { return Ok(None) };
    let mut bases: Vec<Commit> =
        pushed.known.iter().filter_map(|known| repository.resolve(known).ok()).collect();
    // What another branch at the other end has is new to this one all the same.
    let is_new = |base: &Commit| repository.is_new(&commit, std::slice::from_ref(base), None);
    let brings_anything = match bases.as_slice() {
        [] => repository.is_new(&commit, &[], remote)?,
        _ => bases.iter().map(is_new).collect::<Result<Vec<_>, _>>()?.contains(&true),
    };
    if !brings_anything {
        return Ok(None);
    }
    if let (true, Some(remote)) = (bases.is_empty(), remote) {
        bases = repository.boundary(&commit, remote)?;
    }
    let short: String = commit.as_str().chars().take(10).collect();
    let shown = format!("{} ({short})", pushed.names.join(", "));
    let (option, snapshot) = (format!("--rev={commit}"), repository.committed(&commit)?);
    Ok(Some(Change { shown, option, snapshot, commit: Some(commit), bases }))
}

impl Change {
    /// What of it is measured, as a check in `folder` would.
    ///
    /// # Errors
    /// When git fails.
    pub fn measured(&self, judged: &JudgedArgs, folder: &Path, top: &Path) -> Result<Measured<'_>, GitError> {
        Measured::of(&self.snapshot, judged, folder, top)
    }

    /// Why it cannot change anything that is measured, if that is certain without a build.
    ///
    /// # Errors
    /// When git fails.
    pub fn cannot_matter(&self, measured: &Measured<'_>) -> Result<Option<String>, GitError> {
        let mut all = BTreeSet::new();
        for base in &self.bases {
            all.extend(self.snapshot.changed_since(base)?);
        }
        // Without anything to compare with, all of it is new.
        if self.bases.is_empty() || !measured.is_untouched_by(&all)? {
            return Ok(None);
        }
        Ok(Some(match (all.first(), all.len()) {
            (None, _) => "no file is changed".to_owned(),
            (Some(one), 1) => format!("only {} is changed, which no measured code names", one.display()),
            (Some(one), count) => format!(
                "only {count} files are changed, such as {}, that no measured code is made of or names",
                one.display()
            ),
        }))
    }

    /// The baseline file that it lacks, and did not take away.
    ///
    /// # Errors
    /// When git fails.
    pub fn lacks_baseline(
        &self,
        measured: &Measured<'_>,
        repository: &Repository,
    ) -> Result<Option<PathBuf>, GitError> {
        let bases: Result<Vec<Snapshot>, GitError> =
            self.bases.iter().map(|base| repository.committed(base)).collect();
        measured.lacks_baseline(&bases?)
    }

    /// The revisions to judge it against, one after the other; `None` is the last change of the baseline file at this path, as
    /// ever.
    ///
    /// A push that changes the file is judged against the baseline from before it. Otherwise the commit that changes it would
    /// be judged against itself, and whatever else is in it be let through unseen. But against that one, sites whose lines have
    /// changed are accepted whatever has become of them, so what comes after a change is judged against that change too. What is
    /// staged needs none of this: no commit has it yet.
    pub fn baselines(&self, repository: &Repository, path: &Path) -> Vec<Option<String>> {
        let as_ever = vec![None];
        let Some(commit) = &self.commit else { return as_ever };
        let last = |from: &Commit| match repository.last_change_of(from, path) {
            Ok(LastChange::Commit(commit)) => Some(commit),
            _ => None,
        };
        let (new, old) = (last(commit), self.bases.iter().find_map(last));
        let Some(old) = old.filter(|old| new.as_ref() != Some(old)) else { return as_ever };
        let between = repository.changes_of(path, commit, &self.bases, MOST_BASELINES).unwrap_or_default();
        let has_more = |found: &&Commit| *found != commit && **found != old && Some(*found) != new.as_ref();
        let between = between.iter().filter(has_more).map(|commit| Some(commit.as_str().to_owned()));
        let has_new = new.as_ref().is_some_and(|new| new != commit);
        let new = has_new.then_some(None);
        [Some(old.as_str().to_owned())].into_iter().chain(new).chain(between).collect()
    }

    /// Whether it has the manifest that the hook was installed for: branches from before have not.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn has_manifest(&self, judged: &JudgedArgs, folder: &Path, top: &Path) -> Result<bool, GitError> {
        let has = |path: &Path| path.strip_prefix(top).map_or(Ok(true), |inside| self.snapshot.has(inside));
        if let Some(manifest) = &judged.cargo.manifest_path {
            return has(&files::normalized(&folder.join(manifest)));
        }
        for folder in folder.ancestors().take_while(|folder| folder.starts_with(top)) {
            if has(&folder.join("Cargo.toml"))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What is pushed, and the name of the other end: git's lines on standard input, or the variables in which the program
/// `pre-commit` hands them on.
///
/// # Errors
/// When standard input cannot be read.
pub fn told(remote: &[String]) -> std::io::Result<(Vec<Pushed>, Option<String>)> {
    if variable("PRE_COMMIT").is_some() {
        return Ok((vec![told_by_pre_commit(variable)], variable("PRE_COMMIT_REMOTE_NAME")));
    }
    let remote = remote.first().cloned();
    let input = std::io::stdin();
    if input.is_terminal() {
        return Ok((vec![Pushed::revision("HEAD", None)], remote));
    }
    let mut lines = Vec::new();
    input.lock().take(CAP_BYTES).read_to_end(&mut lines)?;
    Ok((Pushed::of(&parse_refs(&String::from_utf8_lossy(&lines))), remote))
}

/// It names what the other end has and what is pushed; where it has nothing yet, the branch alone; by hand, nothing.
fn told_by_pre_commit(variable: impl Fn(&str) -> Option<String>) -> Pushed {
    let pushed = variable("PRE_COMMIT_TO_REF").or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH"));
    Pushed::revision(pushed.as_deref().unwrap_or("HEAD"), variable("PRE_COMMIT_FROM_REF"))
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .and_then(|value: OsString| value.into_string().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pre_commit_hands_on_is_understood() {
        let of = |told: &[(&str, &str)]| {
            told_by_pre_commit(|name| {
                told.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), Pushed::revision("HEAD", None));
        assert_eq!(
            of(&[("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/x")]),
            Pushed::revision("refs/heads/x", None)
        );
        let both = [
            ("PRE_COMMIT_FROM_REF", "a"),
            ("PRE_COMMIT_TO_REF", "b"),
            ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/x"),
        ];
        assert_eq!(of(&both), Pushed::revision("b", Some("a".into())));
    }
}
