//! The words of a check that had the committed record alone: why that is so comes first, and what it proves is little.

use super::{safe, units};
use crate::model::{BaselineSource, CheckReport, RecordReport};

/// Sites that the verdict line names before "and N more".
const SITES_IN_VERDICT: usize = 3;

/// `no baseline code, judged from the record alone in 2.1 s: REASON`; `None` for any other check.
pub(super) fn first_line(report: &CheckReport) -> Option<String> {
    let record = record(report)?;
    let reason = safe::line(&record.reason);
    let seconds = units::seconds(report.seconds);
    Some(format!("no baseline code, judged from the record alone in {seconds}: {reason}"))
}

/// Why nothing is approved, and what stands out; `None` for a check that is not of the record alone.
pub(super) fn reason(report: &CheckReport, name: impl Fn(&str) -> String) -> Option<String> {
    let record = record(report)?;
    let above = record.above_history.iter().map(|key| key.site.as_str()).collect();
    let advice = [("slower than the rest", slower(record)), ("slower than all stored runs", above)];
    let advice = advice.into_iter().filter(|(_, sites)| !sites.is_empty());
    let advice = advice.map(|(what, sites)| format!("; advisory: {what}: {}", named(sites, &name)));
    Some(format!("the record alone approves nothing{}", advice.collect::<String>()))
}

/// `a, b, c and 2 more`, each once.
fn named(sites: Vec<&str>, name: impl Fn(&str) -> String) -> String {
    let mut names: Vec<String> = Vec::new();
    for site in sites.into_iter().map(name) {
        if !names.contains(&site) {
            names.push(site);
        }
    }
    let hidden = names.len().saturating_sub(SITES_IN_VERDICT);
    names.truncate(SITES_IN_VERDICT);
    let more = if hidden > 0 { format!(" and {hidden} more") } else { String::new() };
    names.join(", ") + &more
}

/// The slower sites, the largest change first.
fn slower(record: &RecordReport) -> Vec<&str> {
    let mut outstanding: Vec<_> = record.outstanding.iter().filter(|one| one.residual.0 > 0.0).collect();
    outstanding.sort_by(|one, other| other.residual.0.total_cmp(&one.residual.0));
    outstanding.into_iter().map(|one| one.key.site.as_str()).collect()
}

fn record(report: &CheckReport) -> Option<&RecordReport> {
    report.record.as_ref().filter(|_| report.baseline_source == BaselineSource::Record)
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::model::{ExactCount, Verdict};
    use crate::render::{Look, Paint, check, markdown, samples};

    const PLAIN: Look = Look { paint: Paint::Plain, width: 110, verbose: false };

    #[test]
    fn the_reason_comes_first_and_nothing_is_approved() {
        assert_data_eq!(
            check::human(&samples::record_report(), &PLAIN),
            str![[r#"
no baseline code, judged from the record alone in 2.1 s: this clone is too shallow; run `git fetch --unshallow`

? g  INCONCLUSIVE  Latency: 1.2us -> 2.15us (**+79.2%**)  [+78.5, +79.9]    allowed 1%, resolves 0.7%
    note: advisory: p50 +60% beyond the machine's share
? f  INCONCLUSIVE  Latency: 1.2us -> 1.34us (**+12%**)    [+11.3, +12.7]    allowed 1%, resolves 0.7%

note: what slows all sites alike is invisible here
INCONCLUSIVE: the record alone approves nothing; advisory: slower than the rest: g
next: bring the code back

"#]]
        );
    }

    #[test]
    fn in_markdown_the_reason_stands_below_the_verdict() {
        let mut report = samples::record_report();
        report.sites.truncate(1);
        assert_data_eq!(
            markdown::check(&report),
            str![[r#"
## INCONCLUSIVE: the record alone approves nothing; advisory: slower than the rest: `g`

no baseline code, judged from the record alone in 2.1 s: this clone is too shallow; run &#96;git fetch --unshallow&#96;

| | Function | Change | 95 % interval | |
| --- | --- | --- | --- | --- |
| ? | `f`<br>`replay`, `src/book.rs:42` | Latency: 1.2us -> 1.34us (**+12%**) | [+11.3, +12.7] | INCONCLUSIVE |

- what slows all sites alike is invisible here

next: bring the code back

"#]]
            .raw()
        );
    }

    #[test]
    fn without_a_site_that_stands_out_none_is_named() {
        let mut report = samples::record_report();
        report.record.as_mut().unwrap().outstanding.clear();
        assert_eq!(reason(&report, safe::line).unwrap(), "the record alone approves nothing");
    }

    #[test]
    fn the_largest_change_is_named_first_and_each_site_once() {
        let mut report = samples::record_report();
        let outstanding = &mut report.record.as_mut().unwrap().outstanding;
        let one = |site: &str, residual: f64| {
            let mut one = outstanding[0].clone();
            (one.key.site, one.residual.0) = (site.into(), residual);
            one
        };
        *outstanding = vec![one("g", 60.0), one("a", 30.0), one("b", 90.0), one("g", 80.0), one("c", 27.0)];
        assert!(reason(&report, safe::line).unwrap().ends_with("slower than the rest: b, g, a and 1 more"));
    }

    #[test]
    fn sites_above_all_stored_runs_are_named_too() {
        let mut report = samples::record_report();
        let record = report.record.as_mut().unwrap();
        record.above_history = vec![record.outstanding[0].key.clone(); 2];
        let text = reason(&report, safe::line).unwrap();
        assert!(
            text.ends_with("slower than the rest: g; advisory: slower than all stored runs: g"),
            "{text}"
        );
    }

    #[test]
    fn a_site_that_became_faster_is_no_warning() {
        let mut report = samples::record_report();
        report.record.as_mut().unwrap().outstanding[0].residual.0 = -40.0;
        assert_eq!(reason(&report, safe::line).unwrap(), "the record alone approves nothing");
    }

    #[test]
    fn a_count_of_another_build_is_called_advisory() {
        let mut report = samples::record_report();
        let count =
            ExactCount { calls: 10, baseline_calls: 1000, baseline: 1000, candidate: 20, verdict: None };
        report.sites[0].allocs = Some(ExactCount { verdict: Some(Verdict::Inconclusive), ..count });
        let text = check::human(&report, &PLAIN);
        let line = "Allocations: 1 -> 2 a call (**+100%**), advisory: the record was counted otherwise";
        assert!(text.contains(line), "{text}");
    }
}
