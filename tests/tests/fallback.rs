//! Where the baseline's code cannot be had, `cargo darwin check` compares with the committed record, rejects for counts
//! alone, and approves nothing.

use std::path::Path;

use darwin_tests::{Ended, Fixture, cargo_darwin, schema};
use serde_json::Value;

const FUNCTIONS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// The fixture `gate` with five functions alike, so that one can stand out, recorded and committed.
fn recorded() -> Fixture {
    let fixture = Fixture::new("gate");
    let code = fixture.read("src/lib.rs");
    let (common, _) = code.split_once("#[darwin_runtime::hotpath]").expect("a measured function");
    let function = |name: &&str| {
        format!(
            "#[darwin_runtime::hotpath]\npub fn {name}(seed: u64) -> u64 {{\n    turn_over(seed, std::hint::black_box(MIX_ROUNDS))\n}}\n"
        )
    };
    let functions: String = FUNCTIONS.iter().map(function).collect();
    fixture.write("src/lib.rs", &format!("{common}{functions}"));
    let calls: String =
        FUNCTIONS.iter().map(|name| format!(" ^ gate_fixture::{name}(black_box(1))")).collect();
    fixture.replace(
        "benches/work.rs",
        "gate_fixture::fold(gate_fixture::mix(black_box(1)))",
        &format!("0{calls}"),
    );
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("recorded");
    fixture
}

/// `cargo darwin check` that finds no repository above the copy either.
fn check(fixture: &Fixture, args: &[&str]) -> Ended {
    let mut command = fixture.command(cargo_darwin());
    command.args(["darwin", "check"]).args(args);
    Ended::of(command.env("GIT_CEILING_DIRECTORIES", fixture.root().parent().unwrap_or(Path::new("/"))))
}

/// Neither approved nor rejected, with the reason in the first line.
#[track_caller]
fn is_open(ended: Ended, reason: &str) -> Ended {
    let ended = ended.expect_code(3).expect_stdout("INCONCLUSIVE: the record alone approves nothing");
    let first = ended.stdout.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("no baseline code, judged from the record alone in ") && first.contains(reason),
        "{ended}"
    );
    assert!(!ended.stdout.contains("APPROVE"), "{ended}");
    ended
}

fn site<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sites = report["sites"].as_array().expect("a report has sites");
    sites.iter().find(|site| site["name"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

/// The third function does something else.
fn change_third(fixture: &Fixture, to: &str) {
    let code = fixture.read("src/lib.rs");
    let (before, after) = code.split_once("fn third(seed: u64) -> u64 {\n").expect("the third function");
    let (_, after) = after.split_once('\n').expect("its body");
    fixture.write("src/lib.rs", &format!("{before}fn third(seed: u64) -> u64 {{\n    {to}\n{after}"));
}

const AS_IT_WAS: &str = "turn_over(seed, std::hint::black_box(MIX_ROUNDS))";
const SLOWER: &str = "turn_over(seed, std::hint::black_box(4 * MIX_ROUNDS))";
const ALLOCATES: &str = "turn_over(*std::hint::black_box(Box::new(seed)), std::hint::black_box(MIX_ROUNDS))";

#[test]
fn without_a_repository_one_allocation_is_rejected_and_a_slower_function_is_marked() {
    let fixture = recorded();
    for _ in 0..10 {
        fixture.darwin(["run"]).expect_code(0);
    }
    std::fs::remove_dir_all(fixture.root().join(".git")).expect("the repository can be removed");
    check(&fixture, &["--against", "HEAD"]).expect_code(4).expect_stdout("is in no git repository");

    let unchanged = is_open(check(&fixture, &[]), "is in no git repository").expect_stdout("run `git init`");
    let unchanged = unchanged.expect_stdout("slows all sites alike");
    unchanged.expect_stdout("only then can this be approved").expect_stdout(" stored runs: ");
    let ended = check(&fixture, &["--format", "json"]).expect_code(3);
    let report = ended.json();
    schema::is_as_published(&report);
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"INCONCLUSIVE".into(), &3.into()));
    assert_eq!(report["baseline"], serde_json::json!({ "rev": null, "how": "record" }));
    assert!(report["record"]["machine_share_percent"]["p50"].is_f64(), "{ended}");
    let third = site(&report, "gate_fixture::third");
    assert_eq!(
        (&third["verdict"], &third["metrics"]["allocs"]["verdict"]),
        (&"INCONCLUSIVE".into(), &"APPROVE".into())
    );
    assert!(
        third["metrics"]["p50"]["baseline_ns"].is_f64() && third["metrics"]["p50"]["verdict"].is_null(),
        "{ended}"
    );

    change_third(&fixture, SLOWER);
    let slower = is_open(check(&fixture, &[]), "is in no git repository");
    let slower = slower.expect_stdout("slower than the rest: gate_fixture::third");
    slower.expect_stdout("note: advisory: p50 +").expect_stdout("is above that (advisory)");

    change_third(&fixture, ALLOCATES);
    let more =
        check(&fixture, &[]).expect_code(1).expect_stdout("Allocations: 0 -> 1 a call (**+1**), exact");
    more.expect_stdout("gate_fixture::third allocates more").expect_stdout("counts alone decide");
    let report = check(&fixture, &["--format", "json"]).expect_code(1).json();
    let allocs = &site(&report, "gate_fixture::third")["metrics"]["allocs"];
    assert_eq!((&allocs["baseline_per_call"], &allocs["candidate_per_call"]), (&0.0.into(), &1.0.into()));

    let record = fixture.read("darwin.baseline.toml");
    fixture.replace("darwin.baseline.toml", "rustc 1", "rustc 0");
    let other = is_open(check(&fixture, &[]), "is in no git repository");
    let other =
        other.expect_stdout("only counts were compared").expect_stdout("counts of work::both are advisory");
    assert!(!other.stdout.contains("Latency"), "{other}");
    let is_old = |line: &&str| !line.starts_with("build = ") && !line.starts_with("iterations = ");
    let old: Vec<&str> = record.lines().filter(is_old).collect();
    fixture.write("darwin.baseline.toml", &(old.join("\n").replace("version = 2", "version = 1") + "\n"));
    let old = is_open(check(&fixture, &[]), "is in no git repository");
    old.expect_stdout("does not say how it was counted").expect_stdout("(**+1**), advisory");

    change_third(&fixture, "no_such_function(seed)");
    check(&fixture, &[]).expect_code(4).expect_stdout("the working tree does not build");
}

#[test]
fn a_baseline_that_is_cut_off_does_not_build_or_was_not_committed_leaves_the_record() {
    let fixture = recorded();
    let head = fixture.commit("later");
    fixture.write(".git/shallow", &format!("{head}\n"));
    is_open(check(&fixture, &[]), "run `git fetch --unshallow`");
    check(&fixture, &["--against", "no-such-revision"]).expect_code(2).expect_stderr("no-such-revision");
    let markdown = check(&fixture, &["--format", "markdown"]).expect_code(3);
    markdown.expect_stdout("## INCONCLUSIVE: the record alone").expect_stdout("no baseline code, judged");
    fixture.remove(".git/shallow");

    let record = fixture.read("darwin.baseline.toml");
    fixture.write("darwin.baseline.toml", &format!("{record}# recorded with what does not build any more\n"));
    change_third(&fixture, "no_such_function(seed)");
    fixture.commit("does not build");
    change_third(&fixture, AS_IT_WAS);
    let ended = is_open(check(&fixture, &[]), "the baseline could not be built: ");
    ended.expect_stdout("error[E0425]: cannot find function `no_such_function`").expect_stdout("toolchain");
    check(&fixture, &["--against", "HEAD"]).expect_code(4).expect_stdout("the baseline could not be built");

    fixture.git(["rm", "--quiet", "--cached", "darwin.baseline.toml"]);
    fixture.git(["commit", "--quiet", "--message", "not committed"]);
    is_open(check(&fixture, &[]), "not committed yet; commit it");
    fixture.replace("darwin.baseline.toml", "work::both", "work::other");
    let nothing = check(&fixture, &[]).expect_code(4).expect_stdout("not committed yet; commit it");
    nothing.expect_stdout("cannot stand in for it").expect_stdout("INVALID");
}
