//! A check changes nothing in the user's repository: not a file, not the index, not a reference.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use darwin_tests::Fixture;

/// Every file below a folder with its content, `.git` among them, and every folder without.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        match path.is_dir() {
            true => {
                found.extend(everything(&path));
                found.insert(path, None);
            }
            false => drop(found.insert(path.clone(), fs::read(&path).ok())),
        }
    }
    found
}

/// What git says of the tree. The index is not refreshed by being asked.
fn state(fixture: &Fixture) -> Vec<String> {
    let questions = [
        ["status", "--porcelain=v2", "--ignored"],
        ["stash", "list", "--"],
        ["branch", "--all", "--verbose"],
        ["worktree", "list", "--porcelain"],
        ["reflog", "show", "--all"],
    ];
    questions.map(|question| fixture.git(["--no-optional-locks"].iter().chain(&question))).into()
}

#[test]
fn a_check_leaves_a_tree_with_work_in_progress_byte_for_byte() {
    let fixture = Fixture::new("gate");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    fixture.write("src/only_here.rs", &format!("// {}: no cache has this revision.\n", now.as_nanos()));
    fixture.write("src/staged.rs", "");
    fixture.commit("a revision that has to be exported");
    fixture.git(["branch", "other"]);
    fixture.write("src/staged.rs", "// stashed\n");
    fixture.git(["stash"]);
    fixture.write("src/staged.rs", "// staged\n");
    fixture.git(["add", "src/staged.rs"]);
    fixture.write("src/staged.rs", "// staged, then changed\n");
    fixture.write("untracked.txt", "untracked\n");
    fixture.write("target/ignored.txt", "ignored\n");
    fixture.git(["worktree", "add", "--quiet", "target/other", "other"]);
    // Counts decide, so nothing is timed.
    fixture.replace("src/lib.rs", "seed ^ 1, std", "*std::hint::black_box(Box::new(seed ^ 1)), std");

    let (said, files) = (state(&fixture), everything(fixture.root()));
    let ended = fixture.darwin(["check", "--against", "HEAD", "--format", "json"]).expect_code(1);
    assert_eq!(ended.json()["baseline"]["how"], "built", "{ended}");
    let after = everything(fixture.root());
    for path in files.keys().chain(after.keys()) {
        assert!(files.get(path) == after.get(path), "{} changed", path.display());
    }
    assert_eq!(state(&fixture), said);
}
