//! The kit of the end-to-end tests: a fixture crate, copied to a place of its own with its own git repository, and
//! the programs that are run in it.
//!
//! ```ignore
//! let mut fixture = Fixture::new("gate");
//! fixture.replace("src/lib.rs", "ROUNDS: u64 = 1", "ROUNDS: u64 = 3");
//! fixture.darwin(["check"]).expect_code(1);
//! ```
//!
//! Fixtures lie in `tests/fixtures/NAME`. Their `Cargo.toml` has an empty `[workspace]`, a package name that no other
//! fixture has, and `darwin-runtime = { path = "{darwin-runtime}" }`.

mod ended;
pub mod mounts;
mod programs;
pub mod records;
pub mod schema;
pub mod screen;
pub mod soak;
mod turn;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use ended::Ended;
pub use programs::{cargo_darwin, cargo_darwin_for_measuring, place, repository};

use programs::Places;
use turn::Turn;

/// What stands in a fixture's `Cargo.toml` for the folder of the runtime crate.
const RUNTIME_PLACEHOLDER: &str = "{darwin-runtime}";

/// A copy of a fixture crate that a test may do anything to.
///
/// All copies take turns in one place, so that cargo compiles the runtime once, nothing is measured beside something
/// else, and what a failed test leaves can be looked at. A second fixture in the same test panics.
#[derive(Debug)]
pub struct Fixture {
    places: Places,
    root: PathBuf,
    _turn: Turn,
}

impl Fixture {
    /// Copies `tests/fixtures/NAME`, settles its `Cargo.lock` on the versions of this repository, and commits it all on
    /// branch `main`.
    pub fn new(name: &str) -> Fixture {
        let from = repository().join("tests/fixtures").join(name);
        assert!(from.is_dir(), "there is no fixture {}", from.display());
        let manifest = fs::read_to_string(from.join("Cargo.toml")).expect("a fixture has a manifest");
        Fixture::of_folder("fixtures", &from, &manifest)
    }

    /// The same of any folder, with this text as its `Cargo.toml`, in a place of its own below the target directory:
    /// for what is no test and takes so long that tests must not wait for it.
    pub fn of_folder(place: &str, from: &Path, manifest: &str) -> Fixture {
        let fixture = Fixture::empty(place);
        copy_tree(from, &fixture.root);
        fixture.write("Cargo.toml", &with_runtime(manifest));
        fixture.settle();
        fixture
    }

    /// The same of these files, by path: for set-ups of which each is another workspace.
    pub fn of_files(files: impl IntoIterator<Item = (String, String)>) -> Fixture {
        let fixture = Fixture::empty("fixtures");
        for (path, text) in files {
            fixture.write(&path, &with_runtime(&text));
        }
        fixture.settle();
        fixture
    }

    /// A folder without files, once its turn has come.
    fn empty(place: &str) -> Fixture {
        let places = Places::find(place);
        let turn = Turn::take(&places.lock);
        let root = places.tree.clone();
        if root.exists() {
            fs::remove_dir_all(&root).expect("the copy of the test before can be removed");
        }
        // What was measured in an earlier test would answer for this one.
        for folder in places.kept() {
            fs::remove_dir_all(&folder).expect("what an earlier test measured can be removed");
        }
        fs::create_dir_all(&root).expect("a folder can be made");
        Fixture { places, root, _turn: turn }
    }

    /// The versions of this repository, and a first commit.
    fn settle(&self) {
        fs::copy(repository().join("Cargo.lock"), self.root.join("Cargo.lock"))
            .expect("Cargo.lock can be copied");
        // Without it the lock file would change with the first build.
        self.cargo(["metadata", "--format-version", "1"]).expect_code(0);
        self.git(["init", "--quiet", "--initial-branch", "main"]);
        self.commit("the fixture");
    }

    /// The copy's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// cargo's target directory, which all fixtures share.
    pub fn target(&self) -> &Path {
        &self.places.target
    }

    /// Where exported revisions go, for all fixtures.
    pub fn cache(&self) -> &Path {
        &self.places.cache
    }

    /// The files of stored evidence.
    pub fn evidence(&self) -> Vec<PathBuf> {
        let folders = self.places.kept();
        let entries = folders.iter().filter(|folder| folder.ends_with("evidence")).flat_map(fs::read_dir);
        let mut files: Vec<PathBuf> = entries.flatten().flatten().map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    /// A file's text.
    pub fn read(&self, path: &str) -> String {
        let path = self.root.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Writes a file, in new folders where there are none.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Replaces every `from` in a file.
    ///
    /// # Panics
    /// When there is none.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not contain `{from}`:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Commits everything that is not ignored, and gives the commit's hash.
    pub fn commit(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs git, which must succeed, and gives its stdout.
    pub fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let mut command = self.command("git");
        Ended::of(command.args(args)).expect_code(0).stdout
    }

    /// Runs `cargo darwin ARGS` to its end.
    pub fn darwin<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ended {
        let mut command = self.command(cargo_darwin());
        Ended::of(command.arg("darwin").args(args))
    }

    /// Runs `cargo ARGS` to its end.
    pub fn cargo<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ended {
        Ended::of(self.command(programs::cargo()).args(args))
    }

    /// A program that will run in the copy, with the environment that all programs of a fixture have.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.places.command(program.as_ref());
        command.current_dir(&self.root);
        command
    }
}

fn with_runtime(text: &str) -> String {
    text.replace(RUNTIME_PLACEHOLDER, &repository().join("darwin-runtime").display().to_string())
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let (from, to) = {
            let entry = entry.expect("a folder can be read");
            (entry.path(), to.join(entry.file_name()))
        };
        match from.is_dir() {
            true => copy_tree(&from, &to),
            // Not `fs::copy`, which some systems let keep the time of the file: cargo would take it for built.
            false => {
                let content = fs::read(&from).expect("a file of a fixture can be read");
                fs::write(&to, content).expect("a file can be written");
            }
        }
    }
}
