//! The configured tests come before anything is built or timed.

use darwin_tests::{Ended, Fixture};

/// Checks with this `test-command`, as TOML, on its own line 2 of `darwin.toml`.
fn check(fixture: &Fixture, command: &str, options: &[&str]) -> Ended {
    let file = fixture.git(["show", "HEAD:darwin.toml"]);
    fixture.write("darwin.toml", &format!("# The tests.\ntest-command = {command}\n{file}"));
    fixture.darwin([&["check"], options].concat())
}

#[test]
fn failing_tests_reject_before_anything_is_built() {
    let fixture = Fixture::new("gate");
    // It would not build, which nobody gets to see.
    fixture.replace("src/lib.rs", "turn_over(seed, std", "no_such_function(seed, std");
    let fails = r#"["sh", "-c", "echo 'left: 1, right: 2'; echo FAILED >&2; exit 7"]"#;
    let ended = check(&fixture, fails, &[]).expect_code(1);
    ended.expect_stdout("exited with code 7; nothing was timed").expect_stdout("    left: 1, right: 2");
    let ended = check(&fixture, fails, &["--format", "markdown"]).expect_code(1);
    ended.expect_stdout("## REJECT: the tests fail, so nothing was timed");

    let report = check(&fixture, fails, &["--format", "json"]).expect_code(1).json();
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"REJECT".into(), &1.into()));
    assert_eq!((&report["sites"], &report["blocks"]), (&serde_json::json!([]), &0.into()));
    assert!(
        report["error"].as_str().is_some_and(|why| why.starts_with("tests failed: `sh -c")),
        "{report:#}"
    );
}

#[test]
fn tests_that_cannot_start_or_never_end_are_no_verdict_on_the_change() {
    let fixture = Fixture::new("gate");
    let ended = check(&fixture, r#"["no-such-program", "test"]"#, &[]).expect_code(2);
    ended.expect_stderr("darwin.toml:2: test-command: cannot start `no-such-program`");
    let ended = fixture.darwin(["check", "--test-command", "no-such-program"]).expect_code(2);
    ended.expect_stderr("--test-command: cannot start `no-such-program`");
    let ended = check(&fixture, r#"["sleep", "1000"]"#, &["--timeout", "1s"]).expect_code(4);
    ended.expect_stdout("did not end within 1 s and were killed").expect_stdout("INVALID");
    let ended = check(&fixture, "\"cargo test\"", &[]).expect_code(2);
    ended.expect_stderr("darwin.toml:2: ");
}

#[test]
fn passing_tests_run_in_the_package_even_where_the_code_is_identical_unless_they_are_left_out() {
    let fixture = Fixture::new("gate");
    let passes = r#"["touch", "tests have run"]"#;
    let ended = check(&fixture, passes, &[]).expect_code(0);
    ended.expect_stderr("running the tests: touch 'tests have run'").expect_stdout("APPROVE");
    fixture.remove("tests have run");

    let ended = check(&fixture, passes, &["--no-tests"]).expect_code(0);
    ended.expect_stdout("note: the tests were left out (--no-tests)");
    let mut command = fixture.command(darwin_tests::cargo_darwin());
    let ended = Ended::of(command.args(["darwin", "check"]).env("DARWIN_NO_TESTS", "1")).expect_code(0);
    ended.expect_stdout("note: the tests were left out");
    assert!(!fixture.root().join("tests have run").exists());
}
