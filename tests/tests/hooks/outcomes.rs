//! What stops, what warns, and what is said where nothing can be judged.

use std::fs;

use darwin_tests::{Ended, Fixture, cargo_darwin};

use super::world::{self, LONG, allocate_more, git, git_with, path_with, said};

fn hooked(hook: &str) -> Fixture {
    let fixture = world::hooked(hook);
    fixture.darwin(["hook", "install", "--stage", "pre-commit"]).expect_code(0);
    fixture
}

#[test]
fn time_that_is_used_up_warns_or_stops() {
    let fixture = hooked("max-time = \"1ms\"");
    allocate_more(&fixture);
    fixture.git(["add", "--all"]);
    let passed = git(&fixture, &["commit", "-m", "judged by nobody"]).expect_code(0);
    assert!(
        passed.stderr.contains("the 0.001 s of a hook") && passed.stderr.contains("let through"),
        "{passed}"
    );

    fixture.replace(
        "darwin.toml",
        "max-time = \"1ms\"",
        "max-time = \"1ms\"\nstop-on = [\"reject\", \"inconclusive\"]",
    );
    fixture.git(["add", "--all"]);
    let stopped = git(&fixture, &["commit", "-m", "stopped"]).expect_code(1);
    assert!(stopped.stderr.contains("not judged and stopped"), "{stopped}");
}

#[test]
fn code_that_does_not_build_warns_and_a_wrong_configuration_stops() {
    let fixture = hooked(LONG);
    let code = fixture.read("src/lib.rs");
    fixture.write("src/lib.rs", "no Rust");
    fixture.git(["add", "--all"]);
    let passed = git(&fixture, &["commit", "-m", "does not build"]).expect_code(0);
    assert!(said(&passed).contains("what is staged does not build"), "{passed}");
    assert!(
        passed.stderr.contains("let through all the same (exit code 4: could not be measured)"),
        "{passed}"
    );

    fixture.write("src/lib.rs", &code);
    fixture.write("darwin.toml", "tolerence = \"1%\"\n");
    fixture.git(["add", "--all"]);
    // In the tree it is right again, which does not matter.
    fixture.write("darwin.toml", "");
    let stopped = git(&fixture, &["commit", "-m", "wrong"]).expect_code(1);
    let path = fixture.root().join("darwin.toml");
    assert!(stopped.stderr.contains(&format!("{}:1: unknown key `tolerence`", path.display())), "{stopped}");
}

#[test]
fn what_a_hook_stops_on_can_be_nothing() {
    let fixture = hooked(&format!("{LONG}\nstop-on = []"));
    allocate_more(&fixture);
    fixture.git(["add", "--all"]);
    let passed = git(&fixture, &["commit", "-m", "slower"]).expect_code(0);
    assert!(said(&passed).contains("REJECT") && passed.stderr.contains("let through"), "{passed}");
}

#[test]
fn a_commit_is_let_through_for_what_its_baseline_accepts_and_for_nothing_else() {
    let fixture = hooked(LONG);
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.git(["add", "--all"]);
    git(&fixture, &["commit", "-m", "a record"]).expect_code(0);
    allocate_more(&fixture);
    let record = fixture.read("darwin.baseline.toml");
    fixture.write("darwin.baseline.toml", &format!("{record}# Words accept nothing.\n"));
    fixture.git(["add", "--all"]);
    let stopped = git(&fixture, &["commit", "-m", "slower"]).expect_code(1);
    assert!(said(&stopped).contains("cargo darwin baseline --accept SITE"), "{stopped}");

    fixture.write("darwin.baseline.toml", &record);
    let accepted = ["baseline", "--accept", "gate_fixture::fold", "--accept", "work::*"];
    fixture.darwin(accepted).expect_code(0);
    fixture.git(["add", "--all"]);
    let passed = git(&fixture, &["commit", "-m", "slower, and meant to be"]).expect_code(0);
    assert!(
        said(&passed).contains("accepted by that change is what became of gate_fixture::fold"),
        "{passed}"
    );
}

#[test]
fn without_the_program_the_hook_says_so_and_lets_through() {
    let fixture = Fixture::new("gate");
    fixture.darwin(["hook", "install", "--stage", "pre-commit"]).expect_code(0);
    let mut command = fixture.command("git");
    // What git and the hook need, and no cargo.
    let folder = darwin_tests::place("fixtures").join("programs");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect("a folder can be made");
    for program in ["sh", "git", "cat"] {
        let path = std::env::var_os("PATH").expect("there is a PATH");
        let found = std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file());
        std::os::unix::fs::symlink(found.expect(program), folder.join(program)).expect("a link can be made");
    }
    command.env("PATH", &folder).env("HOME", &folder).env_remove("CARGO_HOME");
    let passed = Ended::of(command.args(["commit", "--allow-empty", "-m", "x"])).expect_code(0);
    assert!(
        passed.stderr.contains("cargo-darwin is not on PATH, so nothing is judged before this git commit"),
        "{passed}"
    );
}

#[test]
fn a_branch_from_before_is_let_through() {
    let fixture = Fixture::new("gate");
    fixture.git(["checkout", "--quiet", "--orphan", "empty"]);
    fixture.git(["rm", "-r", "--quiet", "--cached", "."]);
    fixture.git(["add", "src/lib.rs"]);
    let passed = fixture.darwin(["hook", "run", "pre-commit"]).expect_code(0);
    assert!(passed.stderr.contains("it has no such Cargo.toml"), "{passed}");
}

#[test]
fn a_skip_that_is_no_switch_is_refused() {
    let fixture = Fixture::new("gate");
    let mut command = fixture.command(cargo_darwin());
    command.env("DARWIN_SKIP", "maybe").env("PATH", path_with(fixture.root()));
    let ended = Ended::of(command.args(["darwin", "hook", "run", "pre-commit"])).expect_code(2);
    assert!(ended.stderr.contains("DARWIN_SKIP: `maybe` is neither on nor off"), "{ended}");
}

#[test]
fn without_a_baseline_a_commit_is_let_through_with_a_word_unless_it_takes_it_away() {
    let fixture = hooked(LONG);
    // After `init`, before anything was recorded.
    fixture.git(["rm", "--quiet", "darwin.baseline.toml"]);
    allocate_more(&fixture);
    fixture.git(["add", "--all"]);
    let stopped = git(&fixture, &["commit", "-m", "without the record"]).expect_code(1);
    assert!(stopped.stderr.contains("darwin.baseline.toml"), "{stopped}");
    git_with(&fixture, &["commit", "-m", "without the record"], &[("DARWIN_SKIP", "1")]).expect_code(0);
    allocate_more_still(&fixture);
    fixture.git(["add", "--all"]);
    let passed = git(&fixture, &["commit", "-m", "nothing to compare with"]).expect_code(0);
    assert!(
        passed.stderr.contains("it has no darwin.baseline.toml, so there is nothing to compare it with"),
        "{passed}"
    );
    assert!(!passed.stderr.contains("building"), "{passed}");
}

fn allocate_more_still(fixture: &Fixture) {
    fixture.replace("src/lib.rs", "seed ^ 2, 1", "*std::hint::black_box(Box::new(seed ^ 2)), 1");
}

#[test]
fn a_package_from_before_darwin_is_let_through_with_a_word() {
    let fixture = hooked(LONG);
    fixture.git(["checkout", "--quiet", "--orphan", "before"]);
    fixture.git(["rm", "-r", "--quiet", "--force", "."]);
    fixture
        .write("Cargo.toml", "[package]\nname = \"gate-fixture\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fixture.write("src/lib.rs", "");
    fixture.git(["add", "--all"]);
    for words in [&["hook", "run", "pre-commit"][..], &["hook", "run", "pre-commit", "-p", "gate-fixture"]] {
        let passed = fixture.darwin(words).expect_code(0);
        assert!(passed.stderr.contains("it has no darwin.baseline.toml"), "{passed}");
    }
}

#[test]
fn what_stops_is_as_configured_also_where_the_project_cannot_be_loaded() {
    let fixture = hooked(&format!("{LONG}\nstop-on = [\"reject\"]"));
    fixture.replace("darwin.toml", "gate = false", "gate = false\n\n[[workload]]\nbench = \"no such bench\"");
    fixture.git(["add", "--all"]);
    let passed = git(&fixture, &["commit", "-m", "a workload that is not there"]).expect_code(0);
    assert!(passed.stderr.contains("no such bench"), "{passed}");
    assert!(passed.stderr.contains("let through all the same (exit code 2"), "{passed}");
    // So early that cargo has not been asked.
    fixture
        .write("Cargo.toml", "[package]\nname = \"gate-fixture\"\nversion = \"0.1.0\"\nedition = \"1999\"\n");
    fixture.git(["add", "--all"]);
    let passed = git(&fixture, &["commit", "-m", "no manifest"]).expect_code(0);
    assert!(passed.stderr.contains("let through all the same (exit code 2"), "{passed}");
}

#[test]
fn what_fails_before_the_check_is_let_through_or_stops_as_any_other_end() {
    let fixture = hooked(LONG);
    allocate_more(&fixture);
    fixture.git(["add", "--all"]);
    // A git that cannot list what is in a tree.
    let folder = darwin_tests::place("fixtures").join("broken-git");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect("a folder can be made");
    let path = std::env::var_os("PATH").expect("there is a PATH");
    let real =
        std::env::split_paths(&path).map(|dir| dir.join("git")).find(|file| file.is_file()).expect("git");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' ls-tree '*) exit 128;; esac\nexec '{}' \"$@\"\n",
        real.display()
    );
    world::write_program(&folder.join("git"), &script);
    let run = || {
        let mut command = fixture.command(cargo_darwin());
        Ended::of(command.env("PATH", path_with(&folder)).args(["darwin", "hook", "run", "pre-commit"]))
    };
    let passed = run().expect_code(0);
    assert!(
        passed.stderr.contains("ls-tree") && passed.stderr.contains("let through all the same (exit code 4"),
        "{passed}"
    );

    let outside = darwin_tests::place("fixtures").join("no-repository");
    let _ = fs::remove_dir_all(&outside);
    fs::create_dir(&outside).expect("a folder can be made");
    let mut command = fixture.command(cargo_darwin());
    command.current_dir(&outside).env("GIT_CEILING_DIRECTORIES", darwin_tests::place("fixtures"));
    let stopped = Ended::of(command.args(["darwin", "hook", "run", "pre-commit"])).expect_code(2);
    assert!(stopped.stderr.contains("`DARWIN_SKIP=1 git commit`"), "{stopped}");
}
