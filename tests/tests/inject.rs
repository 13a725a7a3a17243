//! `check --inject`: one site of the candidate does more than its own work, the gate tells, and nothing else is changed.

#[allow(dead_code, reason = "the rest of it is for other programs")]
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::map::SiteTotals;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_runtime::injection::{Asked, VARIABLE};
use darwin_tests::{Ended, Fixture};
use serde_json::Value;

const MIX: &str = "gate_fixture::mix";
const MODES: [Mode; 3] = [Mode::Exact, Mode::Graph, Mode::Adaptive];

/// At less than 10 GHz a chain takes this long at least, and most processors more.
const STEPS: u32 = 500_000;
const TAKES: Duration = Duration::from_micros(50);

fn check(fixture: &Fixture, effect: &str) -> Ended {
    fixture.darwin(["check", "--format", "json", "--max-time", "20s", "--inject", effect])
}

fn site<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sites = report["sites"].as_array().expect("a report has sites");
    sites.iter().find(|site| site["name"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

#[test]
fn a_site_that_is_made_ten_times_slower_is_rejected_and_the_report_says_what_was_injected() {
    let fixture = Fixture::new("gate");
    let ended = check(&fixture, "gate_fixture::mix=900%").expect_code(1);
    let report = ended.json();
    darwin_tests::schema::is_as_published(&report);
    assert_eq!(site(&report, MIX)["metrics"]["p50"]["verdict"], "REJECT", "{ended}");
    let injected = &report["injected"];
    assert_eq!((&injected["site"], &injected["metric"]), (&MIX.into(), &"p50".into()));
    assert_eq!((&injected["percent_asked"], &injected["allocs"]), (&900.0.into(), &0.into()));
    let number = |key: &str| injected[key].as_f64().unwrap_or_else(|| panic!("{key} is no number\n{ended}"));
    assert!(number("percent_achieved") > 100.0 && number("steps") > 0.0, "{ended}");
    assert!(number("low_percent") <= number("percent_achieved"), "{ended}");
    let counted = &site(&report, MIX)["metrics"]["allocs"];
    assert_eq!((&counted["calls"], &counted["candidate"]), (&counted["baseline_calls"], &0.into()));
    assert_eq!(fixture.evidence(), Vec::<PathBuf>::new(), "nothing of it is kept");
}

#[test]
fn one_injected_allocation_is_counted_to_the_last() {
    let fixture = Fixture::new("gate");
    let report = check(&fixture, "gate_fixture::mix=1alloc").expect_code(1).json();
    let counted = &site(&report, MIX)["metrics"]["allocs"];
    assert_eq!((&counted["baseline"], &counted["candidate"]), (&0.into(), &counted["calls"]));
    assert_eq!(site(&report, "gate_fixture::fold")["metrics"]["allocs"]["candidate"], 0);
    let injected = &report["injected"];
    assert_eq!((&injected["allocs"], &injected["allocs_achieved"]), (&1.into(), &1.0.into()));
    assert_eq!((&injected["percent_asked"], &injected["steps"]), (&Value::Null, &0.into()));
    let words = fixture.darwin(["check", "--inject", "gate_fixture::mix=1alloc"]).expect_code(1);
    words.expect_stdout("1 allocation asked in each call; counted 1 more a call");
}

#[test]
fn what_cannot_be_injected_is_refused_with_what_can() {
    let fixture = Fixture::new("gate");
    let refused = check(&fixture, "gate_fixture::max=1%").expect_code(2);
    refused
        .expect_stderr("no site gate_fixture::max that both")
        .expect_stderr("name one of gate_fixture::fold, ");
    let refused = check(&fixture, "gate_fixture::never_called=1%").expect_code(2);
    refused.expect_stderr("that both sides call");
    let refused = check(&fixture, "gate_fixture::mix=0.000001%").expect_code(2);
    refused.expect_stderr("0.000001% of the p50 of gate_fixture::mix").expect_stderr("% or more");
    check(&fixture, "gate_fixture::mix").expect_code(2).expect_stderr("write SITE=1%");
}

#[test]
fn both_sides_have_a_variable_of_the_same_length_and_one_is_asked_for_nothing() {
    let fixture = Fixture::new("gate");
    let told = fixture.target().join("told-by-injected");
    let _ = std::fs::remove_file(&told);
    let tells = format!(
        "fn both(b: &mut Bencher) {{
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open({told:?}).unwrap();
    let told = [\"DARWIN_RUN\", \"DARWIN_INJECT\"].map(|name| std::env::var(name).unwrap_or_default());
    let line = format!(\"{{}}|{{}}\\n\", &told[0][..1], told[1]);
    file.write_all(line.as_bytes()).unwrap();"
    );
    fixture.replace("benches/work.rs", "fn both(b: &mut Bencher) {", &tells);
    fixture.commit("a bench that tells what it was asked for");
    let against = ["--against", "HEAD", "--inject", "gate_fixture::mix=900%", "--max-time", "20s"];
    fixture.darwin(["check"].into_iter().chain(against)).expect_code(1);
    let told = std::fs::read_to_string(&told).expect("the bench has told");
    let of = |side: &str| -> Vec<Asked> {
        let values = told.lines().filter_map(|line| line.strip_prefix(side));
        values.filter(|value| !value.is_empty()).map(|value| Asked::parse(value).expect("ours")).collect()
    };
    let (baseline, candidate) = (of("0|"), of("1|"));
    assert!(baseline.len() > 2 && baseline.len() == candidate.len(), "one of each pair of processes\n{told}");
    assert!(baseline.iter().all(|asked| asked.steps == 0 && asked.names == [MIX]), "{told}");
    assert!(candidate.iter().any(|asked| asked.steps > 0 && asked.names == [MIX]), "{told}");
    let mut lengths: Vec<usize> = baseline.iter().chain(&candidate).map(|one| one.variable().len()).collect();
    lengths.dedup();
    assert_eq!(lengths.len(), 1, "{told}");
}

/// A program's run with the variable set: what its sites counted, what it wrote, and how long it took.
struct Run {
    sites: BTreeMap<String, SiteTotals>,
    output: Output,
    took: Duration,
}

/// Runs the fixture's program in a mode, asked for what `value` says.
fn run(program: &Path, how: &str, mode: Mode, value: Option<&str>) -> Run {
    let folder = RunDir::new().expect("a run directory can be made");
    let control = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
    control.expect("a control page can be made").count_in(mode);
    let mut command = workload::counting(program, &folder);
    command.arg(how).envs(value.map(|value| (VARIABLE, value)));
    let begin = Instant::now();
    let output = command.output().expect("the program can be started");
    let (took, map) = (begin.elapsed(), workload::only_map(&folder));
    assert_eq!((map.lost, map.mode), (0, mode), "{how}: no call is lost");
    Run { sites: workload::totals(&map), output, took }
}

fn asked(steps: u32, allocs: u32, site: &str) -> String {
    Asked { steps, over: 0, allocs, names: vec![site.to_owned()] }.variable()
}

/// The program of the fixture `modes`, built once.
fn modes() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| workload::built(&Fixture::new("modes"), &[]))
}

#[test]
fn each_call_is_asked_in_every_mode_also_one_that_is_not_timed() {
    for mode in MODES {
        let plain = run(modes(), "tree", mode, None);
        let slower = run(modes(), "tree", mode, Some(&asked(STEPS, 0, "modes_fixture::calls::leaf")));
        let calls = |run: &Run| -> Vec<(String, u64)> {
            run.sites.iter().map(|(name, totals)| (name.clone(), totals.calls)).collect()
        };
        assert_eq!(calls(&plain), calls(&slower), "{mode:?}");
        let leaf = &slower.sites["calls::leaf"];
        let ticks = |run: &Run, site: &str| run.sites[site].ticks;
        assert_eq!(leaf.calls, 70);
        assert!(slower.took > TAKES * 70, "{mode:?}: {:?}", slower.took);
        assert!(ticks(&slower, "calls::leaf") > 2 * ticks(&plain, "calls::leaf"), "{mode:?}");
    }
}

#[test]
fn a_hundred_thousand_calls_of_which_few_are_timed_take_as_long_as_they_were_asked_to() {
    let steps = STEPS / 10;
    let slower =
        run(modes(), "leaves", Mode::Adaptive, Some(&asked(steps, 0, "modes_fixture::calls::outer")));
    let outer = &slower.sites["calls::outer"];
    assert_eq!(outer.calls, 100_000);
    assert!(slower.took > TAKES / 10 * 100_000, "{:?}", slower.took);
}

#[test]
fn a_future_is_asked_once_in_the_poll_that_completes_it() {
    for mode in MODES {
        let slower =
            run(modes(), "futures", mode, Some(&asked(STEPS / 10, 1, "modes_fixture::futures::wait")));
        let plain = run(modes(), "futures", mode, None);
        let (wait, own) = (&slower.sites["futures::wait"], &plain.sites["futures::wait"]);
        assert_eq!((wait.calls, wait.cancelled, wait.panicked), (own.calls, own.cancelled, own.panicked));
        assert!(slower.took > TAKES / 10 * u32::try_from(wait.calls).expect("a thousand"), "{mode:?}");
        if mode != Mode::Adaptive {
            assert_eq!(wait.allocs, own.allocs + wait.calls, "{mode:?}: one more each");
            assert!(wait.busy_ticks > 2 * own.busy_ticks, "{mode:?}: it is busy time");
        }
    }
}

#[test]
fn an_allocation_is_one_of_the_site_and_a_call_that_panics_makes_none() {
    for mode in [Mode::Exact, Mode::Graph] {
        let plain = run(modes(), "panics", mode, None);
        for site in ["calls::failing", "calls::around"] {
            let more = run(modes(), "panics", mode, Some(&asked(0, 2, &format!("modes_fixture::{site}"))));
            let (own, seen) = (&plain.sites[site], &more.sites[site]);
            assert_eq!((seen.calls, seen.panicked), (own.calls, own.panicked), "{mode:?}");
            assert_eq!(seen.allocs, own.allocs + 2 * seen.calls, "{mode:?}: {site}");
            assert_eq!(more.output.status.code(), plain.output.status.code());
        }
    }
}

#[test]
fn a_variable_that_is_not_ours_or_a_process_that_is_not_ours_changes_nothing() {
    let plain = run(modes(), "tree", Mode::Exact, None);
    let asks_much = asked(STEPS, 9, "modes_fixture::calls::leaf");
    for value in ["", "garbage", &asks_much[1..], &format!("{asks_much}\n")] {
        let run = run(modes(), "tree", Mode::Exact, Some(value));
        assert_eq!((&run.output.stdout, &run.output.stderr), (&plain.output.stdout, &plain.output.stderr));
        assert_eq!(run.output.status.code(), Some(0), "{value}");
        let (leaf, own) = (&run.sites["calls::leaf"], &plain.sites["calls::leaf"]);
        assert_eq!((leaf.calls, leaf.allocs), (own.calls, own.allocs), "{value}");
    }
    let alone = std::process::Command::new(modes()).arg("tree").env(VARIABLE, asks_much).output();
    let alone = alone.expect("the program can be started");
    assert_eq!((alone.status.code(), alone.stdout, alone.stderr), (Some(0), Vec::new(), Vec::new()));
}

#[test]
fn a_variable_of_the_users_own_does_not_reach_what_is_measured() {
    let fixture = Fixture::new("gate");
    let mut command = fixture.command(darwin_tests::cargo_darwin());
    command.args(["darwin", "run", "--format", "json"]).env(VARIABLE, asked(0, 3, MIX));
    let report = Ended::of(&mut command).expect_code(0).json();
    assert!(site(&report, MIX)["calls"].as_u64() > Some(0));
    assert_eq!(site(&report, MIX)["allocs"], 0);
}
