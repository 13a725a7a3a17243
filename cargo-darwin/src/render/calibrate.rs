//! What a calibration found, for people. Every figure stands below a word that says whether it was measured or modelled.

mod table;
#[cfg(test)]
mod tests;

use super::paint::Tone;
use super::{Look, Paint, check, doctor, group, metric_name, safe, units};
use crate::model::{BiasReport, CalibrateReport, InjectedReport, Percent, SystemStatus, Tally};

/// Columns before each line of a section.
const INDENT: usize = 2;

/// The whole report. Several lines, ending with a line break.
pub fn human(report: &CalibrateReport, look: &Look) -> String {
    let paint = look.paint;
    let mut lines = vec![paint.tone(Tone::Dim, &circumstances(report))];
    if report.system.status != SystemStatus::Ok {
        lines.extend(doctor::complaints(&report.system));
    }
    lines.push(String::new());
    lines.push(paint.tone(Tone::Head, "Unchanged code, checked against itself (measured)"));
    lines.extend(indented(unchanged(report, paint)));
    if !report.injected.is_empty() {
        lines.push(String::new());
        lines.push(paint.tone(Tone::Head, "Code that was really made slower (measured)"));
        lines.extend(report.injected.iter().flat_map(|row| indented(injected(row))));
    }
    lines.push(String::new());
    lines.push(paint.tone(Tone::Head, "What placement leaves after neutral edits (measured)"));
    lines.extend(indented(placement(report)));
    if !report.resolution.is_empty() {
        lines.push(String::new());
        lines.push(paint.tone(Tone::Head, &predicted_head(report)));
        lines.extend(indented(table::lines(&report.resolution, look.width.saturating_sub(INDENT))));
    }
    lines.push(String::new());
    lines.extend(group::sentences(&report.notes).iter().map(|note| format!("note: {}", safe::line(note))));
    lines.push(conclusion(report, paint));
    lines.extend(check::next_line(&report.next_step));
    lines.join("\n") + "\n"
}

/// The same as Markdown. Ends with a line break.
pub fn markdown(report: &CalibrateReport) -> String {
    let mut out = format!("## Calibration\n\n{}.\n\n", safe::markdown(&circumstances(report)));
    let item = |out: &mut String, lines: Vec<String>, how: &str| {
        for line in lines {
            out.push_str(&format!("- {} ({how})\n", safe::markdown(&line)));
        }
    };
    item(&mut out, unchanged(report, Paint::Ansi).iter().map(|line| plain(line)).collect(), "measured");
    report.injected.iter().for_each(|row| item(&mut out, injected(row), "measured"));
    item(&mut out, placement(report), "measured");
    if !report.resolution.is_empty() {
        out.push_str(&format!("\n{}\n\n", safe::markdown(&predicted_head(report))));
        out.push_str(&table::markdown(&report.resolution));
    }
    out.push('\n');
    for note in group::sentences(&report.notes) {
        out.push_str(&format!("- note: {}\n", safe::markdown(&note)));
    }
    out.push_str(&format!("\n{}\n", safe::markdown(&plain(&conclusion(report, Paint::Ansi)))));
    out
}

/// `calibrated in 581 s on Some CPU, x86_64-linux, rustc 1.95.0`.
fn circumstances(report: &CalibrateReport) -> String {
    let verb = if report.interrupted { "interrupted after" } else { "calibrated in" };
    format!("{verb} {} on {}", units::seconds(report.seconds), safe::line(&report.machine))
}

fn unchanged(report: &CalibrateReport, paint: Paint) -> Vec<String> {
    let unchanged = &report.unchanged;
    let mut lines = vec![tally(&unchanged.tally)];
    for site in &unchanged.rejected {
        let times = if site.checks == 1 { "once".to_owned() } else { format!("{} times", site.checks) };
        let name = safe::line(&site.key.site);
        lines.push(
            paint.tone(Tone::Bad, &format!("{name} in {} was rejected {times}", safe::line(&site.place))),
        );
    }
    if unchanged.tally.checks > 0 {
        let bound = rate(unchanged.bound);
        lines.push(format!(
            "proven: at most {bound} of checks of unchanged code are rejected here (95 % confidence)"
        ));
    }
    lines
}

fn injected(row: &InjectedReport) -> Vec<String> {
    let InjectedReport { key, metric, percent, .. } = row;
    let what = format!(
        "{} of {} slower by {}: {}",
        metric_name(*metric),
        safe::line(&key.site),
        units::percent_amount(*percent),
        tally(&row.tally)
    );
    if row.tally.checks == 0 {
        return vec![what];
    }
    let found = row.achieved.map_or_else(String::new, |found| {
        format!("; the checks found {} in the median", units::percent_word(found))
    });
    vec![
        what,
        format!("proven: at most {} of them are missed here (95 % confidence){found}", rate(row.bound)),
    ]
}

/// `212 checks: 0 REJECT, 212 APPROVE, 0 INCONCLUSIVE; median 1.9 s`.
fn tally(tally: &Tally) -> String {
    let Tally { checks, rejected, approved, inconclusive, median_seconds } = tally;
    let checks = match checks {
        0 => return "no check came to its end".to_owned(),
        1 => "1 check".to_owned(),
        checks => format!("{checks} checks"),
    };
    let median =
        median_seconds.map_or_else(String::new, |median| format!("; median {}", units::seconds(median)));
    format!("{checks}: {rejected} REJECT, {approved} APPROVE, {inconclusive} INCONCLUSIVE{median}")
}

fn placement(report: &CalibrateReport) -> Vec<String> {
    let mut lines: Vec<String> = report.bias.iter().map(bias).collect();
    let why = report.no_bias.as_ref().map(|why| {
        format!(
            "not told: {}; checks take half the tolerance for it, and fresh layouts for the rest",
            safe::line(why)
        )
    });
    lines.extend(why);
    if lines.is_empty() {
        lines.push("not told: it was not looked for".to_owned());
    }
    lines
}

/// `p50 of book::replay: 95 of 100 edits shift it by at most 0.21% (6 edits; the largest median was 0.12%)`.
fn bias(bias: &BiasReport) -> String {
    let edits = if bias.edits == 1 { "1 edit".to_owned() } else { format!("{} edits", bias.edits) };
    format!(
        "{} in {}: 95 of 100 edits shift it by at most {} ({edits}; the largest shift seen was {})",
        metric_name(bias.metric),
        safe::line(&bias.workload),
        units::percent_amount(bias.bias),
        units::percent_word(bias.largest)
    )
}

fn predicted_head(report: &CalibrateReport) -> String {
    let blocks = report.resolution.iter().map(|row| row.blocks).min().unwrap_or(0);
    format!(
        "Smallest slowdown caught in 95 of 100 checks of at most {} (modelled from {blocks} or more unchanged blocks)",
        units::seconds(report.check_seconds)
    )
}

fn conclusion(report: &CalibrateReport, paint: Paint) -> String {
    let alarms = report.unchanged.tally.rejected;
    if alarms > 0 {
        let checks = if alarms == 1 { "1 check".to_owned() } else { format!("{alarms} checks") };
        return format!(
            "{}: {checks} of unchanged code ended in REJECT",
            paint.loud(Tone::Bad, "FALSE ALARM")
        );
    }
    match report.interrupted {
        true => "interrupted: nothing is kept for later checks".to_owned(),
        false => format!("{}: later checks use what was found here", paint.loud(Tone::Good, "calibrated")),
    }
}

/// What a limit is sought to: 95 % may come as a hair more, which is no 96 %.
const HAIR: f64 = 1e-6;

/// A rate that a limit is: rounded up, so that no more is claimed than is proven.
fn rate(limit: Percent) -> String {
    let rounded = |scale: f64| ((limit.0 - HAIR) * scale).ceil() / scale;
    match limit.0 < 10.0 {
        true => format!("{:.2} %", rounded(100.0)),
        false => format!("{:.0} %", rounded(1.0)),
    }
}

fn indented(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("{:INDENT$}{line}", "")).collect()
}

/// Without our own colours.
fn plain(text: &str) -> String {
    safe::line(text)
}
