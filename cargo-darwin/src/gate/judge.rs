//! The verdict, block by block: GATE.md's one-stage test. The decision after each block is a function of the plan
//! and of the samples so far, so a check can be replayed, or continued, from its stored samples.

use std::collections::BTreeSet;
use std::fmt;

use super::budget::BudgetWatch;
use super::challenge::Challenge;
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

/// The note of a site that is slower, though not beyond what its calibration says that placement may do.
const DOUBT: &str = "slower by more than half the tolerance, but placement alone may shift it so far here";

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
    /// A site must become faster.
    must_win: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct SiteState {
    key: SiteKey,
    standing: Standing,
    series: Vec<Series>,
    budgets: Vec<BudgetWatch>,
    /// Metrics to blame, from the block at which the site was rejected on.
    blamed: Vec<Metric>,
    /// It would have been rejected, had a calibration not raised what a REJECT must prove: it is never approved.
    is_doubted: bool,
    /// Metrics that became faster, from the block at which the site was proven faster on; empty where nobody asks.
    won: Vec<Metric>,
}

impl Judge {
    /// A check that has seen no block.
    pub fn new(plan: Plan) -> Judge {
        let has_record = |request: &&BudgetRequest| request.recorded.is_some();
        let recorded = plan.sites().iter().flat_map(|site| &site.budgets).filter(has_record).count();
        let must_win = plan.must_win();
        let sites = plan.sites().iter().map(|site| SiteState::new(site, recorded, must_win)).collect();
        Judge { sites, blocks: 0, rejected_at: None, must_win }
    }

    /// A check that has seen these blocks, up to the one that brought its verdict: a verdict once given stays.
    pub fn replayed(plan: Plan, blocks: &[BlockSamples]) -> Judge {
        let mut judge = Judge::new(plan);
        for block in blocks {
            if judge.status() != Status::Open {
                break;
            }
            judge.add(block);
        }
        judge
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
        } else if self.sites.iter().all(|site| site.is_settled(blocks)) && !self.waits_for_a_win() {
            Status::Decided(self.challenge().applied(self.worst()))
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

    /// Gated sites, and those of them that are still open: not told, or perhaps the winner that is missing.
    pub fn gated_and_open(&self) -> (usize, usize) {
        let win_is_missing = self.challenge() == Challenge::Open;
        let is_open = |site: &&SiteState| {
            site.timed() == Some(Verdict::Inconclusive) || win_is_missing && site.may_win()
        };
        let gated = || self.sites.iter().filter(|site| site.reject_at().is_some());
        (gated().count(), gated().filter(is_open).count())
    }

    /// Gated sites that are open, each with the metrics that are not proven yet.
    pub fn open_sites(&self) -> Vec<(SiteKey, Vec<Metric>)> {
        let open = self.sites.iter().filter(|site| site.reject_at().is_some());
        let open = open.filter(|site| site.timed() == Some(Verdict::Inconclusive));
        open.map(|site| (site.key.clone(), site.unproven())).collect()
    }

    /// Workloads with a site that is not told yet, or that may be the winner that is missing. One that is proven in all its
    /// sites need not be measured again.
    pub fn open_workloads(&self) -> BTreeSet<String> {
        let win_is_missing = self.challenge() == Challenge::Open;
        let is_open = |site: &&SiteState| !site.is_settled(self.blocks) || win_is_missing && site.may_win();
        self.sites.iter().filter(is_open).map(|site| site.key.workload.clone()).collect()
    }

    /// How a candidate stands that must be faster somewhere. One site in any workload is enough.
    pub fn challenge(&self) -> Challenge {
        match self.must_win {
            false => Challenge::NotAsked,
            true if self.sites.iter().any(|site| !site.won.is_empty()) => Challenge::Won,
            true if self.sites.iter().any(SiteState::may_win) => Challenge::Open,
            true => Challenge::Lost,
        }
    }

    /// What was found, in the order of the plan.
    pub fn findings(&self) -> Vec<SiteFinding> {
        self.sites.iter().map(SiteState::finding).collect()
    }

    /// Is a win all that an APPROVE lacks?
    fn waits_for_a_win(&self) -> bool {
        self.challenge() == Challenge::Open && self.worst() == Verdict::Approve
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

impl SiteFinding {
    /// The worst of its parts: latencies against the baseline, and latency budgets; `None` where nothing was judged.
    pub fn verdict(&self) -> Option<Verdict> {
        let budgets = self.budgets.iter().map(|finding| finding.verdict);
        let untold = (!self.untold_budgets.is_empty()).then_some(Verdict::Inconclusive);
        self.timed.into_iter().chain(budgets).chain(untold).max()
    }
}

impl SiteState {
    fn new(plan: &PlannedSite, recorded_budgets: usize, must_win: bool) -> SiteState {
        SiteState {
            key: plan.key.clone(),
            standing: plan.standing,
            series: plan.metrics.iter().map(|&metric| Series::new(metric, must_win)).collect(),
            budgets: plan
                .budgets
                .iter()
                .map(|&request| BudgetWatch::new(request, recorded_budgets))
                .collect(),
            blamed: Vec::new(),
            is_doubted: false,
            won: Vec::new(),
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
            self.blamed = self.proven_by(Series::reject_wealth);
        }
        self.is_doubted = self.is_doubted || !self.proven_by(Series::uncalibrated_wealth).is_empty();
        if self.won.is_empty() {
            self.won = self.proven_by(Series::win_wealth);
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

    /// The metrics that prove the site slower (or faster, by that wealth): those that would have done so alone, and the
    /// strongest; empty while it is not proven.
    fn proven_by(&self, wealth: fn(&Series) -> f64) -> Vec<Metric> {
        let Some(proven_at) = self.reject_at() else { return Vec::new() };
        if self.mean(wealth) < proven_at {
            return Vec::new();
        }
        let gated = || self.series.iter().filter(|series| series.share().is_some());
        let strongest = gated().map(wealth).fold(0.0, f64::max);
        let enough = proven_at.min(strongest);
        gated().filter(|series| wealth(series) >= enough).map(Series::metric).collect()
    }

    /// The weighted mean over its gated metrics.
    fn mean(&self, wealth: fn(&Series) -> f64) -> f64 {
        self.series.iter().filter_map(|series| Some(series.share()? * wealth(series))).sum()
    }

    /// Not rejected, but on the way there.
    fn is_suspect(&self) -> bool {
        self.timed() == Some(Verdict::Inconclusive) && self.mean(Series::reject_wealth) >= SUSPECT_WEALTH
    }

    /// Gated, not proven faster, and not proven in each metric to have gained less than its tolerance: a site may win by any
    /// metric that it may lose by.
    fn may_win(&self) -> bool {
        let mut gated = self.series.iter().filter(|series| series.share().is_some());
        self.won.is_empty() && gated.any(|series| !series.is_no_win())
    }

    /// The wealth at which the site is rejected, or proven faster; `None`: not gated. By a union bound over the weights, all sites
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
        !self.is_doubted && gated.peek().is_some() && gated.all(Series::is_approved)
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
        let report = |series: &Series| {
            let metric = series.metric();
            series.report(self.blamed.contains(&metric), self.won.contains(&metric), reject_at)
        };
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
            metrics: self.series.iter().filter_map(report).collect(),
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
        let is_open = self.timed() == Some(Verdict::Inconclusive);
        let doubt = (self.is_doubted && is_open).then(|| DOUBT.to_owned());
        let unseen = open.iter().filter(|open| open.low.is_none()).map(ToString::to_string);
        let notes: Vec<String> = reason.into_iter().chain(doubt).chain(unseen).chain(untold).collect();
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
mod tests;
