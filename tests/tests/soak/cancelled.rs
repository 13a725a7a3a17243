//! Futures that end in every way at every `await`, on other threads than they began: each one that was polled has
//! completed, was cancelled, or has panicked, and the measured program's own count says the same.

use std::path::Path;

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::map::SiteTotals;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_tests::Fixture;
use darwin_tests::soak::{show, size};

use super::workload;

/// Begun, completed, panicked, cancelled.
type Ends = [u64; 4];

/// Runs the program; for each of its functions what it counted for itself, and what was measured.
fn run(program: &Path, (how, futures): (&str, u64), mode: Mode) -> Vec<(String, Ends, SiteTotals)> {
    let folder = RunDir::new().expect("a run directory can be made");
    let control = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
    control.expect("a control page can be made").count_in(mode);
    let mut command = workload::counting(program, &folder);
    let output = command.args([how, &futures.to_string()]).output().expect("the program can be started");
    assert!(output.status.success(), "{how}: {output:?}");
    let map = workload::only_map(&folder);
    assert_eq!((map.lost, map.mode), (0, mode), "{how}: no call is lost");
    let mut measured = workload::totals(&map);
    let text = String::from_utf8(output.stdout).expect("the program writes UTF-8");
    let counted = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next().expect("a line begins with a name").to_owned();
        let ends: Vec<u64> = words.map(|word| word.parse().expect("a number")).collect();
        let totals = measured.remove(&format!("many::{name}")).expect("the function is a site");
        (name, ends.try_into().expect("four numbers"), totals)
    };
    text.lines().map(counted).collect()
}

/// Every future of these functions ended once, in the way that the program saw.
fn assert_all_ended(how: &str, mode: Mode, (name, ends, totals): &(String, Ends, SiteTotals)) {
    let measured = [totals.calls, totals.panicked, totals.cancelled];
    assert_eq!(measured, ends[1..], "{how}, {mode:?}, {name}: completed, panicked, cancelled");
    assert_eq!(measured.iter().sum::<u64>(), ends[0], "{how}, {mode:?}, {name}: all that have begun");
    assert!(ends[1..].iter().all(|count| *count > 0), "{how}, {name}: {ends:?}");
    if mode != Mode::Adaptive {
        assert_eq!(totals.histogram.len(), totals.calls, "{how}, {mode:?}, {name}");
        assert!(totals.busy_ticks <= totals.ticks, "{how}, {mode:?}, {name}: polls are a part of the whole");
    }
}

#[test]
fn cancelled_completed_and_panicked_futures_are_all_that_were_begun() {
    let fixture = Fixture::new("tasks");
    let program = workload::built(&fixture, &[]);
    for how in ["many-around", "many-aborted"] {
        for mode in [Mode::Exact, Mode::Graph, Mode::Adaptive] {
            let futures = size(1000, 150_000);
            for function in run(&program, (how, futures), mode) {
                assert_all_ended(how, mode, &function);
                let (name, [begun, completed, panicked, cancelled], _) = function;
                show(&format!(
                    "{how} {futures} {mode:?} {name}: {begun} begun = {completed} completed + {panicked} panicked + {cancelled} cancelled"
                ));
            }
        }
    }
}
