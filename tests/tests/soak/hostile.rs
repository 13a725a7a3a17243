//! Workloads that misbehave, on either side, in each way: never an APPROVE, no delta, and nothing of them is left.

use super::session::{Asked, Session};
use darwin_tests::Ended;
use darwin_tests::soak::size;

/// What a workload does, and what a report then says.
const WAYS: [(&str, &str); 18] = [
    ("exit-3", "exited with code 3"),
    ("exit-0", "without a single measured call"),
    ("abort", "killed by signal 6"),
    ("panic", "oh no"),
    ("segfault", "killed by signal 11"),
    ("overflow", "killed by signal 6"),
    ("kill", "killed by signal 9"),
    ("stop", "did not end within 3 s"),
    ("hang", "did not end within 3 s"),
    ("spin", "did not end within 3 s"),
    ("ignore-term", "did not end within 3 s"),
    ("print", "exited with code 3"),
    ("print-nul", "exited with code 3"),
    ("no-room", "the workload"),
    ("leave", "let it wait for what it starts"),
    ("daemon-open", "let it wait for what it starts"),
    ("daemon-closed", "let it wait for what it starts"),
    ("daemon-nameless", "let it wait for what it starts"),
];

/// Ways of which each is tried in the small soak; the others are like one of them.
const SMALL: [&str; 8] =
    ["exit-0", "segfault", "ignore-term", "print", "print-nul", "leave", "daemon-open", "daemon-nameless"];

#[track_caller]
pub fn has_no_result(ended: &Ended, what: &str) {
    for word in ["APPROVE", "Latency", "Throughput", "(**"] {
        assert!(!ended.stdout.contains(word), "{what}: `{word}` in the result of a failed check\n{ended}");
    }
    let is_raw = |text: &str| text.contains(|char: char| char.is_control() && char != '\n' && char != '\t');
    assert!(!is_raw(&ended.stdout) && !is_raw(&ended.stderr), "{what}: raw control characters\n{ended:?}");
}

#[test]
fn a_hostile_workload_is_invalid_and_nothing_of_it_is_left() {
    let mut session = Session::unchanged();
    for (kind, words) in WAYS {
        for (side, workload) in
            size(&[("1", "whole")][..], &[("0", "whole"), ("1", "whole"), ("*", "turns*")][..])
        {
            if !size(SMALL.contains(&kind), true)
                || (["exit-0", "no-room"].contains(&kind) && *workload != "whole")
            {
                continue;
            }
            let fault = format!("{kind} {side} * 0");
            let outcome = session.check(&Asked { fault: &fault, workload, seed: 1 });
            let what = format!("{fault} of {workload}");
            assert!(outcome.hit, "{what}: it did not come\n{}", outcome.ended);
            let ended = outcome.ended;
            assert_eq!(ended.code, 4, "{what}\n{ended}");
            has_no_result(&ended, &what);
            assert!(ended.stdout.contains(words), "{what}: `{words}` is not said\n{ended}");
        }
    }
}
