//! What is printed, and the page of the book.

use std::path::Path;

use cargo_darwin::model::Verdict;
use darwin_kept::page::{self, Place, say};
use darwin_kept::{Origin, Same, lines, same};
use darwin_tests::repository;

use crate::cli::TableArgs;
use crate::error::Error;
use crate::foretold::{self, Foretold};
use crate::record::{Answer, Record};
use crate::results;
use crate::summary;
use crate::table;

/// The page with the tables.
const PAGE: &str = "docs/proof.md";
/// Where they stand in it.
const PLACE: Place = Place { driver: "proof", name: "table" };

/// Shows the tables of the results in `path`, otherwise of those that are kept, and puts them into the page if that is
/// wanted. Returns whether each verdict was the expected one.
///
/// # Errors
/// When the results cannot be read, or the page not written.
pub fn show(path: Option<&Path>, wanted: &TableArgs) -> Result<bool, Error> {
    let records = match path {
        Some(path) => lines::read(path)?,
        None => results::read_all()?,
    };
    let mut origins = origins(&records);
    if !wanted.all {
        origins.truncate(1);
    }
    let of = |origin: &Origin| records.iter().filter(|record| record.origin == *origin).cloned().collect();
    let groups: Vec<Vec<Record>> = origins.iter().map(of).collect();
    let text = text(&groups, &foretold::read_all()?, &same::all(repository())?);
    say(&text);
    if wanted.write {
        page::fill(&repository().join(PAGE), [(PLACE, text.as_str())])?;
    }
    Ok(groups.iter().flatten().all(is_right))
}

/// Shows the table of the results of one origin. Returns whether each verdict was the expected one.
pub fn table(records: &[Record]) -> bool {
    say(&format!("\n{}", text(&[records.to_vec()], &[], &[])));
    records.iter().all(is_right)
}

/// One line about a check that has ended.
pub fn progress(record: &Record, number: u32, left: u32) {
    let outcome = &record.outcome;
    let mark = if is_right(record) { "" } else { "  NOT AS EXPECTED" };
    say(&format!(
        "{} #{number} ({}): {:?} in {:.1} s, {} blocks; with its builds {:.1} s; {left} left{mark}\n",
        record.scenario,
        record.edit,
        outcome.verdict,
        outcome.seconds.unwrap_or(f64::NAN),
        outcome.blocks,
        outcome.wall_seconds,
    ));
    if let Some(percent) = outcome.injected_percent {
        say(&format!("    injected: {percent:+.2} %\n"));
    }
    if outcome.verdict == Verdict::Inconclusive {
        say(&format!("    open: {}\n", outcome.open.join(", ")));
    }
    if let Some(error) = &outcome.error {
        say(&format!("{error}\n"));
    }
}

fn is_right(record: &Record) -> bool {
    record.answer() == Answer::Right
}

/// The one with the last result first.
fn origins(records: &[Record]) -> Vec<Origin> {
    let mut by_time: Vec<&Record> = records.iter().collect();
    by_time.sort_by_key(|record| record.began);
    lines::origins(by_time.into_iter())
}

fn text(groups: &[Vec<Record>], foretold: &[Foretold], same: &[Same]) -> String {
    let of = |group: &Vec<Record>| {
        let origin = &group.first()?.origin;
        let note = same::note(&origin.commit, same);
        let tables = table::table(origin, &summary::summaries(group));
        let smallest = table::smallest(group, &of_origin(foretold, origin, same));
        Some(note + &tables + &smallest.map(|table| format!("\n{table}")).unwrap_or_default())
    };
    let tables: Vec<String> = groups.iter().filter_map(of).collect();
    if tables.is_empty() { "No results yet.\n".to_owned() } else { tables.join("\n") }
}

/// What was foretold last of each workload by commits that count as this one.
fn of_origin(foretold: &[Foretold], origin: &Origin, same: &[Same]) -> Vec<Foretold> {
    let mut last: Vec<Foretold> = Vec::new();
    for one in foretold.iter().filter(|one| same::counted(&one.origin, same) == *origin) {
        last.retain(|known| known.workload != one.workload);
        last.push(one.clone());
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foretold::samples::of_three;
    use crate::record::samples::record;
    use crate::scenario::Expected;

    #[test]
    fn the_origin_with_the_last_result_comes_first() {
        let of = |commit: &str, began| {
            let mut record = record("a/b", Expected::Approve, Verdict::Approve);
            record.origin.commit = commit.to_owned();
            Record { began, ..record }
        };
        let commits: Vec<String> = origins(&[of("a", 1), of("b", 4), of("a", 9), of("c", 5), of("old", 0)])
            .into_iter()
            .map(|origin| origin.commit)
            .collect();
        assert_eq!(commits, ["a", "c", "b", "old"]);
    }

    #[test]
    fn of_a_workload_that_was_foretold_twice_the_last_one_counts() {
        let same = Same { commit: "new".into(), counts_as: "c0ffee".into(), because: "of a reason".into() };
        let (first, mut second) = (of_three(Some(0.9)), of_three(Some(0.8)));
        second.origin.commit = same.commit.clone();
        let origin = first.origin.clone();
        let all = [first.clone(), second.clone()];
        assert_eq!(of_origin(&all, &origin, &[same]), [second]);
        assert_eq!(of_origin(&all, &origin, &[]), [first]);
    }

    #[test]
    fn without_results_the_table_says_so() {
        assert_eq!(text(&[], &[], &[]), "No results yet.\n");
        assert_eq!(text(&[Vec::new()], &[], &[]), "No results yet.\n");
    }

    #[test]
    fn the_page_has_a_place_for_the_table() {
        let page = std::fs::read_to_string(repository().join(PAGE)).unwrap();
        assert!(PLACE.filled(&page, "").is_some());
    }
}
