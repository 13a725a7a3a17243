//! `cargo darwin baseline` records what is worth keeping, and no more.

use darwin_tests::Fixture;

/// A latency that moved by less than this is noise and stays as it stands.
const NOISE_PERCENT: f64 = 3.0;

#[test]
fn a_second_baseline_rewrites_only_what_moved_and_a_committed_one_is_what_check_compares_with() {
    let fixture = Fixture::new("gate");
    let ended = fixture.darwin(["baseline"]).expect_code(0);
    ended.expect_stdout("wrote").expect_stdout("3 sites in 1 workload");
    let first = fixture.read("darwin.baseline.toml");
    for line in ["\"gate_fixture::mix\".allocs_per_call = 0.000", "\"gate_fixture::mix\".p50_ns = "] {
        assert!(first.contains(line), "{first}");
    }
    assert!(!first.contains("never_called"), "{first}");

    let again = fixture.darwin(["baseline"]).expect_code(0);
    let second = fixture.read("darwin.baseline.toml");
    assert_eq!(again.stdout.contains("up to date"), first == second, "{again}");
    let moved = first.lines().zip(second.lines()).filter(|(before, after)| before != after);
    for (before, after) in moved {
        assert_ne!(noise(before, after), Some(true), "rewritten within noise: {before}, {after}");
    }
    assert_eq!(first.lines().count(), second.lines().count());

    let commit = fixture.commit("the baseline");
    let report = fixture.darwin(["check", "--format", "json"]).expect_code(0).json();
    assert_eq!(report["baseline"]["rev"], commit.as_str());
}

/// Whether two lines differ by a number that did not move; `None` where they differ otherwise.
fn noise(before: &str, after: &str) -> Option<bool> {
    let ((key, before), (other, after)) = (before.split_once(" = ")?, after.split_once(" = ")?);
    let (before, after): (f64, f64) = (before.parse().ok()?, after.parse().ok()?);
    assert_eq!(key, other, "the order of the lines is fixed");
    Some((after / before - 1.0).abs() * 100.0 < NOISE_PERCENT)
}
