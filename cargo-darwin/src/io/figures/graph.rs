//! Graph mode: self times, callers and callees by name, in nanoseconds.

use std::collections::BTreeMap;

use super::Scale;
use crate::io::map::{EdgeTotals, RawSite, SiteTotals};
use crate::model::{Edge, Graph, Nanos};

/// The callers of every site: name of the site, name of the caller.
pub(super) type Callers = BTreeMap<String, BTreeMap<Option<String>, EdgeTotals>>;

/// Adds the callers of one process, whose ids are its own.
pub(super) fn merge(callers: &mut Callers, sites: &[RawSite], totals: &[SiteTotals]) {
    let name = |id: u32| {
        let raw = sites.get((id as usize).checked_sub(1)?)?;
        raw.site.as_ref().map(|site| site.name.clone())
    };
    for (raw, totals) in sites.iter().zip(totals) {
        let Some(site) = &raw.site else { continue };
        let own = callers.entry(site.name.clone()).or_default();
        for (caller, edge) in &totals.callers {
            own.entry(name(*caller)).or_default().merge(edge);
        }
    }
}

/// What measuring added to self times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// The clock, and what an empty site shows: within the call itself.
    pub(super) scale: Scale,
    /// What a measured call costs besides, in ticks: within its caller.
    pub(super) outside_ticks: f64,
}

/// The graph around `site`, which counted `totals`.
pub(super) fn of_site(site: &str, totals: &SiteTotals, callers: &Callers, cost: Cost) -> Graph {
    let own = callers.get(site).cloned().unwrap_or_default();
    let self_ticks = own.values().map(|edge| edge.self_ticks as f64).sum();
    let called = callers.iter().filter_map(|(callee, by)| Some((callee, by.get(&Some(site.to_owned()))?)));
    Graph {
        primitive_calls: totals.primitive_calls,
        self_ns: cost.self_nanos(site, callers, self_ticks, totals.calls),
        callers: sorted(own.iter().map(|(caller, edge)| cost.edge(caller.clone(), site, callers, edge))),
        callees: sorted(called.map(|(callee, edge)| cost.edge(Some(callee.clone()), callee, callers, edge))),
    }
}

impl Cost {
    /// `ticks` of `calls` calls of `site`, without what measuring added: at the site, and around what it called.
    fn self_nanos(self, site: &str, callers: &Callers, ticks: f64, calls: u64) -> Nanos {
        let of_callee = |by: &BTreeMap<Option<String>, EdgeTotals>| {
            by.get(&Some(site.to_owned())).map_or(0.0, |edge| edge.calls as f64)
        };
        let own_calls = callers.get(site).map_or(0.0, |by| by.values().map(|edge| edge.calls as f64).sum());
        let calls_made: f64 = callers.values().map(of_callee).sum();
        let share = calls as f64 / f64::max(own_calls, 1.0);
        let added = calls as f64 * self.scale.empty_ticks + share * calls_made * self.outside_ticks;
        Nanos((ticks - added).max(0.0) * self.scale.nanos_per_tick)
    }

    /// The calls of `callee` that `edge` is about; `name` is that of the other end.
    fn edge(self, name: Option<String>, callee: &str, callers: &Callers, edge: &EdgeTotals) -> Edge {
        let cumulative = edge.cumulative_ticks as f64 - edge.primitive_calls as f64 * self.scale.empty_ticks;
        Edge {
            name,
            calls: edge.calls,
            primitive_calls: edge.primitive_calls,
            cumulative_ns: Nanos(cumulative.max(0.0) * self.scale.nanos_per_tick),
            self_ns: self.self_nanos(callee, callers, edge.self_ticks as f64, edge.calls),
        }
    }
}

fn sorted(edges: impl Iterator<Item = Edge>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = edges.collect();
    edges.sort_by(|a, b| b.cumulative_ns.0.total_cmp(&a.cumulative_ns.0).then_with(|| a.name.cmp(&b.name)));
    edges
}

#[cfg(test)]
mod tests;
