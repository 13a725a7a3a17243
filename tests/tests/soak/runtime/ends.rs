//! R2: whatever ends a process, what it counted is there.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use cargo_darwin::model::Mode;
use darwin_tests::soak::{show, size};

use super::{Counted, MODES, Tally, counting, folder};

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGSEGV: i32 = 11;
const SIGTERM: i32 = 15;

/// Calls that the first thread makes before the end.
const CALLS: u64 = 1000;

/// Threads that make calls.
const THREADS: u64 = 5;

/// What a program does, and the code or the signal that it ends with.
const ENDS: [(&str, Result<i32, i32>); 9] = [
    ("abort", Err(SIGABRT)),
    ("panic", Err(SIGABRT)),
    ("kill", Err(SIGKILL)),
    ("segfault", Err(SIGSEGV)),
    ("overflow", Err(SIGABRT)),
    ("exit", Ok(3)),
    ("_exit", Ok(4)),
    ("exec", Ok(0)),
    ("terminate", Err(SIGTERM)),
];

fn ends(how: &str, expected: Result<i32, i32>, mode: Mode) {
    let folder = folder(mode);
    let tally = Tally::new(&folder);
    let calls = CALLS.to_string();
    let mut command = match how {
        // Built with `-C panic=abort`.
        "panic" => counting("aborts", &folder, &[&calls, tally.path()]),
        _ => counting("runtime-faults", &folder, &["end", how, &calls, tally.path()]),
    };
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it can be started");
    let ended = status.code().ok_or(status.signal().unwrap_or_default());
    let what = format!("{how} in mode {mode:?}");
    assert_eq!(ended, expected, "{what}");
    let maps = folder.maps(0).expect("the maps can be read");
    let mut maps: Vec<Counted> = maps.into_iter().map(|map| Counted::of(map, mode)).collect();
    assert!(maps.iter().all(|counted| counted.map.lost == 0), "{what}");
    if how == "exec" {
        // The program that took its place has the same process id and a map of its own.
        let other = maps.pop().expect("there are two maps");
        assert_eq!(other.site("step").calls, 10, "{what}");
    }
    assert_eq!(maps.len(), 1, "{what}");
    let step = maps[0].site("step");
    tally.assert_holds(step.calls, THREADS, mode, &what);
    if mode != Mode::Adaptive {
        assert!(step.calls >= CALLS, "{what}");
        assert!(step.calls.abs_diff(step.histogram.len()) <= THREADS, "{what}");
    }
}

#[test]
fn counts_are_there_whatever_ends_the_process() {
    let rounds = size(1, 100);
    for mode in MODES {
        for (how, expected) in ENDS {
            (0..rounds).for_each(|_| ends(how, expected, mode));
        }
        show(&format!("{mode:?}: {0} of {0}", rounds * ENDS.len()));
    }
}
