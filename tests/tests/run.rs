//! `cargo darwin run` shows where the time goes; the same benches run without it.

use darwin_tests::{Ended, Fixture};

/// The calls that the table shows for a site.
fn calls(ended: &Ended, site: &str) -> u64 {
    let report = ended.json();
    let sites = report["sites"].as_array().expect("a run has sites");
    let found = sites.iter().find(|one| one["name"] == site).unwrap_or_else(|| panic!("no {site}\n{ended}"));
    found["calls"].as_u64().expect("calls are a number")
}

#[test]
fn a_run_shows_the_hot_paths_and_is_kept_to_compare_with() {
    let fixture = Fixture::new("gate");
    let ended = fixture.darwin(["run"]).expect_code(0).expect_stderr("kept as run");
    let heading = ended.stdout.lines().next().unwrap_or_default();
    let columns = ["Function", "Time %", "Calls", "Cumulative", "p50", "p99", "Allocs"];
    assert!(columns.iter().all(|column| heading.contains(column)), "{ended}");
    let row = |site: &str| ended.stdout.lines().position(|line| line.starts_with(site));
    assert!(row("work::both") < row("gate_fixture::mix"), "the bench holds the function\n{ended}");
    assert!(row("work::both").is_some() && row("gate_fixture::fold").is_some(), "{ended}");
    let ended = ended.expect_stdout("never called: gate_fixture::never_called");

    let short = fixture.darwin(["run", "--top", "1"]).expect_code(0);
    let rows = short.stdout.lines().filter(|line| line.contains("gate_fixture::mix ")).count();
    assert_eq!(rows, 0, "{short}");
    short.expect_stdout("2 more");

    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 4000");
    let number = ended.stderr.split("kept as run ").nth(1).expect("the number").trim().to_owned();
    let compared = fixture.darwin(["run", "--compare", &number]).expect_code(0);
    let compared = compared.expect_stdout(&format!("beside run {number}"));
    let own = compared.stdout.split("gate_fixture::mix").nth(1).expect("mix is shown");
    let delta = own.lines().find(|line| line.contains("Latency:")).expect("a latency");
    assert!(delta.contains(" -> ") && delta.contains("(**+"), "{compared}");
    fixture.darwin(["run", "--compare"]).expect_code(0).expect_stdout("beside run");
    fixture.darwin(["run", "--compare", "999999"]).expect_code(2).expect_stderr("stored runs are numbered");
}

#[test]
fn any_program_can_be_a_workload_with_its_arguments() {
    let fixture = Fixture::new("programs");
    let step = "programs_fixture::step";
    let run = |kind: &str, name: &str, args: &[&str]| {
        let words = ["run", "--format", "json", kind, name, "--"];
        fixture.darwin(words.iter().chain(args)).expect_code(0)
    };
    assert_eq!(calls(&run("--bin", "program", &["work"]), step), 1000);
    assert_eq!(calls(&run("--example", "shown", &["77"]), step), 77);
    assert_eq!(calls(&run("--test", "tried", &["calls_it"]), step), 300);

    fixture.write(
        "darwin.toml",
        "[[workload]]\nname = \"often\"\nexample = \"shown\"\nargs = [\"50\"]\n\n\
         [[workload]]\nname = \"rarely\"\nexample = \"shown\"\nargs = [\"5\"]\n",
    );
    let both = fixture.darwin(["run", "--format", "json"]).expect_code(0).json();
    let sites = both["sites"].as_array().expect("a run has sites");
    let calls = sites.iter().map(|site| (site["workload"].as_str(), site["calls"].as_u64()));
    assert_eq!(calls.collect::<Vec<_>>(), [(Some("often"), Some(50)), (Some("rarely"), Some(5))]);
    let one = fixture.darwin(["run", "--workload", "rare*"]).expect_code(0);
    assert!(!one.stdout.contains("often"), "{one}");
}

#[test]
fn a_bench_target_runs_under_plain_cargo_too_and_leaves_nothing() {
    let fixture = Fixture::new("gate");
    let before = fixture.git(["status", "--porcelain", "--ignored"]);
    let benched = fixture.cargo(["bench", "--bench", "work"]).expect_code(0);
    let line = benched.stdout.lines().find(|line| line.starts_with("work::both")).expect("a line a bench");
    assert!(["p50", "p99", "mean", "iterations"].iter().all(|word| line.contains(word)), "{benched}");
    let tested = fixture.cargo(["test", "--benches"]).expect_code(0);
    assert_eq!(tested.stdout.matches("test work::both ... ok").count(), 1, "{tested}");
    let listed = fixture.cargo(["bench", "--bench", "work", "--", "--list"]).expect_code(0);
    assert_eq!(listed.stdout.trim(), "work::both: benchmark");
    assert_eq!(fixture.git(["status", "--porcelain", "--ignored"]), before);
}
