//! Data for the tests of this module.

use crate::model::{
    BaselineSource, CheckReport, CheckedSite, Delta, Edge, Graph, Metric, MetricReport, Mode, Nanos,
    Outstanding, Percent, RecordReport, Run, Site, SiteKey, SiteKind, SiteRun, SystemCheck, SystemReport,
    SystemStatus, Timing, Verdict,
};

/// A metric with an interval of 0.7 percentage points to both sides and a tolerance of 1 % (5 % for p99).
pub(super) fn metric(metric: Metric, baseline: f64, change: f64, verdict: Option<Verdict>) -> MetricReport {
    let delta = Delta {
        baseline: Nanos(baseline),
        candidate: Nanos(baseline * (1.0 + change / 100.0)),
        change: Percent(change),
        low: Percent(change - 0.7),
        high: Percent(change + 0.7),
    };
    let tolerance = Percent(if metric == Metric::P99 { 5.0 } else { 1.0 });
    MetricReport {
        metric,
        delta,
        tolerance,
        verdict,
        resolution: Some(Percent(0.7)),
        blocks_missing: None,
        proven_tolerance: None,
        won: None,
    }
}

/// A site of the workload `replay` without any finding.
pub(super) fn site(name: &str, verdict: Verdict) -> CheckedSite {
    CheckedSite {
        key: SiteKey { workload: "replay".into(), site: name.into() },
        place: "src/book.rs:42".into(),
        verdict,
        metrics: Vec::new(),
        throughput: None,
        allocs: None,
        bytes: None,
        budgets: Vec::new(),
        accepted: false,
        note: None,
    }
}

/// A site with all three metrics changed alike.
pub(super) fn timed_site(name: &str, change: f64, verdict: Verdict) -> CheckedSite {
    let timed = |which, baseline| metric(which, baseline, change, Some(verdict));
    let metrics = vec![timed(Metric::P50, 1200.0), timed(Metric::P99, 4000.0), timed(Metric::Mean, 1250.0)];
    CheckedSite { metrics, ..site(name, verdict) }
}

/// A check on a fit machine.
pub(super) fn report(sites: Vec<CheckedSite>) -> CheckReport {
    let governor = SystemCheck {
        name: "governor".into(),
        status: SystemStatus::Ok,
        value: "performance".into(),
        advice: String::new(),
    };
    CheckReport {
        verdict: sites.iter().map(|site| site.verdict).max().unwrap_or(Verdict::Approve),
        require_faster: false,
        seconds: 7.9,
        blocks: 22,
        earlier_blocks: 0,
        voided: 0,
        void_reasons: Vec::new(),
        baseline_rev: "0123456789abcdef0123456789abcdef01234567".into(),
        baseline_source: BaselineSource::Built,
        record: None,
        system: SystemReport { status: SystemStatus::Ok, checks: vec![governor] },
        injected: None,
        sites,
        notes: Vec::new(),
        next_step: String::new(),
    }
}

/// A check in a shallow clone, by a machine 12 % slower than the record's: `f` is as it was, `g` is not.
pub(super) fn record_report() -> CheckReport {
    let timed = |name: &str, change| {
        let metrics = vec![metric(Metric::P50, 1200.0, change, None)];
        CheckedSite { metrics, ..site(name, Verdict::Inconclusive) }
    };
    let (f, mut g) = (timed("f", 12.0), timed("g", 79.2));
    g.note = Some("advisory: p50 +60% beyond the machine's share".into());
    let outstanding = Outstanding { key: g.key.clone(), metric: Metric::P50, residual: Percent(60.0) };
    let record = RecordReport {
        reason: "this clone is too shallow; run `git fetch --unshallow`".into(),
        machine: "a processor, x86_64-linux, rustc 1.95.0".into(),
        shares: vec![(Metric::P50, Percent(12.0)), (Metric::Mean, Percent(11.0))],
        outstanding: vec![outstanding],
        above_history: Vec::new(),
    };
    CheckReport {
        seconds: 2.1,
        blocks: 0,
        baseline_rev: String::new(),
        baseline_source: BaselineSource::Record,
        record: Some(record),
        notes: vec!["what slows all sites alike is invisible here".into()],
        next_step: "bring the code back".into(),
        ..report(vec![f, g])
    }
}

/// One second of wall time; each site as workload, name, calls and cumulative milliseconds, without an allocator.
pub(super) fn run(sites: &[(&str, &str, u64, f64)]) -> Run {
    let sites =
        sites.iter().map(|&(workload, name, calls, ms)| site_run(workload, name, calls, ms)).collect();
    Run { mode: Mode::Exact, seconds: 1.0, sites }
}

/// A recursion of 177 calls that calls a leaf, in graph mode.
pub(super) fn graph_run() -> Run {
    let edge = |name: Option<&str>, calls, primitive_calls, cumulative: f64, own: f64| Edge {
        name: name.map(str::to_owned),
        calls,
        primitive_calls,
        cumulative_ns: Nanos(cumulative * 1e6),
        self_ns: Nanos(own * 1e6),
    };
    let mut run = Run { mode: Mode::Graph, ..run(&[("w", "fib", 177, 900.0), ("w", "leaf", 1000, 600.0)]) };
    let inner = edge(Some("fib"), 176, 2, 890.0, 299.0);
    run.sites[0].graph = Some(Graph {
        primitive_calls: 1,
        self_ns: Nanos(300e6),
        callers: vec![edge(None, 1, 1, 900.0, 1.0), inner.clone()],
        callees: vec![inner, edge(Some("leaf"), 1000, 1000, 600.0, 600.0)],
    });
    run.sites[1].graph = Some(Graph {
        primitive_calls: 1000,
        self_ns: Nanos(600e6),
        callers: vec![edge(Some("fib"), 1000, 1000, 600.0, 600.0)],
        callees: Vec::new(),
    });
    run
}

fn site_run(workload: &str, name: &str, calls: u64, ms: f64) -> SiteRun {
    SiteRun {
        workload: workload.into(),
        site: Site {
            name: name.into(),
            kind: SiteKind::Function,
            file: "src/book.rs".into(),
            line: 42,
            budgets: Vec::new(),
            items_per_call: 0,
            bytes_per_call: 0,
        },
        calls,
        panicked: 0,
        cancelled: 0,
        polling: None,
        timing: (calls > 0).then(|| timing(ms * 1e6, calls)),
        allocs: None,
        bytes: None,
        frees: None,
        freed_bytes: None,
        peak_bytes: None,
        call_cost_ns: Nanos(31.4),
        empty_cost_ns: Nanos(17.2),
        graph: None,
    }
}

fn timing(cumulative: f64, calls: u64) -> Timing {
    let mean = cumulative / calls as f64;
    Timing {
        cumulative_ns: Nanos(cumulative),
        min_ns: Nanos(mean * 0.5),
        mean_ns: Nanos(mean),
        p50_ns: Nanos(mean * 0.9),
        p90_ns: Nanos(mean * 1.5),
        p99_ns: Nanos(mean * 3.0),
        p999_ns: Nanos(mean * 6.0),
        max_ns: Nanos(mean * 9.0),
    }
}
