//! What a check found, for people: the sites that changed, how many did not, and the verdict last, where the eye is.

use super::finding::{self, Direction};
use super::paint::Tone;
use super::site::{self, verdict_word};
use super::{Paint, doctor, safe, units};
use crate::model::{BaselineSource, CheckReport, CheckedSite, SystemReport, Verdict, VoidKind};

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
pub fn human(report: &CheckReport, paint: Paint) -> String {
    let mut lines = vec![paint.tone(Tone::Dim, &circumstances(report))];
    lines.extend(system_lines(&report.system));
    for site in report.sites.iter().filter(|site| finding::worth_showing(site, report.verdict)) {
        lines.push(String::new());
        lines.push(heading(site, paint));
        lines.extend(site_lines(site, paint).into_iter().map(|line| format!("    {line}")));
    }
    lines.push(String::new());
    lines.extend(unchanged_line(report));
    lines.extend(report.notes.iter().map(|note| format!("note: {}", safe::line(note))));
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
    let rev: String = safe::line(&report.baseline_rev).chars().take(SHORT_REV).collect();
    let how = match report.baseline_source {
        BaselineSource::Built => "built for this check",
        BaselineSource::Cached => "built earlier",
        BaselineSource::Identical => "same machine code",
    };
    let voided = voided(report);
    let blocks = if report.blocks == 1 { "block" } else { "blocks" };
    let seconds = units::seconds(report.seconds);
    format!("{} {blocks}{voided} in {seconds} against {rev} ({how})", report.blocks)
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

/// The lines of the machine check that are not in order, with what mends them.
pub(super) fn system_lines(system: &SystemReport) -> Vec<String> {
    doctor::complaints(system)
}

/// The findings of a site and its note.
pub(super) fn site_lines(site: &CheckedSite, paint: Paint) -> Vec<String> {
    let note = site.note.as_ref().map(|note| format!("note: {}", safe::line(note)));
    site::lines(site, paint).into_iter().chain(note).collect()
}

/// `42 sites within tolerance, 3 not told before the verdict fell`; `None` when every site is shown by itself.
pub(super) fn unchanged_line(report: &CheckReport) -> Option<String> {
    let hidden = || report.sites.iter().filter(|site| !finding::worth_showing(site, report.verdict));
    let open = hidden().filter(|site| finding::left_open(site, report.verdict)).count();
    let within = hidden().count() - open;
    let sites = |count| if count == 1 { "site" } else { "sites" };
    let within = (within > 0).then(|| format!("{within} {} within tolerance", sites(within)));
    let open = (open > 0).then(|| format!("{open} {} not told before the verdict fell", sites(open)));
    let parts: Vec<String> = within.into_iter().chain(open).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Why the verdict is what it is, without the verdict's word; names the sites that decided.
pub(super) fn reason(report: &CheckReport, name: impl Fn(&str) -> String) -> String {
    let named = |verdict| named_sites(&finding::with_verdict(report, verdict), &name);
    match report.verdict {
        Verdict::Approve => approval(report),
        Verdict::Reject => rejection(&finding::with_verdict(report, Verdict::Reject), &name),
        Verdict::Inconclusive => format!("not proven either way: {}", named(Verdict::Inconclusive)),
        Verdict::Invalid => format!("could not be judged: {}", named(Verdict::Invalid)),
    }
}

/// `next: ...`; `None` when there is nothing to do.
pub(super) fn next_line(step: &str) -> Option<String> {
    let step = safe::line(step);
    (!step.is_empty()).then(|| format!("next: {step}"))
}

fn approval(report: &CheckReport) -> String {
    if report.baseline_source == BaselineSource::Identical && report.blocks == 0 {
        return "the machine code is the baseline's, nothing had to be run".to_owned();
    }
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
fn rejection(sites: &[&CheckedSite], name: impl Fn(&str) -> String) -> String {
    let mut sites = sites.to_vec();
    let change =
        |site: &CheckedSite| finding::headline(site).map_or(f64::INFINITY, |metric| metric.delta.change.0);
    sites.sort_by(|one, other| change(other).total_cmp(&change(one)));
    let sites = once_each(&sites);
    let shown = sites.iter().take(SITES_IN_VERDICT);
    let causes: Vec<String> =
        shown.map(|rejected| format!("{} {}", name(&rejected.key.site), site::cause(rejected))).collect();
    let hidden = sites.len() - causes.len();
    let more = if hidden > 0 { format!("; and {hidden} more") } else { String::new() };
    if causes.is_empty() { "the check as a whole".to_owned() } else { causes.join("; ") + &more }
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
    format!("{}: {}", paint.loud(tone, verdict_word(report.verdict)), reason(report, safe::line))
}

fn heading(site: &CheckedSite, paint: Paint) -> String {
    let name = safe::line(&site.key.site);
    let title = format!("{} {name}  {}", site::sign(site), verdict_word(site.verdict));
    let place = format!("({}, {})", safe::line(&site.key.workload), safe::line(&site.place));
    format!("{}  {}", paint.tone(site::tone(site), &title), paint.tone(Tone::Dim, &place))
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::*;
    use crate::model::{
        Budget, BudgetFinding, BudgetMetric, ExactCount, Percent, SystemCheck, SystemStatus, ThroughputUnit,
        VoidCount,
    };
    use crate::render::samples;

    #[test]
    fn a_rejected_check_names_the_slower_site_and_how_much() {
        let mut insert = samples::timed_site("order_book::book::Book::insert", 20.1, Verdict::Reject);
        insert.allocs = Some(ExactCount {
            calls: 4000,
            baseline_calls: 4000,
            baseline: 0,
            candidate: 4000,
            verdict: Some(Verdict::Reject),
        });
        insert.budgets.push(BudgetFinding {
            budget: Budget { metric: BudgetMetric::Allocs, limit: 0.0 },
            value: 1.0,
            verdict: Verdict::Reject,
            broken_before: false,
        });
        let same = samples::timed_site("order_book::book::Book::cancel", 0.1, Verdict::Approve);
        let mut report = samples::report(vec![same.clone(), insert, same]);
        report.next_step = "look at order_book::book::Book::insert, src/book.rs:42".into();
        assert_data_eq!(
            human(&report, Paint::Plain),
            str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

+ order_book::book::Book::insert  REJECT  (replay, src/book.rs:42)
    Latency: 1.2us -> 1.44us (**+20.1%**) [+19.4 %, +20.8 %], allowed is 1%  ##########
    p99: 4us -> 4.8us (**+20.1%**) [+19.4 %, +20.8 %], allowed is 5%  ########
    Mean: 1.25us -> 1.5us (**+20.1%**) [+19.4 %, +20.8 %], allowed is 1%  ##########
    Throughput: 800k -> 666k ops/s (**-16.7%**) [-17.2 %, -16.2 %]
    Allocations: 0 -> 1 a call (**+1**); exact
    Budget: allocs <= 0 a call **broken**, it is 1 a call

2 sites within tolerance
REJECT: order_book::book::Book::insert is slower (p50 +20.1%), allocates more, breaks its budget allocs
next: look at order_book::book::Book::insert, src/book.rs:42

"#]]
        );
    }

    #[test]
    fn an_improvement_is_a_delta_with_throughput() {
        let mut site = samples::timed_site("parse::line", -20.0, Verdict::Approve);
        site.throughput = Some((10_000.0, 12_500.0, ThroughputUnit::Items));
        assert_data_eq!(
            human(&samples::report(vec![site]), Paint::Plain),
            str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

- parse::line  APPROVE  (replay, src/book.rs:42)
    Latency: 1.2us -> 960ns (**-20%**) [-20.7 %, -19.3 %]  ##########
    p99: 4us -> 3.2us (**-20%**) [-20.7 %, -19.3 %]  ########
    Throughput: 10k -> 12.5k ops/s (**+25%**) [+23.9 %, +26.1 %]

APPROVE: 1 site is faster, none is slower than allowed

"#]]
        );
    }

    #[test]
    fn the_largest_change_is_named_first_and_a_site_of_two_workloads_once() {
        let rejected = |name, change| samples::timed_site(name, change, Verdict::Reject);
        let report = samples::report(vec![rejected("bench", 3.0), rejected("f", 12.0), rejected("f", 13.0)]);
        let text = human(&report, Paint::Plain);
        let verdict = text.lines().find(|line| line.starts_with("REJECT: ")).unwrap();
        assert!(verdict.starts_with("REJECT: f is slower (p50 +13%); bench is slower"), "{verdict}");
        assert_eq!(verdict.matches("f is slower").count(), 1, "{verdict}");
    }

    #[test]
    fn a_rejected_check_only_counts_what_was_not_told_in_time() {
        let open = samples::timed_site("g", 0.1, Verdict::Inconclusive);
        let report = samples::report(vec![samples::timed_site("f", 20.0, Verdict::Reject), open]);
        let text = human(&report, Paint::Plain);
        assert!(text.contains("\n1 site not told before the verdict fell\n"), "{text}");
        assert!(!text.contains("? g"), "{text}");
    }

    #[test]
    fn an_open_check_says_what_is_missing() {
        let mut open = samples::timed_site("f", 0.6, Verdict::Inconclusive);
        open.metrics[0].blocks_missing = Some(30);
        open.metrics[1].verdict = None;
        let mut report = samples::report(vec![open]);
        report.voided = 3;
        let count = |kind, count| VoidCount { kind, count };
        report.void_reasons = vec![count(VoidKind::Steal, 2), count(VoidKind::Faults, 1)];
        report.system.status = SystemStatus::Noisy;
        report.system.checks.push(SystemCheck {
            name: "steal".into(),
            status: SystemStatus::Noisy,
            value: "2 %".into(),
            advice: "close other machines".into(),
        });
        report.notes.push("workload replay: judged by whole runs".into());
        report.next_step = "run it again with --max-time 60s".into();
        assert_data_eq!(
            human(&report, Paint::Plain),
            str![[r#"
22 blocks, 3 voided (2 for steal) in 7.9 s against 0123456789ab (built for this check)
machine noisy: steal: 2 %; close other machines

? f  INCONCLUSIVE  (replay, src/book.rs:42)
    Latency: 1.2us -> 1.21us (**+0.6%**) [-0.10 %, +1.3 %], not proven within 1%, about 30 more blocks needed
    p99: 4us -> 4.02us (**+0.6%**) [-0.10 %, +1.3 %], shown only
    Mean: 1.25us -> 1.26us (**+0.6%**) [-0.10 %, +1.3 %], not proven within 1%, and more blocks like these would not tell
    Throughput: 800k -> 795k ops/s (**-0.6%**) [-1.3 %, +0.10 %]

note: workload replay: judged by whole runs
INCONCLUSIVE: not proven either way: f
next: run it again with --max-time 60s

"#]]
        );
    }

    #[test]
    fn identical_code_is_approved_in_two_lines() {
        let mut report = samples::report(Vec::new());
        (report.baseline_source, report.blocks, report.seconds) = (BaselineSource::Identical, 0, 0.04);
        assert_data_eq!(
            human(&report, Paint::Plain),
            str![[r#"
0 blocks in 0.04 s against 0123456789ab (same machine code)

APPROVE: the machine code is the baseline's, nothing had to be run

"#]]
        );
    }

    #[test]
    fn a_failed_build_shows_its_message_and_approves_nothing() {
        let failure = Invalid {
            reason: "the candidate did not build:\nerror[E0308]: \x1b[31mmismatched types\x1b[0m",
            advice: "mend the build",
        };
        assert_data_eq!(
            invalid(&failure, Paint::Plain),
            str![[r#"
the candidate did not build:
error[E0308]: mismatched types

INVALID: nothing was measured, so nothing is approved
next: mend the build

"#]]
        );
    }

    #[test]
    fn a_new_site_is_shown_with_its_note() {
        let mut site = samples::site("fresh", Verdict::Approve);
        site.note = Some("new: no baseline to compare with".into());
        let text = human(&samples::report(vec![site]), Paint::Plain);
        assert!(text.contains("= fresh  APPROVE") && text.contains("note: new"), "{text}");
    }

    #[test]
    fn many_rejected_sites_are_counted_in_the_verdict() {
        let site = |n| samples::timed_site(&format!("f{n}"), 9.0, Verdict::Reject);
        let text = human(&samples::report((0..5).map(site).collect()), Paint::Plain);
        assert!(
            text.contains(
                "REJECT: f0 is slower (p50 +9%); f1 is slower (p50 +9%); f2 is slower (p50 +9%); and 2 more\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn on_a_terminal_the_figure_is_bold_and_no_asterisks_are_left() {
        let site = samples::timed_site("f", 20.0, Verdict::Reject);
        let text = human(&samples::report(vec![site]), Paint::Ansi);
        assert!(text.contains("\x1b[1;31m+20%\x1b[0m") && !text.contains("**"), "{text:?}");
    }

    #[test]
    fn an_infinite_change_is_a_dash() {
        let mut site = samples::timed_site("f", 20.0, Verdict::Reject);
        site.metrics[0].delta.change = Percent(f64::NAN);
        assert!(human(&samples::report(vec![site]), Paint::Plain).contains("(**-**)"));
    }
}
