//! Summaries as Markdown.

mod smallest;

use std::fmt::Write;

use darwin_kept::Origin;

use crate::scenario::{Condition, Expected};
use crate::summary::{Change, Spread, Summary};
use crate::total::{Total, totals};

pub use smallest::table as smallest;

const HEAD: &str = "\
| workload/edit | checks | expected | REJECT (names the site) | APPROVE | INCONCLUSIVE | INVALID | seconds: median, 90 % | with builds: median | blocks | change of p50: median (least to most; standard deviation) |
|---|---|---|---|---|---|---|---|---|---|---|
";

const TOTALS: &str = "\
| over all workloads | checks | as expected | wrong verdicts | which proves a rate below | not decided | decided in time | seconds: median, 90 % |
|---|---|---|---|---|---|---|---|
";

const CONTROLS: &str = "\
| over all workloads, without | checks | wrong verdicts | rate, with 90 % confidence | seen to fail |
|---|---|---|---|---|
";

/// What a control must be seen to exceed: the rate of false alarms that the gate allows itself.
const NOMINAL: f64 = 0.01;

/// Workloads that differ in nothing but the number of sites, the larger one first.
const LARGER_AND_SMALLER: (&str, &str) = ("fifty", "three-of-fifty");

/// What is told together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Neutral,
    Slower,
    Free,
    Controls,
}

impl Section {
    const ALL: [Section; 4] = [Section::Neutral, Section::Slower, Section::Free, Section::Controls];

    fn of(one: &Summary) -> Section {
        match one.expected {
            _ if one.of.is_control() => Section::Controls,
            _ if one.of.is(Condition::Free) => Section::Free,
            Expected::Approve | Expected::Any => Section::Neutral,
            Expected::Reject | Expected::Either => Section::Slower,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Section::Neutral => "**Nothing is slower.** Each REJECT is a false alarm.",
            Section::Slower => "**Something is slower.** Each APPROVE is a miss.",
            Section::Free => {
                "**As users have it.** Identical code is not measured, and a check goes on from what the last one of the \
                 same code found."
            }
            Section::Controls => {
                "**Negative controls.** A measure is left out (`~`), and verdicts must be seen to go wrong."
            }
        }
    }
}

/// The tables of the results of one origin; what should not be is bold.
pub fn table(origin: &Origin, summaries: &[Summary]) -> String {
    let checks = total(summaries, |_| true, |one| one.checks);
    let mut text = format!("Commit {}, on {}: {checks} checks.\n", origin.commit, origin.machine);
    for section in Section::ALL {
        let of_it: Vec<&Summary> = summaries.iter().filter(|one| Section::of(one) == section).collect();
        if !of_it.is_empty() {
            let _ = write!(text, "\n{}\n\n{}", section.heading(), section_text(section, &of_it));
        }
    }
    for ratio in summaries.iter().filter_map(|larger| ratio(larger, summaries)) {
        let _ = write!(text, "\n{ratio}\n");
    }
    let _ = write!(text, "\n{}\n", unexpected(summaries));
    text
}

fn unexpected(summaries: &[Summary]) -> String {
    let counts = |one: &Summary| !one.of.is_control();
    let (errors, checks) =
        (total(summaries, counts, |one| one.errors), total(summaries, counts, |one| one.checks));
    let controls = total(summaries, |one| !counts(one), |one| one.checks);
    let besides = match controls {
        0 => String::new(),
        controls => format!("; {controls} of negative controls are not counted"),
    };
    format!("Verdicts that are not the expected one: {} of {checks}{besides}.", marked(errors, errors > 0))
}

fn section_text(section: Section, summaries: &[&Summary]) -> String {
    let rows: String = summaries.iter().map(|one| row(one)).collect();
    let added = match section {
        Section::Controls => controls(&totals(summaries)),
        _ => {
            totals(summaries).iter().fold(TOTALS.to_owned(), |text, total| text + &total_row(section, total))
        }
    };
    format!("{added}\n{HEAD}{rows}")
}

fn total_row(section: Section, total: &Total) -> String {
    let Total { name, checks, right, misleading, open, in_time, limit_seconds, .. } = total;
    let proven = match section {
        // A check that goes on from the last one is no further sample.
        Section::Free => "-".to_owned(),
        _ => percent(total.at_most()),
    };
    format!(
        "| {name} | {checks} | {right} | {} | {} | {} ({}) | {} within {limit_seconds:.0} s | {} |\n",
        marked(*misleading, *misleading > 0),
        proven,
        open,
        percent(share(*open, *checks)),
        percent(share(*in_time, *checks)),
        or_dash(total.seconds(), seconds),
    )
}

fn controls(totals: &[Total]) -> String {
    let row = |total: &Total| {
        let seen = if total.at_least() > NOMINAL { "yes" } else { "**no**" };
        format!(
            "| {} | {} | {} | {} to {} | {seen} |\n",
            total.name,
            total.checks,
            total.misleading,
            percent(total.at_least()),
            percent(total.at_most()),
        )
    };
    totals.iter().fold(CONTROLS.to_owned(), |text, total| text + &row(total))
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent == 0.0 || percent >= 9.95 => format!("{percent:.0} %"),
        percent if percent >= 0.995 => format!("{percent:.1} %"),
        percent => format!("{percent:.2} %"),
    }
}

fn row(one: &Summary) -> String {
    let rejected = match one.reject {
        0 => marked(0, one.expected == Expected::Reject),
        _ if one.of.is_control() => one.reject.to_string(),
        _ if one.expected == Expected::Approve => marked(one.reject, true),
        _ => format!("{} ({})", one.reject, marked(one.named, one.named < one.reject)),
    };
    let checks = match one.edits {
        1 => one.checks.to_string(),
        edits => format!("{} of {edits} edits", one.checks),
    };
    format!(
        "| {} | {checks} | {} | {rejected} | {} | {} | {} | {} | {} | {} | {} |\n",
        one.scenario,
        word(one.expected),
        marked(one.approve, one.expected == Expected::Reject && one.approve > 0),
        marked(one.inconclusive, one.inconclusive > 0 && !one.of.is_control()),
        marked(one.invalid, one.invalid > 0),
        or_dash(one.seconds(), seconds),
        or_dash(one.wall_seconds, |Spread { median, .. }| format!("{median:.1}")),
        or_dash(one.blocks, |Spread { median, .. }| format!("{median:.0}")),
        with_injected(one),
    )
}

fn seconds(Spread { median, ninety }: Spread) -> String {
    format!("{median:.1}, {ninety:.1}")
}

fn word(expected: Expected) -> &'static str {
    match expected {
        Expected::Approve => "APPROVE",
        Expected::Reject => "REJECT",
        Expected::Either => "either",
        Expected::Any => "APPROVE",
    }
}

fn changed(Change { least, median, most, deviation }: Change) -> String {
    format!("{:+.2} % ({:+.2} to {:+.2}; {:.2})", median.0, least.0, most.0, deviation.0)
}

fn with_injected(one: &Summary) -> String {
    let injected = one.injected.map(|percent| format!("; put in: {:+.2} %", percent.0)).unwrap_or_default();
    or_dash(one.change, changed) + &injected
}

fn or_dash<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

fn marked(count: usize, bold: bool) -> String {
    if bold { format!("**{count}**") } else { count.to_string() }
}

fn total(summaries: &[Summary], of: impl Fn(&Summary) -> bool, count: impl Fn(&Summary) -> usize) -> usize {
    summaries.iter().filter(|one| of(one)).map(count).sum()
}

/// How much longer the checks of the larger workload take, if `larger` is of it and the smaller one is there.
fn ratio(larger: &Summary, all: &[Summary]) -> Option<String> {
    let (many, few) = LARGER_AND_SMALLER;
    let edit = larger.scenario.strip_prefix(many)?.strip_prefix('/')?;
    let smaller = all.iter().find(|one| one.scenario == format!("{few}/{edit}"))?;
    let ratio = larger.seconds()?.median / smaller.seconds()?.median;
    Some(format!("`{}` takes {ratio:.2} times as long as `{}` (medians).", larger.scenario, smaller.scenario))
}

#[cfg(test)]
mod tests {
    use cargo_darwin::model::Verdict;

    use super::*;
    use crate::record::Record;
    use crate::record::samples::record;
    use crate::summary::summaries;

    fn origin() -> Origin {
        record("a/b", Expected::Approve, Verdict::Approve).origin
    }

    fn row_of(expected: Expected, verdict: Verdict) -> String {
        let records = [record("a/b", expected, verdict)];
        row(&summaries(&records)[0])
    }

    #[test]
    fn what_is_as_expected_is_plain() {
        assert_eq!(
            row_of(Expected::Approve, Verdict::Approve),
            "| a/b | 1 | APPROVE | 0 | 1 | 0 | 0 | 2.0, 2.0 | 5.0 | 10 | +0.10 % (+0.10 to +0.10; 0.00) |\n"
        );
        assert_eq!(
            row_of(Expected::Reject, Verdict::Reject),
            "| a/b | 1 | REJECT | 1 (1) | 0 | 0 | 0 | 2.0, 2.0 | 5.0 | 10 | +2.00 % (+2.00 to +2.00; 0.00) |\n"
        );
        for verdict in [Verdict::Approve, Verdict::Reject] {
            assert!(!row_of(Expected::Either, verdict).contains("**"));
        }
    }

    #[test]
    fn what_is_not_as_expected_is_bold() {
        for (expected, verdict) in [
            (Expected::Approve, Verdict::Reject),
            (Expected::Approve, Verdict::Inconclusive),
            (Expected::Approve, Verdict::Invalid),
            (Expected::Reject, Verdict::Approve),
            (Expected::Reject, Verdict::Inconclusive),
            (Expected::Either, Verdict::Inconclusive),
        ] {
            assert!(row_of(expected, verdict).contains("**1**"), "{expected:?} {verdict:?}");
        }
        let mut elsewhere = record("a/b", Expected::Reject, Verdict::Reject);
        elsewhere.outcome.named.clear();
        assert!(row(&summaries(&[elsewhere])[0]).contains("1 (**0**)"));
    }

    #[test]
    fn errors_are_counted_below_the_table() {
        let right = record("a/b", Expected::Approve, Verdict::Approve);
        let wrong = record("a/c", Expected::Reject, Verdict::Approve);
        let text = table(&origin(), &summaries(&[right.clone(), wrong]));
        assert!(text.ends_with("expected one: **1** of 2.\n"), "{text}");
        let text = table(&origin(), &summaries(&[right]));
        assert!(text.starts_with("Commit c0ffee, on a machine: 1 checks.\n"), "{text}");
        assert!(text.ends_with("expected one: 0 of 1.\n"), "{text}");
    }

    #[test]
    fn fifty_sites_are_set_beside_three() {
        let few = record("three-of-fifty/unchanged", Expected::Approve, Verdict::Approve);
        let mut many = record("fifty/unchanged", Expected::Approve, Verdict::Approve);
        many.outcome.seconds = Some(3.0);
        let text = table(&origin(), &summaries(&[many.clone(), few]));
        assert!(
            text.contains("`fifty/unchanged` takes 1.50 times as long as `three-of-fifty/unchanged`"),
            "{text}"
        );
        assert!(!table(&origin(), &summaries(&[many])).contains("times as long"));
    }

    #[test]
    fn shares_have_the_digits_that_they_need() {
        let shown: Vec<String> = [0.0, 0.002_99, 0.0466, 0.2, 1.0].into_iter().map(percent).collect();
        assert_eq!(shown, ["0 %", "0.30 %", "4.7 %", "20 %", "100 %"]);
    }

    #[test]
    fn a_file_of_results_becomes_these_tables() {
        let records: Vec<Record> = include_str!("table/results.jsonl")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let text = table(&records[0].origin, &summaries(&records));
        snapbox::assert_data_eq!(text, snapbox::file!["table/expected.md"].raw());
    }
}
