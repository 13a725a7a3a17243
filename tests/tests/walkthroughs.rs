//! The walkthroughs of the book can still be walked: their diffs lead to the examples as they are committed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use darwin_tests::repository;

/// The blocks of a page that are marked as diffs, in order.
fn diffs(page: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join(page)).expect("the page is there");
    let blocks = text.split("\n```diff\n").skip(1);
    blocks
        .map(|block| block.split_inclusive("\n```\n").next().unwrap_or(block).replace("\n```\n", "\n"))
        .collect()
}

/// Does what the page says: takes the diffs back one by one, the last one first.
fn walk_back(page: &str, example: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let begin = folder.path().join("examples").join(example);
    copy(&repository().join("examples").join(example), &begin);
    let diffs = diffs(page);
    assert!(!diffs.is_empty(), "{page} shows no change");
    for (number, diff) in diffs.iter().enumerate().rev() {
        take_back(diff, folder.path(), &format!("diff {} of {page}", number + 1));
    }
}

/// Takes a diff back in a folder that is no repository.
fn take_back(diff: &str, folder: &Path, name: &str) {
    let mut git = Command::new("git");
    git.args(["apply", "--reverse", "-"]).current_dir(folder).stdin(Stdio::piped()).stderr(Stdio::piped());
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    // Should the temporary folder be inside of a repository, then this is none of its changes.
    git.env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder));
    let mut git = git.spawn().expect("git can be started");
    let mut input = git.stdin.take().expect("it is piped");
    input.write_all(diff.as_bytes()).expect("git reads it");
    drop(input);
    let output = git.wait_with_output().expect("git ends");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} does not lead to the committed example:\n{error}");
}

/// A folder with all its folders.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the example is there") {
        let entry = entry.expect("a folder can be read").path();
        let copied = to.join(entry.file_name().expect("it has a name"));
        if entry.is_dir() {
            copy(&entry, &copied);
        } else {
            fs::copy(&entry, &copied).expect("a file can be copied");
        }
    }
}

#[test]
fn the_walk_through_the_data_ends_at_the_committed_example() {
    walk_back("docs/walkthrough-data.md", "clock-changes");
}

#[test]
fn the_walk_through_the_service_ends_at_the_committed_example() {
    walk_back("docs/walkthrough-service.md", "kv-service");
}
