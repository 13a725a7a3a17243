//! What could not be measured is never approved, and what the user wrote wrong is named with its place.

use darwin_tests::{Ended, Fixture, schema};

/// Nothing was measured, so there is nothing that looks like a result.
#[track_caller]
fn is_invalid(ended: Ended) -> Ended {
    let ended = ended.expect_code(4).expect_stdout("INVALID");
    for word in ["APPROVE:", "Latency", "Throughput", "(**"] {
        assert!(!ended.stdout.contains(word), "`{word}` in the result of a check without one\n{ended}");
    }
    ended
}

#[test]
fn a_build_that_fails_is_invalid_with_the_compilers_words() {
    let fixture = Fixture::new("gate");
    fixture.replace("src/lib.rs", "turn_over(seed, std", "no_such_function(seed, std");
    is_invalid(fixture.darwin(["check"])).expect_stderr("cannot find function `no_such_function`");
    let report = fixture.darwin(["check", "--format", "json"]).expect_code(4).json();
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"INVALID".into(), &4.into()));
    assert_eq!(report["sites"], serde_json::json!([]));
    schema::is_as_published(&report);
}

#[test]
fn a_bench_that_panics_is_invalid() {
    let fixture = Fixture::new("gate");
    fixture.replace("benches/work.rs", "black_box(1)", "black_box(Err(\"oh no\").unwrap())");
    is_invalid(fixture.darwin(["check"])).expect_stdout("exited with code 101").expect_stdout("oh no");
    let run = fixture.darwin(["run"]).expect_code(4).expect_stderr("exited with code 101");
    assert_eq!(run.stdout, "");
}

#[test]
fn a_program_that_fails_dies_hangs_or_measures_nothing_is_invalid() {
    let fixture = Fixture::new("programs");
    let check = |does: &str| {
        fixture.darwin(["check", "--measure", "--timeout", "1s", "--bin", "program", "--", does])
    };
    is_invalid(check("exit")).expect_stdout("exited with code 3");
    is_invalid(check("abort")).expect_stdout("killed by signal 6");
    is_invalid(check("hang")).expect_stdout("did not end within 1 s");
    is_invalid(check("idle")).expect_stdout("without a single measured call");
    fixture.darwin(["run", "--bin", "program", "--", "idle"]).expect_code(4);
    fixture.darwin(["baseline", "--bin", "program", "--", "exit"]).expect_code(4);
    assert_eq!(fixture.git(["status", "--porcelain"]), "", "a failed baseline writes nothing");
}

#[test]
fn without_a_committed_baseline_there_is_no_verdict() {
    let fixture = Fixture::new("gate");
    let recorded = fixture.read("darwin.baseline.toml");
    fixture.remove("darwin.baseline.toml");
    fixture.commit("no baseline");
    fixture.darwin(["check"]).expect_code(2).expect_stderr("cargo darwin baseline");
    fixture.write("darwin.baseline.toml", &recorded);
    is_invalid(fixture.darwin(["check"])).expect_stdout("not committed yet; commit it");
}

#[test]
fn a_damaged_baseline_file_is_refused_with_its_line() {
    let fixture = Fixture::new("gate");
    let recorded =
        "version = 1\n\n[workload.\"work::both\".counts]\n\"gate_fixture::mix\".allocs_per_call = 0.000\n";
    let refused = |from: &str, to: &str, line: u32, words: &str| {
        fixture.write("darwin.baseline.toml", &recorded.replace(from, to));
        for command in ["check", "baseline"] {
            let ended = fixture.darwin([command]).expect_code(2);
            ended.expect_stderr(&format!("darwin.baseline.toml:{line}: ")).expect_stderr(words);
        }
        assert_eq!(fixture.read("darwin.baseline.toml"), recorded.replace(from, to), "it is left as it is");
    };
    refused("0.000", "nan", 4, "nan");
    refused("allocs_per_call", "allocs_per_cell", 4, "unknown key `allocs_per_cell`");
    refused("\n\n", "\n<<<<<<< HEAD\n", 2, "conflict");
    refused("\n\n", "\n=======\n", 2, "conflict");
    refused("version = 1", "version = 1\nauthor = \"me\"", 2, "unknown key `author`");
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    let fixture = Fixture::new("gate");
    let refused = |text: &str, line: u32, words: &str| {
        fixture.write("darwin.toml", text);
        let ended = fixture.darwin(["check"]).expect_code(2);
        ended.expect_stderr(&format!("darwin.toml:{line}: ")).expect_stderr(words);
    };
    refused("# first\ntolerence = \"1%\"\n", 2, "unknown key `tolerence`");
    refused("tolerance = \"1\"\n", 1, "such as 1%");
    refused("tolerance = \"-1%\"\n", 1, "-1%");
    refused("tolerance = \"NaN%\"\n", 1, "NaN%");
    refused("[[workload]]\nname = \"work\"\n", 1, "a workload without a target");
}

#[test]
fn what_does_not_exist_is_answered_with_what_does() {
    let fixture = Fixture::new("gate");
    let ended = fixture.darwin(["check", "--against", "no-such-revision"]).expect_code(2);
    ended.expect_stderr("no-such-revision");
    let ended = fixture.darwin(["check", "--against=--output=stolen"]).expect_code(2);
    ended.expect_stderr("--output=stolen");
    assert!(!fixture.root().join("stolen").exists());
    fixture
        .darwin(["run", "--bench", "wark"])
        .expect_code(2)
        .expect_stderr("no bench named `wark`: it has bench work");
    let ended = fixture.darwin(["run", "--package", "gate"]).expect_code(2);
    ended.expect_stderr("no package `gate`").expect_stderr("gate-fixture");
    fixture.darwin(["run", "--workload", "x*"]).expect_code(2).expect_stderr("there are: work::both");
}

#[test]
fn a_package_without_the_runtime_is_told_the_line_to_add() {
    let fixture = Fixture::new("gate");
    let manifest = fixture.read("Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("darwin-runtime")).expect("the dependency");
    fixture.replace("Cargo.toml", line, "");
    let ended = fixture.darwin(["run"]).expect_code(2);
    ended.expect_stderr("[dependencies]").expect_stderr("    darwin-runtime = { ");
}
