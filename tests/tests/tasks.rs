//! Futures on real executors count exactly: each one that was polled has completed, was cancelled, or has panicked.

#[allow(dead_code, reason = "the rest of it is for other programs")]
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::map::{Map, SiteTotals};
use cargo_darwin::io::measure::Measured;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::io::{clock, figures};
use cargo_darwin::model::{Mode, Usage};
use darwin_tests::Fixture;

const MODES: [Mode; 3] = [Mode::Exact, Mode::Graph, Mode::Adaptive];

/// The fixture's program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| workload::built(&Fixture::new("tasks"), &[]))
}

/// A run of the program.
struct Run {
    mode: Mode,
    map: Map,
    sites: BTreeMap<String, SiteTotals>,
}

impl Run {
    fn of(how: &str, mode: Mode) -> Run {
        let folder = RunDir::new().expect("a run directory can be made");
        let control = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
        control.expect("a control page can be made").count_in(mode);
        let output =
            workload::counting(program(), &folder).arg(how).output().expect("the program can be started");
        assert!(output.status.success(), "{how}: {output:?}");
        let map = workload::only_map(&folder);
        assert_eq!((map.lost, map.mode), (0, mode), "{how}: no call is lost");
        let sites = workload::totals(&map);
        Run { mode, map, sites }
    }

    /// Completed, cancelled, panicked.
    fn ends(&self, site: &str) -> [u64; 3] {
        let site = self.site(site);
        assert!(
            self.mode == Mode::Adaptive || site.histogram.len() == site.calls,
            "a call that has completed has a latency"
        );
        [site.calls, site.cancelled, site.panicked]
    }

    /// Polls of completed calls; adaptive mode tells them from the calls that it has timed.
    fn polls(&self, site: &str) -> Option<u64> {
        (self.mode != Mode::Adaptive).then_some(self.site(site).polls)
    }

    fn site(&self, name: &str) -> &SiteTotals {
        self.sites.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.sites.keys()))
    }

    /// In graph mode: how often `caller` has called `site`; an empty name is nobody.
    fn called_by(&self, caller: &str, site: &str) -> u64 {
        let is_caller = |name: &str| name.split_once("::").is_some_and(|(_, rest)| rest == caller);
        let raw =
            self.map.sites.iter().find(|raw| raw.site.as_ref().is_some_and(|site| is_caller(&site.name)));
        let id = if caller.is_empty() { 0 } else { raw.expect("the caller is a site").id };
        self.site(site).callers.get(&id).map_or(0, |edge| edge.calls)
    }

    /// What was measured of time hangs together, however fast or slow it was.
    fn assert_times_are_possible(&self) {
        for (name, site) in &self.sites {
            if self.mode != Mode::Adaptive {
                assert!(site.busy_ticks <= site.ticks, "{name}: polls are a part of the whole");
            }
            assert!(site.calls == 0 || site.max > 0, "{name}");
        }
        if self.mode == Mode::Graph {
            let edges = || self.sites.values().flat_map(|site| &site.callers);
            let selves: u64 = edges().map(|(_, edge)| edge.self_ticks).sum();
            let roots: u64 =
                edges().filter(|(caller, _)| **caller == 0).map(|(_, edge)| edge.cumulative_ticks).sum();
            assert_eq!(selves, roots, "to the tick, all time within calls is the own time of some site");
        }
    }
}

/// Runs the program in each mode.
fn in_every_mode(how: &str, check: impl Fn(&Run)) {
    for mode in MODES {
        let run = Run::of(how, mode);
        run.assert_times_are_possible();
        check(&run);
    }
}

/// Two hundred roots, each a branch of two leaves with three pauses.
fn assert_two_hundred_roots(run: &Run) {
    for (site, calls, polls) in
        [("sites::root", 200, 1400), ("sites::branch", 200, 1400), ("sites::leaf", 400, 1600)]
    {
        assert_eq!(run.ends(site), [calls, 0, 0], "{site}");
        assert!(run.polls(site).is_none_or(|told| told == polls), "{site}: {:?}", run.polls(site));
    }
    assert_eq!(run.ends("sites::step"), [1000, 0, 0]);
    if run.mode == Mode::Graph {
        let step = |caller| run.called_by(caller, "sites::step");
        assert_eq!(["sites::leaf", "sites::branch", ""].map(step), [800, 200, 0]);
        assert_eq!(run.called_by("sites::branch", "sites::leaf"), 400);
        assert_eq!(run.called_by("sites::root", "sites::branch"), 200);
        assert_eq!(run.called_by("", "sites::root"), 200, "a task is called by nobody");
    }
}

#[test]
fn tasks_on_many_threads_count_exactly() {
    in_every_mode("multi-thread", assert_two_hundred_roots);
}

#[test]
fn tasks_on_one_thread_count_exactly() {
    in_every_mode("current-thread", |run| {
        assert_two_hundred_roots(run);
        assert_eq!(run.map.threads().expect("the map is whole"), 1);
    });
}

#[test]
fn futures_that_cannot_leave_their_thread_count_exactly() {
    in_every_mode("local", |run| {
        assert_eq!(run.ends("runtimes::shares"), [50, 0, 0]);
        assert!(run.polls("runtimes::shares").is_none_or(|polls| polls == 150));
        assert_eq!(run.ends("sites::step"), [100, 0, 0]);
    });
}

#[test]
fn a_future_polled_on_another_thread_each_time_counts_once() {
    in_every_mode("moved", |run| {
        assert_eq!(run.map.threads().expect("the map is whole"), 4);
        for (site, calls, polls) in
            [("sites::root", 20, 140), ("sites::branch", 20, 140), ("sites::leaf", 40, 160)]
        {
            assert_eq!(run.ends(site), [calls, 0, 0], "{site}");
            assert!(run.polls(site).is_none_or(|told| told == polls), "{site}: {:?}", run.polls(site));
        }
        let gathers = run.site("sites::gathers");
        assert_eq!(run.ends("sites::gathers"), [20, 0, 0]);
        if run.mode != Mode::Adaptive {
            let counted = (gathers.polls, gathers.allocs, gathers.bytes);
            assert_eq!(counted, (120, 100, 6400), "what a poll allocates is its own, on whichever thread");
        }
    });
}

#[test]
fn threads_that_begin_with_a_future_take_over_an_exact_count() {
    in_every_mode("inherited", |run| {
        assert_eq!(run.ends("sites::never"), [0, 50, 0]);
        assert_eq!(run.ends("sites::step"), [50_050, 0, 0]);
    });
}

/// As [`workload::totals`] has it: without the beginning `<tasks_fixture::`.
const MEMORY_GET: &str = "traits::Memory as tasks_fixture::traits::Store>::get";
const DISK_GET: &str = "traits::Disk as tasks_fixture::traits::Store>::get";

#[test]
fn methods_made_by_async_trait_count_exactly() {
    in_every_mode("traits", |run| {
        for (site, calls, polls) in
            [(MEMORY_GET, 40, 80), (DISK_GET, 40, 120), ("traits::Store::twice", 40, 160)]
        {
            assert_eq!(run.ends(site), [calls, 0, 0], "{site}");
            assert!(run.polls(site).is_none_or(|told| told == polls), "{site}: {:?}", run.polls(site));
        }
        assert_eq!(run.ends("sites::step"), [80, 0, 0]);
        if run.mode == Mode::Graph {
            assert_eq!(run.called_by("traits::Store::twice", DISK_GET), 40);
            assert_eq!(run.called_by(MEMORY_GET, "sites::step"), 40);
        }
    });
}

#[test]
fn losers_of_a_select_are_cancelled_if_they_were_polled() {
    in_every_mode("select", |run| {
        assert_eq!(run.ends("sites::never"), [0, 150, 0], "a hundred more were never polled");
        assert_eq!(run.ends("sites::leaf"), [150, 0, 0]);
        assert!(run.polls("sites::leaf").is_none_or(|polls| polls == 400));
        assert_eq!(run.ends("sites::step"), [450, 0, 0]);
    });
}

#[test]
fn a_time_out_cancels_what_it_waits_for() {
    in_every_mode("timeouts", |run| {
        assert_eq!(run.ends("sites::never"), [0, 10, 0]);
        assert_eq!(run.ends("sites::leaf"), [10, 0, 0]);
        assert!(run.polls("sites::leaf").is_none_or(|polls| polls == 30));
    });
}

#[test]
fn an_aborted_task_is_cancelled_if_it_was_polled() {
    in_every_mode("aborted", |run| {
        assert_eq!(run.ends("ends::begins"), [0, 30, 0]);
        assert_eq!(run.ends("sites::never"), [0, 30, 0], "the future in it, and five that were not polled");
        assert_eq!(run.ends("sites::step"), [30, 0, 0], "what it called had completed");
    });
}

#[test]
fn tasks_that_wait_when_their_executor_goes_are_cancelled() {
    in_every_mode("shutdown", |run| {
        for site in ["ends::begins", "sites::never"] {
            assert_eq!(run.ends(site), [0, 16, 0], "{site}");
        }
    });
}

#[test]
fn a_future_that_is_never_polled_does_not_count() {
    in_every_mode("unpolled", |run| {
        for site in ["sites::leaf", "sites::never"] {
            assert_eq!(run.ends(site), [0, 0, 0], "{site}");
        }
    });
}

#[test]
fn a_panic_in_a_poll_counts_once_and_cancels_what_it_unwinds_through() {
    in_every_mode("panics", |run| {
        assert_eq!(run.ends("sites::fails"), [0, 0, 25]);
        assert_eq!(run.ends("ends::around"), [0, 0, 5]);
        assert_eq!(run.ends("sites::never"), [0, 5, 0], "it waited beside the one that failed");
    });
}

#[test]
fn what_has_ended_counts_once_however_often_it_is_polled() {
    in_every_mode("again", |run| {
        for site in ["sites::leaf", "ends::steps"] {
            assert_eq!(run.ends(site), [1, 0, 0], "{site}: polled twice after it was ready");
            assert!(run.polls(site).is_none_or(|polls| polls == 1), "{site}");
        }
        for site in ["sites::fails", "ends::falls"] {
            assert_eq!(run.ends(site), [0, 0, 1], "{site}: polled twice after it has panicked");
        }
    });
}

#[test]
fn what_a_future_has_done_on_a_thread_for_blocking_work_is_called_by_nobody() {
    in_every_mode("blocking", |run| {
        assert_eq!(run.ends("runtimes::hands_over"), [50, 0, 0]);
        assert_eq!(run.ends("sites::step"), [50, 0, 0]);
        if run.mode == Mode::Graph {
            let step = |caller| run.called_by(caller, "sites::step");
            assert_eq!(["runtimes::hands_over", ""].map(step), [0, 50]);
        }
    });
}

#[test]
fn each_item_of_a_stream_is_a_call() {
    in_every_mode("streams", |run| {
        assert_eq!(run.ends("streams::Received::next"), [101, 0, 0], "a hundred items and the end");
        assert!(run.polls("streams::Received::next").is_none_or(|polls| polls == 101));
        assert_eq!(run.ends("streams::Counted::poll_next"), [21, 0, 0], "each poll of the stream's own");
    });
}

#[test]
fn figures_tell_how_async_functions_were_polled() {
    let map = Run::of("current-thread", Mode::Exact).map;
    let measured = Measured { maps: vec![map], seconds: 1.0, end: clock::now(), usage: Usage::default() };
    let runs = figures::site_runs("tasks", &measured).expect("the map is whole");
    let polling = |name: &str| {
        let name = format!("tasks_fixture::sites::{name}");
        let run = runs.iter().find(|run| run.site.name == name).unwrap_or_else(|| panic!("no {name}"));
        (run.polling, run.timing)
    };
    let (root, timing) = polling("root");
    let (root, timing) = (root.expect("it is async"), timing.expect("it was called"));
    assert_eq!(root.polls, 1400);
    assert!(0.0 < root.busy_ns.0 && root.busy_ns.0 <= timing.cumulative_ns.0, "{root:?} of {timing:?}");
    assert_eq!(polling("step").0, None, "a plain function is not polled");
    assert_eq!(polling("fails").0.map(|never_called| never_called.polls), Some(0));
}
