//! R7: threads that still run when `main` returns.

use darwin_tests::soak::{show, size};

use super::{Counted, MODES, Tally, counting, folder};
use crate::workload;

/// Calls that each of them has made by then.
const CALLS: u64 = 1000;

#[test]
fn threads_that_outlive_main_keep_what_they_counted() {
    let (threads, rounds) = size((8_u64, 2), (64, 20));
    for mode in MODES {
        let mut fewest = u64::MAX;
        for round in 0..rounds {
            let folder = folder(mode);
            let tally = Tally::new(&folder);
            let words = ["detached", &threads.to_string(), &CALLS.to_string(), tally.path()];
            let status = counting("runtime-faults", &folder, &words).status().expect("it can be started");
            assert!(status.success(), "{mode:?}: {status}");
            let counted = Counted::of(workload::only_map(&folder), mode);
            assert_eq!(counted.map.lost, 0, "{mode:?}");
            assert_eq!(counted.map.threads().ok(), usize::try_from(threads).ok(), "{mode:?}");
            let calls = counted.site("step").calls;
            tally.assert_holds(calls, threads, mode, &format!("{mode:?}, round {round}"));
            assert!(tally.sums()[1] >= threads * CALLS);
            fewest = fewest.min(calls);
        }
        show(&format!("{mode:?}: {rounds} times {threads} threads, {fewest} calls and more"));
    }
}
