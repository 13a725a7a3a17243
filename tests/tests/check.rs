//! `cargo darwin check` says of every change whether it made a measured function slower.

use darwin_tests::Fixture;
use serde_json::Value;

const MIX: &str = "gate_fixture::mix";

fn site<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sites = report["sites"].as_array().expect("a report has sites");
    sites.iter().find(|site| site["name"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

#[test]
fn unchanged_code_is_approved_without_a_run() {
    let fixture = Fixture::new("gate");
    let ended = fixture.darwin(["check"]).expect_code(0);
    ended.expect_stdout("machine code and its data are identical").expect_stdout("APPROVE");

    let report = fixture.darwin(["check", "--format", "json"]).expect_code(0).json();
    assert_eq!(report["verdict"], "APPROVE");
    assert_eq!(report["baseline"]["how"], "identical");
    assert_eq!((&report["blocks"], &report["sites"]), (&0.into(), &Value::Array(Vec::new())));
}

#[test]
fn a_comment_above_the_functions_moves_their_lines_and_changes_nothing() {
    let fixture = Fixture::new("gate");
    let code = fixture.read("src/lib.rs");
    fixture.write("src/lib.rs", &format!("// A remark.\n// Another one.\n\n{code}"));
    let report = fixture.darwin(["check", "--format", "json"]).expect_code(0).json();
    assert_eq!(report["verdict"], "APPROVE");
    assert_eq!(report["baseline"]["how"], "identical");
}

#[test]
fn a_function_made_slower_is_rejected_by_name() {
    let fixture = Fixture::new("gate");
    let revision = fixture.commit("not what the baseline was recorded with, and the same code");
    let baseline = fixture.git(["log", "-1", "--format=%H", "--", "darwin.baseline.toml"]);
    assert_ne!(baseline.trim(), revision);
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 3000");
    let shown = fixture.darwin(["check"]).expect_code(1);
    let shown =
        shown.expect_stdout("gate_fixture::mix  REJECT").expect_stdout("REJECT: gate_fixture::mix is slower");
    assert!(!shown.stdout.contains("gate_fixture::fold  REJECT"), "fold is as it was\n{shown}");

    let ended = fixture.darwin(["check", "--format", "json"]).expect_code(1);
    let report = ended.json();
    assert_eq!(report["schema"], "darwin.check.v1");
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"REJECT".into(), &1.into()));
    assert!(report["seconds"].is_f64() && report["blocks"].as_u64() > Some(0), "{ended}");
    assert_eq!(report["baseline"]["rev"], baseline.trim());
    assert_eq!(report["baseline"]["how"], "cached");
    assert!(report["system"]["status"].is_string() && report["system"]["checks"].is_array(), "{ended}");
    let mix = site(&report, MIX);
    assert_eq!((&mix["verdict"], &mix["workload"]), (&"REJECT".into(), &"work::both".into()));
    assert!(mix["budgets"].is_array() && mix["throughput"].is_object(), "{ended}");
    let p50 = &mix["metrics"]["p50"];
    assert_eq!(p50["verdict"], "REJECT");
    let number = |key: &str| p50[key].as_f64().unwrap_or_else(|| panic!("{key} is no number\n{ended}"));
    assert!(number("candidate_ns") > 2.0 * number("baseline_ns"), "{ended}");
    assert!(number("low_percent") <= number("change_percent"), "{ended}");
    assert!(number("change_percent") <= number("high_percent"), "{ended}");
    assert!(number("low_percent") > 100.0, "{ended}");
    // Null until there are enough blocks to tell.
    assert!(p50.get("resolution_percent").is_some(), "{ended}");
    for metric in ["p99", "mean", "allocs", "bytes"] {
        assert!(mix["metrics"][metric].is_object(), "no {metric}\n{ended}");
    }
}

#[test]
fn a_function_made_faster_is_approved_and_shown_as_a_delta() {
    let fixture = Fixture::new("gate");
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 400");
    let ended = fixture.darwin(["check"]).expect_code(0).expect_stdout("APPROVE");
    let own = ended.stdout.split("gate_fixture::mix  APPROVE").nth(1).expect("mix is shown");
    let delta = |name: &str| {
        let line = own.lines().find(|line| line.trim_start().starts_with(name)).expect(name);
        assert!(line.contains(" -> "), "{line}");
        let percent = line.split(['*', '%']).nth(2).and_then(|percent| percent.parse::<f64>().ok());
        percent.unwrap_or_else(|| panic!("no (**-60%**) in {line}"))
    };
    assert!((-65.0..-55.0).contains(&delta("Latency: ")), "{ended}");
    assert!(delta("Throughput: ") > 50.0, "{ended}");
}

#[test]
fn one_more_allocation_is_rejected_by_the_exact_count_before_anything_is_timed() {
    let fixture = Fixture::new("gate");
    fixture.replace(
        "src/lib.rs",
        "turn_over(seed, std::hint::black_box(MIX_ROUNDS))",
        "turn_over(*std::hint::black_box(Box::new(seed)), std::hint::black_box(MIX_ROUNDS))",
    );
    let ended = fixture.darwin(["check"]).expect_code(1);
    ended.expect_stdout("gate_fixture::mix  REJECT").expect_stdout("counts alone decide");

    let ended = fixture.darwin(["check", "--format", "json"]).expect_code(1);
    let report = ended.json();
    let allocs = &site(&report, MIX)["metrics"]["allocs"];
    assert_eq!(report["blocks"], 0);
    assert_eq!(allocs["verdict"], "REJECT");
    assert_eq!((&allocs["baseline_per_call"], &allocs["candidate_per_call"]), (&0.0.into(), &1.0.into()));
    assert_eq!(allocs["candidate"], allocs["calls"]);
    assert_eq!(report["notes"].as_array().unwrap().len(), 1, "the bench is the same: {}", report["notes"]);

    let bench = fixture.read("benches/work.rs");
    fixture.write("benches/work.rs", &format!("{bench}\n// One line more.\n"));
    let ended = fixture.darwin(["check"]).expect_code(1);
    ended.expect_stdout("the source of bench `work` itself has changed");
}

#[test]
fn another_revision_can_be_named_to_judge_against() {
    let fixture = Fixture::new("gate");
    fixture.replace("src/lib.rs", "seed ^ 1, std", "*std::hint::black_box(Box::new(seed ^ 1)), std");
    let allocating = fixture.commit("fold allocates");
    fixture.darwin(["check"]).expect_code(1).expect_stdout("gate_fixture::fold  REJECT");
    let ended = fixture.darwin(["check", "--against", "HEAD", "--format", "json"]).expect_code(0);
    assert_eq!(ended.json()["baseline"]["rev"], allocating.as_str());
}

#[test]
fn a_challenger_must_be_faster_somewhere() {
    let fixture = Fixture::new("gate");
    let same = fixture.darwin(["check", "--require-faster"]).expect_code(1);
    same.expect_stdout("REJECT: no site is proven faster").expect_stdout("without --require-faster");

    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 400");
    let ended = fixture.darwin(["check", "--require-faster", "--format", "json"]).expect_code(0);
    let report = ended.json();
    assert_eq!((&report["verdict"], &report["require_faster"]), (&"APPROVE".into(), &true.into()));
    assert_eq!(site(&report, MIX)["metrics"]["p50"]["won"], true, "{ended}");
    assert_eq!(site(&report, "gate_fixture::fold")["metrics"]["p50"]["won"], false, "{ended}");
}

#[test]
fn what_makes_a_verdict_right_can_be_left_out_for_an_experiment_and_is_named() {
    let fixture = Fixture::new("gate");
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 3000");
    let left_out = ["check", "--without", "coin,equal-work,one-sample", "--format", "json"];
    let report = fixture.darwin(left_out).expect_code(1).json();
    assert_eq!(site(&report, MIX)["verdict"], "REJECT");
    let notes = report["notes"].to_string();
    let note =
        "measured in a fixed order, in turns of equal time, with each pair of turns as a sample of its own";
    assert!(notes.contains(note), "{notes}");
}
