//! What a check found, for people: the sites that changed, how many did not, and the verdict last, where the eye is.

use super::finding::{self, Direction, Told};
use super::paint::Tone;
use super::site::{self, verdict_word};
use super::{Look, Paint, budgets, detail, doctor, grid, group, record, safe, summary, units};
use crate::model::{BaselineSource, CheckReport, CheckedSite, SystemStatus, Verdict, VoidKind};

/// Sites that the verdict line names before "and N more".
const SITES_IN_VERDICT: usize = 3;

/// Characters of a commit's hash that are shown; git itself shows about as many.
const SHORT_REV: usize = 12;

/// A check that ended before there was a report: the build or a workload failed, the lock was held.
#[derive(Debug, Clone, Copy)]
pub struct Invalid<'a> {
    /// What happened, where; may have several lines and come from another program.
    pub reason: &'a str,
    /// What to do next; empty when there is nothing to advise.
    pub advice: &'a str,
}

/// The whole report. Several lines, ending with a line break.
pub fn human(report: &CheckReport, look: &Look) -> String {
    let paint = look.paint;
    let mut lines = vec![paint.tone(Tone::Dim, &circumstances(report))];
    lines.extend(machine_lines(report));
    let changed = changed(report);
    if !changed.is_empty() {
        lines.push(String::new());
        lines.extend(grid::lines(&changed, has_several_workloads(report), look));
    }
    if look.verbose && !report.sites.is_empty() {
        lines.push(String::new());
        lines.extend(detail::lines(report, paint));
    }
    lines.push(String::new());
    lines.extend(summary::lines(report, look.verbose, &safe::line));
    if look.verbose {
        lines.extend(budgets::kept(report));
    }
    lines.extend(notes(report).iter().map(|note| format!("note: {}", safe::line(note))));
    lines.push(verdict_line(report, paint));
    lines.extend(next_line(&report.next_step));
    lines.join("\n") + "\n"
}

/// A check without a report: the reason, the verdict, and what to do.
pub fn invalid(failure: &Invalid<'_>, paint: Paint) -> String {
    let mut lines = vec![safe::text(failure.reason).trim_end().to_owned(), String::new()];
    let verdict = paint.loud(Tone::Bad, verdict_word(Verdict::Invalid));
    lines.push(format!("{verdict}: nothing was measured, so nothing is approved"));
    lines.extend(next_line(failure.advice));
    lines.join("\n") + "\n"
}

/// `22 blocks, 3 voided (2 for steal) in 7.9 s against 0123456789ab (built for this check)`.
pub(super) fn circumstances(report: &CheckReport) -> String {
    if let Some(line) = record::first_line(report) {
        return line;
    }
    let rev: String = safe::line(&report.baseline_rev).chars().take(SHORT_REV).collect();
    let how = match report.baseline_source {
        BaselineSource::Built => "built for this check",
        BaselineSource::Cached => "built earlier",
        BaselineSource::Identical => "same machine code",
        BaselineSource::Record => "the record alone",
    };
    let voided = voided(report);
    let blocks = if report.blocks == 1 { "block" } else { "blocks" };
    let seconds = units::seconds(report.seconds);
    let earlier = match report.earlier_blocks {
        0 => String::new(),
        earlier => format!(" ({earlier} of earlier checks)"),
    };
    format!("{} {blocks}{earlier}{voided} in {seconds} against {rev} ({how})", report.blocks)
}

/// The sites that changed, broke something or are open: the worst verdict first, then the largest change; those of a
/// workload stand together.
pub(super) fn changed(report: &CheckReport) -> Vec<&CheckedSite> {
    let mut sites = finding::those(report, Told::Alone);
    let change = |site: &CheckedSite| {
        finding::headline(site).map_or(f64::INFINITY, |metric| metric.delta.change.0.abs())
    };
    sites.sort_by(|one, other| {
        other.verdict.cmp(&one.verdict).then_with(|| change(other).total_cmp(&change(one)))
    });
    let mut workloads: Vec<&str> = Vec::new();
    for site in &sites {
        if !workloads.contains(&site.key.workload.as_str()) {
            workloads.push(&site.key.workload);
        }
    }
    sites.sort_by_key(|site| workloads.iter().position(|workload| *workload == site.key.workload));
    sites
}

/// Does a site's name alone not say which one is meant?
pub(super) fn has_several_workloads(report: &CheckReport) -> bool {
    report.sites.windows(2).any(|pair| pair[0].key.workload != pair[1].key.workload)
}

/// The notes, those that say the same of several workloads as one.
pub(super) fn notes(report: &CheckReport) -> Vec<String> {
    group::sentences(&report.notes)
}

/// The lines of the machine check that are not in order, with what mends them. A verdict that needed no timing does not
/// depend on a busy machine.
pub(super) fn machine_lines(report: &CheckReport) -> Vec<String> {
    let untimed = report.blocks == 0 && matches!(report.verdict, Verdict::Approve | Verdict::Reject);
    match untimed && report.system.status != SystemStatus::Unfit {
        true => Vec::new(),
        false => doctor::complaints(&report.system),
    }
}

/// `, 3 voided (2 for steal)`: how many blocks were thrown away, and the commonest reason.
fn voided(report: &CheckReport) -> String {
    let commonest = report.void_reasons.first();
    let reason = commonest.map(|reason| format!(" ({} for {})", reason.count, void_word(reason.kind)));
    match report.voided {
        0 => String::new(),
        voided => format!(", {voided} voided{}", reason.unwrap_or_default()),
    }
}

fn void_word(kind: VoidKind) -> &'static str {
    match kind {
        VoidKind::Turns => "turns broken off",
        VoidKind::Steal => "steal",
        VoidKind::Throttling => "a used up quota",
        VoidKind::Pressure => "other programs",
        VoidKind::Faults => "reads from disk",
    }
}

/// Why the verdict is what it is, without the verdict's word; names the sites that decided, `between` each two of which
/// it puts what separates them.
pub(super) fn reason(report: &CheckReport, name: impl Fn(&str) -> String, between: &str) -> String {
    let named = |verdict| named_sites(&finding::with_verdict(report, verdict), &name);
    match report.verdict {
        Verdict::Approve => approval(report),
        Verdict::Reject if report.lacks_a_win() => "no site is proven faster".to_owned(),
        Verdict::Inconclusive if report.lacks_a_win() => "no site is proven faster yet".to_owned(),
        Verdict::Reject => rejection(&finding::with_verdict(report, Verdict::Reject), &name, between),
        Verdict::Inconclusive => record::reason(report, &name)
            .unwrap_or_else(|| open(&finding::with_verdict(report, Verdict::Inconclusive), &name)),
        Verdict::Invalid => format!("could not be judged: {}", named(Verdict::Invalid)),
    }
}

/// What is open: not proven, or gone, of which no block would tell more.
fn open(sites: &[&CheckedSite], name: impl Fn(&str) -> String) -> String {
    let is_gone = |site: &&CheckedSite| finding::told(site, Verdict::Inconclusive) == Told::NotJudged;
    let (gone, unproven): (Vec<&CheckedSite>, Vec<&CheckedSite>) = sites.iter().copied().partition(is_gone);
    let part = |words: &str, sites: &[&CheckedSite]| format!("{words}: {}", named_sites(sites, &name));
    match (unproven.is_empty(), gone.is_empty()) {
        (true, false) => part("measured in the baseline and no more", &gone),
        (false, false) => {
            format!("{}; {}", part("not proven either way", &unproven), part("measured no more", &gone))
        }
        (_, true) => part("not proven either way", &unproven),
    }
}

/// `next: ...`; `None` when there is nothing to do.
pub(super) fn next_line(step: &str) -> Option<String> {
    let step = safe::line(step);
    (!step.is_empty()).then(|| format!("next: {step}"))
}

fn approval(report: &CheckReport) -> String {
    if report.baseline_source == BaselineSource::Identical && report.blocks == 0 {
        return match report.sites.is_empty() {
            true => "the machine code is the baseline's, nothing had to be timed".to_owned(),
            false => "the machine code is the baseline's, and no budget is broken".to_owned(),
        };
    }
    let accepted = report.sites.iter().filter(|site| site.accepted).count();
    let but = match accepted {
        0 => String::new(),
        accepted => format!(", but for {accepted} accepted by baseline change"),
    };
    format!("{}{but}", approval_of_judged(report))
}

fn approval_of_judged(report: &CheckReport) -> String {
    let is_faster = |site: &&CheckedSite| finding::direction(site) == Direction::Faster;
    let is_judged = |site: &CheckedSite| site.metrics.iter().any(|metric| metric.verdict.is_some());
    match report.sites.iter().filter(is_faster).count() {
        _ if !report.sites.iter().any(is_judged) => {
            "no count and no budget is worse; no latency was judged".to_owned()
        }
        0 => "every judged site is proven equal within its tolerance".to_owned(),
        1 => "1 site is faster, none is slower than allowed".to_owned(),
        faster => format!("{faster} sites are faster, none is slower than allowed"),
    }
}

/// Names and causes of the rejected sites, the largest change first, which is that of the culprit more often than of
/// the code around it: `insert is slower (p50 +20.1%); parse allocates more`.
fn rejection(sites: &[&CheckedSite], name: impl Fn(&str) -> String, between: &str) -> String {
    let mut sites = sites.to_vec();
    let change =
        |site: &CheckedSite| finding::headline(site).map_or(f64::INFINITY, |metric| metric.delta.change.0);
    sites.sort_by(|one, other| change(other).total_cmp(&change(one)));
    let sites = once_each(&sites);
    let shown = sites.iter().take(SITES_IN_VERDICT);
    let cause = |rejected: &&CheckedSite| {
        let place = Some(&rejected.place).filter(|place| !place.is_empty());
        let place = place.map_or_else(String::new, |place| format!(" in {}", name(place)));
        format!("{} {}{place}", name(&rejected.key.site), site::cause(rejected))
    };
    let causes: Vec<String> = shown.map(cause).collect();
    let hidden = sites.len() - causes.len();
    let more = if hidden > 0 { format!("{between}and {hidden} more") } else { String::new() };
    if causes.is_empty() { "the check as a whole".to_owned() } else { causes.join(between) + &more }
}

fn named_sites(sites: &[&CheckedSite], name: impl Fn(&str) -> String) -> String {
    let sites = once_each(sites);
    let names: Vec<String> = sites.iter().take(SITES_IN_VERDICT).map(|site| name(&site.key.site)).collect();
    let hidden = sites.len() - names.len();
    let more = if hidden > 0 { format!(" and {hidden} more") } else { String::new() };
    if names.is_empty() { "the check as a whole".to_owned() } else { names.join(", ") + &more }
}

/// A site of several workloads is named once, as the first of them saw it.
fn once_each<'a>(sites: &[&'a CheckedSite]) -> Vec<&'a CheckedSite> {
    let mut named: Vec<&CheckedSite> = Vec::new();
    for site in sites {
        if !named.iter().any(|known| known.key.site == site.key.site) {
            named.push(site);
        }
    }
    named
}

fn verdict_line(report: &CheckReport, paint: Paint) -> String {
    let tone = match report.verdict {
        Verdict::Approve => Tone::Good,
        Verdict::Inconclusive => Tone::Open,
        Verdict::Reject | Verdict::Invalid => Tone::Bad,
    };
    let word = verdict_word(report.verdict);
    let between = format!("\n{}", " ".repeat(word.len() + 2));
    format!("{}: {}", paint.loud(tone, word), reason(report, safe::line, &between))
}
