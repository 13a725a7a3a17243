//! Budgets hold for code that did not change, too.

use darwin_tests::Fixture;
use serde_json::Value;

const MIX: &str = "pub fn mix";
const FOLD: &str = "pub fn fold";

/// Puts arguments into the attribute above a function.
fn budget(fixture: &Fixture, function: &str, arguments: &str) {
    let attribute = "#[darwin_runtime::hotpath";
    fixture.replace(
        "src/lib.rs",
        &format!("{attribute}]\n{function}"),
        &format!("{attribute}({arguments})]\n{function}"),
    );
}

/// Verdict, and whether the baseline broke it already, of one budget.
fn finding(report: &Value, site: &str, metric: &str) -> Option<(String, bool)> {
    let site = report["sites"].as_array()?.iter().find(|one| one["name"] == site)?;
    let budget = site["budgets"].as_array()?.iter().find(|one| one["metric"] == metric)?;
    Some((budget["verdict"].as_str()?.to_owned(), budget["broken_before"].as_bool()?))
}

#[test]
fn budgets_of_unchanged_code_are_judged_by_what_is_recorded_of_it() {
    let fixture = Fixture::new("gate");
    budget(&fixture, MIX, "allocs = 0, p50 = \"10s\", max = \"10s\"");
    budget(&fixture, FOLD, "p50 = \"1ns\"");
    fixture.commit("budgets");

    // No record is of this code: counts are learnt by a look, once, and latencies are not judged.
    let ended = fixture.darwin(["check", "--against", "HEAD", "--format", "json"]).expect_code(0);
    let report = ended.expect_stderr("looking at each workload briefly").json();
    assert_eq!(finding(&report, "gate_fixture::mix", "allocs"), Some(("APPROVE".into(), false)));
    assert_eq!(finding(&report, "gate_fixture::mix", "p50"), None);
    assert_eq!((&report["blocks"], &report["baseline"]["how"]), (&0.into(), &"identical".into()));
    let again = fixture.darwin(["check", "--against", "HEAD"]).expect_code(0);
    let again = again.expect_stdout("not judged here: budget p50").expect_stdout("budgets: 1 kept");
    assert!(!again.stderr.contains("briefly"), "it is known now\n{again}");

    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("the baseline");
    let ended = fixture
        .darwin(["check"])
        .expect_code(1)
        .expect_stdout("REJECT: gate_fixture::fold breaks its budget");
    ended
        .expect_stdout("the baseline breaks it already")
        .expect_stdout("raise the budget where it is written");
    let report = fixture.darwin(["check", "--format", "json"]).expect_code(1).json();
    assert_eq!(finding(&report, "gate_fixture::fold", "p50"), Some(("REJECT".into(), true)));
    for metric in ["allocs", "p50", "max"] {
        assert_eq!(
            finding(&report, "gate_fixture::mix", metric),
            Some(("APPROVE".into(), false)),
            "{metric}"
        );
    }
    assert_eq!(report["blocks"], 0);
}
