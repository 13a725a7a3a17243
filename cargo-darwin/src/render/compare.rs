//! A run beside an earlier one. Two runs at two times tell what may be worth a check, and decide nothing.

use std::collections::BTreeMap;

use super::paint::Tone;
use super::site::{arrow, less_is_better};
use super::{Earlier, Paint, View, safe, table, units};
use crate::model::{Nanos, Percent, Run, SiteKey, SiteRun};

/// Stands in every format, because a comparison of single runs is so easily taken for a verdict.
pub(super) const LABEL: &str = "two separate runs, not a verdict";

/// A change smaller than this, in percent, has no colour: single runs of the same binary differ by 2 to 15 %.
const PLAIN_BELOW_PERCENT: f64 = 15.0;

/// A site that was called in at least one of the two runs.
pub(super) struct Pair<'a> {
    /// Its name within its workload.
    pub(super) key: SiteKey,
    /// In the earlier run.
    pub(super) before: Option<&'a SiteRun>,
    /// In the later run.
    pub(super) after: Option<&'a SiteRun>,
}

/// Every site that either run called, by cumulative time in the later one.
pub(super) fn pairs<'a>(run: &'a Run, earlier: &'a Run) -> Vec<Pair<'a>> {
    let called = |run: &'a Run| run.sites.iter().filter(|site| site.calls > 0);
    let mut pairs: BTreeMap<SiteKey, (Option<&SiteRun>, Option<&SiteRun>)> = BTreeMap::new();
    called(earlier).for_each(|site| pairs.entry(site.key()).or_default().0 = Some(site));
    called(run).for_each(|site| pairs.entry(site.key()).or_default().1 = Some(site));
    let pair = |(key, (before, after))| Pair { key, before, after };
    let mut pairs: Vec<Pair<'_>> = pairs.into_iter().map(pair).collect();
    let weight = |pair: &Pair<'_>| pair.after.map_or(-1.0, table::cumulative);
    pairs.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    pairs
}

/// Each site with its deltas below; `view.top` limits the sites.
pub(super) fn human(run: &Run, earlier: &Earlier<'_>, view: &View) -> String {
    let pairs = pairs(run, earlier.run);
    let several = pairs.iter().any(|pair| pair.key.workload != pairs[0].key.workload);
    let shown = view.top.unwrap_or(usize::MAX).min(pairs.len());
    let mut out = format!("beside {}: {LABEL}\n", safe::line(earlier.name));
    for pair in &pairs[..shown] {
        let workload = if several { format!(" ({})", safe::line(&pair.key.workload)) } else { String::new() };
        let title = format!("{}{workload}", safe::line(&pair.key.site));
        out.push_str(&format!("\n{}\n", view.paint.tone(Tone::Head, &title)));
        lines(pair, view.paint).iter().for_each(|line| out.push_str(&format!("    {line}\n")));
    }
    if let Some(line) = table::hidden_line(pairs.len() - shown) {
        out.push_str(&format!("\n{line}\n"));
    }
    out
}

/// The deltas of one site, one line each.
pub(super) fn lines(pair: &Pair<'_>, paint: Paint) -> Vec<String> {
    match (pair.before, pair.after) {
        (Some(before), Some(after)) => both(before, after, paint),
        (None, Some(site)) => {
            vec![format!("called in this run only, {} times", units::count(site.calls as f64))]
        }
        (Some(site), None) => {
            vec![format!("called in the earlier run only, {} times", units::count(site.calls as f64))]
        }
        (None, None) => Vec::new(),
    }
}

fn both(before: &SiteRun, after: &SiteRun, paint: Paint) -> Vec<String> {
    let times = before.timing.zip(after.timing);
    let time = |label: &str, a: Nanos, b: Nanos| {
        let words = units::duration_words(a, b);
        delta(label, words, (a.0, b.0), paint)
    };
    let count = |label: &str, a: u64, b: u64| {
        (a != b).then(|| delta(label, units::counts(a as f64, b as f64), (a as f64, b as f64), paint))
    };
    [
        times.map(|(a, b)| time("Latency", a.p50_ns, b.p50_ns)),
        times.map(|(a, b)| time("p99", a.p99_ns, b.p99_ns)),
        times.map(|(a, b)| time("Cumulative", a.cumulative_ns, b.cumulative_ns)),
        count("Calls", before.calls, after.calls),
        allocations(before, after, paint),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Per call: two runs of a while make different numbers of calls.
fn allocations(before: &SiteRun, after: &SiteRun, paint: Paint) -> Option<String> {
    let per_call = |site: &SiteRun| Some(site.allocs? as f64 / site.calls.max(1) as f64);
    let (a, b) = (per_call(before)?, per_call(after)?);
    let (from, to) = units::counts(a, b);
    (from != to).then(|| delta("Allocations", (from, to + " a call"), (a, b), paint))
}

fn delta(label: &str, words: (String, String), (before, after): (f64, f64), paint: Paint) -> String {
    let change = Percent((after / before - 1.0) * 100.0);
    let tone = less_is_better(change, change.0.abs() >= PLAIN_BELOW_PERCENT);
    format!("{label}: {}", arrow(words, change, tone, paint))
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::*;
    use crate::render::samples;

    #[test]
    fn each_site_shows_before_and_after_and_that_this_is_no_verdict() {
        let before = samples::run(&[("w", "a", 10, 0.5), ("w", "gone", 3, 1.0), ("w", "idle", 0, 0.0)]);
        let mut after =
            samples::run(&[("w", "a", 10, 0.4), ("w", "new", 12_000, 1.0), ("w", "idle", 0, 0.0)]);
        after.sites[0].allocs = Some(3);
        let earlier = Earlier { name: "run 7", run: &before };
        let view = View { paint: Paint::Plain, width: 80, top: None };
        assert_data_eq!(
            human(&after, &earlier, &view),
            str![[r#"
beside run 7: two separate runs, not a verdict

new
    called in this run only, 12k times

a
    Latency: 45us -> 36us (**-20%**)
    p99: 150us -> 120us (**-20%**)
    Cumulative: 500us -> 400us (**-20%**)

gone
    called in the earlier run only, 3 times

"#]]
        );
    }

    #[test]
    fn two_empty_runs_compare_to_nothing() {
        let empty = samples::run(&[]);
        let earlier = Earlier { name: "x", run: &empty };
        let view = View { paint: Paint::Plain, width: 80, top: Some(5) };
        assert_eq!(human(&empty, &earlier, &view), "beside x: two separate runs, not a verdict\n");
    }
}
