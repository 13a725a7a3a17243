//! R1: panics through measured functions.

use cargo_darwin::model::Mode;
use darwin_tests::soak::{show, size};

use super::{MODES, counted};

/// Panics come up through 1 to this many levels, by turns.
const DEEPEST: u64 = 64;

#[test]
fn each_panic_leaves_everything_as_it_was_and_is_in_no_latency() {
    let panics = size(50, 15_625) * DEEPEST;
    let levels = panics / DEEPEST * (DEEPEST * (DEEPEST + 1) / 2);
    for mode in MODES {
        let (_, counted) = counted("runtime-faults", mode, &["unwinds", &panics.to_string()]);
        let (fall, step) = (counted.site("fall"), counted.site("step"));
        assert_eq!((fall.panicked, fall.calls), (levels, panics), "{mode:?}");
        assert_eq!(
            (step.panicked, step.calls),
            (0, levels),
            "{mode:?}: calls made while unwinding are calls"
        );
        if mode == Mode::Exact {
            assert_eq!((fall.histogram.len(), step.histogram.len()), (panics, levels));
        }
        if mode == Mode::Graph {
            // Each of them is the outermost one again, and nobody has called it.
            assert_eq!(counted.calls_by(None, "fall"), (panics, panics));
            assert_eq!(counted.calls_by(Some("fall"), "fall"), (0, 0));
            assert_eq!((fall.primitive_calls, fall.histogram.len()), (panics, panics));
            assert_eq!(counted.calls_by(Some("fall"), "step"), (levels, levels));
            counted.assert_selves_sum_to_the_roots();
        }
        show(&format!("{mode:?}: {panics} panics through {levels} calls"));
    }
}

/// The standard library does not tell a second panic within an unwinding from the first: a call that begins while its
/// thread unwinds, and fails, is a completed one.
#[test]
fn panics_that_are_caught_within_an_unwinding_leave_everything_as_it_was() {
    let panics: u64 = size(1000, 100_000);
    for mode in MODES {
        let (_, counted) = counted("runtime-faults", mode, &["drops", &panics.to_string()]);
        let count = |name| (counted.site(name).panicked, counted.site(name).calls);
        assert_eq!(count("outer"), (panics, 0), "{mode:?}");
        assert_eq!(count("again"), (0, panics), "{mode:?}");
        assert_eq!(count("step"), (0, 3 * panics), "{mode:?}");
        assert_eq!(count("fall"), (0, panics), "{mode:?}");
        if mode == Mode::Graph {
            assert_eq!(counted.calls_by(None, "fall"), (panics, panics));
            assert_eq!(counted.calls_by(Some("outer"), "again"), (panics, panics));
            counted.assert_selves_sum_to_the_roots();
        }
    }
}
