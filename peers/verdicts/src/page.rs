//! What is printed, and the page of the book.

use std::path::Path;

use darwin_kept::page::{self, Place, say};
use darwin_kept::{Origin, Same, lines, same};

use crate::cli::TableArgs;
use crate::error::Error;
use crate::paths::repository;
use crate::record::{Record, Said};
use crate::summary::summaries;
use crate::table;

/// The page with the table.
const PAGE: &str = "docs/verdicts.md";
/// Where it stands in it.
const PLACE: Place = Place { driver: "verdicts", name: "table" };

/// Shows the table of the results in `path`, and puts it into the page if that is wanted.
///
/// # Errors
/// When the results cannot be read, or the page not written.
pub fn show(path: &Path, wanted: &TableArgs) -> Result<(), Error> {
    let records: Vec<Record> = lines::read(path)?;
    let mut origins = origins(&records);
    if !wanted.all {
        origins.drain(..origins.len().saturating_sub(1));
    }
    let text = text(&origins, &records, &same::all(repository())?);
    say(&text);
    if wanted.write {
        page::fill(&repository().join(PAGE), [(PLACE, text.as_str())])?;
    }
    Ok(())
}

/// A line for each peer that judged a check that has ended.
pub fn progress(records: &[Record], left: usize) {
    for record in records {
        let outcome = &record.outcome;
        let building = outcome
            .building_seconds
            .map_or_else(String::new, |seconds| format!(" + {seconds:.1} s of building"));
        let said: Vec<String> =
            outcome.said.iter().map(|(function, said)| format!("{function} {}", word(*said))).collect();
        let said = outcome.failed.clone().unwrap_or_else(|| said.join(", "));
        say(&format!(
            "{} {} #{} ({}): {}; {:.1} s{building}; {left} left{}\n",
            record.peer,
            record.scenario,
            record.round,
            record.edit,
            said,
            outcome.measuring_seconds,
            mark(record)
        ));
    }
}

fn mark(record: &Record) -> &'static str {
    match record {
        _ if record.unanswered() => "  NO ANSWER",
        _ if record.missed() => "  MISSED",
        _ if record.wrong() => "  FALSE ALARM",
        _ => "",
    }
}

fn word(said: Said) -> &'static str {
    match said {
        Said::Slower => "slower",
        Said::Faster => "faster",
        Said::Same => "same",
        Said::Open => "open",
    }
}

/// In the order of their last results.
fn origins(records: &[Record]) -> Vec<Origin> {
    let mut origins = lines::origins(records.iter());
    origins.reverse();
    origins
}

fn text(origins: &[Origin], records: &[Record], same: &[Same]) -> String {
    let of = |origin: &Origin| {
        let of_origin: Vec<Record> =
            records.iter().filter(|record| record.origin == *origin).cloned().collect();
        same::note(&origin.commit, same) + &table::table(origin, &summaries(&of_origin))
    };
    let tables: Vec<String> = origins.iter().map(of).collect();
    if tables.is_empty() { "No results yet.\n".to_owned() } else { tables.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Peer;
    use crate::record::samples::record;
    use crate::scenario::Scenario;

    fn of(commit: &str) -> Record {
        let mut record = record(Peer::Tango, Scenario::Unchanged, None, &[]);
        record.origin.commit = commit.to_owned();
        record
    }

    #[test]
    fn origins_come_in_the_order_of_their_last_results() {
        let origins = origins(&[of("a"), of("b"), of("a"), of("c"), of("a")]);
        let commits: Vec<&str> = origins.iter().map(|origin| origin.commit.as_str()).collect();
        assert_eq!(commits, ["b", "c", "a"]);
    }

    #[test]
    fn each_origin_has_a_table_of_its_own() {
        let records = [of("a"), of("b")];
        let text = text(&origins(&records), &records, &[]);
        assert!(text.contains("Commit a, on") && text.contains("Commit b, on"), "{text}");
        assert_eq!(super::text(&[], &[], &[]), "No results yet.\n");
    }

    #[test]
    fn the_page_has_a_place_for_the_table() {
        let page = std::fs::read_to_string(repository().join(PAGE)).unwrap();
        assert!(PLACE.filled(&page, "").is_some());
    }
}
