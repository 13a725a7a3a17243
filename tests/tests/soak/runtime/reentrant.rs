//! R5: measured functions where they may interrupt anything.

use std::process::Output;

use darwin_tests::soak::{show, size};

use super::{Counted, MODES, counted, counting, folder};
use crate::workload;

/// The numbers that a program said.
fn said(output: &Output) -> Vec<u64> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().map(|word| word.parse().expect("a number")).collect()
}

/// Counted and lost calls may be off by one in so many: a signal may come between reading and writing of a count.
const ONE_IN: u64 = 1000;

#[test]
fn allocator_logger_and_signal_handlers_are_measured_without_a_deadlock() {
    // Ten seconds at 5 kHz.
    let signals: u64 = size(500, 50_000);
    for mode in MODES {
        let folder = folder(mode);
        let command = &mut counting("reentrant", &folder, &[&signals.to_string()]);
        let output = command.output().expect("the program can be started");
        assert!(output.status.success() && output.stderr.is_empty(), "{mode:?}: {output:?}");
        let [made, handled] = said(&output)[..] else { panic!("{output:?}") };
        let counted = Counted::of(workload::only_map(&folder), mode);
        let calls: u64 = counted.totals.values().map(|site| site.calls).sum();
        let lost = counted.map.lost;
        assert!(handled >= signals, "{mode:?}");
        let off = (calls + lost).abs_diff(made);
        assert!(off <= made / ONE_IN, "{mode:?}: made {made}, counted {calls}, lost {lost}");
        show(&format!("{mode:?}: {handled} signals, {made} calls, {lost} lost, {off} not told"));
    }
}

#[test]
fn the_first_call_of_a_thread_may_be_that_of_a_signal_handler_within_the_allocator() {
    let threads: u64 = size(300, 50_000);
    for mode in MODES {
        let (output, counted) = counted("runtime-faults", mode, &["fresh", &threads.to_string()]);
        let handled = said(&output)[0];
        assert!(handled >= threads, "{mode:?}");
        assert_eq!(counted.site("handled").calls, handled, "{mode:?}");
        show(&format!("{mode:?}: {threads} threads, {handled} signals"));
    }
}
