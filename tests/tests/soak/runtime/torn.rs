//! R3: a program with eight hot threads is killed at any instant.

use std::process::Stdio;
use std::time::Duration;

use cargo_darwin::model::Mode;
use darwin_tests::soak::{Random, show, size};

use super::{Counted, MODES, Tally, counting, folder};

const SEED: u64 = 3;
const THREADS: u64 = 8;

/// From before there is a map until every function has been called in every thread.
const LATEST: Duration = Duration::from_millis(30);

/// Kills one; how many calls had ended, if there is a map.
fn killed(mode: Mode, after: Duration) -> Option<u64> {
    let folder = folder(mode);
    let tally = Tally::new(&folder);
    let mut command = counting("runtime-faults", &folder, &["hot", &THREADS.to_string(), tally.path()]);
    let mut child = command.stdout(Stdio::null()).spawn().expect("the program can be started");
    // Which instant that is says nothing about the outcome.
    std::thread::sleep(after);
    child.kill().expect("a process can be killed");
    child.wait().expect("a process can be waited for");
    let what = format!("{mode:?}, seed {SEED}, killed after {after:?}");
    let mut maps = folder.maps(0).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(maps.len() <= 1, "{what}");
    let Some(map) = maps.pop() else {
        assert_eq!(tally.sums()[1], 0, "{what}: a call has ended, and there is no map");
        return None;
    };
    assert_eq!((map.pid, map.lost), (child.id(), 0), "{what}");
    let counted = Counted::of(map, mode);
    let calls = counted.totals.values().map(|site| site.calls).sum();
    tally.assert_holds(calls, THREADS, mode, &what);
    if mode != Mode::Adaptive {
        let recorded: u64 = counted.totals.values().map(|site| site.histogram.len()).sum();
        assert!(calls.abs_diff(recorded) <= THREADS, "{what}: {calls} calls, {recorded} in histograms");
    }
    if mode == Mode::Graph {
        let edges = counted.totals.values().flat_map(|site| site.callers.values());
        let noted: u64 = edges.map(|edge| edge.calls).sum();
        assert!(calls.abs_diff(noted) <= THREADS, "{what}: {calls} calls, {noted} by callers");
    }
    assert!(counted.map.threads().expect("the list of threads is whole") <= THREADS as usize, "{what}");
    Some(tally.sums()[1])
}

#[test]
fn a_map_is_whole_at_any_instant() {
    let rounds = size(8, 500);
    for mode in MODES {
        let mut random = Random::new(SEED);
        let ended: Vec<_> = (0..rounds).map(|_| killed(mode, random.duration(LATEST))).collect();
        let with_calls = ended.iter().flatten().filter(|calls| **calls > 0).count();
        let unmade = ended.iter().filter(|calls| calls.is_none()).count();
        show(&format!("{mode:?}: {rounds} killed, {unmade} before there was a map, {with_calls} with calls"));
    }
}
