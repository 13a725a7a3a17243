//! The program pre-commit runs the hooks of `.pre-commit-hooks.yaml`. At full size the real one does, installed from PyPI into a
//! virtual environment (Python 3 and the network are needed); at the small size the lines are run as it would run them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use darwin_tests::{Ended, Fixture, cargo_darwin, place, repository, soak};

/// Tried with this one.
const VERSION: &str = "4.7.0";

/// The file that pre-commit reads in a repository that offers hooks.
const MANIFEST: &str = ".pre-commit-hooks.yaml";

/// git with the programs that a hook needs on its PATH, the folder `first` among them.
fn command(fixture: &Fixture, program: &str, first: &Path) -> Command {
    let folder = cargo_darwin().parent().expect("a program is in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = [first.to_owned(), folder].into_iter().chain(std::env::split_paths(&path));
    let mut command = fixture.command(program);
    command.env("PATH", std::env::join_paths(all).expect("a PATH can be made"));
    command.env("PRE_COMMIT_HOME", place("fixtures").join("pre-commit-home"));
    command
}

/// Prints it, also when the test harness keeps what tests print.
fn show(ended: &Ended) {
    // A closed stdout is no failure of what is tested.
    let _ = writeln!(std::io::stdout(), "{ended}");
}

/// The fixture with time enough for any build.
fn patient() -> Fixture {
    let fixture = Fixture::new("gate");
    let old = fixture.read("darwin.toml");
    fixture.write("darwin.toml", &format!("{old}\n[hook]\nmax-time = \"1h\"\n"));
    fixture.commit("settings");
    fixture
}

/// Counts decide, so that nothing has to be timed.
fn allocate_more(fixture: &Fixture) {
    fixture.replace("src/lib.rs", "seed ^ 1, std", "*std::hint::black_box(Box::new(seed ^ 1)), std");
}

/// The value of `key` in the part of the manifest about the hook `id`.
fn told(id: &str, key: &str) -> String {
    let manifest = fs::read_to_string(repository().join(MANIFEST)).expect("it is there");
    let own =
        manifest.split("- id: ").find(|part| part.lines().next() == Some(id)).expect("the hook is offered");
    let line = own.lines().find_map(|line| line.trim().strip_prefix(&format!("{key}: ")));
    line.unwrap_or_else(|| panic!("{id} has no {key}")).to_owned()
}

#[test]
fn the_lines_that_are_offered_judge_what_pre_commit_hands_on() {
    for (id, stage) in [("cargo-darwin", "pre-push"), ("cargo-darwin-staged", "pre-commit")] {
        assert_eq!(told(id, "stages"), format!("[{stage}]"));
        assert_eq!(told(id, "entry"), format!("cargo-darwin darwin hook run {stage}"));
        let rest = ["language", "pass_filenames", "require_serial", "always_run"].map(|key| told(id, key));
        assert_eq!(rest, ["system", "false", "true", "true"]);
    }
    let fixture = patient();
    let before = fixture.git(["rev-parse", "HEAD"]);
    allocate_more(&fixture);
    let after = fixture.commit("slower");
    let entry = told("cargo-darwin", "entry");
    let mut words = entry.split(' ');
    let mut run = command(&fixture, words.next().expect("a program"), Path::new("/"));
    run.args(words)
        .env("PRE_COMMIT", "1")
        .env("PRE_COMMIT_FROM_REF", before.trim())
        .env("PRE_COMMIT_TO_REF", &after);
    let ended = Ended::of(&mut run).expect_code(1);
    assert!(ended.stdout.contains("REJECT") && ended.stderr.contains(&after[..10]), "{ended}");
}

#[test]
fn the_real_pre_commit_runs_them() {
    if !soak::is_full() {
        return;
    }
    let programs = installed();
    let fixture = patient();
    let hooks = offered(&fixture);
    let remote = place("fixtures").join("remote-pre-commit");
    let _ = fs::remove_dir_all(&remote);
    fixture.git(["init", "--quiet", "--bare", remote.to_str().expect("it is UTF-8")]);
    fixture.git(["remote", "add", "origin", remote.to_str().expect("it is UTF-8")]);
    let config = format!(
        "default_install_hook_types: [pre-commit, pre-push]\nrepos:\n- repo: {}\n  rev: v1\n  hooks:\n  - id: cargo-darwin\n  - id: cargo-darwin-staged\n",
        hooks.display()
    );
    fixture.write(".pre-commit-config.yaml", &config);
    fixture.commit("settings");
    let run = |program: &str, words: &[&str]| Ended::of(command(&fixture, program, &programs).args(words));
    run("pre-commit", &["install"]).expect_code(0);
    let first = run("git", &["push", "origin", "main"]).expect_code(0);
    show(&first);

    fixture.write("README.md", "Words.\n");
    fixture.git(["add", "README.md"]);
    let document = run("git", &["commit", "-m", "a document"]).expect_code(0);
    assert!(format!("{document}").contains("only README.md is changed"), "{document}");
    allocate_more(&fixture);
    fixture.git(["add", "--all"]);
    let stopped = run("git", &["commit", "-m", "slower"]).expect_code(1);
    show(&stopped);
    assert!(format!("{stopped}").contains("REJECT"), "{stopped}");
    run("git", &["commit", "--no-verify", "-m", "slower"]).expect_code(0);
    let stopped = run("git", &["push", "origin", "main"]).expect_code(1);
    show(&stopped);
    assert!(format!("{stopped}").contains("REJECT"), "{stopped}");

    // Ours keeps out of its way.
    let refused = fixture.darwin(["hook", "install"]).expect_code(2);
    show(&refused);
    assert!(refused.stdout.contains("belongs to pre-commit"), "{refused}");
}

/// The folder of the real program.
fn installed() -> PathBuf {
    let folder = place("pre-commit-program");
    let programs = folder.join("bin");
    if !programs.join("pre-commit").exists() {
        let done = |command: &mut Command| Ended::of(command).expect_code(0);
        done(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        done(Command::new(programs.join("pip")).args([
            "install",
            "--quiet",
            &format!("pre-commit=={VERSION}"),
        ]));
    }
    programs
}

/// A repository that offers the hooks as this one does.
fn offered(fixture: &Fixture) -> PathBuf {
    let folder = place("fixtures").join("offers-hooks");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect("a folder can be made");
    fs::copy(repository().join(MANIFEST), folder.join(MANIFEST)).expect("it can be copied");
    for words in
        [&["init", "--quiet"][..], &["add", "--all"], &["commit", "--quiet", "-m", "hooks"], &["tag", "v1"]]
    {
        let mut git = fixture.command("git");
        Ended::of(git.current_dir(&folder).args(words)).expect_code(0);
    }
    folder
}
