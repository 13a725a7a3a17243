//! R4: recursions of any depth.

use cargo_darwin::io::clock;
use cargo_darwin::model::Mode;
use darwin_tests::soak::{show, size};

use super::{Counted, MODES, counted};

/// The two clock pairs that tell the rate are known to a microsecond.
const RATE_ERROR: f64 = 0.001;

/// Runs it in `mode`; nothing took longer than the whole program.
fn recursion(mode: Mode, words: &[&str]) -> Counted {
    let begin = clock::now();
    let (_, counted) = counted("runtime-faults", mode, words);
    let end = clock::now();
    let most = (end.nanos - begin.nanos) as f64 * (1.0 + RATE_ERROR);
    for (name, site) in &counted.totals {
        let longest = site.cumulative_ticks.max(site.max) as f64 * counted.map.clock.nanos_per_tick(end);
        assert!(longest <= most, "{mode:?} {words:?}: {longest} ns in {name}, of {most}");
    }
    if mode == Mode::Graph {
        counted.assert_selves_sum_to_the_roots();
    }
    counted
}

/// A site was called so often; in graph mode once from outside, and that call took the site's whole time.
#[track_caller]
fn assert_one_root(counted: &Counted, name: &str, calls: u64, caller: Option<&str>) {
    let site = counted.site(name);
    assert_eq!(site.calls, calls, "{name} in mode {:?}", counted.map.mode);
    match counted.map.mode {
        Mode::Exact => assert_eq!(site.histogram.len(), calls),
        Mode::Graph => {
            assert_eq!((site.primitive_calls, site.histogram.len()), (1, calls), "{name}");
            assert_eq!(counted.calls_by(caller, name).1, 1, "{name}");
            assert!(site.cumulative_ticks <= site.max, "{name}: the outermost call is the longest");
        }
        Mode::Adaptive => {}
    }
}

#[test]
fn depth_has_no_limit() {
    let levels: u64 = size(100_000, 1_000_000);
    for mode in MODES {
        let counted = recursion(mode, &["deep", &levels.to_string()]);
        assert_one_root(&counted, "level", levels + 1, None);
    }
    show(&format!("{levels} levels"));
}

#[test]
fn two_functions_may_call_each_other_as_deep() {
    let levels: u64 = size(100_000, 1_000_000);
    for mode in MODES {
        let counted = recursion(mode, &["mutual", &levels.to_string()]);
        assert_one_root(&counted, "even", levels / 2 + 1, None);
        assert_one_root(&counted, "odd", levels / 2, Some("even"));
    }
    show(&format!("{levels} levels"));
}

#[test]
fn every_call_of_a_tree_is_counted_and_one_is_primitive() {
    let (n, calls) = size(("15", 1973), ("30", 2_692_537));
    for mode in MODES {
        assert_one_root(&recursion(mode, &["fib", n]), "fib", calls, None);
    }
    show(&format!("fib({n}): {calls} calls"));
}
