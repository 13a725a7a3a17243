//! A crate in one place, and repositories around it. The place stays the same, so that cargo builds little for each.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use darwin_tests::soak::TOKEN_VARIABLE;
use darwin_tests::{Ended, Fixture, cargo_darwin, place};

/// What a path is: contents and permissions of a file, target of a link, or a folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    File(Vec<u8>, u32),
    Link(PathBuf),
    Folder,
}

/// Everything that a user could see changed.
pub type Seen = (BTreeMap<PathBuf, Entry>, Vec<String>);

/// The folders: `above/repo/crate` has the crate, `elsewhere` what it needs from outside.
pub struct Kit {
    fixture: Fixture,
    top: PathBuf,
    /// Time of the crate's files as long as they are the fixture's, so that cargo finds them built.
    stamp: Cell<SystemTime>,
    /// Is something else built of them than the fixture's?
    is_changed: Cell<bool>,
}

impl Kit {
    pub fn new() -> Kit {
        let fixture = Fixture::new("gate");
        Kit {
            fixture,
            top: place("repositories"),
            stamp: Cell::new(SystemTime::now()),
            is_changed: Cell::new(false),
        }
    }

    /// The crate alone, without any repository.
    pub fn start_anew(&self) {
        for folder in ["above", "elsewhere"] {
            let folder = self.top.join(folder);
            if folder.exists() {
                fs::remove_dir_all(&folder).expect("what the state before left can be removed");
            }
        }
        fs::create_dir_all(self.top.join("elsewhere")).expect("a folder can be made");
        if self.is_changed.take() {
            self.stamp.set(SystemTime::now());
        }
        for path in self.sources() {
            self.write(&format!("above/repo/crate/{path}"), &self.fixture.read(&path));
        }
    }

    /// The fixture's files, seen from its folder.
    fn sources(&self) -> Vec<String> {
        let mut all = BTreeMap::new();
        look(self.fixture.root(), &mut all);
        let files = all.into_iter().filter(|(_, entry)| matches!(entry, Entry::File(..)));
        let inside = files.filter_map(|(path, _)| {
            let inside = path.strip_prefix(self.fixture.root()).ok()?.to_str()?.to_owned();
            Some(inside)
        });
        inside.filter(|path| !path.starts_with(".git/")).collect()
    }

    /// Gives the crate's files a time by which cargo knows whether they are what it has built.
    pub fn settle(&self) {
        for path in self.sources() {
            let file = self.crate_folder().join(&path);
            let is_the_same = fs::read(&file).is_ok_and(|text| text == self.fixture.read(&path).into_bytes());
            self.is_changed.set(self.is_changed.get() || !is_the_same);
            if is_the_same && fs::symlink_metadata(&file).is_ok_and(|about| about.is_file()) {
                let times = FileTimes::new().set_modified(self.stamp.get());
                File::open(&file).and_then(|file| file.set_times(times)).expect("a file has a time");
            }
        }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.top.join(path)
    }

    pub fn crate_folder(&self) -> PathBuf {
        self.path("above/repo/crate")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// A shell script that can be run.
    pub fn script(&self, path: &str, text: &str) -> PathBuf {
        self.write(path, &format!("#!/bin/sh\n{text}\n"));
        let path = self.top.join(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script can be made runnable");
        path
    }

    /// Writes, in a file of the crate, `to` in place of `from`.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let path = format!("above/repo/crate/{path}");
        let text = fs::read_to_string(self.path(&path)).expect("a file can be read");
        assert!(text.contains(from), "{path} has no {from}:\n{text}");
        self.write(&path, &text.replace(from, to));
    }

    /// Runs git in a folder below the top, which must succeed.
    #[track_caller]
    pub fn git<S: AsRef<OsStr>>(&self, folder: &str, args: impl IntoIterator<Item = S>) -> String {
        Ended::of(&mut self.git_command(folder, args)).expect_code(0).stdout
    }

    /// The same, which must not succeed.
    #[track_caller]
    pub fn git_stops<S: AsRef<OsStr>>(&self, folder: &str, args: impl IntoIterator<Item = S>) {
        let ended = Ended::of(&mut self.git_command(folder, args));
        assert_ne!(ended.code, 0, "{ended}");
    }

    fn git_command<S: AsRef<OsStr>>(&self, folder: &str, args: impl IntoIterator<Item = S>) -> Command {
        let mut git = self.command("git", &self.path(folder));
        git.args(["-c", "protocol.file.allow=always", "-c", "core.fsmonitor=false"]).args(args);
        git
    }

    /// A repository with everything in the folder committed on `main`.
    pub fn repository(&self, folder: &str) {
        self.git(folder, ["init", "--quiet", "--initial-branch", "main"]);
        self.commit(folder, "all");
    }

    pub fn commit(&self, folder: &str, message: &str) {
        self.git(folder, ["add", "--all"]);
        self.git(folder, ["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Has cargo write the lock file that it will want.
    pub fn lock(&self, folder: &str) {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut cargo = self.command(cargo, &self.path(folder));
        Ended::of(cargo.args(["metadata", "--offline", "--format-version", "1"])).expect_code(0);
    }

    /// `cargo darwin ARGS` in a folder.
    pub fn darwin(&self, folder: &Path, args: &[String], token: &str) -> Command {
        let mut command = self.command(cargo_darwin(), folder);
        command.arg("darwin").args(args).env(TOKEN_VARIABLE, token);
        command
    }

    fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = self.fixture.command(program);
        // This repository is above the place, and no repository of a state.
        command.current_dir(folder).env("GIT_CEILING_DIRECTORIES", &self.top);
        command
    }

    /// All files with their contents, those of git among them, and what git says of each repository.
    pub fn seen(&self) -> Seen {
        let mut entries = BTreeMap::new();
        look(&self.top, &mut entries);
        let trees = entries.keys().filter(|path| path.ends_with(".git")).filter_map(|path| path.parent());
        let told = trees.flat_map(|tree| self.told(tree)).collect();
        (entries, told)
    }

    /// Everything of this name below the top and among the exported revisions.
    pub fn all_named(&self, name: &str) -> Vec<PathBuf> {
        let mut entries = BTreeMap::new();
        for folder in [self.top.clone(), self.fixture.cache().to_path_buf()] {
            if folder.is_dir() {
                look(&folder, &mut entries);
            }
        }
        entries.into_keys().filter(|path| path.ends_with(name)).collect()
    }

    fn told(&self, tree: &Path) -> Vec<String> {
        let questions: [&[&str]; 6] = [
            &["status", "--porcelain=v2", "--branch", "--ignored", "--untracked-files=all"],
            &["stash", "list"],
            &["for-each-ref"],
            &["worktree", "list", "--porcelain"],
            &["reflog", "show", "--all"],
            &["ls-files", "--stage"],
        ];
        let ask = |question: &[&str]| {
            let mut git = self.command("git", tree);
            git.args(["--no-optional-locks", "-c", "core.fsmonitor=false"]).args(question);
            let ended = Ended::of(&mut git);
            format!("{}: {question:?}: {} {}", tree.display(), ended.code, ended.stdout)
        };
        questions.into_iter().map(ask).collect()
    }
}

/// All below a folder, without following links.
fn look(folder: &Path, found: &mut BTreeMap<PathBuf, Entry>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        let about = fs::symlink_metadata(&path).expect("it is there");
        if about.is_dir() {
            look(&path, found);
            found.insert(path, Entry::Folder);
        } else if about.is_symlink() {
            let target = fs::read_link(&path).expect("a link can be read");
            found.insert(path, Entry::Link(target));
        } else {
            let text = fs::read(&path).expect("a file can be read");
            found.insert(path, Entry::File(text, about.permissions().mode()));
        }
    }
}
