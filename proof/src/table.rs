//! Summaries as Markdown.

use std::fmt::Write;

use crate::origin::Origin;
use crate::scenario::Expected;
use crate::summary::{Change, Spread, Summary};

/// The line of docs/proof.md above the table.
pub const BEGIN: &str = "<!-- proof: table -->";
/// The line below it.
pub const END: &str = "<!-- proof: end -->";

const HEAD: &str = "\
| workload/edit | checks | expected | REJECT (names the site) | APPROVE | INCONCLUSIVE | INVALID | seconds: median, 90 % | blocks | change of p50: median (least to most; standard deviation) |
|---|---|---|---|---|---|---|---|---|---|
";

/// Workloads that differ in nothing but the number of sites, the larger one first.
const LARGER_AND_SMALLER: (&str, &str) = ("fifty", "three-of-fifty");

/// The table of the results of one origin; what should not be is bold.
pub fn table(origin: &Origin, summaries: &[Summary]) -> String {
    let rows: String = summaries.iter().map(row).collect();
    let mut text = format!("Commit {}, on {}.\n\n{HEAD}{rows}", origin.commit, origin.machine);
    for ratio in summaries.iter().filter_map(|larger| ratio(larger, summaries)) {
        let _ = write!(text, "\n{ratio}\n");
    }
    let (errors, checks) = (total(summaries, |one| one.errors), total(summaries, |one| one.checks));
    let errors = marked(errors, errors > 0);
    let _ = write!(text, "\nVerdicts that are not the expected one: {errors} of {checks}.\n");
    text
}

/// The page with the table between its markers; `None` if it has none.
pub fn written_into(page: &str, table: &str) -> Option<String> {
    let begin = page.find(BEGIN)? + BEGIN.len();
    let end = begin + page[begin..].find(END)?;
    Some(format!("{}\n\n{table}\n{}", &page[..begin], &page[end..]))
}

fn row(one: &Summary) -> String {
    let rejected = match one.reject {
        0 => marked(0, one.expected == Expected::Reject),
        _ if one.expected == Expected::Approve => marked(one.reject, true),
        _ => format!("{} ({})", one.reject, marked(one.named, one.named < one.reject)),
    };
    let checks = match one.edits {
        1 => one.checks.to_string(),
        edits => format!("{} of {edits} edits", one.checks),
    };
    format!(
        "| {} | {checks} | {} | {rejected} | {} | {} | {} | {} | {} | {} |\n",
        one.scenario,
        word(one.expected),
        marked(one.approve, one.expected == Expected::Reject && one.approve > 0),
        marked(one.inconclusive, one.inconclusive > 0 && one.expected != Expected::Any),
        marked(one.invalid, one.invalid > 0),
        or_dash(one.seconds, |Spread { median, ninety }| format!("{median:.1}, {ninety:.1}")),
        or_dash(one.blocks, |Spread { median, .. }| format!("{median:.0}")),
        or_dash(one.change, changed),
    )
}

fn word(expected: Expected) -> &'static str {
    match expected {
        Expected::Approve => "APPROVE",
        Expected::Reject => "REJECT",
        Expected::Either => "either",
        Expected::Any => "(experiment)",
    }
}

fn changed(Change { least, median, most, deviation }: Change) -> String {
    format!("{:+.2} % ({:+.2} to {:+.2}; {:.2})", median.0, least.0, most.0, deviation.0)
}

fn or_dash<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

fn marked(count: usize, bold: bool) -> String {
    if bold { format!("**{count}**") } else { count.to_string() }
}

fn total(summaries: &[Summary], count: impl Fn(&Summary) -> usize) -> usize {
    summaries.iter().map(count).sum()
}

/// How much longer the checks of the larger workload take, if `larger` is of it and the smaller one is there.
fn ratio(larger: &Summary, all: &[Summary]) -> Option<String> {
    let (many, few) = LARGER_AND_SMALLER;
    let edit = larger.scenario.strip_prefix(many)?.strip_prefix('/')?;
    let smaller = all.iter().find(|one| one.scenario == format!("{few}/{edit}"))?;
    let ratio = larger.seconds?.median / smaller.seconds?.median;
    Some(format!("`{}` takes {ratio:.2} times as long as `{}` (medians).", larger.scenario, smaller.scenario))
}

#[cfg(test)]
mod tests {
    use cargo_darwin::model::Verdict;

    use super::*;
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
            "| a/b | 1 | APPROVE | 0 | 1 | 0 | 0 | 2.0, 2.0 | 10 | +0.10 % (+0.10 to +0.10; 0.00) |\n"
        );
        assert_eq!(
            row_of(Expected::Reject, Verdict::Reject),
            "| a/b | 1 | REJECT | 1 (1) | 0 | 0 | 0 | 2.0, 2.0 | 10 | +2.00 % (+2.00 to +2.00; 0.00) |\n"
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
        assert!(text.starts_with("Commit c0ffee, on a machine.\n"), "{text}");
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
    fn the_table_takes_the_place_of_the_one_before() {
        let page = format!("# Page\n\n{BEGIN}\nold\n{END}\n\nmore\n");
        let once = written_into(&page, "new\n").unwrap();
        assert_eq!(once, format!("# Page\n\n{BEGIN}\n\nnew\n\n{END}\n\nmore\n"));
        assert_eq!(written_into(&once, "new\n").unwrap(), once);
        assert_eq!(written_into("# Page\n", "new"), None);
        assert_eq!(written_into(&format!("{END}{BEGIN}"), "new"), None);
    }
}
