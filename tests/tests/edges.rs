//! Everyday edges: sites that come, go and are renamed, and a slowdown that is meant.

use darwin_tests::schema::is_as_published;
use darwin_tests::{Ended, Fixture};
use serde_json::Value;

const LIB: &str = "src/lib.rs";
const BENCH: &str = "benches/work.rs";
const FILE: &str = "darwin.baseline.toml";

/// The fixture `gate`, whose functions are recorded and committed.
fn recorded() -> Fixture {
    let fixture = Fixture::new("gate");
    let ended = fixture.darwin(["baseline", "--format", "json"]).expect_code(0);
    is_as_published(&ended.json());
    assert_eq!(
        (&ended.json()["written"], &ended.json()["accepted"]),
        (&true.into(), &Value::Null),
        "{ended}"
    );
    fixture.commit("recorded");
    fixture
}

/// A check's document, which is as its schema says.
fn check(fixture: &Fixture, code: i32) -> (Ended, Value) {
    let ended = fixture.darwin(["check", "--format", "json"]).expect_code(code);
    let report = ended.json();
    is_as_published(&report);
    (ended, report)
}

#[track_caller]
fn site<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sites = report["sites"].as_array().expect("a report has sites");
    let wanted = format!("gate_fixture::{name}");
    sites.iter().find(|site| site["name"] == *wanted).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

#[track_caller]
fn note(report: &Value, name: &str) -> String {
    site(report, name)["note"].as_str().unwrap_or_default().to_owned()
}

/// Lines of the one text that the other has not.
fn lacking<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
    text.lines().filter(|line| !other.lines().any(|known| known == *line)).collect()
}

#[test]
fn a_new_site_is_listed_and_its_budgets_hold_and_a_renamed_one_is_offered_its_name() {
    let fixture = recorded();
    fixture.replace(LIB, "pub fn fold(", "pub fn folded(");
    fixture.replace(
        BENCH,
        "gate_fixture::fold(gate_fixture::mix(black_box(1)))",
        "gate_fixture::extra(gate_fixture::folded(gate_fixture::mix(black_box(1))))",
    );
    let code = fixture.read(LIB);
    let extra = "#[darwin_runtime::hotpath(allocs = 0)]\npub fn extra(seed: u64) -> u64 {\n    *std::hint::black_box(Box::new(seed))\n}\n";
    fixture.write(LIB, &format!("{code}\n{extra}"));
    let (ended, report) = check(&fixture, 1);
    assert_eq!(site(&report, "extra")["budgets"][0]["verdict"], "REJECT", "{ended}");
    assert_eq!(site(&report, "mix")["verdict"], "APPROVE", "{ended}");

    fixture.replace(LIB, "*std::hint::black_box(Box::new(seed))", "std::hint::black_box(seed)");
    let (ended, report) = check(&fixture, 3);
    assert!(note(&report, "extra").starts_with("new: only its budgets are judged"), "{ended}");
    assert_eq!(site(&report, "extra")["metrics"]["p50"], Value::Null, "{ended}");
    assert_eq!(site(&report, "extra")["budgets"][0]["verdict"], "APPROVE", "{ended}");
    assert_eq!(
        site(&report, "mix")["verdict"],
        "APPROVE",
        "a site that is gone keeps nobody from being judged\n{ended}"
    );
    assert_eq!(site(&report, "fold")["verdict"], "INCONCLUSIVE", "{ended}");
    let offered = note(&report, "fold");
    assert!(offered.starts_with("no longer in the program"), "{offered}");
    assert!(offered.contains("match = \"gate_fixture::folded\", was = \"gate_fixture::fold\""), "{offered}");
    assert!(report["next_step"].as_str().is_some_and(|step| step.contains("--accept")), "{ended}");

    // A bench that is renamed is mapped like any other site.
    fixture.replace(BENCH, "fn both(", "fn together(");
    let settings = fixture.read("darwin.toml");
    let mapped = |now: &str, was: &str| format!("\n[[site]]\nmatch = \"{now}\"\nwas = \"{was}\"\n");
    let (function, bench) = (mapped("*::folded", "*::fold"), mapped("work::together", "work::both"));
    fixture.write("darwin.toml", &format!("{settings}{function}{bench}"));
    let (ended, report) = check(&fixture, 0);
    assert_eq!(site(&report, "folded")["workload"], "work::together", "{ended}");
    assert_eq!(site(&report, "folded")["metrics"]["p50"]["verdict"], "APPROVE", "{ended}");
    assert!(!ended.stdout.contains("\"gate_fixture::fold\""), "{ended}");
    fixture.replace(LIB, "FOLD_ROUNDS: u64 = 1000", "FOLD_ROUNDS: u64 = 3000");
    let (ended, report) = check(&fixture, 1);
    assert_eq!(
        site(&report, "folded")["verdict"],
        "REJECT",
        "the mapped name is held to the old one\n{ended}"
    );
}

#[test]
fn a_slowdown_that_is_meant_is_accepted_by_name_and_nothing_else_is() {
    let fixture = recorded();
    accept_mix(&fixture);
    let before = fixture.git(["rev-parse", "HEAD"]);

    // Before the commit: what the change of the file names is shown, and no reason to reject.
    let (ended, report) = check(&fixture, 0);
    assert_eq!(
        (&site(&report, "mix")["verdict"], &site(&report, "mix")["accepted"]),
        (&"APPROVE".into(), &true.into())
    );
    let slower = site(&report, "mix")["metrics"]["p50"]["change_percent"].as_f64();
    assert!(slower > Some(100.0), "{ended}");
    assert_eq!(
        site(&report, "fold")["metrics"]["p50"]["verdict"],
        "APPROVE",
        "the others are judged\n{ended}"
    );
    let shown = fixture.darwin(["check"]).expect_code(0);
    let shown = shown.expect_stdout("note: accepted by baseline change").expect_stdout("Latency: ");
    let shown = shown.expect_stdout("but for 1 accepted by baseline change");
    shown.expect_stdout("what became of gate_fixture::mix; it is not committed yet: commit it with the code");

    // What it does not name is judged as ever.
    fixture.replace(LIB, "FOLD_ROUNDS: u64 = 1000", "FOLD_ROUNDS: u64 = 3000");
    let rejected = fixture.darwin(["check"]).expect_code(1);
    let rejected = rejected.expect_stdout("REJECT: gate_fixture::fold is slower");
    rejected.expect_stdout("run `cargo darwin baseline --accept SITE`");
    fixture.replace(LIB, "FOLD_ROUNDS: u64 = 3000", "FOLD_ROUNDS: u64 = 1000");

    let accepted = fixture.commit("mix does more, as it should");
    is_accepted_against(&fixture, before.trim());
    is_judged_from_now_on(&fixture, &accepted);
}

/// Makes `mix` slower, and accepts that: its lines change and no others.
fn accept_mix(fixture: &Fixture) {
    let before = fixture.read(FILE);
    fixture.replace(LIB, "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 3000");
    let refused = fixture.darwin(["baseline", "--accept", "gate_fixture::mxi"]).expect_code(2);
    refused.expect_stderr("did you mean gate_fixture::mix?").expect_stderr("nothing was written");
    assert_eq!(fixture.read(FILE), before);

    let ended = fixture.darwin(["baseline", "--accept", "*::mix", "--format", "json"]).expect_code(0);
    let document = ended.json();
    is_as_published(&document);
    assert_eq!(
        document["accepted"],
        serde_json::json!([{ "name": "gate_fixture::mix", "workload": "work::both" }])
    );
    let after = fixture.read(FILE);
    let (gone, came) = (lacking(&before, &after), lacking(&after, &before));
    assert!(!came.is_empty() && gone.len() == came.len(), "{gone:?} {came:?}");
    assert!(
        gone.iter().chain(&came).all(|line| line.starts_with("\"gate_fixture::mix\".")),
        "{gone:?} {came:?}"
    );
    assert_eq!(before.lines().count(), after.lines().count());
}

/// Against what was there before the commit, `mix` is accepted by it; as a revision too, whatever lies in the tree.
fn is_accepted_against(fixture: &Fixture, before: &str) {
    let committed = fixture.read(FILE);
    for (candidate, in_the_tree) in [(&[][..], ""), (&["--rev", "HEAD"], "# not committed\n")] {
        fixture.write(FILE, &format!("{committed}{in_the_tree}"));
        let asked = [&["check", "--against", before, "--format", "json"][..], candidate].concat();
        let report = fixture.darwin(asked).expect_code(0).json();
        assert_eq!(site(&report, "mix")["accepted"], true, "{report:#}");
        let notes = report["notes"].as_array().expect("notes are a list");
        let is_told = |note: &Value| {
            note.as_str().is_some_and(|note| note.ends_with("is what became of gate_fixture::mix"))
        };
        assert!(notes.iter().any(is_told), "a committed change is told as one\n{report:#}");
    }
    fixture.write(FILE, &committed);
}

/// From the commit on, `mix` is held to its code.
fn is_judged_from_now_on(fixture: &Fixture, accepted: &str) {
    let (_, report) = check(fixture, 0);
    assert_eq!(
        (&report["baseline"]["rev"], &report["baseline"]["how"]),
        (&accepted.into(), &"identical".into())
    );
    fixture.replace(LIB, "MIX_ROUNDS: u64 = 3000", "MIX_ROUNDS: u64 = 6000");
    let (ended, report) = check(fixture, 1);
    assert_eq!(
        (&site(&report, "mix")["verdict"], &site(&report, "mix")["accepted"]),
        (&"REJECT".into(), &false.into()),
        "{ended}"
    );
}

#[test]
fn a_site_that_nobody_calls_any_more_and_a_bench_that_is_gone_are_open_until_dropped() {
    let fixture = recorded();
    let bench = fixture.read(BENCH);
    let both = "b.iter(|| gate_fixture::fold(gate_fixture::mix(black_box(1))));";
    let second = format!(
        "#[darwin_runtime::bench]\nfn other(b: &mut Bencher) {{\n    {}\n}}\n\ndarwin_runtime::main!();",
        both.replace("fold(gate_fixture::mix(black_box(1)))", "fold(black_box(1))")
    );
    fixture.write(BENCH, &bench.replace("darwin_runtime::main!();", &second));
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("two benches");

    is_as_published(&fixture.darwin(["run", "--format", "json"]).expect_code(0).json());
    is_as_published(&fixture.darwin(["run", "--compare", "--format", "json"]).expect_code(0).json());

    // The second bench is gone, and the first calls one function no more.
    fixture.write(
        BENCH,
        &bench.replace(
            "gate_fixture::fold(gate_fixture::mix(black_box(1)))",
            "gate_fixture::mix(black_box(1))",
        ),
    );
    let (ended, report) = check(&fixture, 3);
    let fold = note(&report, "fold");
    assert!(fold.starts_with("no longer called; drop it with"), "{fold}");
    let gone = report["sites"].as_array().into_iter().flatten().find(|site| site["name"] == "work::other");
    assert!(
        gone.is_some_and(|site| site["note"]
            .as_str()
            .is_some_and(|note| note.contains("no longer in the program"))),
        "{ended}"
    );
    assert_eq!(site(&report, "mix")["verdict"], "APPROVE", "{ended}");
    let shown = fixture.darwin(["check"]).expect_code(3);
    shown
        .expect_stdout("INCONCLUSIVE: measured in the baseline and no more: ")
        .expect_stdout("next: bring back what is gone");

    fixture.darwin(["baseline", "--accept", "gate_fixture::fold", "--accept", "work::other"]).expect_code(0);
    assert!(!fixture.read(FILE).contains("gate_fixture::fold\"."), "{}", fixture.read(FILE));
    let (ended, report) = check(&fixture, 0);
    assert_eq!(site(&report, "fold")["accepted"], true, "{ended}");
}
