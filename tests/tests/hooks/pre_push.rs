//! What is pushed is judged, and nothing else.

use std::fs;

use darwin_tests::{Fixture, place};

use super::world::{LONG, allocate_more, assert_same, everything, git, git_with, hooked, said};

/// A fixture with a hook for pushes to an empty repository, and what that is called there.
fn with_remote(name: &str) -> Fixture {
    let fixture = hooked(LONG);
    let remote = place("fixtures").join(name);
    let _ = fs::remove_dir_all(&remote);
    let remote = remote.to_str().expect("the target directory is UTF-8").to_owned();
    fixture.git(["init", "--quiet", "--bare", &remote]);
    fixture.git(["remote", "add", "origin", &remote]);
    fixture.darwin(["hook", "install"]).expect_code(0).expect_stdout("runs before each `git push`");
    fixture
}

fn at_remote(fixture: &Fixture, name: &str) -> String {
    fixture.git(["ls-remote", "origin", name]).split_whitespace().next().unwrap_or_default().to_owned()
}

#[test]
fn commits_are_judged_whatever_lies_in_the_tree() {
    let fixture = with_remote("remote-tree");
    let first = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(first.stderr.contains("refs/heads/main") && said(&first).contains("APPROVE"), "{first}");

    fixture.write("README.md", "Words.\n");
    fixture.commit("a document");
    let document = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(document.stderr.contains("only README.md is changed"), "{document}");
    assert!(document.stdout.is_empty() && !document.stderr.contains("building"), "{document}");
    let before = at_remote(&fixture, "main");

    let fast = fixture.read("src/lib.rs");
    allocate_more(&fixture);
    fixture.commit("slower");
    // The tree has the fast code again, and work that has nothing to do with it.
    fixture.write("src/lib.rs", &fast);
    fixture.write("src/broken.rs", "this is no Rust");
    fixture.write("Cargo.toml", "neither is this TOML");
    fixture.git(["add", "src/broken.rs"]);
    let tree = everything(fixture.root());
    let stopped = git(&fixture, &["push", "origin", "main"]).expect_code(1);
    assert!(said(&stopped).contains("REJECT") && said(&stopped).contains("gate_fixture::fold"), "{stopped}");
    assert!(stopped.stderr.contains("this git push is stopped; `DARWIN_SKIP=1 git push`"), "{stopped}");
    assert_eq!(at_remote(&fixture, "main"), before);
    assert_same(&tree, &everything(fixture.root()), "a push changed");

    let skipped = git_with(&fixture, &["push", "origin", "main"], &[("DARWIN_SKIP", "1")]).expect_code(0);
    assert!(skipped.stderr.contains("skipped, as DARWIN_SKIP=1 says"), "{skipped}");
    assert_ne!(at_remote(&fixture, "main"), before);
}

#[test]
fn each_reference_of_a_push_is_judged_and_removals_are_not() {
    let fixture = with_remote("remote-refs");
    git(&fixture, &["push", "origin", "main"]).expect_code(0);
    fixture.git(["tag", "v1"]);
    let tag = git(&fixture, &["push", "origin", "v1"]).expect_code(0);
    assert!(tag.stderr.contains("refs/tags/v1: nothing new to judge"), "{tag}");

    fixture.git(["checkout", "--quiet", "-b", "documents"]);
    fixture.write("docs/page.md", "Words.\n");
    fixture.commit("a document");
    fixture.git(["checkout", "--quiet", "-b", "slow", "main"]);
    allocate_more(&fixture);
    fixture.commit("slower");
    fixture.git(["checkout", "--quiet", "main"]);
    let both = git(&fixture, &["push", "origin", "documents", "slow"]).expect_code(1);
    assert!(
        both.stderr.contains("refs/heads/documents (") && both.stderr.contains("only docs/page.md"),
        "{both}"
    );
    assert!(both.stderr.contains("refs/heads/slow (") && said(&both).contains("REJECT"), "{both}");
    assert_eq!(at_remote(&fixture, "documents"), "", "git pushes all of it or nothing");

    git(&fixture, &["push", "origin", "documents"]).expect_code(0);
    let removed = git(&fixture, &["push", "origin", "--delete", "documents"]).expect_code(0);
    assert!(removed.stderr.contains("no commit is pushed: nothing to judge"), "{removed}");
    assert_eq!(at_remote(&fixture, "documents"), "");
}

#[test]
fn a_pushed_change_of_the_baseline_accepts_its_own_sites_alone() {
    let fixture = with_remote("remote-baseline");
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("a record");
    git(&fixture, &["push", "origin", "main"]).expect_code(0);
    allocate_more(&fixture);
    let accepted = ["baseline", "--accept", "gate_fixture::fold", "--accept", "work::*"];
    fixture.darwin(accepted).expect_code(0);
    fixture.commit("fold allocates, as it should");
    let also = "turn_over(*std::hint::black_box(Box::new(seed)), std::hint::black_box(MIX_ROUNDS))";
    let meant = fixture.read("src/lib.rs");
    fixture.replace("src/lib.rs", "turn_over(seed, std::hint::black_box(MIX_ROUNDS))", also);
    fixture.git(["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    let stopped = git(&fixture, &["push", "origin", "main"]).expect_code(1);
    let said_of = |site: &str| said(&stopped).contains(&format!("gate_fixture::{site} allocates more"));
    assert!(said_of("mix") && !said_of("fold"), "{stopped}");

    fixture.write("src/lib.rs", &meant);
    fixture.git(["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    let passed = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(
        said(&passed).contains("accepted by that change is what became of gate_fixture::fold"),
        "{passed}"
    );
}

#[test]
fn a_document_that_the_code_builds_in_is_measured() {
    let fixture = with_remote("remote-built-in");
    fixture.replace(
        "src/lib.rs",
        "/// How much work `mix`",
        "pub const NOTE: &str = include_str!(\"../NOTE.md\");\n/// How much work `mix`",
    );
    fixture.write("NOTE.md", "Words.\n");
    fixture.commit("a document that is built in");
    git(&fixture, &["push", "origin", "main"]).expect_code(0);
    fixture.write("NOTE.md", "Other words.\n");
    fixture.commit("other words");
    let pushed = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(said(&pushed).contains("APPROVE"), "{pushed}");
}
