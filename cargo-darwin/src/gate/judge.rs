//! The verdict, block by block: GATE.md's one-stage test. The decision after each block is a function of the plan
//! and of the samples so far, so a check can be replayed, or continued, from its stored samples.

use std::collections::BTreeSet;
use std::fmt;

use super::budget::BudgetWatch;
use super::plan::{BudgetRequest, Plan, PlannedSite, REJECT_ERROR, Standing};
use super::sample::{BlockSamples, SiteSample};
use super::series::{OpenMetric, Series};
use crate::model::{Budget, BudgetFinding, Metric, MetricReport, SiteKey, Verdict};

/// Evidence of equivalence that each gated metric must reach: at most one wrong APPROVE in 40 for a site that is
/// slower by just the tolerance.
pub const APPROVE_WEALTH: f64 = 40.0;

/// Blocks before anything is approved: fewer say little of the noise, however quiet they look.
pub const MIN_BLOCKS: usize = 8;

/// Blocks for which a check goes on at most after its first REJECT, to name the other slower sites too.
const NAMING_BLOCKS: usize = 8;

/// Evidence from which a site is waited for then: an unchanged one reaches it in one of five checks at most (Ville).
const SUSPECT_WEALTH: f64 = 5.0;

/// Is there a verdict?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not yet.
    Open,
    /// Yes, and more blocks would not change it.
    Decided(Verdict),
}

/// What was found at one site.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteFinding {
    /// The site in its workload.
    pub key: SiteKey,
    /// Verdict on its latencies against the baseline; `None`: not gated, see the note.
    pub timed: Option<Verdict>,
    /// Gated and shown metrics that have at least one sample.
    pub metrics: Vec<MetricReport>,
    /// Latency budgets for which at least one block told the value.
    pub budgets: Vec<BudgetFinding>,
    /// Latency budgets that no block could tell: their verdict is INCONCLUSIVE.
    pub untold_budgets: Vec<Budget>,
    /// Gated metrics that are neither proven slower nor proven within their tolerance.
    pub open: Vec<OpenMetric>,
    /// Why it is not gated, or what could not be seen, in words; what is open stands in `metrics` and `open`.
    pub note: Option<String>,
}

/// The state of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Judge {
    sites: Vec<SiteState>,
    blocks: usize,
    /// Blocks at the first REJECT.
    rejected_at: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
struct SiteState {
    key: SiteKey,
    standing: Standing,
    series: Vec<Series>,
    budgets: Vec<BudgetWatch>,
    /// Metrics to blame, from the block at which the site was rejected on.
    blamed: Vec<Metric>,
}

impl Judge {
    /// A check that has seen no block.
    pub fn new(plan: Plan) -> Judge {
        let has_record = |request: &&BudgetRequest| request.recorded.is_some();
        let recorded = plan.sites().iter().flat_map(|site| &site.budgets).filter(has_record).count();
        let sites = plan.sites().iter().map(|site| SiteState::new(site, recorded)).collect();
        Judge { sites, blocks: 0, rejected_at: None }
    }

    /// Adds one block. A planned site that it does not have gains no evidence from it.
    pub fn add(&mut self, block: &BlockSamples) {
        self.blocks += 1;
        for site in &mut self.sites {
            site.add(block);
        }
        if self.rejected_at.is_none() && self.sites.iter().any(SiteState::is_rejected) {
            self.rejected_at = Some(self.blocks);
        }
    }

    /// The verdict, if there is one. Never APPROVE without a gated site. A REJECT waits a little for other sites that are
    /// about to be rejected: a bench often is just before the function in it that is to blame.
    pub fn status(&self) -> Status {
        let blocks = self.blocks;
        if let Some(rejected_at) = self.rejected_at {
            let wait = blocks < rejected_at + NAMING_BLOCKS && self.sites.iter().any(SiteState::is_suspect);
            if wait { Status::Open } else { Status::Decided(Verdict::Reject) }
        } else if self.sites.iter().all(|site| site.is_settled(blocks)) {
            Status::Decided(self.worst())
        } else {
            Status::Open
        }
    }

    /// The verdict when no more blocks can be had: what is open is INCONCLUSIVE.
    pub fn finish(&self) -> Verdict {
        match self.status() {
            Status::Decided(verdict) => verdict,
            Status::Open if self.rejected_at.is_some() => Verdict::Reject,
            Status::Open => Verdict::Inconclusive,
        }
    }

    /// Blocks added.
    pub fn blocks(&self) -> u32 {
        u32::try_from(self.blocks).unwrap_or(u32::MAX)
    }

    /// Gated sites, and those of them that are still open.
    pub fn gated_and_open(&self) -> (usize, usize) {
        let gated = || self.sites.iter().filter(|site| site.reject_at().is_some());
        (gated().count(), gated().filter(|site| site.timed() == Some(Verdict::Inconclusive)).count())
    }

    /// Gated sites that are open, each with the metrics that are not proven yet.
    pub fn open_sites(&self) -> Vec<(SiteKey, Vec<Metric>)> {
        let open = self.sites.iter().filter(|site| site.reject_at().is_some());
        let open = open.filter(|site| site.timed() == Some(Verdict::Inconclusive));
        open.map(|site| (site.key.clone(), site.unproven())).collect()
    }

    /// Workloads with a site that is not told yet. One that is proven in all its sites need not be measured again.
    pub fn open_workloads(&self) -> BTreeSet<String> {
        let open = self.sites.iter().filter(|site| !site.is_settled(self.blocks));
        open.map(|site| site.key.workload.clone()).collect()
    }

    /// What was found, in the order of the plan.
    pub fn findings(&self) -> Vec<SiteFinding> {
        self.sites.iter().map(SiteState::finding).collect()
    }

    fn worst(&self) -> Verdict {
        let nothing_gated = (self.gated_and_open().0 == 0).then_some(Verdict::Inconclusive);
        self.sites
            .iter()
            .filter_map(SiteState::verdict)
            .chain(nothing_gated)
            .max()
            .unwrap_or(Verdict::Inconclusive)
    }
}

impl SiteState {
    fn new(plan: &PlannedSite, recorded_budgets: usize) -> SiteState {
        SiteState {
            key: plan.key.clone(),
            standing: plan.standing,
            series: plan.metrics.iter().copied().map(Series::new).collect(),
            budgets: plan
                .budgets
                .iter()
                .map(|&request| BudgetWatch::new(request, recorded_budgets))
                .collect(),
            blamed: Vec::new(),
        }
    }

    fn add(&mut self, block: &BlockSamples) {
        if let Some(sample) = block.sites.get(&self.key) {
            self.add_pair(sample);
        } else if let Some(levels) = block.candidate_only.get(&self.key) {
            for budget in &mut self.budgets {
                levels.budgeted(budget.metric()).into_iter().for_each(|value| budget.add_candidate(value));
            }
        }
        if self.blamed.is_empty() {
            self.blamed = self.to_blame();
        }
    }

    fn add_pair(&mut self, sample: &SiteSample) {
        for series in &mut self.series {
            sample.metric(series.metric()).into_iter().for_each(|sample| series.add(sample));
        }
        for budget in &mut self.budgets {
            let budgeted = sample.budgeted(budget.metric());
            budgeted
                .into_iter()
                .for_each(|sample| budget.add_pair(sample.y, sample.baseline, sample.candidate));
        }
    }

    /// The metrics that prove the site slower: those that would have done so alone, and the strongest; empty while
    /// it is not proven.
    fn to_blame(&self) -> Vec<Metric> {
        let Some(reject_at) = self.reject_at() else { return Vec::new() };
        if self.reject_wealth() < reject_at {
            return Vec::new();
        }
        let gated = || self.series.iter().filter_map(|series| Some((series, series.share()?)));
        let strongest = gated().map(|(series, _)| series.reject_wealth()).fold(0.0, f64::max);
        let enough = reject_at.min(strongest);
        gated()
            .filter(|(series, _)| series.reject_wealth() >= enough)
            .map(|(series, _)| series.metric())
            .collect()
    }

    /// The weighted mean over its gated metrics.
    fn reject_wealth(&self) -> f64 {
        let gated = self.series.iter().filter_map(|series| Some((series, series.share()?)));
        gated.map(|(series, share)| share * series.reject_wealth()).sum()
    }

    /// Not rejected, but on the way there.
    fn is_suspect(&self) -> bool {
        self.timed() == Some(Verdict::Inconclusive) && self.reject_wealth() >= SUSPECT_WEALTH
    }

    /// The wealth at which the site is rejected; `None`: not gated. By a union bound over the weights, all sites
    /// together are rejected wrongly in at most `REJECT_ERROR` of the checks.
    fn reject_at(&self) -> Option<f64> {
        match self.standing {
            Standing::Gated { weight } => Some(1.0 / (REJECT_ERROR * weight)),
            Standing::Excluded(_) => None,
        }
    }

    fn is_rejected(&self) -> bool {
        !self.blamed.is_empty() || self.budgets.iter().any(|budget| budget.verdict() == Verdict::Reject)
    }

    fn is_settled(&self, blocks: usize) -> bool {
        let timed = match self.standing {
            Standing::Gated { .. } => self.timed() != Some(Verdict::Inconclusive),
            Standing::Excluded(_) => true,
        };
        timed && self.budgets.iter().all(|budget| budget.is_settled(blocks))
    }

    fn timed(&self) -> Option<Verdict> {
        match self.standing {
            Standing::Excluded(reason) => reason.verdict(),
            Standing::Gated { .. } if !self.blamed.is_empty() => Some(Verdict::Reject),
            Standing::Gated { .. } if self.is_approved() => Some(Verdict::Approve),
            Standing::Gated { .. } => Some(Verdict::Inconclusive),
        }
    }

    fn is_approved(&self) -> bool {
        let mut gated = self.series.iter().filter(|series| series.share().is_some()).peekable();
        gated.peek().is_some() && gated.all(Series::is_approved)
    }

    fn unproven(&self) -> Vec<Metric> {
        let gated = self.series.iter().filter(|series| series.share().is_some());
        gated.filter(|series| !series.is_approved()).map(Series::metric).collect()
    }

    /// Latencies and budgets together.
    fn verdict(&self) -> Option<Verdict> {
        self.timed().into_iter().chain(self.budgets.iter().map(BudgetWatch::verdict)).max()
    }

    fn finding(&self) -> SiteFinding {
        let reject_at = self.reject_at().unwrap_or(f64::INFINITY);
        let blamed = |series: &Series| self.blamed.contains(&series.metric());
        // Once a site is rejected, nothing else about it needs to be told.
        let mut open = Vec::new();
        if self.blamed.is_empty() {
            open.extend(self.series.iter().filter_map(|series| series.open(reject_at)));
        }
        let untold_budgets: Vec<Budget> =
            self.budgets.iter().filter(|watch| watch.finding().is_none()).map(BudgetWatch::budget).collect();
        SiteFinding {
            key: self.key.clone(),
            timed: self.timed(),
            metrics: self
                .series
                .iter()
                .filter_map(|series| series.report(blamed(series), reject_at))
                .collect(),
            budgets: self.budgets.iter().filter_map(BudgetWatch::finding).collect(),
            note: self.note(&open, untold_budgets.len()),
            untold_budgets,
            open,
        }
    }

    fn note(&self, open: &[OpenMetric], untold_budgets: usize) -> Option<String> {
        let reason = match self.standing {
            Standing::Excluded(reason) => Some(reason.to_string()),
            Standing::Gated { .. } => None,
        };
        let untold = (untold_budgets > 0)
            .then(|| format!("{untold_budgets} of its budgets could not be told from so few calls"));
        let unseen = open.iter().filter(|open| open.low.is_none()).map(ToString::to_string);
        let notes: Vec<String> = reason.into_iter().chain(unseen).chain(untold).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}

impl fmt::Display for OpenMetric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.metric {
            Metric::P50 => "p50",
            Metric::P99 => "p99",
            Metric::Mean => "mean",
        };
        let (Some(low), Some(high)) = (self.low, self.high) else {
            return write!(out, "{name} has no sample yet");
        };
        write!(
            out,
            "{name} lies between {:+.2} % and {:+.2} %, tolerance {:.2} %; ",
            low.0, high.0, self.tolerance.0
        )?;
        match self.blocks_missing {
            Some(1) => write!(out, "one more block would tell")?,
            Some(blocks) => write!(out, "about {blocks} more blocks would tell")?,
            None => write!(out, "more blocks like these would not tell")?,
        }
        self.proven.map_or(Ok(()), |proven| write!(out, ", a tolerance of {:.2} % is proven now", proven.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::plan::SiteRequest;
    use crate::gate::sample::{Levels, MetricSample};
    use crate::gate::testing::{Rng, all_metrics, block, key, request, site_sample};
    use crate::model::{BudgetMetric, LogRatio, Nanos, Percent};

    fn judge(requests: &[SiteRequest]) -> Judge {
        Judge::new(Plan::freeze(requests.to_vec()))
    }

    /// Adds `blocks` blocks in which each site has its shift and a deviation of 0.1 %.
    fn feed(judge: &mut Judge, blocks: usize, sites: &[(&'static str, f64)]) {
        let mut rng = Rng::new(9);
        for _ in 0..blocks {
            judge.add(&block(sites.iter().map(|&(site, shift)| (site, shift + 0.001 * rng.gaussian()))));
        }
    }

    fn budget(metric: BudgetMetric, limit_us: f64, recorded_us: Option<f64>) -> BudgetRequest {
        let budget = Budget { metric, limit: limit_us * 1_000.0 };
        BudgetRequest { budget, recorded: recorded_us.map(|value| Nanos(value * 1_000.0)) }
    }

    #[test]
    fn the_slower_site_is_rejected_by_name_and_the_others_are_not() {
        let mut judge = judge(&[request("a"), request("b")]);
        feed(&mut judge, 20, &[("a", 0.0), ("b", 0.2)]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Reject));
        let [a, b] = judge.findings().try_into().unwrap();
        assert_eq!((a.timed, b.timed), (Some(Verdict::Approve), Some(Verdict::Reject)));
        assert_eq!((b.metrics[0].verdict, b.note), (Some(Verdict::Reject), None));
    }

    #[test]
    fn a_site_that_is_slower_too_is_named_although_another_one_is_rejected_first() {
        let mut judge = judge(&[request("bench"), request("function")]);
        let mut rng = Rng::new(5);
        while judge.status() == Status::Open {
            let noisy = 0.2 + 0.15 * rng.gaussian();
            judge.add(&block([("bench", 0.2 + 0.001 * rng.gaussian()), ("function", noisy)]));
        }
        assert_eq!(judge.finish(), Verdict::Reject);
        assert!(judge.findings().iter().all(|finding| finding.timed == Some(Verdict::Reject)));
    }

    #[test]
    fn a_reject_waits_for_nothing_that_is_not_suspect() {
        let mut judge = judge(&[request("a"), request("b")]);
        while judge.status() == Status::Open {
            feed(&mut judge, 1, &[("a", 0.2), ("b", 0.0)]);
        }
        assert_eq!(judge.blocks(), judge.rejected_at.unwrap() as u32);
    }

    #[test]
    fn a_workload_that_is_proven_is_no_longer_open() {
        let mut judge = judge(&[request("a")]);
        assert_eq!(judge.open_workloads(), BTreeSet::from(["bench".to_owned()]));
        feed(&mut judge, 12, &[("a", 0.0)]);
        assert_eq!(judge.open_workloads(), BTreeSet::new());
    }

    #[test]
    fn an_improvement_is_approved_with_its_delta() {
        let mut judge = judge(&[request("a")]);
        feed(&mut judge, 12, &[("a", 0.8_f64.ln())]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
        let change = judge.findings()[0].metrics[0].delta.change.0;
        assert!((change + 20.0).abs() < 0.5, "{change}");
    }

    #[test]
    fn nothing_is_approved_before_eight_blocks() {
        let mut judge = judge(&[request("a")]);
        feed(&mut judge, 7, &[("a", -1.0)]);
        assert_eq!(judge.status(), Status::Open);
    }

    #[test]
    fn one_site_without_samples_keeps_the_check_open_for_ever() {
        let mut judge = judge(&[request("a"), request("b")]);
        feed(&mut judge, 200, &[("a", 0.0)]);
        assert_eq!(judge.status(), Status::Open);
        assert_eq!(judge.finish(), Verdict::Inconclusive);
        assert_eq!(judge.gated_and_open(), (2, 1));
    }

    #[test]
    fn many_sites_need_more_evidence_each() {
        let requests: Vec<SiteRequest> = (0..50).map(|site| request(&format!("site {site}"))).collect();
        let blocks_to_reject = |requests: &[SiteRequest]| {
            let mut judge = judge(requests);
            (1..).find(|_| {
                judge.add(&block([("site 0", 0.5)]));
                judge.status() == Status::Decided(Verdict::Reject)
            })
        };
        assert!(blocks_to_reject(&requests) > blocks_to_reject(&requests[..1]));
    }

    #[test]
    fn the_metric_that_became_slower_is_the_one_to_blame() {
        let calls = Some(5_000);
        let wished = SiteRequest { metrics: all_metrics(), ..request("a") };
        let mut judge = judge(&[SiteRequest { baseline_calls: calls, candidate_calls: calls, ..wished }]);
        let mut rng = Rng::new(10);
        for _ in 0..30 {
            let slow_tail = site_sample(0.4 + 0.001 * rng.gaussian()).p99;
            let sample = SiteSample { p99: slow_tail, ..site_sample(0.001 * rng.gaussian()) };
            judge.add(&BlockSamples { sites: [(key("a"), sample)].into(), ..BlockSamples::default() });
        }
        let verdicts: Vec<_> = judge.findings()[0]
            .metrics
            .iter()
            .map(|report| (report.metric, report.verdict.unwrap()))
            .collect();
        assert_eq!(
            verdicts,
            [
                (Metric::P50, Verdict::Approve),
                (Metric::P99, Verdict::Reject),
                (Metric::Mean, Verdict::Approve)
            ]
        );
    }

    #[test]
    fn a_tail_of_too_few_calls_is_shown_without_a_verdict() {
        let mut judge = judge(&[SiteRequest { metrics: all_metrics(), ..request("a") }]);
        feed(&mut judge, 12, &[("a", 0.0)]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
        let findings = judge.findings();
        let tail = findings[0].metrics.iter().find(|report| report.metric == Metric::P99).unwrap();
        assert_eq!((tail.verdict, tail.tolerance), (None, Percent(10.0)));
    }

    #[test]
    fn a_rejection_stays_whatever_comes_after() {
        let mut judge = judge(&[request("a")]);
        feed(&mut judge, 15, &[("a", 0.2)]);
        feed(&mut judge, 200, &[("a", -0.2)]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Reject));
    }

    #[test]
    fn a_removed_site_is_inconclusive_and_says_what_to_do() {
        let removed = SiteRequest { candidate_calls: None, ..request("gone") };
        let mut judge = judge(&[request("a"), removed]);
        feed(&mut judge, 12, &[("a", 0.0)]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Inconclusive));
        let note = judge.findings()[1].note.clone().unwrap();
        assert!(note.contains("cargo darwin baseline"), "{note}");
    }

    #[test]
    fn small_and_new_sites_are_listed_and_stop_nobody() {
        let small = SiteRequest { candidate_calls: Some(2), ..request("small") };
        let new = SiteRequest { baseline_calls: None, ..request("new") };
        let mut judge = judge(&[request("a"), small, new]);
        feed(&mut judge, 12, &[("a", 0.0)]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
        let findings = judge.findings();
        assert!(findings[1..].iter().all(|finding| finding.timed.is_none() && finding.note.is_some()));
    }

    #[test]
    fn an_open_site_names_its_interval_the_missing_blocks_and_what_is_proven() {
        let mut judge = judge(&[request("a")]);
        let mut rng = Rng::new(11);
        for _ in 0..20 {
            judge.add(&block([("a", 0.012 + 0.02 * rng.gaussian())]));
        }
        assert_eq!(judge.finish(), Verdict::Inconclusive);
        let note = judge.findings()[0].open[0].to_string();
        for part in ["p50 lies between", "tolerance 2.00 %", "more blocks would tell", "is proven now"] {
            assert!(note.contains(part), "{note}");
        }
    }

    #[test]
    fn a_broken_budget_rejects_although_nothing_became_slower() {
        let budgets = vec![budget(BudgetMetric::P50, 0.9, Some(1.0))];
        let mut judge = judge(&[SiteRequest { budgets, ..request("a") }]);
        feed(&mut judge, 20, &[("a", 0.0)]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Reject));
        let finding = &judge.findings()[0];
        assert_eq!((finding.timed, finding.budgets[0].verdict), (Some(Verdict::Approve), Verdict::Reject));
        assert!(finding.budgets[0].broken_before);
    }

    #[test]
    fn a_budget_with_room_is_kept_and_holds_nobody_up() {
        let budgets = vec![budget(BudgetMetric::P99, 50.0, Some(1.0)), budget(BudgetMetric::Max, 50.0, None)];
        let mut judge = judge(&[SiteRequest { budgets, ..request("a") }]);
        feed(&mut judge, 12, &[("a", 0.0)]);
        assert_eq!(judge.status(), Status::Decided(Verdict::Approve));
        assert!(judge.findings()[0].budgets.iter().all(|finding| finding.verdict == Verdict::Approve));
    }

    #[test]
    fn a_budget_that_no_block_can_tell_is_not_approved() {
        let budgets = vec![budget(BudgetMetric::P999, 50.0, Some(1.0))];
        let mut judge = judge(&[SiteRequest { budgets, ..request("a") }]);
        let sample = SiteSample { p999: None, ..site_sample(0.0) };
        for y in 0..12 {
            let p50 = Some(MetricSample { y: LogRatio(1e-4 * f64::from(y % 3)), ..sample.p50.unwrap() });
            let sample = SiteSample { p50, ..sample };
            judge.add(&BlockSamples { sites: [(key("a"), sample)].into(), ..BlockSamples::default() });
        }
        assert_eq!(judge.status(), Status::Decided(Verdict::Inconclusive));
        assert_eq!(judge.findings()[0].untold_budgets.len(), 1);
    }

    #[test]
    fn a_new_sites_budget_is_judged_from_the_candidate_alone() {
        let budgets = vec![budget(BudgetMetric::P50, 50.0, None)];
        let mut judge =
            judge(&[request("a"), SiteRequest { baseline_calls: None, budgets, ..request("new") }]);
        for _ in 0..12 {
            let levels = Levels { p50: Some(Nanos(60_000.0)), ..Levels::default() };
            let candidate_only = [(key("new"), levels)].into();
            judge.add(&BlockSamples { candidate_only, ..block([("a", 0.0)]) });
        }
        assert_eq!(judge.status(), Status::Decided(Verdict::Inconclusive), "advice, not a REJECT");
        let finding = judge.findings().remove(1);
        assert_eq!((finding.budgets[0].value, finding.budgets[0].broken_before), (60_000.0, false));
    }

    #[test]
    fn the_same_blocks_give_the_same_judge_so_that_a_check_can_be_continued() {
        let mut whole = judge(&[request("a")]);
        feed(&mut whole, 20, &[("a", 0.01)]);
        let mut again = judge(&[request("a")]);
        feed(&mut again, 20, &[("a", 0.01)]);
        assert_eq!(whole, again);
    }
}
