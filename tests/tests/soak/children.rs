//! R13: every process counts into a map of its own, however it came to be, and none disturbs its parent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::workload;
use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::map::Map;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_tests::soak::{show, size};
use darwin_tests::{Fixture, cargo_darwin};

const MODES: [Mode; 3] = [Mode::Exact, Mode::Graph, Mode::Adaptive];

/// The fixture's program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| workload::built(&Fixture::new("children"), &[]))
}

/// What a program said that it made, and what its processes counted.
struct Ran {
    own: u64,
    processes: usize,
    calls: u64,
    first: Vec<Map>,
    others: Vec<Map>,
}

impl Ran {
    fn of(words: &[&str], mode: Mode) -> Ran {
        let folder = RunDir::new().expect("a run directory can be made");
        let control = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
        let control = control.expect("a control page can be made");
        control.count_in(mode);
        let started = workload::counting(program(), &folder).args(words).stdout(Stdio::piped()).spawn();
        let started = started.expect("the program can be started");
        let pid = started.id();
        let output = started.wait_with_output().expect("the program ends");
        assert!(output.status.success(), "{words:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<u64> = said.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let [own, processes, calls] = numbers[..] else { panic!("{words:?} said {said}") };
        assert_eq!(control.without_map(0), 0, "{words:?}: each process has a map");
        let maps = folder.maps(0).expect("the maps can be read");
        assert!(maps.iter().all(|map| map.lost == 0 && map.mode == mode), "{words:?}: no call is lost");
        let (first, others) = maps.into_iter().partition(|map| map.pid == pid);
        Ran { own, processes: processes as usize, calls, first, others }
    }

    /// The first process and all others counted what they made.
    fn is_exact(&self, words: &[&str]) {
        assert_eq!(self.first.len(), 1, "{words:?}: one process, one map");
        assert_eq!(calls(&self.first, "step"), self.own, "{words:?}: calls of the first process");
        assert_eq!(self.others.len(), self.processes, "{words:?}: processes that counted");
        assert_eq!(calls(&self.others, "step"), self.calls, "{words:?}: calls of the others");
    }
}

/// Calls of all sites together.
fn all_calls(maps: &[Map]) -> u64 {
    maps.iter().flat_map(|map| workload::totals(map).into_values()).map(|site| site.calls).sum()
}

fn calls(maps: &[Map], site: &str) -> u64 {
    maps.iter().map(|map| workload::totals(map)[site].calls).sum()
}

#[test]
fn children_of_all_kinds_under_eight_hot_threads() {
    for mode in MODES {
        let forks = size(30, 1000).to_string();
        let words = ["hot", &forks];
        let ran = Ran::of(&words, mode);
        ran.is_exact(&words);
        let (own, others, calls) = (ran.own, ran.processes, ran.calls);
        show(&format!(
            "{forks} children, {mode:?}: {own} calls here, {calls} in {others} processes, all there"
        ));
    }
}

#[test]
fn children_forked_while_threads_make_the_very_first_calls() {
    const CHILDREN: &str = "5";
    let programs = size(5, 300);
    for number in 0..programs {
        let mode = MODES[number % MODES.len()];
        let ran = Ran::of(&["firsts", CHILDREN], mode);
        assert_eq!(
            (ran.first.len(), ran.others.len()),
            (1, ran.processes),
            "{mode:?}: a map for each process"
        );
        assert_eq!(all_calls(&ran.first), ran.own, "{mode:?}");
        assert_eq!(all_calls(&ran.others), ran.calls, "{mode:?}");
    }
    show(&format!(
        "{programs} programs with {CHILDREN} children forked while eight threads begin: all calls there"
    ));
}

#[test]
fn children_of_an_open_call() {
    let forks = size(10, 1000);
    for mode in MODES {
        let number = forks.to_string();
        let words = ["open", &number];
        let ran = Ran::of(&words, mode);
        ran.is_exact(&words);
        let open = |maps: &[Map]| calls(maps, "forks::opened");
        assert_eq!(open(&ran.first), forks, "{mode:?}");
        match mode {
            // One that is not timed is counted at its entry, which was in the parent.
            Mode::Adaptive => assert!(open(&ran.others) <= forks),
            _ => assert_eq!(open(&ran.others), forks, "{mode:?}: it ends in both"),
        }
        show(&format!(
            "{forks} forks in an open call, {mode:?}: it ended {} times here, {} times there",
            open(&ran.first),
            open(&ran.others)
        ));
    }
}

#[test]
fn children_of_children_hold_nothing_of_all_their_parents() {
    let depth = size(40, 1500).to_string();
    let words = ["chain", &depth];
    Ran::of(&words, Mode::Exact).is_exact(&words);
    show(&format!("{depth} children, each of the one before: no more open files, under 1 MiB more each"));
}

#[test]
fn children_started_together_and_the_program_that_takes_a_place() {
    let copies = size(10, 500).to_string();
    let words = ["started", &copies];
    let ran = Ran::of(&words, Mode::Exact);
    ran.is_exact(&words);
    show(&format!("{copies} programs at once: {} calls in them, all there", ran.calls));
    for calls in [0, 50] {
        let ran = Ran::of(&["replaced", &calls.to_string()], Mode::Exact);
        let mut counted: Vec<u64> = ran.first.iter().map(|map| workload::totals(map)["step"].calls).collect();
        counted.sort_unstable();
        let mut made = [ran.own, ran.calls];
        made.sort_unstable();
        assert_eq!(counted, made, "one process, a map for each of the two programs");
        assert!(ran.others.is_empty());
    }
}

/// Peak memory of a process, in MiB, as long as it is there.
fn peak_mib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? >> 10)
}

/// Enough for reading ten thousand maps and their sites, and not for keeping what they have reserved (640 MiB).
const MOST_MIB: u64 = 600;

#[test]
fn children_in_great_number_are_summed_by_the_tool() {
    let children: u64 = size(200, 10_000);
    let fixture = Fixture::new("children");
    let line = "ulimit -n 256 && exec \"$0\" darwin run --format json --bin children-fixture -- many \"$1\"";
    let mut command: Command = fixture.command("sh");
    command.args(["-c", line]).arg(cargo_darwin()).arg(children.to_string());
    let output = fixture.root().join("target.json");
    command.stdout(fs::File::create(&output).expect("a file can be made"));
    let mut running = command.spawn().expect("the tool can be started");
    let mut peak = 0;
    let ended = loop {
        peak = peak_mib(running.id()).unwrap_or(0).max(peak);
        match running.try_wait().expect("a child can be asked") {
            Some(status) => break status,
            None => std::thread::sleep(std::time::Duration::from_millis(2)),
        }
    };
    assert!(ended.success(), "{ended}");
    let report = fs::read_to_string(output).expect("the report can be read");
    let report: serde_json::Value = serde_json::from_str(&report).expect("the report is JSON");
    let sites = report["sites"].as_array().expect("a run has sites");
    let step = sites.iter().find(|site| site["name"] == "children_fixture::step").expect("the site is there");
    assert_eq!(step["calls"].as_u64(), Some(3 * children + 1));
    assert!(peak <= MOST_MIB, "the tool took {peak} MiB");
    show(&format!(
        "{children} children: {} calls by `cargo darwin run`, which took {peak} MiB",
        step["calls"]
    ));
}

#[test]
fn children_that_cannot_make_a_map_are_told_of_and_run_on() {
    let fixture = Fixture::new("children");
    let run = fixture.darwin(["run", "--bin", "children-fixture", "--", "without-room", "5"]);
    let run = run
        .expect_code(4)
        .expect_stderr("1 of the workload's processes measured calls and could not make a map");
    assert!(run.stdout.is_empty(), "a part is no result\n{run}");
    // Where nothing was measured, nothing is missing.
    let run = fixture.darwin(["run", "--bin", "children-fixture", "--", "without-room", "0"]);
    run.expect_code(0).expect_stdout("children_fixture::step");
}
