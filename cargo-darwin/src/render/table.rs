//! The rows of the hot paths table, before they become text or Markdown.

use std::collections::BTreeSet;

use super::units;
use crate::model::{Edge, Mode, Nanos, Percent, Run, SiteRun, Timing};

/// Column heads; everything but the first is a number.
const HEADS: [&str; 7] = ["Function", "Time %", "Calls", "Cumulative", "p50", "p99", "Allocs/call"];

/// The same in graph mode.
const GRAPH_HEADS: [&str; 8] =
    ["Function", "Self %", "Calls", "Self", "Cumulative", "p50", "p99", "Allocs/call"];

/// A last column, where there is something to show in it.
const PEAK_HEAD: &str = "Peak";

/// One called site.
pub(super) struct Row<'a> {
    /// The site.
    pub(super) site: &'a SiteRun,
    /// The columns behind the name, in the order of the heads.
    pub(super) figures: Vec<String>,
}

/// The sites of one workload that are shown.
pub(super) struct Group<'a> {
    /// Name of the workload, as it came.
    pub(super) workload: &'a str,
    /// Column heads.
    pub(super) heads: Vec<&'static str>,
    /// By cumulative time, in graph mode by self time, largest first.
    pub(super) rows: Vec<Row<'a>>,
    /// Called sites that are left out.
    pub(super) hidden: usize,
    /// In graph mode the calls that these sites made of each other, by cumulative time, largest first.
    pub(super) edges: Vec<EdgeRow<'a>>,
}

/// Column heads of the calls between sites, behind caller and callee.
pub(super) const EDGE_HEADS: [&str; 3] = ["Calls", "Self", "Cumulative"];

/// The calls that one site made of another.
pub(super) struct EdgeRow<'a> {
    /// Who called.
    pub(super) caller: &'a str,
    /// What it called.
    pub(super) callee: &'a str,
    /// In the order of `EDGE_HEADS`.
    pub(super) figures: Vec<String>,
}

/// The called sites by workload, in order of name.
pub(super) fn groups(run: &Run, top: Option<usize>) -> Vec<Group<'_>> {
    let workloads: BTreeSet<&str> = run.sites.iter().map(|site| site.workload.as_str()).collect();
    let group = |workload| {
        let mut called = called(run, workload);
        let edges = edges(&called, top);
        let hidden = called.len().saturating_sub(top.unwrap_or(usize::MAX));
        called.truncate(called.len() - hidden);
        let rows = called.into_iter().map(|site| row(run, site)).collect();
        Group { workload, heads: heads(run), rows, hidden, edges }
    };
    workloads.into_iter().map(group).filter(|group| !group.rows.is_empty() || group.hidden > 0).collect()
}

fn heads(run: &Run) -> Vec<&'static str> {
    let heads: &[&str] = if run.mode == Mode::Graph { &GRAPH_HEADS } else { &HEADS };
    heads.iter().copied().chain(has_peaks(run).then_some(PEAK_HEAD)).collect()
}

/// Did any call hold memory that it had allocated itself?
pub(super) fn has_peaks(run: &Run) -> bool {
    run.sites.iter().any(|site| site.peak_bytes.is_some_and(|bytes| bytes > 0))
}

/// The line below a table that does not show every site: `None` when it does.
pub(super) fn hidden_line(hidden: usize) -> Option<String> {
    let sites = if hidden == 1 { "site" } else { "sites" };
    (hidden > 0).then(|| format!("{hidden} more {sites} not shown; --top N shows them"))
}

/// Names of the sites that no workload called, in order of name.
pub(super) fn never_called(run: &Run) -> Vec<&str> {
    let name = |site: &&SiteRun| site.site.name.clone();
    let called: BTreeSet<String> =
        run.sites.iter().filter(|site| was_entered(site)).map(|s| name(&s)).collect();
    let all: BTreeSet<&str> = run.sites.iter().map(|site| site.site.name.as_str()).collect();
    all.into_iter().filter(|name| !called.contains(*name)).collect()
}

/// The part of the wall time of the measured processes that was spent within a site.
pub(super) fn time_percent(run: &Run, site: &SiteRun) -> Option<Percent> {
    share(run, site.timing?.cumulative_ns)
}

fn share(run: &Run, time: Nanos) -> Option<Percent> {
    let percent = time.0 / (run.seconds * 1e9) * 100.0;
    percent.is_finite().then_some(Percent(percent))
}

/// Calls that left no latency, where there were any: `f: 2 calls panicked, 1 future was dropped`.
pub(super) fn unfinished(site: &SiteRun) -> Option<String> {
    let words = |number: u64, one: &str, many: &str| {
        (number > 0)
            .then(|| format!("{} {}", units::count(number as f64), if number == 1 { one } else { many }))
    };
    let parts = [
        words(site.panicked, "call panicked", "calls panicked"),
        words(site.cancelled, "future was dropped", "futures were dropped"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Sum of the latencies in nanoseconds; zero for a site without any.
pub(super) fn cumulative(site: &SiteRun) -> f64 {
    site.timing.map_or(0.0, |timing| timing.cumulative_ns.0)
}

/// What measuring added to a call and is taken off: the smallest and the largest over all called sites.
pub(super) fn call_costs(run: &Run) -> Option<(f64, f64)> {
    let costs = run.sites.iter().filter(|site| site.calls > 0).map(|site| site.empty_cost_ns.0);
    let costs = costs.filter(|cost| cost.is_finite());
    costs.fold(None, |ends, cost| {
        let (low, high) = ends.unwrap_or((cost, cost));
        Some((cost.min(low), cost.max(high)))
    })
}

fn called<'a>(run: &'a Run, workload: &str) -> Vec<&'a SiteRun> {
    let mut sites: Vec<&SiteRun> =
        run.sites.iter().filter(|site| site.workload == workload && was_entered(site)).collect();
    let weight =
        |site: &SiteRun| site.graph.as_ref().map_or_else(|| cumulative(site), |graph| graph.self_ns.0);
    sites.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.site.name.cmp(&b.site.name)));
    sites
}

fn was_entered(site: &SiteRun) -> bool {
    site.calls > 0 || site.panicked > 0 || site.cancelled > 0
}

fn row<'a>(run: &Run, site: &'a SiteRun) -> Row<'a> {
    let none = || units::NONE.to_owned();
    let duration = |value: fn(&Timing) -> Nanos| {
        site.timing.as_ref().map_or_else(none, |timing| units::duration(value(timing)))
    };
    let percent = |percent: Option<Percent>| percent.map_or_else(none, units::share);
    let mut figures = match &site.graph {
        None => vec![percent(time_percent(run, site)), units::count(site.calls as f64)],
        Some(graph) => {
            let calls = counted(site.calls, graph.primitive_calls);
            vec![percent(share(run, graph.self_ns)), calls, units::duration(graph.self_ns)]
        }
    };
    figures.extend([
        duration(|timing| timing.cumulative_ns),
        duration(|timing| timing.p50_ns),
        duration(|timing| timing.p99_ns),
        site.allocs.filter(|_| site.calls > 0).map_or_else(none, |allocs| per_call(allocs, site.calls)),
    ]);
    if has_peaks(run) {
        let peak = site.peak_bytes.filter(|_| site.calls > 0);
        figures.push(peak.map_or_else(none, |bytes| units::bytes(bytes as f64)));
    }
    Row { site, figures }
}

/// The calls between sites that took longest.
fn edges<'a>(sites: &[&'a SiteRun], top: Option<usize>) -> Vec<EdgeRow<'a>> {
    let of_site = |site: &&'a SiteRun| {
        let (site, graph) = (*site, site.graph.as_ref());
        graph.into_iter().flat_map(move |graph| graph.callers.iter().map(move |edge| (site, edge)))
    };
    let mut edges: Vec<(&str, &SiteRun, &Edge)> = sites
        .iter()
        .flat_map(of_site)
        .filter_map(|(site, edge)| Some((edge.name.as_deref()?, site, edge)))
        .collect();
    edges.sort_by(|a, b| b.2.cumulative_ns.0.total_cmp(&a.2.cumulative_ns.0));
    edges.truncate(top.unwrap_or(usize::MAX));
    let row = |(caller, site, edge): (&'a str, &'a SiteRun, &Edge)| EdgeRow {
        caller,
        callee: &site.site.name,
        figures: vec![
            counted(edge.calls, edge.primitive_calls),
            units::duration(edge.self_ns),
            units::duration(edge.cumulative_ns),
        ],
    };
    edges.into_iter().map(row).collect()
}

/// All calls, and behind a stroke the primitive ones, where there is a recursion.
fn counted(calls: u64, primitive: u64) -> String {
    let all = units::count(calls as f64);
    if primitive == calls { all } else { format!("{all}/{}", units::count(primitive as f64)) }
}

/// For a column: `<0.01` for what would be rounded to nothing.
fn per_call(total: u64, calls: u64) -> String {
    units::small_count(total as f64 / calls as f64).replace("less than ", "<")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    #[test]
    fn rows_are_sorted_by_cumulative_time_and_equal_ones_by_name() {
        let run = samples::run(&[("w", "b", 10, 5.0), ("w", "c", 10, 9.0), ("w", "a", 10, 5.0)]);
        let names: Vec<&str> =
            groups(&run, None)[0].rows.iter().map(|row| row.site.site.name.as_str()).collect();
        assert_eq!(names, ["c", "a", "b"]);
    }

    #[test]
    fn in_graph_mode_self_time_sorts_and_a_recursion_shows_its_primitive_calls() {
        let run = samples::graph_run();
        let group = &groups(&run, None)[0];
        assert_eq!(group.heads[3], "Self");
        let shown: Vec<(&str, &[String])> =
            group.rows.iter().map(|row| (row.site.site.name.as_str(), &row.figures[..4])).collect();
        assert_eq!(shown[0].0, "leaf");
        assert_eq!(shown[0].1, ["60.0 %", "1000", "600 ms", "600 ms"]);
        assert_eq!(shown[1].1, ["30.0 %", "177/1", "300 ms", "900 ms"]);
        let edges: Vec<_> =
            group.edges.iter().map(|edge| (edge.caller, edge.callee, edge.figures.join(" "))).collect();
        assert_eq!(edges[0], ("fib", "fib", "176/2 299 ms 890 ms".to_owned()));
        assert_eq!(edges[1], ("fib", "leaf", "1000 600 ms 600 ms".to_owned()));
        assert_eq!(edges.len(), 2, "what nobody called has no line");
        assert_eq!(groups(&run, Some(1))[0].edges.len(), 1);
    }

    #[test]
    fn peaks_are_a_column_where_there_are_any() {
        let mut run = samples::run(&[("w", "a", 2, 9.0), ("w", "b", 2, 5.0), ("w", "idle", 0, 0.0)]);
        let heads = |run: &Run| groups(run, None)[0].heads.last().copied();
        for peak in [None, Some(0)] {
            run.sites[0].peak_bytes = peak;
            assert_eq!(heads(&run), Some("Allocs/call"), "{peak:?}");
        }
        run.sites[0].peak_bytes = Some(1536);
        assert_eq!(heads(&run), Some("Peak"));
        let group = &groups(&run, None)[0];
        let last = |row: &Row<'_>| row.figures.last().cloned();
        assert_eq!(group.rows.iter().filter_map(last).collect::<Vec<_>>(), ["1.5 KiB", "-"]);
        assert!(group.rows.iter().all(|row| row.figures.len() + 1 == group.heads.len()));
        assert_eq!(heads(&Run { mode: Mode::Graph, ..run }), Some("Peak"));
    }

    #[test]
    fn what_is_cut_off_is_counted() {
        let run = samples::run(&[("w", "a", 1, 1.0), ("w", "b", 1, 2.0), ("w", "c", 1, 3.0)]);
        assert_eq!(groups(&run, Some(1))[0].hidden, 2);
        assert_eq!(hidden_line(12).unwrap(), "12 more sites not shown; --top N shows them");
        assert_eq!(hidden_line(0), None);
    }

    #[test]
    fn a_site_called_in_one_workload_is_not_never_called() {
        let run = samples::run(&[("one", "a", 1, 1.0), ("two", "a", 0, 0.0), ("one", "b", 0, 0.0)]);
        assert_eq!(never_called(&run), ["b"]);
    }

    #[test]
    fn a_run_without_a_wall_time_has_no_time_percent() {
        let mut run = samples::run(&[("w", "a", 1, 1.0)]);
        run.seconds = 0.0;
        assert_eq!(time_percent(&run, &run.sites[0]), None);
    }
}
