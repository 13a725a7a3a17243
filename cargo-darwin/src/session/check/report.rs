//! What a check says in the end.

use crate::cli::Format;
use crate::exit_code::ExitCode;
use crate::gate::{Challenge, Findings};
use crate::model::{BaselineSource, CheckReport, CheckedSite, Metric, MetricReport, SystemReport, Verdict};
use crate::render;
use crate::session::console::Console;
use crate::session::findings::{self, CountFindings};

/// Nothing has changed; `budgets` is the verdict on the budgets. Who must be faster is not.
pub fn identical_report(budgets: Verdict, require_faster: bool) -> CheckReport {
    let challenge = if require_faster { Challenge::Lost } else { Challenge::NotAsked };
    let note = "the machine code and its data are identical; --measure measures all the same";
    let notes = [Some(note), challenge.note()].into_iter().flatten().map(str::to_owned).collect();
    CheckReport { notes, ..empty_report(challenge.applied(budgets), BaselineSource::Identical) }
}

/// A report of nothing yet.
pub fn empty_report(verdict: Verdict, baseline_source: BaselineSource) -> CheckReport {
    CheckReport {
        verdict,
        seconds: 0.0,
        blocks: 0,
        earlier_blocks: 0,
        voided: 0,
        void_reasons: Vec::new(),
        baseline_rev: String::new(),
        require_faster: false,
        baseline_source,
        record: None,
        system: SystemReport::NOT_ASKED,
        injected: None,
        sites: Vec::new(),
        notes: Vec::new(),
        next_step: String::new(),
    }
}

/// What was counted and timed, put together.
pub fn report(
    counts: &[CountFindings],
    timed: Option<&Findings>,
    source: BaselineSource,
    mut notes: Vec<String>,
) -> CheckReport {
    let (sites, verdict) = findings::all(counts, timed.map_or(&[][..], |timed| &timed.sites));
    let challenge = timed.map_or(Challenge::NotAsked, |timed| timed.challenge);
    let (before, verdict) = (verdict, challenge.applied(verdict));
    // Where something else decided, a missing win is not what the reader has to know.
    notes.extend(challenge.note().filter(|_| before == Verdict::Approve).map(str::to_owned));
    CheckReport {
        blocks: timed.map_or(0, |timed| timed.blocks),
        voided: timed.map_or(0, |timed| timed.voided),
        void_reasons: timed.map_or_else(Vec::new, |timed| timed.void_reasons.clone()),
        sites,
        notes,
        ..empty_report(verdict, source)
    }
}

/// What to do now.
pub fn next_step(report: &CheckReport) -> String {
    let metrics = || report.sites.iter().flat_map(|site| &site.metrics);
    let is_faster =
        |metric: &MetricReport| metric.delta.high.0 < 0.0 && -metric.delta.change.0 > metric.tolerance.0;
    let is_hopeless = |metric: &MetricReport| {
        metric.verdict == Some(Verdict::Inconclusive) && metric.blocks_missing.is_none()
    };
    match report.verdict {
        Verdict::Approve if metrics().filter(|metric| metric.verdict.is_some()).any(is_faster) => {
            "`cargo darwin baseline` makes the improvement the measure of later checks"
        }
        Verdict::Approve => "",
        Verdict::Reject if report.lacks_a_win() => {
            "make it faster somewhere, or check without --require-faster whether it is at least no slower"
        }
        Verdict::Reject if report.baseline_source == BaselineSource::Identical => {
            "the budget was broken before this change: make the code faster or leaner, or raise the budget where it is written"
        }
        Verdict::Reject => {
            "mend it, or accept it: run `cargo darwin baseline --accept SITE` and commit the file with this change"
        }
        Verdict::Inconclusive if report.lacks_a_win() => "allow more time with --max-time",
        Verdict::Inconclusive if only_gone(report) => {
            "bring back what is gone; or say in darwin.toml what it is called now; or accept that it is gone: run `cargo darwin baseline --accept SITE` and commit the file with this change"
        }
        Verdict::Inconclusive if only_tails_are_open(report) => {
            "only p99 is open: give these sites a wider `tail-tolerance` in darwin.toml, or \"off\" to show it unjudged; or allow more time with --max-time"
        }
        Verdict::Inconclusive if metrics().any(is_hopeless) => {
            "measure on a quieter machine, or allow a wider --tolerance; more time alone would not tell"
        }
        Verdict::Inconclusive => "allow more time with --max-time, or a wider --tolerance",
        Verdict::Invalid => "mend what failed and check again",
    }
    .to_owned()
}

/// Is p99 all that keeps the open sites open?
fn only_tails_are_open(report: &CheckReport) -> bool {
    let is_open = |metric: &&MetricReport| metric.verdict == Some(Verdict::Inconclusive);
    let by_tail_alone = |site: &CheckedSite| {
        let mut open = site.metrics.iter().filter(is_open).peekable();
        open.peek().is_some() && open.all(|metric| metric.metric == Metric::P99)
    };
    let mut open = report.sites.iter().filter(|site| site.verdict == Verdict::Inconclusive).peekable();
    open.peek().is_some() && open.all(by_tail_alone)
}

/// Is nothing open but sites that are not measured any more? More time would not tell.
fn only_gone(report: &CheckReport) -> bool {
    let mut open = report.sites.iter().filter(|site| site.verdict == Verdict::Inconclusive).peekable();
    open.peek().is_some() && open.all(|site| site.metrics.is_empty() && site.budgets.is_empty())
}

/// The report in the format that was asked for.
pub fn show(report: &CheckReport, code: ExitCode, format: Format, console: &Console) -> String {
    match format {
        Format::Human => render::check::human(report, &console.look()),
        Format::Markdown => render::markdown::check(report),
        Format::Json => render::json::check(report, code.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Delta, Nanos, Percent, SiteKey};

    fn metric(metric: Metric, verdict: Verdict) -> MetricReport {
        let (low, change, high) = (Percent(-9.0), Percent(0.0), Percent(9.0));
        MetricReport {
            metric,
            delta: Delta { baseline: Nanos(50.0), candidate: Nanos(50.0), change, low, high },
            tolerance: Percent(1.0),
            verdict: Some(verdict),
            resolution: None,
            blocks_missing: None,
            proven_tolerance: None,
            won: None,
        }
    }

    fn open_at(metrics: &[Metric]) -> CheckReport {
        let of = |which: Metric| {
            metric(which, if metrics.contains(&which) { Verdict::Inconclusive } else { Verdict::Approve })
        };
        let site = CheckedSite {
            key: SiteKey { workload: "book".to_owned(), site: "book::insert".to_owned() },
            place: "src/book.rs:7".to_owned(),
            verdict: Verdict::Inconclusive,
            metrics: [Metric::P50, Metric::P99, Metric::Mean].into_iter().map(of).collect(),
            throughput: None,
            allocs: None,
            bytes: None,
            budgets: Vec::new(),
            accepted: false,
            note: None,
        };
        CheckReport { sites: vec![site], ..empty_report(Verdict::Inconclusive, BaselineSource::Built) }
    }

    #[test]
    fn a_site_that_is_open_at_p99_alone_needs_another_tolerance_for_its_tail() {
        assert!(next_step(&open_at(&[Metric::P99])).contains("`tail-tolerance` in darwin.toml"));
    }

    #[test]
    fn a_site_that_is_open_elsewhere_too_needs_quiet_or_a_wider_tolerance() {
        assert!(next_step(&open_at(&[Metric::P99, Metric::Mean])).contains("on a quieter machine"));
        assert!(next_step(&open_at(&[])).contains("allow more time"));
    }
}
