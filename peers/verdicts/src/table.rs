//! Summaries as Markdown.

use std::fmt::Write;

use darwin_kept::page::table as markdown;
use darwin_kept::{Origin, bounds};

use crate::peer::Peer;
use crate::scenario::Scenario;
use crate::summary::{Counts, Summary};

/// The tables of the results of one origin, and where Darwin does worse than somebody.
pub fn table(origin: &Origin, summaries: &[Summary]) -> String {
    let mut text = format!("Commit {}, on {}.\n\n", origin.commit, origin.machine);
    let _ = writeln!(text, "{}", errors("false alarms:", |scenario| !scenario.is_slower(), summaries));
    let _ = writeln!(text, "{}", errors("misses:", Scenario::is_slower, summaries));
    let _ = writeln!(text, "{}", others(summaries));
    text + &losses(summaries)
}

/// Errors by scenario.
fn errors(what: &str, wanted: impl Fn(Scenario) -> bool, summaries: &[Summary]) -> String {
    let columns: Vec<usize> = (0..Scenario::ALL.len()).filter(|&at| wanted(Scenario::ALL[at])).collect();
    let titles = columns.iter().map(|&at| Scenario::ALL[at].title().to_owned());
    let head: Vec<String> = std::iter::once(what.to_owned()).chain(titles).collect();
    let row = |summary: &Summary| {
        let cells = columns.iter().map(|&at| counted(summary.counts[at]));
        std::iter::once(name(summary)).chain(cells).collect()
    };
    markdown(&head, &summaries.iter().map(row).collect::<Vec<_>>())
}

/// What else there is to say of each.
fn others(summaries: &[Summary]) -> String {
    let head = [
        "besides:",
        "blames another function",
        "slower is \"faster\"",
        "\"faster\" at all",
        "no answer",
        "seconds: measuring",
        "building",
    ];
    let row = |summary: &Summary| {
        let rate = |wrong, checks| rate(Counts { checks, wrong, unanswered: 0 });
        let building = summary.building_seconds.map_or_else(|| "in it".to_owned(), seconds);
        vec![
            name(summary),
            rate(summary.blamed, summary.slower_checks),
            rate(summary.reversed, summary.slower_checks),
            rate(summary.faster, summary.checks()),
            rate(summary.unanswered(), summary.checks()),
            seconds(summary.measuring_seconds),
            building,
        ]
    };
    markdown(&head.map(str::to_owned), &summaries.iter().map(row).collect::<Vec<_>>())
}

/// Sentences about each column in which somebody is better than Darwin; nothing without Darwin.
fn losses(summaries: &[Summary]) -> String {
    let Some(darwin) = summaries.iter().find(|summary| summary.peer == Peer::Darwin) else {
        return String::new();
    };
    let peers: Vec<&Summary> = summaries.iter().filter(|summary| summary.peer != Peer::Darwin).collect();
    let by_scenario = (0..Scenario::ALL.len()).filter_map(|at| fewer(at, darwin, &peers));
    let measuring = quicker("Seconds of measuring", darwin, &peers, |one| {
        one.building_seconds.map(|_| one.measuring_seconds)
    });
    let in_all = quicker("Seconds of a check with its build", darwin, &peers, |one| {
        Some(one.measuring_seconds + one.building_seconds.unwrap_or(0.0))
    });
    let lines: Vec<String> = by_scenario.chain(measuring).chain(in_all).collect();
    match lines.is_empty() {
        true => "Where Darwin is worse than somebody: in no column.\n".to_owned(),
        false => format!("Where Darwin is worse than somebody:\n\n{}", lines.concat()),
    }
}

/// Who has a smaller share of checks that went wrong or unanswered in a scenario.
fn fewer(at: usize, darwin: &Summary, peers: &[&Summary]) -> Option<String> {
    let failed = |summary: &Summary| summary.counts[at].wrong + summary.counts[at].unanswered;
    let share = |summary: &Summary| f64::from(failed(summary)) / f64::from(summary.counts[at].checks);
    let shown = |summary: &Summary| format!("{} of {}", failed(summary), summary.counts[at].checks);
    // Nobody is better than what was not checked.
    let better = peers.iter().filter(|peer| share(peer) < share(darwin));
    let better: Vec<String> = better.map(|peer| format!("{} ({})", peer.peer.title(), shown(peer))).collect();
    let title = Scenario::ALL[at].title();
    let line =
        || format!("- {title}: wrong or without an answer {}; {}.\n", shown(darwin), better.join(", "));
    (!better.is_empty()).then(line)
}

/// Who takes less time; `of` is `None` where it cannot be told.
fn quicker(
    what: &str,
    darwin: &Summary,
    peers: &[&Summary],
    of: impl Fn(&Summary) -> Option<f64>,
) -> Option<String> {
    let ours = of(darwin)?;
    let theirs = peers.iter().filter_map(|peer| Some((peer, of(peer)?)));
    let quicker = theirs.filter(|(_, theirs)| *theirs < ours);
    let shown: Vec<String> =
        quicker.map(|(peer, theirs)| format!("{} ({})", peer.peer.title(), seconds(theirs))).collect();
    let line = || format!("- {what}: {}; {}.\n", seconds(ours), shown.join(", "));
    (!shown.is_empty()).then(line)
}

fn name(summary: &Summary) -> String {
    match summary.release.as_str() {
        "-" => summary.peer.title().to_owned(),
        release => format!("{} ({release})", summary.peer.title()),
    }
}

fn counted(counts: Counts) -> String {
    match counts.unanswered {
        0 => rate(counts),
        open => format!("{}, {open} open", rate(counts)),
    }
}

/// Errors of checks, and the upper bound at 95 % of their rate.
fn rate(counts: Counts) -> String {
    let Counts { checks, wrong, .. } = counts;
    match checks {
        0 => "-".to_owned(),
        _ => {
            let bound = bounds::at_most(wrong as usize, checks as usize);
            format!("{wrong} of {checks} (< {:.0} %)", bound * 100.0)
        }
    }
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::samples::record;
    use crate::record::{Record, Said};
    use crate::summary::summaries;

    fn of(
        peer: Peer,
        scenario: Scenario,
        slower: Option<&str>,
        said: &[(&str, Said)],
        seconds: f64,
    ) -> Record {
        let mut record = record(peer, scenario, slower, said);
        record.outcome.measuring_seconds = seconds;
        record
    }

    #[test]
    fn errors_stand_by_scenario_and_losses_below_them() {
        let records = [
            of(Peer::Darwin, Scenario::Unchanged, None, &[], 3.0),
            of(Peer::Darwin, Scenario::Slower1, Some("spin"), &[], 3.0),
            of(Peer::Tango, Scenario::Unchanged, None, &[("sort", Said::Slower)], 0.4),
            of(Peer::Tango, Scenario::Slower1, Some("spin"), &[("spin", Said::Slower)], 0.4),
        ];
        let text = table(&records[0].origin, &summaries(&records));
        assert_eq!(text, include_str!("../samples/table.md"));
    }

    #[test]
    fn without_a_loss_it_says_so() {
        let records = [
            of(Peer::Darwin, Scenario::Unchanged, None, &[], 3.0),
            of(Peer::Tango, Scenario::Unchanged, None, &[("sort", Said::Slower)], 4.0),
        ];
        assert!(table(&records[0].origin, &summaries(&records)).ends_with("in no column.\n"));
        assert!(!table(&records[0].origin, &summaries(&records[1..])).contains("Darwin"));
    }

    #[test]
    fn a_count_has_its_bound() {
        let counted = |checks, wrong, unanswered| counted(Counts { checks, wrong, unanswered });
        assert_eq!(counted(20, 0, 0), "0 of 20 (< 14 %)");
        assert_eq!(counted(20, 3, 2), "3 of 20 (< 34 %), 2 open");
        assert_eq!(counted(0, 0, 0), "-");
    }
}
