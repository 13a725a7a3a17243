//! Allocations, frees and peaks are exact: over calls within calls, threads, polls and panics, with any allocator inside.
//!
//! With all tests the system's allocator and mimalloc are tried; jemalloc, which takes a minute to build, at full size:
//! `DARWIN_SOAK=full cargo test -p darwin-tests --test memory`.

#[allow(dead_code, reason = "other programs have their maps read one by one")]
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::map::SiteTotals;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_tests::{Fixture, soak};

type Totals = BTreeMap<String, SiteTotals>;

/// The fixture's programs, one for each allocator, built once.
fn programs() -> &'static [PathBuf] {
    static PROGRAMS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let allocators = soak::size(&["system", "mimalloc"][..], &["system", "mimalloc", "jemalloc"]);
        let fixture = Fixture::new("memory");
        allocators.iter().map(|allocator| built(&fixture, allocator)).collect()
    })
}

fn built(fixture: &Fixture, allocator: &str) -> PathBuf {
    let bin = format!("memory-{allocator}");
    let feature = (allocator != "system").then_some(["--features", allocator]);
    let options: Vec<&str> = ["--bin", &bin].into_iter().chain(feature.into_iter().flatten()).collect();
    workload::built(fixture, &options).with_file_name(bin)
}

/// What the program counted when it was told `how`.
fn totals(program: &Path, how: &str, mode: Mode) -> Totals {
    let folder = RunDir::new().expect("a run directory can be made");
    let control = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
    control.expect("a control page can be made").count_in(mode);
    let output = workload::counting(program, &folder).arg(how).output().expect("the program can be started");
    assert!(output.status.success(), "{how}: {output:?}");
    let map = workload::only_map(&folder);
    assert_eq!((map.lost, map.counts_allocations), (0, true), "{how}");
    workload::totals(&map)
}

/// What all calls of a site did with memory, and the most that one of them held.
#[derive(Debug, PartialEq, Eq)]
struct Counted {
    calls: u64,
    allocs: u64,
    bytes: u64,
    frees: u64,
    freed_bytes: u64,
    peak_bytes: u64,
}

impl Counted {
    fn of(site: &SiteTotals) -> Counted {
        Counted {
            calls: site.calls,
            allocs: site.allocs,
            bytes: site.bytes,
            frees: site.frees,
            freed_bytes: site.freed_bytes,
            peak_bytes: site.peak_bytes,
        }
    }

    /// All that came has gone again.
    fn balanced(calls: u64, allocs: u64, bytes: u64, peak_bytes: u64) -> Counted {
        Counted { calls, allocs, bytes, frees: allocs, freed_bytes: bytes, peak_bytes }
    }

    /// Nothing has gone.
    fn kept(calls: u64, allocs: u64, bytes: u64, peak_bytes: u64) -> Counted {
        Counted { calls, allocs, bytes, frees: 0, freed_bytes: 0, peak_bytes }
    }

    /// Nothing has come.
    fn freed(calls: u64, frees: u64, freed_bytes: u64) -> Counted {
        Counted { calls, allocs: 0, bytes: 0, frees, freed_bytes, peak_bytes: 0 }
    }
}

/// Compares the sites with what they must have counted, with each allocator, in both modes that count memory.
fn expect(how: &str, expected: &[(&str, Counted)]) {
    for program in programs() {
        for mode in [Mode::Exact, Mode::Graph] {
            let totals = totals(program, how, mode);
            for (name, counted) in expected {
                assert_eq!(&Counted::of(&totals[*name]), counted, "{name}, {mode:?}, {}", program.display());
            }
        }
    }
}

#[test]
fn calls_count_what_comes_and_goes_and_the_most_that_one_of_them_held() {
    let replaced = Counted { calls: 8, allocs: 8, bytes: 3200, frees: 8, freed_bytes: 4000, peak_bytes: 0 };
    expect(
        "calls",
        &[
            ("calls::made", Counted::kept(8, 8, 10_448, 10_000)),
            ("calls::dropped", Counted::freed(8, 8, 10_448)),
            ("calls::resized", Counted::balanced(8, 24, 24_000, 3000)),
            ("calls::early", Counted::balanced(8, 16, 5600, 600)),
            ("calls::around", Counted::balanced(8, 24, 3600, 400)),
            ("calls::passing", Counted::balanced(32, 32, 6800, 600)),
            ("calls::replaced", replaced),
            ("calls::nothing", Counted::kept(8, 0, 0, 0)),
        ],
    );
}

#[test]
fn each_level_of_a_recursion_holds_what_the_levels_below_it_hold() {
    expect("recursion", &[("calls::level", Counted::balanced(1000, 500_500, 5_005_000, 10_000))]);
}

#[test]
fn a_panic_counts_for_the_call_that_catches_it() {
    for program in programs() {
        let totals = totals(program, "panics", Mode::Exact);
        let failing = &totals["calls::failing"];
        assert_eq!((failing.panicked, Counted::of(failing)), (3, Counted::kept(0, 0, 0, 0)));
        assert_eq!(Counted::of(&totals["calls::passing"]), Counted::balanced(6, 6, 210_060, 70_000));
        let catching = &totals["calls::catching"];
        // What a panic itself allocates is the standard library's business; it is gone in the end.
        assert!(catching.allocs >= 9 && catching.bytes >= 3 * 75_020, "{catching:?}");
        assert_eq!((catching.frees, catching.freed_bytes), (catching.allocs, catching.bytes));
        assert_eq!(catching.peak_bytes, 70_000, "the peak before the panic");
    }
}

#[test]
fn what_the_runtime_needs_for_the_first_calls_of_a_thread_is_nobodys() {
    expect(
        "first-calls",
        &[
            ("threads::outermost", Counted::balanced(50, 100, 11_500, 230)),
            ("calls::made", Counted::kept(50, 50, 10_000, 200)),
            ("calls::dropped", Counted::freed(50, 50, 10_000)),
            ("calls::passing", Counted::balanced(50, 50, 1500, 30)),
        ],
    );
}

#[test]
fn memory_that_another_thread_allocated_counts_as_freed_where_it_is_freed() {
    expect(
        "handed-over",
        &[
            ("calls::made", Counted::kept(100, 100, 100_000, 1000)),
            ("calls::dropped", Counted::freed(100, 100, 100_000)),
        ],
    );
}

#[test]
fn threads_at_the_same_time_do_not_see_each_others_memory() {
    let outermost = Counted::balanced(8000, 16_000, 1_840_000, 230);
    expect("together", &[("threads::outermost", outermost)]);
}

#[test]
fn what_a_future_holds_goes_with_it_from_thread_to_thread() {
    let replacing = Counted { calls: 1, allocs: 1, bytes: 300, frees: 2, freed_bytes: 800, peak_bytes: 0 };
    expect(
        "wandering",
        &[
            ("futures::gathering", Counted::balanced(1, 6, 5080, 5080)),
            ("futures::replacing", replacing),
            ("calls::passing", Counted::balanced(12, 12, 1_800_000, 200_000)),
        ],
    );
}

#[test]
fn futures_that_share_a_thread_have_peaks_of_their_own() {
    expect(
        "interleaved",
        &[
            ("futures::gathering", Counted::balanced(20, 80, 33_960, 3048)),
            ("futures::driving", Counted::balanced(10, 80, 33_960, 3396)),
        ],
    );
}

#[test]
fn a_future_that_is_dropped_counts_for_the_call_around_it() {
    expect(
        "unfinished",
        &[
            ("futures::gathering", Counted::kept(0, 0, 0, 0)),
            ("futures::abandoning", Counted::balanced(5, 15, 10_720, 2144)),
        ],
    );
}

#[test]
fn adaptive_mode_counts_no_memory() {
    for (name, site) in totals(&programs()[0], "calls", Mode::Adaptive) {
        assert_eq!(Counted::of(&site), Counted::kept(site.calls, 0, 0, 0), "{name}");
    }
}

#[test]
fn cargo_darwin_run_tells_what_was_counted_and_null_where_nothing_was() {
    let fixture = Fixture::new("memory");
    let run = |bin: &str, options: &[&str]| {
        let words = ["run", "--bin", bin].into_iter().chain(options.iter().copied());
        fixture.darwin(words.chain(["--", "calls"])).expect_code(0)
    };
    let resized = |bin: &str, options: &[&str]| {
        let document = run(bin, &[&["--format", "json"], options].concat()).json();
        let sites = document["sites"].as_array().expect("a run has sites");
        let is_resized = |site: &&serde_json::Value| site["name"] == "memory_fixture::calls::resized";
        let site = sites.iter().find(is_resized).expect("it was called").clone();
        ["allocs", "bytes", "frees", "freed_bytes", "peak_bytes"].map(|key| site[key].as_u64())
    };
    assert_eq!(resized("memory-system", &[]), [24, 24_000, 24, 24_000, 3000].map(Some));
    assert_eq!(resized("memory-system", &["--mode", "adaptive"]), [None; 5]);
    assert_eq!(resized("memory-plain", &[]), [None; 5]);
    run("memory-system", &[]).expect_stdout("Allocs/call      Peak\n").expect_stdout("2.93 KiB\n");
    let plain = run("memory-plain", &[]);
    assert!(!plain.stdout.contains("Peak"), "{plain}");
}
