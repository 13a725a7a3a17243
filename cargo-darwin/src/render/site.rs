//! What is said of one checked site in a word: its sign, its tone, its verdict and why.

use super::finding::{self, Direction};
use super::paint::Tone;
use super::{Paint, budget, units};
use crate::model::{CheckedSite, ExactCount, Metric, Percent, Verdict};

/// Sign of a site: `?` where it is open, else the direction of its latency or of its counts; `=` where neither moved, `!`
/// where something else broke. On a narrow terminal it stands for the verdict.
pub(super) fn sign(site: &CheckedSite) -> &'static str {
    let counts: Vec<&ExactCount> = [&site.allocs, &site.bytes].into_iter().flatten().collect();
    match (finding::direction(site), site.verdict) {
        (_, Verdict::Inconclusive) => "?",
        (Direction::Slower, _) => "+",
        (Direction::Faster, _) => "-",
        _ if counts.iter().any(|count| finding::count_order(count).is_gt()) => "+",
        _ if counts.iter().any(|count| finding::count_order(count).is_lt()) => "-",
        (Direction::Other, Verdict::Approve) => "=",
        (Direction::Other, _) => "!",
    }
}

/// The tone of a site as a whole.
pub(super) fn tone(site: &CheckedSite) -> Tone {
    match (site.verdict, finding::direction(site)) {
        (Verdict::Reject | Verdict::Invalid, _) => Tone::Bad,
        (Verdict::Inconclusive, _) => Tone::Open,
        (Verdict::Approve, Direction::Faster) => Tone::Good,
        (Verdict::Approve, _) => Tone::Head,
    }
}

/// A verdict as it is written everywhere.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "APPROVE",
        Verdict::Inconclusive => "INCONCLUSIVE",
        Verdict::Reject => "REJECT",
        Verdict::Invalid => "INVALID",
    }
}

/// Why a rejected site is rejected: `is slower (p50 +20.1%), allocates more, breaks its budget p99`.
pub(super) fn cause(site: &CheckedSite) -> String {
    let rejected = |verdict: Option<Verdict>| verdict == Some(Verdict::Reject);
    let slower = site.metrics.iter().find(|report| rejected(report.verdict));
    let slower = slower.map(|report| {
        format!("is slower ({} {})", metric_name(report.metric), units::percent_word(report.delta.change))
    });
    let counted = |count: &Option<ExactCount>| count.is_some_and(|count| rejected(count.verdict));
    let larger = (counted(&site.allocs) || counted(&site.bytes)).then(|| "allocates more".to_owned());
    let broken = site.budgets.iter().filter(|finding| finding.verdict == Verdict::Reject);
    let broken = broken.map(|finding| format!("breaks its budget {}", budget::name(finding.budget.metric)));
    let causes: Vec<String> = slower.into_iter().chain(larger).chain(broken).collect();
    if causes.is_empty() { "is rejected".to_owned() } else { causes.join(", ") }
}

/// The metric's name in an attribute and in JSON.
pub fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::P50 => "p50",
        Metric::P99 => "p99",
        Metric::Mean => "mean",
    }
}

/// `50us -> 40us (**-20%**)`.
pub(super) fn arrow((before, after): (String, String), change: Percent, tone: Tone, paint: Paint) -> String {
    format!("{before} -> {after} ({})", paint.strong(tone, &units::percent_word(change)))
}

/// Tone of a change of something of which less is better.
pub(super) fn less_is_better(change: Percent, matters: bool) -> Tone {
    match change.0 {
        _ if !matters => Tone::Dim,
        change if change > 0.0 => Tone::Bad,
        _ => Tone::Good,
    }
}
