//! What is said of the sites that are not shown by themselves, and of counts and budgets over all sites.

use std::cmp::Ordering;

use super::finding::{self, Told};
use super::{group, units};
use crate::model::{BaselineSource, CheckReport, CheckedSite, Metric, Percent, Verdict};

/// How a site is named here: for a terminal or for Markdown.
type Name<'a> = &'a dyn Fn(&str) -> String;

/// One line each, where there is something to say: sites within tolerance, not judged, not told, budgets, counts.
pub(super) fn lines(report: &CheckReport, verbose: bool, name: Name<'_>) -> Vec<String> {
    let mut lines: Vec<String> = within(report).into_iter().chain(between(report, verbose, name)).collect();
    lines.extend(not_judged(report, verbose, name));
    lines.extend(left_open(report));
    lines.extend(budgets(report));
    lines.extend(allocations(report));
    lines
}

/// `42 sites within tolerance (p50 resolves 0.3% to 0.9%)`.
fn within(report: &CheckReport) -> Option<String> {
    if report.baseline_source == BaselineSource::Identical && report.blocks == 0 {
        return None;
    }
    let sites = finding::those(report, Told::Within);
    let resolutions = sites.iter().filter_map(|site| finding::metric(site, Metric::P50)?.resolution);
    let ends = resolutions.fold(None, |ends: Option<(f64, f64)>, Percent(resolution)| {
        let (low, high) = ends.unwrap_or((resolution, resolution));
        Some((low.min(resolution), high.max(resolution)))
    });
    let resolution = ends.map(|(low, high)| {
        let (low, high) = (units::capped_percent(Percent(low)), units::capped_percent(Percent(high)));
        if low == high {
            format!(" (p50 resolves {low})")
        } else {
            format!(" (p50 resolves {low} to {high})")
        }
    });
    let count = sites.len();
    (count > 0).then(|| format!("{} within tolerance{}", sites_word(count), resolution.unwrap_or_default()))
}

/// Approved sites whose change is more than half of the tolerance: the reader should not take that for proven nothing.
fn between(report: &CheckReport, verbose: bool, name: Name<'_>) -> Option<String> {
    let change = |site: &CheckedSite| {
        let report = site.metrics.iter().find(|report| finding::lies_between(report))?;
        Some(format!("{} {}", name(&site.key.site), units::percent_word(report.delta.change)))
    };
    let sites: Vec<String> = finding::those(report, Told::Within).into_iter().filter_map(change).collect();
    (!sites.is_empty()).then(|| {
        let sites = group::listed(&sites, verbose);
        format!("  between half of the tolerance and all of it, where either verdict is possible: {sites}")
    })
}

/// `3 sites not judged: too few calls to judge its latency: a, b, c`, one line a reason.
fn not_judged(report: &CheckReport, verbose: bool, name: Name<'_>) -> Vec<String> {
    let sites = finding::those(report, Told::NotJudged);
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for site in sites {
        let note = site.note.as_deref().unwrap_or_default();
        let reason = reasons.iter().position(|(known, _)| without_digits(known) == without_digits(note));
        let at = reason.unwrap_or_else(|| {
            reasons.push((note.to_owned(), Vec::new()));
            reasons.len() - 1
        });
        let name = name(&site.key.site);
        if !reasons[at].1.contains(&name) {
            reasons[at].1.push(name);
        }
    }
    let line = |(reason, names): &(String, Vec<String>)| {
        let words = sites_word(names.len());
        format!("{words} not judged: {} ({reason})", group::listed(names, verbose))
    };
    reasons.iter().map(line).collect()
}

/// Two sites with too few calls have the same reason, also where one has fewer.
fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn left_open(report: &CheckReport) -> Option<String> {
    let count = finding::those(report, Told::LeftOpen).len();
    (count > 0).then(|| format!("{} not told before the verdict fell", sites_word(count)))
}

/// `budgets: 5 kept, 1 broken`.
fn budgets(report: &CheckReport) -> Option<String> {
    let of = |verdicts: &[Verdict]| {
        let budgets = report.sites.iter().flat_map(|site| &site.budgets);
        budgets.filter(|budget| verdicts.contains(&budget.verdict)).count()
    };
    numbers(
        "budgets",
        &[
            (of(&[Verdict::Approve]), "kept"),
            (of(&[Verdict::Reject]), "broken"),
            (of(&[Verdict::Inconclusive, Verdict::Invalid]), "not to be told"),
        ],
    )
}

/// `allocations a call: 9 unchanged, 1 higher`, where they were counted.
fn allocations(report: &CheckReport) -> Option<String> {
    let counts = || report.sites.iter().filter_map(|site| site.allocs);
    let exact = |order| {
        let same = |count: &&crate::model::ExactCount| finding::count_order(count) == order;
        counts().filter(|count| count.verdict.is_some()).collect::<Vec<_>>().iter().filter(same).count()
    };
    let inexact = counts().filter(|count| count.verdict.is_none()).count();
    numbers(
        "allocations a call",
        &[
            (exact(Ordering::Equal), "unchanged"),
            (exact(Ordering::Greater), "higher"),
            (exact(Ordering::Less), "lower"),
            (inexact, "not repeatable"),
        ],
    )
}

fn numbers(title: &str, parts: &[(usize, &str)]) -> Option<String> {
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    (!parts.is_empty()).then(|| format!("{title}: {}", parts.join(", ")))
}

fn sites_word(count: usize) -> String {
    format!("{count} {}", if count == 1 { "site" } else { "sites" })
}
