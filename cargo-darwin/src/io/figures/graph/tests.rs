use super::*;
use crate::model::{Site, SiteKind};

fn site(id: u32, name: &str) -> RawSite {
    RawSite::named(
        id,
        Site {
            name: name.to_owned(),
            kind: SiteKind::Function,
            file: "src/lib.rs".to_owned(),
            line: 1,
            budgets: Vec::new(),
            items_per_call: 0,
            bytes_per_call: 0,
        },
    )
}

/// Calls, all of them primitive, with cumulative and self ticks.
fn edge(calls: u64, cumulative_ticks: u64, self_ticks: u64) -> EdgeTotals {
    EdgeTotals { calls, primitive_calls: calls, cumulative_ticks, self_ticks }
}

fn totals(calls: u64, callers: &[(u32, EdgeTotals)]) -> SiteTotals {
    let mut totals = SiteTotals::new().unwrap();
    (totals.calls, totals.primitive_calls) = (calls, calls);
    totals.callers.extend(callers.iter().copied());
    totals
}

const FREE: Cost = Cost { scale: Scale { nanos_per_tick: 0.5, empty_ticks: 0.0 }, outside_ticks: 0.0 };

#[test]
fn callers_of_processes_with_other_ids_are_joined_by_name() {
    let mut callers = Callers::new();
    let one = [site(1, "outer"), site(2, "leaf")];
    merge(&mut callers, &one, &[totals(1, &[(0, edge(1, 100, 40))]), totals(6, &[(1, edge(6, 60, 60))])]);
    let other = [site(1, "leaf"), site(2, "outer")];
    merge(&mut callers, &other, &[totals(4, &[(2, edge(4, 40, 40))]), totals(1, &[(0, edge(1, 90, 50))])]);
    let leaf = of_site("leaf", &totals(10, &[]), &callers, FREE);
    assert_eq!(leaf.callers.len(), 1);
    let from_outer = &leaf.callers[0];
    assert_eq!((from_outer.name.as_deref(), from_outer.calls), (Some("outer"), 10));
    assert_eq!((leaf.self_ns, from_outer.cumulative_ns), (Nanos(50.0), Nanos(50.0)));
    let outer = of_site("outer", &totals(2, &[]), &callers, FREE);
    assert_eq!((outer.self_ns, outer.callers[0].name.as_deref()), (Nanos(45.0), None));
    assert_eq!((outer.callees[0].name.as_deref(), outer.callees[0].calls), (Some("leaf"), 10));
}

#[test]
fn what_measuring_cost_is_taken_off_where_it_fell() {
    let mut callers = Callers::new();
    let sites = [site(1, "outer"), site(2, "leaf")];
    merge(
        &mut callers,
        &sites,
        &[totals(10, &[(0, edge(10, 5000, 4000))]), totals(100, &[(1, edge(100, 1000, 1000))])],
    );
    let cost = Cost { scale: Scale { nanos_per_tick: 1.0, empty_ticks: 2.0 }, outside_ticks: 30.0 };
    let leaf = of_site("leaf", &totals(100, &[]), &callers, cost);
    assert_eq!(leaf.self_ns, Nanos(1000.0 - 200.0), "what an empty site shows");
    assert_eq!(leaf.callers[0].cumulative_ns, Nanos(800.0));
    let outer = of_site("outer", &totals(10, &[]), &callers, cost);
    assert_eq!(outer.self_ns, Nanos(4000.0 - 20.0 - 3000.0), "and, in the caller, what a call costs besides");
    assert_eq!(outer.callees[0].self_ns, leaf.self_ns);
}

#[test]
fn edges_are_sorted_by_their_time() {
    let mut callers = Callers::new();
    let sites = [site(1, "a"), site(2, "b"), site(3, "leaf")];
    let by = [(1, edge(1, 10, 10)), (2, edge(1, 30, 30)), (0, edge(1, 20, 20))];
    merge(&mut callers, &sites, &[totals(0, &[]), totals(0, &[]), totals(3, &by)]);
    let leaf = of_site("leaf", &totals(3, &[]), &callers, FREE);
    let names: Vec<Option<&str>> = leaf.callers.iter().map(|edge| edge.name.as_deref()).collect();
    assert_eq!(names, [Some("b"), None, Some("a")]);
}
