//! The files of a commit, or those that a commit made now would have, without a look at the working tree.
//!
//! What is staged becomes a tree through a copy of the index and a folder of objects of our own, so that nothing is written into
//! the repository. In a hook it is `GIT_INDEX_FILE` that says what will be committed (`git commit -a`, `git commit FILE`).

use std::ffi::OsString;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;

use tempfile::TempDir;

use super::{Commit, GitError, OwnObjects, Repository, os_string};
use crate::io::command::{self, CommandError};
use crate::io::files::At;

/// A tree of files in the repository, by its hash.
#[derive(Debug, Clone)]
pub struct Snapshot {
    repository: Repository,
    tree: String,
    /// Kept as long as the tree is needed.
    _objects: Option<Rc<TempDir>>,
}

/// A file, link or submodule of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From the top of the tree.
    pub path: PathBuf,
    /// The hash of its content.
    object: String,
    /// Is it a symbolic link?
    pub is_link: bool,
}

impl Repository {
    /// The files of a commit.
    ///
    /// # Errors
    /// When git cannot read it.
    pub fn committed(&self, commit: &Commit) -> Result<Snapshot, GitError> {
        Ok(Snapshot { repository: self.clone(), tree: self.tree_digest(commit)?, _objects: None })
    }

    /// The files that a commit made now would have.
    ///
    /// # Errors
    /// When files are not merged yet, or git fails.
    pub fn staged(&self) -> Result<Snapshot, GitError> {
        let temp = tempfile::tempdir().at("create a folder in", &std::env::temp_dir())?;
        let (copy, objects) = (temp.path().join("index"), temp.path().join("objects"));
        std::fs::create_dir(&objects).at("create", &objects)?;
        let index = self.index()?;
        if index.exists() {
            std::fs::copy(&index, &copy).at("copy", &index)?;
        }
        let own_objects = Some(OwnObjects { folder: objects, alternates: self.objects()? });
        let repository = Repository { own_objects, ..self.clone() };
        let mut write = repository.command();
        let tree = command::output(write.arg("write-tree").env("GIT_INDEX_FILE", &copy))?;
        let tree = String::from_utf8_lossy(&tree).trim().to_owned();
        Ok(Snapshot { repository, tree, _objects: Some(Rc::new(temp)) })
    }

    /// The index that the next commit is made from.
    fn index(&self) -> Result<PathBuf, GitError> {
        let own = self.root().join(self.line(["rev-parse", "--git-path", "index"])?);
        let Some(named) = std::env::var_os("GIT_INDEX_FILE").map(|file| self.root().join(file)) else {
            return Ok(own);
        };
        // An outer repository's hook names an index of its own.
        let of = |file: &Path| file.parent().and_then(|folder| folder.canonicalize().ok());
        Ok(if of(&named).is_some() && of(&named) == of(&own) { named } else { own })
    }

    /// Where the repository's objects are, as git takes it from the environment.
    fn objects(&self) -> Result<OsString, GitError> {
        let own = self.root().join(self.line(["rev-parse", "--git-path", "objects"])?).into_os_string();
        let handed = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").filter(|handed| !handed.is_empty());
        let mut all = own;
        if let Some(more) = handed {
            all.push(":");
            all.push(more);
        }
        Ok(all)
    }

    /// Whether `commit` holds anything that none of `known`, or no branch of `remote` as it was last seen, does.
    ///
    /// # Errors
    /// When git fails.
    pub fn is_new(&self, commit: &Commit, known: &[Commit], remote: Option<&str>) -> Result<bool, GitError> {
        let mut words = vec![
            "rev-list".to_owned(),
            "--max-count=1".to_owned(),
            commit.as_str().to_owned(),
            "--not".to_owned(),
        ];
        words.extend(known.iter().map(|commit| commit.as_str().to_owned()));
        words.extend(remote.map(|remote| format!("--remotes={}", literal(remote))));
        Ok(!self.line(words)?.is_empty())
    }

    /// The commits of `remote`, as it was last seen, that `commit` goes on from.
    ///
    /// # Errors
    /// When git fails.
    pub fn boundary(&self, commit: &Commit, remote: &str) -> Result<Vec<Commit>, GitError> {
        let not = format!("--remotes={}", literal(remote));
        let words = ["rev-list", "--boundary", commit.as_str(), "--not", &not];
        let listed = command::output(self.command().args(words))?;
        let listed = String::from_utf8_lossy(&listed);
        Ok(listed
            .lines()
            .filter_map(|line| line.strip_prefix('-'))
            .map(|hash| Commit(hash.to_owned()))
            .collect())
    }

    /// The commits that changed the file at `path` (inside the working tree) since `bases`, on the way by first parents; the
    /// newest first, and no more than `most`.
    ///
    /// # Errors
    /// When git fails.
    pub fn changes_of(
        &self,
        path: &Path,
        commit: &Commit,
        bases: &[Commit],
        most: usize,
    ) -> Result<Vec<Commit>, GitError> {
        let most = format!("--max-count={most}");
        let mut git = self.command();
        git.args(["--literal-pathspecs", "rev-list", "--first-parent", &most, commit.as_str(), "--not"]);
        git.args(bases.iter().map(Commit::as_str)).arg("--").arg(self.inside(path)?);
        let listed = command::output(&mut git)?;
        Ok(String::from_utf8_lossy(&listed).lines().map(|hash| Commit(hash.to_owned())).collect())
    }
}

/// A remote's name where git takes patterns.
fn literal(name: &str) -> String {
    name.chars().flat_map(|c| "*?[\\".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

/// A line of `git ls-tree`: `MODE TYPE OBJECT<tab>PATH`.
fn entry(line: &[u8]) -> Option<Entry> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (about, path) = (std::str::from_utf8(&line[..tab]).ok()?, line[tab + 1..].to_vec());
    let mut words = about.split(' ');
    let (mode, object) = (words.next()?, words.nth(1)?.to_owned());
    Some(Entry { path: PathBuf::from(os_string(path)), object, is_link: mode == "120000" })
}

/// The next answer of `git cat-file --batch`: `OBJECT TYPE SIZE`, the content, and a line break; or `OBJECT missing`.
fn next_content(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (head, after) = (std::str::from_utf8(&rest[..end]).ok()?, &rest[end + 1..]);
    *rest = after;
    let size: usize = head.split(' ').nth(2)?.parse().ok()?;
    let content = after.get(..size)?.to_vec();
    *rest = after.get(size + 1..).unwrap_or_default();
    head.contains(" blob ").then_some(content)
}

impl Snapshot {
    /// Writes the files into the folder `dest`, as [`Repository::export`] does.
    ///
    /// # Errors
    /// When git fails, or the folder cannot be written.
    pub fn export(&self, dest: &Path) -> Result<(), GitError> {
        self.repository.export_tree(&self.tree, dest)
    }

    /// Paths that are not the same as in `commit`, from the top of the tree.
    ///
    /// # Errors
    /// When git fails.
    pub fn changed_since(&self, commit: &Commit) -> Result<Vec<PathBuf>, GitError> {
        let words = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", commit.as_str(), &self.tree];
        let listed = command::output(self.repository.command().args(words))?;
        let paths = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| PathBuf::from(os_string(path.to_vec()))).collect())
    }

    /// All files, in the order of their paths.
    ///
    /// # Errors
    /// When git fails.
    pub fn entries(&self) -> Result<Vec<Entry>, GitError> {
        let words = ["ls-tree", "-r", "-z", "--full-tree", &self.tree];
        let listed = command::output(self.repository.command().args(words))?;
        Ok(listed.split(|byte| *byte == 0).filter_map(entry).collect())
    }

    /// What is in these files, which need not be text; `None` where there is nothing to read, as in a submodule.
    ///
    /// # Errors
    /// When git fails, or there is no room for a list of them.
    pub fn contents(&self, entries: &[&Entry]) -> Result<Vec<Option<Vec<u8>>>, GitError> {
        // A list as standard input may be as long as it will; arguments may not.
        let list: String = entries.iter().map(|entry| format!("{}\n", entry.object)).collect();
        let temp = std::env::temp_dir();
        let mut input = tempfile::tempfile().at("create a file in", &temp)?;
        input.write_all(list.as_bytes()).and_then(|()| input.rewind()).at("write a file in", &temp)?;
        let mut git = self.repository.command();
        let told = command::output_of(git.args(["cat-file", "--batch"]), Stdio::from(input))?;
        let mut rest = told.as_slice();
        Ok(entries.iter().map(|_| next_content(&mut rest)).collect())
    }

    /// Whether the tree has such a file or folder; `path` is seen from its top, and empty for the top itself.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn has(&self, path: &Path) -> Result<bool, GitError> {
        let mut object = OsString::from(format!("{}:", self.tree));
        object.push(path);
        match command::output(self.repository.command().args([
            "cat-file".as_ref(),
            "-e".as_ref(),
            object.as_os_str(),
        ])) {
            Ok(_) => Ok(true),
            Err(CommandError::Failed { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
