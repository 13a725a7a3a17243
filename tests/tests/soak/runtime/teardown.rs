//! R6: measured calls in destructors of thread-local variables.

use darwin_tests::soak::{show, size};

use super::{MODES, counted};

/// In each thread: one, and ten in a destructor.
const CALLS: u64 = 11;

#[test]
fn calls_in_the_destructors_of_a_thread_are_counted_in_every_order() {
    let threads: u64 = size(300, 10_000);
    for mode in MODES {
        let (_, counted) = counted("runtime-faults", mode, &["teardown", &threads.to_string()]);
        assert_eq!(counted.site("step").calls, threads * CALLS, "{mode:?}");
        let blocks = counted.map.threads().expect("the list of threads is whole");
        show(&format!("{mode:?}: {} calls of {threads} threads in {blocks} blocks", threads * CALLS));
    }
}
