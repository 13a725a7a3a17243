//! What the tests of hooks share: folders compared to the byte, and git with a hook's program on its PATH.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use darwin_tests::{Ended, Fixture, cargo_darwin};

/// Every file, link and folder below one, with its permissions and content.
pub type Everything = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// All that is below a folder.
pub fn everything(folder: &Path) -> Everything {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        let about = fs::symlink_metadata(&path).expect("what is there can be looked at");
        let content = match (about.is_symlink(), about.is_dir()) {
            (true, _) => {
                fs::read_link(&path).expect("a link can be read").into_os_string().into_encoded_bytes()
            }
            (false, true) => Vec::new(),
            (false, false) => fs::read(&path).expect("a file can be read"),
        };
        found.insert(path.clone(), (about.permissions().mode(), content));
        if about.is_dir() {
            found.extend(everything(&path));
        }
    }
    found
}

/// Panics with the names of what differs.
#[track_caller]
pub fn assert_same(before: &Everything, after: &Everything, what: &str) {
    let changed: Vec<&PathBuf> =
        before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(changed.is_empty(), "{what}: {changed:?}");
}

/// `PATH` with this folder in front.
pub fn path_with(folder: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([folder.to_owned()].into_iter().chain(std::env::split_paths(&path)))
        .expect("a PATH can be made")
}

/// git in a fixture, with `cargo-darwin` on its PATH.
pub fn git(fixture: &Fixture, args: &[&str]) -> Ended {
    git_with(fixture, args, &[])
}

/// The same with variables.
pub fn git_with(fixture: &Fixture, args: &[&str], variables: &[(&str, &str)]) -> Ended {
    let folder = cargo_darwin().parent().expect("a program is in a folder");
    let mut command: Command = fixture.command("git");
    command.env("PATH", path_with(folder)).envs(variables.iter().copied());
    Ended::of(command.args(args))
}

/// The fixture with settings of its own for hooks, committed. Tests depend on no clock: a first build may take long.
pub fn hooked(hook: &str) -> Fixture {
    let fixture = Fixture::new("gate");
    let old = fixture.read("darwin.toml");
    fixture.write("darwin.toml", &format!("{old}\n[hook]\n{hook}\n"));
    fixture.commit("settings");
    fixture
}

/// Enough for any build.
pub const LONG: &str = "max-time = \"1h\"";

/// All that git and the hook have said: git hands a hook's standard output on to its own, or to its standard error.
pub fn said(ended: &Ended) -> String {
    format!("{}{}", ended.stdout, ended.stderr)
}

/// An allocation more for each call of `fold`: counts decide, so nothing has to be timed.
pub fn allocate_more(fixture: &Fixture) {
    fixture.replace("src/lib.rs", "seed ^ 1, std", "*std::hint::black_box(Box::new(seed ^ 1)), std");
}

/// A script that can be run.
pub fn write_program(path: &Path, text: &str) {
    fs::write(path, text).expect("a script can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its permissions can be set");
}
