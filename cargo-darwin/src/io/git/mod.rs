//! git, asked through its plumbing: argument vectors only, and nothing of the user's repository is written.
//!
//! Every call runs without hooks, file system monitor, split or sparse index and optional locks, so that neither
//! index nor shared files in `.git` change by being looked at.

mod discover;
mod error;
mod export;
mod filters;
mod hooks;
mod left_out;
mod snapshot;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

pub use error::GitError;
pub use hooks::HooksPlace;
pub use left_out::LeftOut;
pub use snapshot::{Entry, Snapshot};

use super::command::{self, CommandError};

/// Variables that tell git which repository to work on. A hook sets them, and a child in another folder would take
/// the hook's repository for its own (lefthook #1265).
const LOCATING: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"];

/// Variables that tell git where objects are. A hook that judges pushed commits needs them (quarantine), another
/// repository must not see them. With [`LOCATING`] and [`CONFIGURING`] this is `git rev-parse --local-env-vars`.
const OBJECTS: [&str; 8] = [
    "GIT_OBJECT_DIRECTORY",
    // In such a hook no reference may change, which would hold for a git that fetches a dependency too.
    "GIT_QUARANTINE_PATH",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_GRAFT_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
];

/// Configuration handed down by the environment: CI sets `safe.directory` this way, so that it is kept.
#[cfg(test)]
const CONFIGURING: [&str; 3] = ["GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];

/// What a path means: our own switch for it cannot be joined with any of these.
const PATHSPECS: [&str; 4] =
    ["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"];

/// Settings that would make a reading call write, run a program of the user's, or leave files out.
const QUIET: [&str; 7] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "core.sparseCheckout=false",
    "index.sparse=false",
    "advice.graftFileDeprecated=false",
];

/// Full hash of a commit that exists in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Commit(String);

impl Commit {
    /// 40 or 64 lower-case hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which commit last changed a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastChange {
    /// This one.
    Commit(Commit),
    /// No commit did.
    Never,
    /// The history is cut off before it: the boundary of a shallow clone, which seems to add every file.
    Shallow,
}

/// A file in the working tree, beside the same file in `HEAD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// The same in both.
    Committed,
    /// In both, with different contents.
    Changed,
    /// Not in `HEAD`.
    New,
    /// Not in the working tree.
    Missing,
}

/// A repository with a working tree.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
    environment: Environment,
    own_objects: Option<OwnObjects>,
}

/// A folder of objects of ours, where git writes new ones in place of the repository's.
#[derive(Debug, Clone)]
struct OwnObjects {
    folder: PathBuf,
    /// Where all others are, in the form of `GIT_ALTERNATE_OBJECT_DIRECTORIES`.
    alternates: OsString,
}

/// Which of git's own variables a call may see.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Environment {
    /// The repository is found from its folder; objects as the hook says.
    Found,
    /// `GIT_DIR` says where it is, by its full path because calls run in other folders than ours.
    Given(PathBuf),
    /// A submodule: nothing of the outer repository's.
    Submodule,
}

impl Repository {
    /// Top folder of the working tree, without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that a revision (branch, tag, hash, `HEAD~3`) means. Resolve once; pass the commit on.
    pub fn resolve(&self, revision: &str) -> Result<Commit, GitError> {
        let unknown = |source| GitError::UnknownRevision { revision: revision.to_owned(), source };
        let peeled = format!("{revision}^{{commit}}");
        let hash = self.line(["rev-parse", "--verify", "--end-of-options", &peeled]).map_err(unknown)?;
        Ok(Commit(hash.to_string_lossy().into_owned()))
    }

    /// The commit at `HEAD`; `None` before the first commit.
    pub fn head(&self) -> Option<Commit> {
        self.resolve("HEAD").ok()
    }

    /// The tree of a commit: two commits with the same digest hold the same files.
    pub fn tree_digest(&self, commit: &Commit) -> Result<String, GitError> {
        let tree = self.line(["rev-parse", "--verify", "--end-of-options", &format!("{commit}^{{tree}}")])?;
        Ok(tree.to_string_lossy().into_owned())
    }

    /// The commit reachable from `from` that last changed the file at `path` (inside the working tree).
    pub fn last_change_of(&self, from: &Commit, path: &Path) -> Result<LastChange, GitError> {
        let args =
            ["--literal-pathspecs", "rev-list", "--max-count=1", "--end-of-options", from.as_str(), "--"];
        let mut words: Vec<OsString> = args.map(OsString::from).to_vec();
        words.push(self.inside(path)?.into_os_string());
        let hash = self.line(words)?.to_string_lossy().into_owned();
        if hash.is_empty() {
            return Ok(LastChange::Never);
        }
        if self.is_boundary(&hash)? {
            return Ok(LastChange::Shallow);
        }
        Ok(LastChange::Commit(Commit(hash)))
    }

    /// The text of a file as a commit has it; `None` where it has none, or none that is text.
    pub fn text_at(&self, commit: &Commit, path: &Path) -> Result<Option<String>, GitError> {
        let mut name = OsString::from(format!("{commit}:"));
        name.push(self.inside(path)?);
        let words = ["cat-file", "blob"].map(OsStr::new);
        let blob = command::output(self.command().args(words).arg(&name)).ok();
        Ok(blob.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// How the file at `path` in the working tree compares with `HEAD`. The index does not matter.
    pub fn file_state(&self, path: &Path) -> Result<FileState, GitError> {
        let inside = self.inside(path)?;
        let file = self.root.join(&inside);
        if !file.exists() {
            return Ok(FileState::Missing);
        }
        let Some(committed) = self.object("HEAD", &inside) else { return Ok(FileState::New) };
        // `--` and the path from the root: filters and line ends as in a commit.
        let live = self.line(["hash-object".as_ref(), "--".as_ref(), inside.as_os_str()])?;
        Ok(if live == committed { FileState::Committed } else { FileState::Changed })
    }

    /// Whether a commit has a file at `path` (inside the working tree).
    pub fn has_file(&self, commit: &Commit, path: &Path) -> Result<bool, GitError> {
        Ok(self.object(commit.as_str(), &self.inside(path)?).is_some())
    }

    /// Hash of what a revision has at a path that is seen from the root.
    fn object(&self, revision: &str, inside: &Path) -> Option<OsString> {
        let mut object = OsString::from(format!("{revision}:"));
        object.push(inside);
        let words = ["rev-parse", "--verify", "--quiet", "--end-of-options"].map(OsStr::new);
        self.line(words.into_iter().chain([object.as_os_str()])).ok()
    }

    /// The rule by which git ignores the file at `path`, as `.gitignore:3: *.toml`; `None` where it does not.
    pub fn ignored_by(&self, path: &Path) -> Option<String> {
        let inside = self.inside(path).ok()?;
        // Its index is not asked: a file that is there by force counts as ignored for who adds it again.
        let words = ["check-ignore", "--no-index", "--verbose", "--"].map(OsStr::new);
        let line = self.line(words.into_iter().chain([inside.as_os_str()])).ok()?;
        let (rule, _) = line.to_str()?.split_once('\t')?;
        let (place, pattern) = rule.rsplit_once(':')?;
        (!pattern.starts_with('!')).then(|| format!("{place}: {pattern}"))
    }

    /// Whether the baseline file would be lost or different for someone who clones `HEAD`.
    pub fn is_uncommitted(&self, path: &Path) -> Result<bool, GitError> {
        Ok(matches!(self.file_state(path)?, FileState::Changed | FileState::New))
    }

    fn is_boundary(&self, hash: &str) -> Result<bool, GitError> {
        let file = self.root.join(self.line(["rev-parse", "--git-path", "shallow"])?);
        Ok(std::fs::read_to_string(file).is_ok_and(|list| list.lines().any(|line| line == hash)))
    }

    /// `path` seen from the root of the working tree.
    fn inside(&self, path: &Path) -> Result<PathBuf, GitError> {
        let full = super::files::normalized(&self.root.join(path));
        let real = match (full.parent().map(Path::canonicalize), full.file_name()) {
            (Some(Ok(parent)), Some(name)) => parent.join(name),
            _ => full,
        };
        let outside = || GitError::Outside { path: path.to_path_buf(), root: self.root.clone() };
        real.strip_prefix(&self.root).map(Path::to_path_buf).map_err(|_| outside())
    }

    /// What git prints in one line, as it is: paths need not be UTF-8, and may have line breaks themselves.
    fn line<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<OsString, CommandError> {
        line_of(self.command().args(args))
    }

    /// git in the root folder, with everything switched off that would write or run something.
    fn command(&self) -> Command {
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.root);
        git.args(QUIET.iter().flat_map(|setting| ["-c", setting]));
        git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        let objects: &[&str] = if self.environment == Environment::Submodule { &OBJECTS } else { &[] };
        for name in LOCATING.iter().chain(objects).chain(&PATHSPECS) {
            git.env_remove(name);
        }
        if let Environment::Given(git_dir) = &self.environment {
            git.env("GIT_DIR", git_dir).env("GIT_WORK_TREE", &self.root);
        }
        if let Some(own) = &self.own_objects {
            git.env("GIT_OBJECT_DIRECTORY", &own.folder);
            git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &own.alternates);
        }
        git
    }
}

/// What a call of git prints. Only its last line break is taken off: a path may end with one too.
fn line_of(git: &mut Command) -> Result<OsString, CommandError> {
    let mut bytes = command::output(git)?;
    if bytes.ends_with(b"\n") {
        bytes.pop();
    }
    if cfg!(windows) && bytes.ends_with(b"\r") {
        bytes.pop();
    }
    Ok(os_string(bytes))
}

/// Takes the hook's repository out of the environment of a child that may call git for another one (cargo, build
/// scripts, workloads).
pub fn clear_environment(command: &mut Command) {
    for name in LOCATING.iter().chain(&OBJECTS) {
        command.env_remove(name);
    }
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}
