//! The modes graph and adaptive count what exact mode counts; graph mode also says who called whom.

#[allow(dead_code, reason = "some of these programs are several processes")]
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::map::{EdgeTotals, Map, SiteTotals};
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_tests::Fixture;

/// The fixture's program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| workload::built(&Fixture::new("modes"), &[]))
}

/// Runs the program in a mode; the maps of its processes.
fn maps(how: &str, mode: Mode) -> Vec<Map> {
    let folder = RunDir::new().expect("a run directory can be made");
    let control = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
    control.expect("a control page can be made").count_in(mode);
    let output =
        workload::counting(program(), &folder).arg(how).output().expect("the program can be started");
    assert!(output.status.success(), "{how}: {output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let maps = folder.maps(0).expect("the maps can be read");
    for map in &maps {
        assert_eq!((map.lost, map.mode), (0, mode), "{how}: no call is lost");
    }
    maps
}

type Totals = BTreeMap<String, SiteTotals>;

/// What the one process of the program counted.
fn totals(how: &str, mode: Mode) -> (Map, Totals) {
    let mut maps = maps(how, mode);
    assert_eq!(maps.len(), 1, "one process, one map");
    let totals = workload::totals(&maps[0]);
    (maps.remove(0), totals)
}

/// The edge from `caller` to `site`; an empty name is nobody.
fn edge(map: &Map, totals: &Totals, caller: &str, site: &str) -> EdgeTotals {
    let is_caller = |name: &str| name.split_once("::").is_some_and(|(_, rest)| rest == caller);
    let raw = map.sites.iter().find(|raw| raw.site.as_ref().is_some_and(|site| is_caller(&site.name)));
    let id = match caller {
        "" => 0,
        _ => raw.unwrap_or_else(|| panic!("there is no site {caller}")).id,
    };
    totals[site].callers.get(&id).copied().unwrap_or_default()
}

fn self_ticks(site: &SiteTotals) -> u64 {
    site.callers.values().map(|edge| edge.self_ticks).sum()
}

/// To the tick: all time within calls that nobody called is the self time of some site.
fn assert_selves_sum_to_the_roots(how: &str, totals: &Totals) {
    let selves: u64 = totals.values().map(self_ticks).sum();
    let roots: u64 =
        totals.values().filter_map(|site| site.callers.get(&0)).map(|edge| edge.cumulative_ticks).sum();
    assert!(selves > 0, "{how}");
    assert_eq!(selves, roots, "{how}");
}

#[test]
fn every_level_of_a_recursion_is_a_call_and_the_outermost_is_primitive() {
    let (map, totals) = totals("fib", Mode::Graph);
    let fib = &totals["calls::fib"];
    assert_eq!((fib.calls, fib.primitive_calls, fib.histogram.len()), (2_692_537, 1, 2_692_537));
    let (root, inner) =
        (edge(&map, &totals, "", "calls::fib"), edge(&map, &totals, "calls::fib", "calls::fib"));
    assert_eq!((root.calls, root.primitive_calls), (1, 1));
    assert_eq!((inner.calls, inner.primitive_calls), (2_692_536, 2));
    assert_eq!(fib.cumulative_ticks, root.cumulative_ticks, "counted once");
    assert!(inner.cumulative_ticks < root.cumulative_ticks && root.cumulative_ticks < fib.ticks);
    assert_selves_sum_to_the_roots("fib", &totals);
}

#[test]
fn two_functions_that_call_each_other_have_one_primitive_call_each() {
    let (map, totals) = totals("mutual", Mode::Graph);
    for name in ["calls::even", "calls::odd"] {
        assert_eq!((totals[name].calls, totals[name].primitive_calls), (501, 1), "{name}");
    }
    let back = edge(&map, &totals, "calls::odd", "calls::even");
    assert_eq!((back.calls, back.primitive_calls), (500, 1));
    assert_selves_sum_to_the_roots("mutual", &totals);
}

#[test]
fn depth_has_no_limit() {
    let (_, totals) = totals("deep", Mode::Graph);
    let depth = &totals["calls::depth"];
    assert_eq!((depth.calls, depth.primitive_calls), (100_001, 1));
    assert_selves_sum_to_the_roots("deep", &totals);
}

#[test]
fn what_a_function_took_is_its_own_time_and_that_of_what_it_called() {
    let (map, totals) = totals("tree", Mode::Graph);
    let leaf = |caller: &str| edge(&map, &totals, caller, "calls::leaf").calls;
    let callers = ["calls::crossed", "calls::left", "calls::left::inside", "calls::right"];
    assert_eq!(callers.map(leaf), [10, 20, 20, 20]);
    assert_eq!(edge(&map, &totals, "calls::right", "calls::left").calls, 10);
    for (name, site) in totals.iter().filter(|(_, site)| site.calls > 0) {
        let caller = name.as_str();
        let called: u64 =
            totals.keys().map(|callee| edge(&map, &totals, caller, callee).cumulative_ticks).sum();
        assert_eq!(site.cumulative_ticks, self_ticks(site) + called, "{name}");
        assert_eq!((site.cumulative_ticks, site.primitive_calls), (site.ticks, site.calls), "{name}");
    }
    assert_selves_sum_to_the_roots("tree", &totals);
}

#[test]
fn a_function_called_from_many_places_keeps_them_apart() {
    let (map, totals) = totals("callers", Mode::Graph);
    for number in 0..10 {
        assert_eq!(edge(&map, &totals, &format!("calls::c{number}"), "calls::leaf").calls, 50);
    }
    assert_selves_sum_to_the_roots("callers", &totals);
}

#[test]
fn panics_leave_the_callers_as_they_were() {
    let (map, totals) = totals("panics", Mode::Graph);
    let failing = &totals["calls::failing"];
    assert_eq!((failing.panicked, failing.calls, failing.primitive_calls), (16, 0, 0));
    let leaf = |caller: &str| edge(&map, &totals, caller, "calls::leaf").calls;
    assert_eq!(["calls::failing", "calls::around", "calls::outer"].map(leaf), [16, 4, 1]);
    assert_eq!(edge(&map, &totals, "", "calls::outer").calls, 1, "nothing is open after the last one");
    assert!(failing.cumulative_ticks > 0 && failing.cumulative_ticks <= totals["calls::around"].ticks);
    assert_selves_sum_to_the_roots("panics", &totals);
}

#[test]
fn calls_made_while_unwinding_are_called_by_what_unwinds() {
    let (map, totals) = totals("unwinding", Mode::Graph);
    let unwound = &totals["calls::unwound"];
    assert_eq!((unwound.panicked, unwound.calls, unwound.primitive_calls), (500, 500, 500));
    let outer = &totals["calls::outer"];
    assert_eq!((outer.calls, outer.panicked), (1000, 0));
    assert_eq!(edge(&map, &totals, "calls::unwound", "calls::outer").calls, 1000);
    assert_selves_sum_to_the_roots("unwinding", &totals);
}

#[test]
fn polls_are_frames_and_futures_count_when_they_complete() {
    let (map, totals) = totals("futures", Mode::Graph);
    let wait = |caller: &str| edge(&map, &totals, caller, "futures::wait").calls;
    assert_eq!(["futures::through", "futures::fail", ""].map(wait), [1000, 1, 1]);
    assert_eq!(totals["futures::wait"].cancelled, 2);
    let leaf = |caller: &str| edge(&map, &totals, caller, "calls::leaf").calls;
    assert_eq!(["futures::wait", "futures::through"].map(leaf), [3006, 1000]);
    assert_eq!((totals["futures::fail"].panicked, totals["futures::fail"].primitive_calls), (1, 0));
    assert_eq!(edge(&map, &totals, "", "calls::outer").calls, 1, "the panic left nothing open");
    let through = &totals["futures::through"];
    assert_eq!(through.cumulative_ticks, through.busy_ticks, "time between polls is nobody's");
    assert_selves_sum_to_the_roots("futures", &totals);
}

#[test]
fn threads_that_use_a_block_one_after_another_inherit_no_open_calls() {
    let (_, totals) = totals("threads", Mode::Graph);
    let fib = &totals["calls::fib"];
    assert_eq!((fib.calls, fib.primitive_calls), (1500, 100));
    assert_selves_sum_to_the_roots("threads", &totals);
}

#[test]
fn threads_at_the_same_time_have_callers_of_their_own() {
    let (map, totals) = totals("together", Mode::Graph);
    let leaf = edge(&map, &totals, "calls::outer", "calls::leaf");
    assert_eq!((leaf.calls, leaf.primitive_calls), (4000, 4000));
    assert_selves_sum_to_the_roots("together", &totals);
}

#[test]
fn a_thread_that_is_torn_down_keeps_its_callers() {
    let (map, totals) = totals("destructors", Mode::Graph);
    assert_eq!(edge(&map, &totals, "", "calls::outer").calls, 11);
    assert_eq!(edge(&map, &totals, "calls::outer", "calls::leaf").calls, 11);
    assert_eq!((totals["calls::fib"].calls, totals["calls::fib"].primitive_calls), (5, 1));
    assert_selves_sum_to_the_roots("destructors", &totals);
}

#[test]
fn a_forked_child_does_not_close_what_its_parent_opened() {
    let maps = maps("fork", Mode::Graph);
    assert_eq!(maps.len(), 2);
    let mut from_forking = Vec::new();
    for map in &maps {
        let totals = workload::totals(map);
        let fib = &totals["calls::fib"];
        assert_eq!((fib.calls, fib.primitive_calls), (18, 2));
        from_forking.push(edge(map, &totals, "threads::forking", "calls::fib").calls);
        assert_selves_sum_to_the_roots("fork", &totals);
    }
    from_forking.sort_unstable();
    assert_eq!(from_forking, [0, 1], "in the child nobody called it");
}

#[test]
fn allocations_are_exact_in_graph_mode_too() {
    let (_, totals) = totals("allocations", Mode::Graph);
    let boxes = &totals["calls::boxes"];
    assert_eq!((boxes.calls, boxes.allocs, boxes.bytes), (10, 40, 480));
}

#[test]
fn every_mode_counts_the_same_calls() {
    let counts = |how: &str, mode| {
        let mut counts = BTreeMap::new();
        for map in maps(how, mode) {
            for (name, site) in workload::totals(&map) {
                let sum: &mut [u64; 3] = counts.entry(name).or_default();
                let own = [site.calls, site.panicked, site.cancelled];
                sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
            }
        }
        counts
    };
    for how in ["fib", "mutual", "leaves", "tree", "panics", "unwinding", "futures", "threads", "together"] {
        let exact = counts(how, Mode::Exact);
        assert_eq!(counts(how, Mode::Graph), exact, "{how}");
        assert_eq!(counts(how, Mode::Adaptive), exact, "{how}");
    }
}

#[test]
fn the_calls_that_are_timed_stand_for_all_others() {
    let (_, totals) = totals("leaves", Mode::Adaptive);
    for name in ["calls::outer", "calls::leaf"] {
        let site = &totals[name];
        assert_eq!(site.calls, 100_000, "{name}");
        assert_eq!(site.histogram.len(), site.timed, "{name}: but for the stretch that is not over");
        let timed = site.histogram.iter_recorded().filter(|bucket| bucket.count_at_value() > 0).count();
        assert!(timed > 10, "{name}: {timed} magnitudes");
    }
}

#[test]
fn cargo_darwin_run_shows_the_mode_that_was_asked_for() {
    let fixture = Fixture::new("modes");
    let run = |mode: &str, how: &str, format: &str| {
        let words = ["run", "--mode", mode, "--bin", "modes-fixture", "--format", format, "--", how];
        fixture.darwin(words).expect_code(0)
    };
    let graph = run("graph", "fib", "json").json();
    let site = |name: &str| {
        let sites = graph["sites"].as_array().expect("a run has sites");
        sites.iter().find(|site| site["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
    };
    let fib = site("modes_fixture::calls::fib");
    assert_eq!(
        (&graph["mode"], &fib["calls"], &fib["primitive_calls"]),
        (&"graph".into(), &2_692_537.into(), &1.into())
    );
    let numbers = ["self_ns", "cumulative_ns"].map(|key| fib[key].as_f64().expect("a time"));
    assert!(numbers[0] > 0.0 && numbers[0] <= numbers[1], "{fib}");
    let names = |list: &serde_json::Value| -> Vec<Option<String>> {
        let edges = list.as_array().expect("a list").iter();
        edges.map(|edge| edge["name"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(names(&fib["callers"]), [None, Some("modes_fixture::calls::fib".to_owned())]);
    assert_eq!(names(&fib["callees"]).len(), 1);
    let table = run("graph", "tree", "human");
    let heading = table.stdout.lines().next().unwrap_or_default();
    assert!(heading.contains("Self") && heading.contains("Cumulative"), "{table}");

    let adaptive = run("adaptive", "fib", "json").json();
    let sites = adaptive["sites"].as_array().expect("a run has sites");
    let fib = sites.iter().find(|site| site["name"] == "modes_fixture::calls::fib").expect("it was called");
    assert_eq!((&adaptive["mode"], &fib["calls"]), (&"adaptive".into(), &2_692_537.into()));
    let unknown = ["allocs", "self_ns", "primitive_calls", "callers", "callees"];
    assert!(unknown.iter().all(|key| fib[key].is_null()), "{fib}");
    assert!(fib["p50_ns"].as_f64().is_some_and(|p50| p50 > 0.0), "{fib}");
    let beside = fixture.darwin(["run", "--compare", "--bin", "modes-fixture", "--", "fib"]).expect_code(0);
    beside.expect_stdout("beside run");
}
