//! What a hook has to judge, and whether it can matter.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::cli::JudgedArgs;
use crate::hook::{Pushed, may_matter, mentions_of, parse_refs};
use crate::io::git::{Commit, GitError, LastChange, Repository, Snapshot};

/// Git writes a line of some hundred bytes for each reference; no push has that many.
const CAP_BYTES: u64 = 16 << 20;

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
    /// Why it cannot change anything that is measured, if that is certain without a build.
    ///
    /// # Errors
    /// When git fails.
    pub fn cannot_matter(&self) -> Result<Option<String>, GitError> {
        let mut all = BTreeSet::new();
        for base in &self.bases {
            all.extend(self.snapshot.changed_since(base)?);
        }
        // Without anything to compare with, all of it is new.
        if self.bases.is_empty() || all.iter().any(|path| may_matter(path)) {
            return Ok(None);
        }
        if self.snapshot.mentions(&mentions_of(all.iter().map(PathBuf::as_path)))? {
            return Ok(None);
        }
        let all: Vec<&PathBuf> = all.iter().collect();
        Ok(Some(match all.as_slice() {
            [] => "no file is changed".to_owned(),
            [one] => format!("only {} is changed, which no code names", one.display()),
            all => format!("only {} documents and the like are changed, which no code names", all.len()),
        }))
    }

    /// The baseline from before a push that changes the baseline file at this path. Otherwise the commit that changes it
    /// would be judged against itself, and whatever else is in it be let through unseen. What is staged needs none: no
    /// commit has it yet.
    pub fn old_baseline(&self, repository: &Repository, path: &Path) -> Option<String> {
        let commit = self.commit.as_ref()?;
        let last = |from: &Commit| match repository.last_change_of(from, path) {
            Ok(LastChange::Commit(commit)) => Some(commit),
            _ => None,
        };
        let new = last(commit)?;
        let old = self.bases.iter().find_map(last)?;
        (old != new).then(|| old.as_str().to_owned())
    }

    /// Whether it has the manifest that the hook was installed for: branches from before have not.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn has_manifest(&self, judged: &JudgedArgs, folder: &Path, top: &Path) -> Result<bool, GitError> {
        let has = |path: &Path| path.strip_prefix(top).map_or(Ok(true), |inside| self.snapshot.has(inside));
        if let Some(manifest) = &judged.cargo.manifest_path {
            return has(&folder.join(manifest));
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
