//! Puts together what the counting runs, the blocks and the budgets found, site by site.

use super::blocks::PairedWorkload;
use super::counting::SideCounts;
use super::requests::is_count;
use super::side::{BASELINE, CANDIDATE};
use crate::gate::{RunState, SiteFinding, SiteParts, exact, overall};
use crate::model::{
    Budget, BudgetFinding, BudgetMetric, CheckedSite, ExactCount, Metric, SiteKey, SiteRun, ThroughputUnit,
    Verdict,
};

/// What exact counts say before anything is timed.
#[derive(Debug)]
pub struct CountFindings {
    key: SiteKey,
    place: String,
    allocs: Option<ExactCount>,
    bytes: Option<ExactCount>,
    budgets: Vec<BudgetFinding>,
    throughput: Option<(u64, ThroughputUnit)>,
    accepted: bool,
}

/// Compares the counting runs of every site and judges the budgets on counts.
pub fn counts(workloads: &[PairedWorkload]) -> Vec<CountFindings> {
    let of_site = |workload: &PairedWorkload, site: &SiteRun| {
        let [before, after] = &workload.counts.sides;
        let name = &site.site.name;
        let compare = |count: fn(&SiteRun) -> Option<u64>| {
            exact::compare(&before.of(name, count), &after.of(name, count))
        };
        CountFindings {
            key: SiteKey { workload: workload.candidate.name.clone(), site: name.clone() },
            place: format!("{}:{}", site.site.file, site.site.line),
            allocs: compare(|site| site.allocs),
            bytes: compare(|site| site.bytes),
            budgets: count_budgets(workload, site),
            throughput: throughput_unit(site),
            accepted: false,
        }
    };
    let sites = |workload: &PairedWorkload| {
        let mut found: Vec<CountFindings> = Vec::new();
        for side in [CANDIDATE, BASELINE] {
            for site in workload.counts.sides[side].runs.first().into_iter().flatten() {
                if !found.iter().any(|known| known.key.site == site.site.name) {
                    found.push(of_site(workload, site));
                }
            }
        }
        found
    };
    workloads.iter().flat_map(sites).collect()
}

fn count_budgets(workload: &PairedWorkload, site: &SiteRun) -> Vec<BudgetFinding> {
    let [before, after] = &workload.counts.sides;
    let name = &site.site.name;
    let judge = |budget: &Budget| {
        let count =
            |site: &SiteRun| if budget.metric == BudgetMetric::Allocs { site.allocs } else { site.bytes };
        exact::judge_budget(*budget, &before.of(name, count), &after.of(name, count))
    };
    site.site.budgets.iter().filter(|budget| is_count(budget.metric)).filter_map(judge).collect()
}

fn throughput_unit(site: &SiteRun) -> Option<(u64, ThroughputUnit)> {
    match (site.site.items_per_call, site.site.bytes_per_call) {
        (0, 0) => None,
        (0, bytes) => Some((bytes, ThroughputUnit::Bytes)),
        (items, _) => Some((items, ThroughputUnit::Items)),
    }
}

/// Did every counting run of both sides see the same calls at a site, and the same allocations where they are counted?
pub fn counts_are_equal(workloads: &[PairedWorkload], key: &SiteKey) -> bool {
    let Some(workload) = workloads.iter().find(|one| one.candidate.name == key.workload) else {
        return false;
    };
    let [before, after] = &workload.counts.sides;
    let calls = |side: &SideCounts| side.site(&key.site).map(|site| site.calls);
    let same = |count: fn(&SiteRun) -> Option<u64>| before.of(&key.site, count) == after.of(&key.site, count);
    calls(before) == calls(after) && same(|site| site.allocs) && same(|site| site.bytes)
}

/// The note of a site that the baseline file accepts as it is.
const ACCEPTED: &str = "accepted by baseline change";

impl CountFindings {
    /// The site in its workload.
    pub fn key(&self) -> &SiteKey {
        &self.key
    }

    /// Takes what became of the counts for allowed; budgets stay what they are.
    pub fn accept(&mut self) {
        self.accepted = true;
        for count in [&mut self.allocs, &mut self.bytes].into_iter().flatten() {
            count.verdict = count.verdict.map(|_| Verdict::Approve);
        }
    }

    /// Has a count or a budget on one proven a REJECT?
    pub fn rejects(&self) -> bool {
        self.checked(None).verdict == Verdict::Reject
    }

    /// The site with what was found by timing, if it was timed.
    pub fn checked(&self, timed: Option<&SiteFinding>) -> CheckedSite {
        let mut budgets = self.budgets.clone();
        budgets.extend(timed.into_iter().flat_map(|finding| finding.budgets.clone()));
        let metrics = timed.map_or_else(Vec::new, |finding| finding.metrics.clone());
        let mut site = CheckedSite {
            key: self.key.clone(),
            place: self.place.clone(),
            verdict: Verdict::Approve,
            throughput: None,
            metrics,
            allocs: self.allocs,
            bytes: self.bytes,
            budgets,
            accepted: self.accepted,
            note: timed.and_then(|finding| finding.note.clone()),
        };
        if self.accepted {
            let note = site.note.take().map(|note| format!("{ACCEPTED}; {note}"));
            site.note = Some(note.unwrap_or_else(|| ACCEPTED.to_owned()));
        }
        site.verdict = parts(&site, timed).verdict().unwrap_or(Verdict::Approve);
        site.throughput = self.throughput(&site);
        site
    }

    /// Throughput is the inverse of the mean.
    fn throughput(&self, site: &CheckedSite) -> Option<(f64, f64, ThroughputUnit)> {
        let (per_call, unit) = self.throughput?;
        let mean = site.metrics.iter().find(|report| report.metric == Metric::Mean)?.delta;
        let per_second = |nanos: f64| per_call as f64 * 1e9 / nanos;
        Some((per_second(mean.baseline.0), per_second(mean.candidate.0), unit))
    }
}

fn parts<'a>(site: &'a CheckedSite, timed: Option<&SiteFinding>) -> SiteParts<'a> {
    SiteParts {
        timed: timed.and_then(|finding| finding.timed),
        counts: [site.allocs.as_ref(), site.bytes.as_ref()],
        budgets: &site.budgets,
        untold_budgets: timed.map_or(0, |finding| finding.untold_budgets.len()),
    }
}

/// The sites with everything found, and the verdict over all.
pub fn all(counts: &[CountFindings], timed: &[SiteFinding]) -> (Vec<CheckedSite>, Verdict) {
    let finding = |key: &SiteKey| timed.iter().find(|finding| finding.key == *key);
    let sites: Vec<CheckedSite> = counts.iter().map(|count| count.checked(finding(&count.key))).collect();
    let parts: Vec<SiteParts<'_>> = sites.iter().map(|site| parts(site, finding(&site.key))).collect();
    let verdict = overall(&[RunState::Complete], &parts);
    (sites, verdict)
}
