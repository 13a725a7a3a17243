//! From ticks to nanoseconds: what the processes of one run counted, as figures per site.

mod empty;
mod graph;

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::clock;
use super::map::{Map, MapError, SiteTotals};
use super::measure::Measured;
use crate::model::{Mode, Nanos, Polling, Site, SiteKind, SiteRun, Timing};

/// How one process's ticks become nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Nanoseconds of a tick.
    pub nanos_per_tick: f64,
    /// What an empty site shows, in ticks: taken off every latency.
    pub empty_ticks: f64,
}

impl Scale {
    fn nanos(self, ticks: u64) -> Nanos {
        Nanos((ticks as f64 - self.empty_ticks).max(0.0) * self.nanos_per_tick)
    }
}

/// A site and what all processes together counted there.
#[derive(Debug)]
struct Merged {
    site: Site,
    totals: SiteTotals,
}

/// The figures of every site of a run, in order of name; sites that were never called included.
///
/// # Errors
/// When a map is damaged.
pub fn site_runs(workload: &str, measured: &Measured) -> Result<Vec<SiteRun>, MapError> {
    let mut merged: BTreeMap<String, Merged> = BTreeMap::new();
    let mut empty = Vec::new();
    let mut callers = graph::Callers::new();
    let mode = measured.maps.first().map_or(Mode::Exact, |map| map.mode);
    for map in &measured.maps {
        let totals = map.totals()?;
        graph::merge(&mut callers, &map.sites, &totals);
        for (raw, totals) in map.sites.iter().zip(totals) {
            match &raw.site {
                None => empty.push(map.clock.empty_ticks(empty::counted(&totals.histogram))),
                Some(site) => merge(&mut merged, site, totals),
            }
        }
    }
    let maps = measured.maps.len().max(1) as f64;
    let lost = measured.maps.iter().fold(0_u64, |sum, map| sum.saturating_add(map.lost));
    let has = |what: fn(&SiteTotals, u64) -> bool| merged.values().any(|merged| what(&merged.totals, lost));
    let damaged = |what| {
        let path = format!("of process {}", measured.maps.first().map_or(0, |map| map.pid)).into();
        Err(MapError::Damaged { path, what })
    };
    if has(|totals, _| totals.has_run_over) {
        return damaged("one of its counters has run over");
    }
    if has(is_inconsistent) {
        return damaged("its counts do not add up");
    }
    let scale = Scale {
        nanos_per_tick: nanos_per_tick(measured)?,
        empty_ticks: empty.iter().sum::<f64>() / empty.len().max(1) as f64,
    };
    let call_cost = measured.maps.iter().map(|map| map.clock.call_cost_ticks).sum::<f64>() / maps;
    let counts_allocations = mode != Mode::Adaptive && measured.maps.iter().any(|map| map.counts_allocations);
    let cost = graph::Cost { scale, outside_ticks: (call_cost - scale.empty_ticks).max(0.0) };
    let figures = |merged: Merged| SiteRun {
        workload: workload.to_owned(),
        calls: merged.totals.calls,
        panicked: merged.totals.panicked,
        cancelled: merged.totals.cancelled,
        polling: (merged.site.kind == SiteKind::Async).then(|| polling(&merged.totals, scale)),
        timing: timing(&merged.totals, scale, mode),
        graph: (mode == Mode::Graph)
            .then(|| graph::of_site(&merged.site.name, &merged.totals, &callers, cost)),
        allocs: counts_allocations.then_some(merged.totals.allocs),
        bytes: counts_allocations.then_some(merged.totals.bytes),
        frees: counts_allocations.then_some(merged.totals.frees),
        freed_bytes: counts_allocations.then_some(merged.totals.freed_bytes),
        peak_bytes: counts_allocations.then_some(merged.totals.peak_bytes),
        call_cost_ns: Nanos(call_cost * scale.nanos_per_tick),
        empty_cost_ns: Nanos(scale.empty_ticks * scale.nanos_per_tick),
        site: merged.site,
    };
    Ok(merged.into_values().map(figures).collect())
}

/// By our own clock, which ticks as theirs do; nanoseconds where the processes found no counter to use, as programs for
/// another architecture do.
fn nanos_per_tick(measured: &Measured) -> Result<f64, MapError> {
    let maps = &measured.maps;
    let told = || {
        let sum: f64 = maps.iter().map(|map| map.clock.nanos_per_tick(measured.end)).sum();
        sum / maps.len().max(1) as f64
    };
    match maps.iter().filter(|map| map.clock.is_counter()).count() {
        0 => Ok(1.0),
        counters if counters == maps.len() => Ok(clock::nanos_per_tick().unwrap_or_else(told)),
        _ => Err(MapError::Clocks),
    }
}

fn merge(merged: &mut BTreeMap<String, Merged>, site: &Site, totals: SiteTotals) {
    match merged.get_mut(&site.name) {
        Some(known) => known.totals.merge(&totals),
        None => drop(merged.insert(site.name.clone(), Merged { site: site.clone(), totals })),
    }
}

/// Calls that threads may have counted by half when they were ended, whatever their number.
const HALF_COUNTED_CALLS: u64 = 64;

/// Every completed call is in the histogram, but for those in flight at the end, and no call holds more than was
/// allocated: bits that are damaged elsewhere would give other figures without a word.
fn is_inconsistent(totals: &SiteTotals, lost: u64) -> bool {
    let timed = totals.histogram.len();
    let most = totals.untold.saturating_add(HALF_COUNTED_CALLS + totals.timed / 100);
    let noted = totals.callers.values().fold(totals.primitive_calls, |sum, edge| sum.max(edge.calls));
    let most_noted = totals.calls.saturating_add(most).saturating_add(lost);
    let held_more_than_allocated = totals.peak_bytes > totals.bytes;
    (timed > 0 && totals.timed.abs_diff(timed) > most) || noted > most_noted || held_more_than_allocated
}

fn timing(totals: &SiteTotals, scale: Scale, mode: Mode) -> Option<Timing> {
    let histogram = &totals.histogram;
    if totals.calls == 0 || histogram.is_empty() {
        return None;
    }
    let quantile = |quantile| scale.nanos(quantile_ticks(histogram, quantile));
    let sum = |ticks: u64, calls: u64| {
        (ticks as f64 - calls as f64 * scale.empty_ticks).max(0.0) * scale.nanos_per_tick
    };
    // In adaptive mode the timed calls stand for not quite all: the last stretch is not over.
    let timed = if mode == Mode::Adaptive { histogram.len() } else { totals.calls };
    let mean = sum(totals.ticks, timed) / timed as f64;
    let cumulative = match mode {
        Mode::Graph => sum(totals.cumulative_ticks, totals.primitive_calls),
        Mode::Exact | Mode::Adaptive => mean * totals.calls as f64,
    };
    Some(Timing {
        cumulative_ns: Nanos(cumulative),
        min_ns: scale.nanos(histogram.min()),
        mean_ns: Nanos(mean),
        p50_ns: quantile(0.5),
        p90_ns: quantile(0.9),
        p99_ns: quantile(0.99),
        p999_ns: quantile(0.999),
        max_ns: scale.nanos(totals.max),
    })
}

/// What an empty site shows is taken off each poll.
fn polling(totals: &SiteTotals, scale: Scale) -> Polling {
    let ticks = totals.busy_ticks as f64 - totals.polls as f64 * scale.empty_ticks;
    Polling { polls: totals.polls, busy_ns: Nanos(ticks.max(0.0) * scale.nanos_per_tick) }
}

/// The latency that `quantile` (0 to 1) of the calls do not exceed, in ticks: the middle of its bucket.
pub fn quantile_ticks(histogram: &Histogram<u64>, quantile: f64) -> u64 {
    histogram.median_equivalent(histogram.value_at_quantile(quantile))
}

/// What an empty site shows to a process that logged its samples, in ticks.
pub fn logged_empty_ticks(map: &Map, logs: &[Vec<u64>]) -> f64 {
    let Some(empty) = map.sites.iter().find(|raw| raw.site.is_none()) else { return 0.0 };
    let samples: Vec<u64> = super::map::samples_of(logs, empty.id).collect();
    map.clock.empty_ticks(empty::logged(&samples))
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use darwin_runtime::layout::{Header, MAGIC, VERSION, clock_kind};

    use super::*;
    use crate::io::map::EdgeTotals;

    fn totals(calls: u64, timed: u64) -> SiteTotals {
        let mut totals = SiteTotals::new().unwrap();
        (totals.calls, totals.timed) = (calls, calls);
        totals.histogram.record_n(100, timed).unwrap();
        totals
    }

    #[test]
    fn calls_and_latencies_add_up_but_for_calls_in_flight() {
        for (calls, timed) in [(0, 0), (2000, 2000), (2000, 1990), (0, 3), (1_000_000, 1_005_000)] {
            assert!(!is_inconsistent(&totals(calls, timed), 0), "{calls} calls, {timed} latencies");
        }
        for (calls, timed) in [(2000, 1000), (2000, 1 << 20), (1 << 40, 2000), (0, 100)] {
            assert!(is_inconsistent(&totals(calls, timed), 0), "{calls} calls, {timed} latencies");
        }
    }

    #[test]
    fn callers_have_made_no_more_calls_than_there_were_but_for_those_that_were_lost() {
        let called = |primitive_calls, by_caller, lost| {
            let edge = EdgeTotals { calls: by_caller, ..EdgeTotals::default() };
            let mut totals = totals(1000, 1000);
            totals.primitive_calls = primitive_calls;
            totals.callers.insert(0, edge);
            is_inconsistent(&totals, lost)
        };
        assert!(!called(1000, 1000, 0) && !called(10, 0, 0));
        assert!(called(1000, 1 << 20, 0) && called(1 << 20, 1000, 0));
        assert!(!called(1000, 3000, 2000), "the map was full");
    }

    #[test]
    fn no_call_holds_more_than_all_of_them_allocated() {
        let is_inconsistent = |bytes, peak_bytes| {
            let mut totals = totals(10, 10);
            (totals.bytes, totals.peak_bytes) = (bytes, peak_bytes);
            is_inconsistent(&totals, 0)
        };
        assert!(!is_inconsistent(500, 500) && !is_inconsistent(500, 0));
        assert!(is_inconsistent(500, 501) && is_inconsistent(0, 1 << 40));
    }

    #[test]
    fn the_calls_of_adaptive_mode_are_those_of_its_stretches() {
        let mut totals = totals(5000, 4990);
        (totals.timed, totals.untold) = (4990, 1 << 16);
        assert!(!is_inconsistent(&totals, 0));
        totals.histogram.record_n(100, 1 << 20).unwrap();
        assert!(is_inconsistent(&totals, 0));
    }

    /// What processes with these clocks left.
    fn measured(kinds: &[u32]) -> Measured {
        let file = tempfile::NamedTempFile::new().unwrap();
        let map = |kind: &u32| {
            let mut bytes = vec![0; size_of::<Header>()];
            bytes[offset_of!(Header, magic)..][..8].copy_from_slice(&MAGIC.to_ne_bytes());
            bytes[offset_of!(Header, version)..][..4].copy_from_slice(&VERSION.to_ne_bytes());
            bytes[offset_of!(Header, clock)..][..4].copy_from_slice(&kind.to_ne_bytes());
            std::fs::write(file.path(), bytes).unwrap();
            Map::read(file.path()).unwrap().unwrap()
        };
        let maps = kinds.iter().map(map).collect();
        Measured { maps, seconds: 1.0, end: clock::now(), usage: crate::model::Usage::default() }
    }

    #[test]
    fn nanoseconds_of_a_process_without_a_counter_stay_what_they_are() {
        assert_eq!(nanos_per_tick(&measured(&[clock_kind::NANOS; 2])).unwrap().to_bits(), 1.0_f64.to_bits());
        let counted = nanos_per_tick(&measured(&[clock_kind::COUNTER; 2])).unwrap();
        assert!(counted.is_finite() && counted > 0.0, "{counted}");
        let mixed = nanos_per_tick(&measured(&[clock_kind::NANOS, clock_kind::COUNTER]));
        assert!(matches!(mixed, Err(MapError::Clocks)), "{mixed:?}");
    }

    #[test]
    fn busy_time_is_that_of_the_polls_without_what_measuring_them_shows() {
        let scale = Scale { nanos_per_tick: 0.5, empty_ticks: 10.0 };
        let told = |busy_ticks| {
            let mut totals = totals(2, 2);
            (totals.polls, totals.busy_ticks) = (4, busy_ticks);
            polling(&totals, scale)
        };
        assert_eq!(told(1040), Polling { polls: 4, busy_ns: Nanos(500.0) });
        assert_eq!(told(30).busy_ns, Nanos(0.0));
    }

    #[test]
    fn calls_whose_latencies_are_in_a_log_are_consistent() {
        assert!(!is_inconsistent(&totals(1_000_000, 0), 0));
    }
}
