//! Latencies of the candidate beside the recorded ones of the same class of machines, and beside stored runs.

use super::words;
use crate::gate::quantile;
use crate::gate::record::{self, Change, History, LEAST_RESIDUAL, Reading, Times};
use crate::io::baseline_file::{BaselineFile, Latencies, Quantity};
use crate::io::store::StoredRun;
use crate::model::{
    Budget, BudgetFinding, CheckedSite, Delta, Metric, MetricReport, Nanos, Outstanding, Percent, Run,
    SiteKey, SiteRun, Verdict,
};
use crate::session::baseline::values;
use crate::session::requests::is_count;

/// What the candidate's times are set beside.
pub struct Beside<'a> {
    /// The committed file.
    pub recorded: &'a BaselineFile,
    /// This machine's class.
    pub machine: &'a str,
    /// The candidate's runs.
    pub runs: &'a [Run],
    /// Stored runs of the same class.
    pub history: &'a [StoredRun],
}

/// What there is to say beside the sites' own figures.
#[derive(Debug, Default)]
pub struct Advice {
    /// The machine's share of each metric.
    pub shares: Vec<(Metric, Percent)>,
    /// What stands out from the rest.
    pub outstanding: Vec<Outstanding>,
    /// Sites above every stored run.
    pub above_history: Vec<SiteKey>,
}

impl Beside<'_> {
    /// Adds times, budgets on times and advice to the sites; their verdicts stay.
    pub fn add_to(&self, sites: &mut [CheckedSite]) -> Advice {
        let mut advice = Advice::default();
        for metric in [Metric::P50, Metric::P99, Metric::Mean] {
            self.add_metric(metric, sites, &mut advice);
        }
        for site in sites {
            site.budgets.extend(self.budgets(&site.key));
            let Some((history, now)) = self.history(&site.key) else { continue };
            add_note(site, words::history(&history, now));
            if history.candidate == record::Beside::Above {
                advice.above_history.push(site.key.clone());
            }
        }
        advice
    }

    fn add_metric(&self, metric: Metric, sites: &mut [CheckedSite], advice: &mut Advice) {
        let readings: Vec<Reading> = sites.iter().map(|site| self.reading(&site.key, metric)).collect();
        let times = record::times(&readings);
        advice.shares.extend(times.machine.map(|machine| (metric, Percent::from(machine.share))));
        for (index, site) in sites.iter_mut().enumerate() {
            site.metrics.extend(times.changes[index].map(|change| shown(metric, &change, &times)));
            if let Some(residual) = times.stands_out(index).map(Percent::from) {
                add_note(site, words::advisory(metric, residual));
                advice.outstanding.push(Outstanding { key: site.key.clone(), metric, residual });
            }
        }
    }

    fn reading(&self, key: &SiteKey, metric: Metric) -> Reading {
        let record = self.recorded.workloads.get(&key.workload);
        let latencies = record.and_then(|record| record.machines.get(self.machine)?.get(&key.site));
        // What was not recorded is no number, and left out as such.
        let recorded = latencies.and_then(|latencies| latency(latencies, metric)).unwrap_or(Nanos(f64::NAN));
        let runs = values(self.runs, &key.workload, &key.site, quantity(metric));
        Reading { recorded, runs: runs.into_iter().map(Nanos).collect() }
    }

    fn site<'r>(runs: impl Iterator<Item = &'r Run>, key: &SiteKey) -> Vec<&'r SiteRun> {
        let find = |run: &'r Run| {
            run.sites.iter().find(|site| site.workload == key.workload && site.site.name == key.site)
        };
        runs.filter_map(find).collect()
    }

    /// A time budget can be neither broken nor kept without a baseline to run. One whose limit the median of the runs
    /// is above is shown, and not told.
    fn budgets(&self, key: &SiteKey) -> Vec<BudgetFinding> {
        let runs = Self::site(self.runs.iter(), key);
        let budgets = runs.first().map_or(&[][..], |site| &site.site.budgets);
        let shown = |budget: &Budget| {
            let value = median(runs.iter().filter_map(|site| site.timing?.budgeted(budget.metric)))?;
            let verdict = Verdict::Inconclusive;
            Some(BudgetFinding { budget: *budget, value: value.0, verdict, broken_before: false })
        };
        let times = budgets.iter().filter(|budget| !is_count(budget.metric)).filter_map(shown);
        times.filter(|finding| finding.value > finding.budget.limit).collect()
    }

    /// The range of the stored runs, and the candidate's p50.
    fn history(&self, key: &SiteKey) -> Option<(History, Nanos)> {
        let p50 = |site: &SiteRun| Some(site.timing?.p50_ns);
        let now = median(Self::site(self.runs.iter(), key).into_iter().filter_map(p50))?;
        let stored = self.history.iter().map(|stored| &stored.run);
        let earlier: Vec<Nanos> = Self::site(stored, key).into_iter().filter_map(p50).collect();
        Some((record::history(&earlier, now)?, now))
    }
}

fn add_note(site: &mut CheckedSite, text: String) {
    site.note = Some(site.note.take().map_or(text.clone(), |note| format!("{note}; {text}")));
}

fn median(values: impl Iterator<Item = Nanos>) -> Option<Nanos> {
    let mut values: Vec<f64> = values.map(|value| value.0).collect();
    quantile::median(&mut values).map(Nanos)
}

/// Recorded and measured, the extremes of the runs as the interval; without a verdict.
fn shown(metric: Metric, change: &Change, times: &Times) -> MetricReport {
    let delta = Delta {
        baseline: Nanos(change.measured.0 / change.ratio.0.exp()),
        candidate: change.measured,
        change: Percent::from(change.ratio),
        low: Percent::from(change.low),
        high: Percent::from(change.high),
    };
    MetricReport {
        metric,
        delta,
        tolerance: times.machine.map_or(LEAST_RESIDUAL, |machine| Percent::from(machine.threshold)),
        verdict: None,
        resolution: None,
        blocks_missing: None,
        proven_tolerance: None,
        won: None,
    }
}

fn quantity(metric: Metric) -> Quantity {
    match metric {
        Metric::P50 => Quantity::P50Ns,
        Metric::P99 => Quantity::P99Ns,
        Metric::Mean => Quantity::MeanNs,
    }
}

fn latency(latencies: &Latencies, metric: Metric) -> Option<Nanos> {
    match metric {
        Metric::P50 => latencies.p50_ns,
        Metric::P99 => latencies.p99_ns,
        Metric::Mean => latencies.mean_ns,
    }
}
