//! What is staged is judged, and nothing else.

use darwin_tests::{Ended, Fixture, cargo_darwin, place};

use super::world::{Everything, LONG, allocate_more, assert_same, everything, git, hooked, said};

fn with_hook() -> Fixture {
    let fixture = hooked(LONG);
    fixture.darwin(["hook", "install", "--stage", "pre-commit"]).expect_code(0);
    fixture
}

/// The working tree: git itself refreshes its index before it asks.
fn outside_of_git(fixture: &Fixture) -> Everything {
    let mut all = everything(fixture.root());
    all.retain(|path, _| !path.starts_with(fixture.root().join(".git")));
    all
}

#[test]
fn the_index_is_judged_whatever_lies_in_the_tree() {
    let fixture = with_hook();
    let fast = fixture.read("src/lib.rs");
    allocate_more(&fixture);
    fixture.git(["add", "src/lib.rs"]);
    fixture.write("src/lib.rs", &fast);
    let tree = outside_of_git(&fixture);
    let stopped = git(&fixture, &["commit", "-m", "slower"]).expect_code(1);
    assert!(
        stopped.stderr.contains("what is staged") && stopped.stderr.contains("this git commit is stopped"),
        "{stopped}"
    );
    assert_same(&tree, &outside_of_git(&fixture), "a commit that was stopped changed");

    // The other way round: slow in the tree, and a document staged.
    fixture.git(["add", "src/lib.rs"]);
    allocate_more(&fixture);
    fixture.write("README.md", "Words.\n");
    fixture.git(["add", "README.md"]);
    let passed = git(&fixture, &["commit", "-m", "a document"]).expect_code(0);
    assert!(passed.stderr.contains("only README.md is changed"), "{passed}");

    // `-a` and single files have an index of their own, which the hook is told of.
    for words in [["commit", "-a", "-m", "slower"], ["commit", "src/lib.rs", "-m", "slower"]] {
        let stopped = git(&fixture, &words).expect_code(1);
        assert!(
            said(&stopped).contains("REJECT") && said(&stopped).contains("gate_fixture::fold"),
            "{stopped}"
        );
    }
}

#[test]
fn a_function_that_takes_longer_is_stopped_by_name() {
    let fixture = with_hook();
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 3000");
    fixture.git(["add", "src/lib.rs"]);
    let stopped = git(&fixture, &["commit", "-m", "slower"]).expect_code(1);
    assert!(said(&stopped).contains("REJECT: gate_fixture::mix is slower"), "{stopped}");
}

#[test]
fn what_is_built_once_is_not_built_again() {
    let fixture = with_hook();
    fixture.replace("src/lib.rs", "seed ^ 2, 1", "seed ^ 3, 1");
    fixture.git(["add", "src/lib.rs"]);
    let first = fixture.darwin(["check", "--staged"]);
    assert!(
        first.stderr.contains("building what is staged") && first.stderr.contains("Compiling gate-fixture"),
        "{first}"
    );
    let second = fixture.darwin(["check", "--staged"]);
    assert!(!second.stderr.contains("Compiling"), "{second}");
    fixture.git(["commit", "--quiet", "--no-verify", "-m", "the same as a revision"]);
    let revision = fixture.darwin(["check", "--rev", "HEAD"]);
    assert!(!revision.stderr.contains("Compiling"), "{revision}");
    assert_eq!(first.code, revision.code, "{first}{revision}");
    // Another candidate has the same baseline.
    fixture.replace("src/lib.rs", "seed ^ 3, 1", "seed ^ 4, 1");
    fixture.git(["add", "src/lib.rs"]);
    let other = fixture.darwin(["check", "--staged"]);
    assert!(
        other.stderr.contains("Compiling gate-fixture") && !other.stderr.contains("building the baseline"),
        "{other}"
    );
}

#[test]
fn two_folders_that_share_a_target_directory_are_not_taken_for_each_other() {
    let fixture = Fixture::new("gate");
    let fast = fixture.read("src/lib.rs");
    allocate_more(&fixture);
    let slow = fixture.read("src/lib.rs");
    let check = |cache: &str, code: &str, ends_with: i32| {
        fixture.write("src/lib.rs", code);
        fixture.git(["add", "src/lib.rs"]);
        let mut command = fixture.command(cargo_darwin());
        command.env("XDG_CACHE_HOME", place("fixtures").join(cache));
        Ended::of(command.args(["darwin", "check", "--staged"])).expect_code(ends_with);
    };
    check("cache-one", &slow, 1);
    check("cache-two", &fast, 0);
    // The files in the first folder have not changed, and are older than what was built from the second.
    check("cache-one", &slow, 1);
}
