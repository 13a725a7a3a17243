//! What `check` found, as data: `render` makes text, JSON and Markdown of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Budget, Injected, Metric, Nanos, Percent, SiteKey, Verdict, VoidCount};

/// Where the baseline's code came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BaselineSource {
    /// Built for this check.
    Built,
    /// Built by an earlier check of the same revision, toolchain and flags.
    Cached,
    /// The machine code equals the candidate's; nothing was run.
    Identical,
    /// It could not be had: the candidate was compared with the committed record alone.
    Record,
}

/// What a check says that had the committed record alone (GATE.md, section 6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordReport {
    /// Why the baseline's code could not be had, and how to get it back; one line.
    pub reason: String,
    /// Class of this machine.
    pub machine: String,
    /// By how much this machine differs from the record at all sites together: taken off before a site stands out.
    /// Without the metrics that too few sites have.
    pub shares: Vec<(Metric, Percent)>,
    /// What differs from the record by more than the machine explains. Advice, never a verdict.
    pub outstanding: Vec<Outstanding>,
    /// Sites whose p50 is above that of every stored run of this class of machines. Advice as well.
    pub above_history: Vec<SiteKey>,
}

/// A metric of a site that stands out from the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outstanding {
    /// The site in its workload.
    pub key: SiteKey,
    /// Which metric.
    pub metric: Metric,
    /// The change that is left when the machine's share is taken off; positive is slower.
    pub residual: Percent,
}

/// Before and after of one quantity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// Median over blocks of the baseline's value.
    pub baseline: Nanos,
    /// The baseline's value moved by the median log ratio.
    pub candidate: Nanos,
    /// Median change.
    pub change: Percent,
    /// Lower end of the 95 % interval of the change.
    pub low: Percent,
    /// Upper end of the 95 % interval of the change.
    pub high: Percent,
}

/// One judged or only shown metric of a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricReport {
    /// Which.
    pub metric: Metric,
    /// Before and after.
    pub delta: Delta,
    /// What was allowed.
    pub tolerance: Percent,
    /// `None`: shown, not gated (too few calls for this quantile).
    pub verdict: Option<Verdict>,
    /// Smallest slowdown that these blocks would catch in 95 of 100 checks; `None` before there are enough blocks.
    pub resolution: Option<Percent>,
    /// Blocks still needed where the metric is open.
    pub blocks_missing: Option<u32>,
    /// The smallest tolerance within which an open metric is proven by now; `None`: not open, or none.
    pub proven_tolerance: Option<Percent>,
    /// Is its site proven faster by this metric? `None`: not gated, or nobody asks (`--require-faster`).
    pub won: Option<bool>,
}

/// Exact counts per call of one site: they repeated to the last digit in every counting run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExactCount {
    /// Calls in the candidate's run.
    pub calls: u64,
    /// Calls in the baseline's run; the totals are compared per call, for a changed program may call less often.
    pub baseline_calls: u64,
    /// Total in the baseline's run.
    pub baseline: u64,
    /// Total in the candidate's run of the same work.
    pub candidate: u64,
    /// `None`: did not repeat exactly, shown only.
    pub verdict: Option<Verdict>,
}

/// How a site did against one budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetFinding {
    /// The limit.
    pub budget: Budget,
    /// The candidate's value, in the limit's unit.
    pub value: f64,
    /// Kept, broken, or not to be told.
    pub verdict: Verdict,
    /// The baseline already broke it.
    pub broken_before: bool,
}

/// Everything found at one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckedSite {
    /// The site in its workload.
    pub key: SiteKey,
    /// Where it stands, `file:line`.
    pub place: String,
    /// The worst of its parts.
    pub verdict: Verdict,
    /// Latencies; empty where nothing was timed.
    pub metrics: Vec<MetricReport>,
    /// Items (or bytes) a second, baseline and candidate, when the bench told how many a call handles.
    pub throughput: Option<(f64, f64, ThroughputUnit)>,
    /// Allocations; `None` without `darwin_runtime::Alloc`.
    pub allocs: Option<ExactCount>,
    /// Bytes allocated; `None` without `darwin_runtime::Alloc`.
    pub bytes: Option<ExactCount>,
    /// Budgets.
    pub budgets: Vec<BudgetFinding>,
    /// What became of its latency and its counts is accepted by a change of the baseline file: shown, and no reason to reject.
    #[serde(default)]
    pub accepted: bool,
    /// Why it is not judged, or what else must be said: new, removed, too few calls.
    pub note: Option<String>,
}

/// What throughput counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThroughputUnit {
    /// `Bencher::items`, or calls.
    Items,
    /// `Bencher::bytes`.
    Bytes,
}

/// Is the machine fit to measure?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SystemStatus {
    /// Fit.
    Ok,
    /// Measurable, with more blocks.
    Noisy,
    /// Not to be measured on.
    Unfit,
}

/// One line of the machine check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SystemCheck {
    /// What was looked at.
    pub name: String,
    /// How it is.
    pub status: SystemStatus,
    /// What was read.
    pub value: String,
    /// How to mend it; empty when `Ok`.
    pub advice: String,
}

/// The whole machine check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SystemReport {
    /// The worst line.
    pub status: SystemStatus,
    /// The lines.
    pub checks: Vec<SystemCheck>,
}

impl SystemReport {
    /// Nothing was measured, so nothing was looked at.
    pub const NOT_ASKED: SystemReport = SystemReport { status: SystemStatus::Ok, checks: Vec::new() };
}

/// The whole check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// The verdict over all sites.
    pub verdict: Verdict,
    /// A site had to be proven faster.
    pub require_faster: bool,
    /// Seconds from the end of the build to the verdict.
    pub seconds: f64,
    /// Blocks that were judged.
    pub blocks: u32,
    /// Those of them that earlier checks of the same pair had measured.
    pub earlier_blocks: u32,
    /// Blocks thrown away on environment signs.
    pub voided: u32,
    /// Why, the commonest kind of reason first.
    #[serde(default)]
    pub void_reasons: Vec<VoidCount>,
    /// Full hash of the baseline's commit; empty where it is not known.
    pub baseline_rev: String,
    /// Where its code came from.
    pub baseline_source: BaselineSource,
    /// What else is to be said where there was the record alone.
    pub record: Option<RecordReport>,
    /// The machine.
    pub system: SystemReport,
    /// What the candidate was asked to do beside its own work: then the verdict is none on the code.
    #[serde(default)]
    pub injected: Option<Injected>,
    /// Sites in order of name.
    pub sites: Vec<CheckedSite>,
    /// What the reader should know: workloads judged by whole runs, excluded sites and the like.
    pub notes: Vec<String>,
    /// What to do next.
    pub next_step: String,
}

impl CheckReport {
    /// Is a missing win all that keeps the check from an APPROVE?
    pub fn lacks_a_win(&self) -> bool {
        let all_approved = self.sites.iter().all(|site| site.verdict == Verdict::Approve);
        let judged = |site: &CheckedSite| site.metrics.iter().any(|metric| metric.verdict.is_some());
        self.require_faster
            && all_approved
            && match self.verdict {
                Verdict::Reject => true,
                // Without a judged site it is that what keeps the check open.
                Verdict::Inconclusive => self.sites.iter().any(judged),
                Verdict::Approve | Verdict::Invalid => false,
            }
    }
}
