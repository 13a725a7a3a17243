//! Counts are there whatever becomes of the process, its threads and its futures.

mod workload;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::OnceLock;

use cargo_darwin::io::map::SiteTotals;
use cargo_darwin::io::run_dir::RunDir;
use darwin_tests::Fixture;

const SIGKILL: i32 = 9;
const SIGABRT: i32 = 6;

/// The fixture's program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| workload::built(&Fixture::new("survive"), &[]))
}

/// Runs the program to its end with measurement on.
fn run(how: &str) -> (Output, RunDir) {
    let folder = RunDir::new().expect("a run directory can be made");
    let output =
        workload::counting(program(), &folder).arg(how).output().expect("the program can be started");
    (output, folder)
}

/// The same for a program that must end well; what its one process counted.
fn totals(how: &str) -> BTreeMap<String, SiteTotals> {
    let (output, folder) = run(how);
    assert!(output.status.success(), "{output:?}");
    let map = workload::only_map(&folder);
    assert_eq!(map.lost, 0, "no call is lost");
    workload::totals(&map)
}

/// Calls of `step`, each of which is in the histogram too.
fn steps_of_the_only_map(folder: &RunDir) -> u64 {
    let totals = workload::totals(&workload::only_map(folder));
    let step = &totals["step"];
    assert_eq!(step.calls, step.histogram.len(), "a call is counted whole or not at all");
    step.calls
}

#[test]
fn counts_survive_process_exit() {
    let (output, folder) = run("exit");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(steps_of_the_only_map(&folder), 1000);
}

#[test]
fn counts_survive_abort() {
    let (output, folder) = run("abort");
    assert_eq!(output.status.signal(), Some(SIGABRT));
    assert_eq!(steps_of_the_only_map(&folder), 1000);
}

#[test]
fn counts_survive_a_panic_out_of_main() {
    let (output, folder) = run("panic");
    assert_eq!(output.status.code(), Some(101));
    assert_eq!(steps_of_the_only_map(&folder), 1000);
}

#[test]
fn counts_survive_sigkill() {
    let folder = RunDir::new().expect("a run directory can be made");
    let mut child = workload::counting(program(), &folder)
        .arg("kill")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let stdout = child.stdout.take().expect("stdout is piped");
    assert_eq!(BufReader::new(stdout).lines().next().transpose().ok().flatten().as_deref(), Some("ready"));
    child.kill().expect("a process can be killed");
    assert_eq!(child.wait().expect("a process can be waited for").signal(), Some(SIGKILL));
    assert_eq!(steps_of_the_only_map(&folder), 1000);
}

#[test]
fn threads_that_still_run_at_exit_keep_what_they_counted() {
    let step = &totals("threads-at-exit")["step"];
    assert!(step.calls >= 4000, "{} calls", step.calls);
    let in_flight = step.calls.abs_diff(step.histogram.len());
    assert!(in_flight <= 4, "{in_flight} calls of four threads were half counted");
}

#[test]
fn threads_one_after_another_share_one_block() {
    let (output, folder) = run("short-threads");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(steps_of_the_only_map(&folder), 2000);
    let maps = fs::read_dir(folder.path()).expect("the run directory can be read");
    let bytes: u64 = maps.map(|map| map.and_then(|map| map.metadata()).map_or(0, |map| map.len())).sum();
    assert_eq!(bytes, 64 << 10, "two hundred threads need no more than the first step of a map");
}

#[test]
fn first_calls_of_many_threads_at_once_count_exactly() {
    for _ in 0..20 {
        let totals = totals("first-calls");
        let called: Vec<u64> = totals.values().map(|site| site.calls).filter(|calls| *calls > 0).collect();
        assert_eq!(called, [8; 60]);
    }
}

#[test]
fn a_crowd_of_threads_counts_exactly() {
    let step = &totals("crowd")["step"];
    assert_eq!((step.calls, step.histogram.len()), (1000, 1000));
}

#[test]
fn destructors_of_thread_local_variables_count() {
    assert_eq!(totals("destructors")["step"].calls, 21);
}

#[test]
fn forked_children_count_into_maps_of_their_own() {
    let (output, folder) = run("fork");
    assert!(output.status.success(), "{output:?}");
    let expected: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of calls");
    let maps = folder.maps(0).expect("the maps can be read");
    let mut calls: Vec<u64> = maps.iter().map(|map| workload::totals(map)["step"].calls).collect();
    calls.sort_unstable();
    assert_eq!(calls, [50, 50, 50, expected]);
}

#[test]
fn started_children_count_into_maps_of_their_own() {
    let (output, folder) = run("spawn");
    assert!(output.status.success(), "{output:?}");
    let maps = folder.maps(0).expect("the maps can be read");
    let mut calls: Vec<u64> = maps.iter().map(|map| workload::totals(map)["step"].calls).collect();
    calls.sort_unstable();
    assert_eq!(calls, [100, 1000]);
}

#[test]
fn panics_are_counted_apart_and_unwinding_code_is_measured() {
    let totals = totals("panics");
    for name in ["outer", "inner"] {
        let site = &totals[name];
        assert_eq!((site.panicked, site.calls, site.histogram.len()), (5, 3, 3), "{name}");
    }
    let step = &totals["step"];
    assert_eq!((step.panicked, step.calls), (0, 8), "a call made while unwinding is a call");
}

#[test]
fn every_level_of_a_recursion_is_a_call() {
    let depth = &totals("recursion")["depth"];
    assert_eq!((depth.calls, depth.histogram.len()), (10_001, 10_001));
}

#[test]
fn futures_complete_are_cancelled_or_panic() {
    let totals = totals("async");
    let (wait, fail) = (&totals["futures::wait"], &totals["futures::fail"]);
    assert_eq!((wait.calls, wait.histogram.len(), wait.polls), (6, 6, 16));
    assert_eq!((wait.cancelled, wait.panicked), (2, 0));
    assert!(wait.busy_ticks <= wait.ticks, "polls are a part of the whole");
    assert_eq!((fail.calls, fail.cancelled, fail.panicked), (0, 0, 1));
}

#[test]
fn allocations_are_exact_from_the_first_call_on() {
    let totals = totals("allocations");
    let counted = |name: &str| {
        let site = &totals[name];
        (site.calls, site.allocs, site.bytes)
    };
    assert_eq!(counted("memory::small"), (10, 10, 1000));
    assert_eq!(counted("memory::large"), (10, 30, 31_000));
    assert_eq!(counted("memory::none"), (10, 0, 0));
}

#[test]
fn scopes_count_under_the_name_of_their_function() {
    let totals = totals("scopes");
    let calls = |name: &str| totals[name].calls;
    assert_eq!(calls("parse"), 10);
    assert_eq!(calls("parse::all"), 10);
    assert_eq!(calls("parse::part"), 10);
    assert_eq!(calls("parse::part#2"), 4);
}

#[test]
fn a_map_never_grows_into_a_file_of_the_program() {
    let folder = RunDir::new().expect("a run directory can be made");
    let mine = RunDir::new().expect("another folder can be made");
    let output = workload::counting(program(), &folder)
        .arg("closed-files")
        .arg(mine.path().join("mine"))
        .output()
        .expect("the program can be started");
    assert!(output.status.success(), "{output:?}");
    for file in fs::read_dir(mine.path()).expect("the folder can be read") {
        let path = file.expect("the folder can be read").path();
        assert_eq!(fs::read(&path).expect("the file can be read"), b"mine", "{}", path.display());
    }
}

#[test]
fn a_map_that_cannot_grow_loses_calls_and_says_how_many() {
    let folder = RunDir::new().expect("a run directory can be made");
    // Half a KiB or one, as the shell has it: room for the first step of the map, but not for a hundred threads.
    let output = workload::counting(Path::new("sh"), &folder)
        .args(["-c", "ulimit -f 600 && exec \"$0\" crowd"])
        .arg(program())
        .output()
        .expect("the program can be started");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"done\n");
    let map = workload::only_map(&folder);
    assert!(map.lost > 0);
    assert_eq!(workload::totals(&map)["step"].histogram.len() + map.lost, 1000);
}
