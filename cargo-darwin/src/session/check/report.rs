//! What a check says in the end.

use crate::cli::Format;
use crate::exit_code::ExitCode;
use crate::gate::{Challenge, Findings};
use crate::model::{BaselineSource, CheckReport, MetricReport, SystemReport, Verdict};
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
        Verdict::Inconclusive if metrics().any(is_hopeless) => {
            "measure on a quieter machine, or allow a wider --tolerance; more time alone would not tell"
        }
        Verdict::Inconclusive => "allow more time with --max-time, or a wider --tolerance",
        Verdict::Invalid => "mend what failed and check again",
    }
    .to_owned()
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
