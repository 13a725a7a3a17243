//! What is printed, and the page of the book.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::cli::TableArgs;
use crate::error::{At, Error};
use crate::origin::Origin;
use crate::paths::repository;
use crate::record::{Record, Said};
use crate::results;
use crate::summary::summaries;
use crate::table;

/// The page with the table.
const PAGE: &str = "docs/verdicts.md";
/// The line above the table.
pub const BEGIN: &str = "<!-- verdicts: table -->";
/// The line below it.
pub const END: &str = "<!-- verdicts: end -->";

/// Shows the table of the results in `path`, and puts it into the page if that is wanted.
///
/// # Errors
/// When the results cannot be read, or the page not written.
pub fn show(path: &Path, wanted: &TableArgs) -> Result<(), Error> {
    let records = results::read(path)?;
    let mut origins = origins(&records);
    if !wanted.all {
        origins.drain(..origins.len().saturating_sub(1));
    }
    let text = text(&origins, &records);
    say(&text);
    if wanted.write { write(&text) } else { Ok(()) }
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

/// Says what ended the driver.
pub fn complain(error: &Error) {
    let _ = writeln!(io::stderr(), "error: {error}");
}

/// In the order of their last results.
fn origins(records: &[Record]) -> Vec<Origin> {
    let mut origins: Vec<Origin> = Vec::new();
    for record in records.iter().rev() {
        if !origins.contains(&record.origin) {
            origins.push(record.origin.clone());
        }
    }
    origins.reverse();
    origins
}

fn text(origins: &[Origin], records: &[Record]) -> String {
    let of = |origin: &Origin| {
        let of_origin: Vec<Record> =
            records.iter().filter(|record| record.origin == *origin).cloned().collect();
        table::table(origin, &summaries(&of_origin))
    };
    let tables: Vec<String> = origins.iter().map(of).collect();
    if tables.is_empty() { "No results yet.\n".to_owned() } else { tables.join("\n") }
}

fn write(text: &str) -> Result<(), Error> {
    let path = repository().join(PAGE);
    let page = fs::read_to_string(&path).at("read", &path)?;
    let page = written_into(&page, text).ok_or_else(|| Error::NoMarkers(path.clone()))?;
    fs::write(&path, page).at("write", path)
}

/// The page with the table between its markers; `None` if it has none.
fn written_into(page: &str, table: &str) -> Option<String> {
    let begin = page.find(BEGIN)? + BEGIN.len();
    let end = begin + page[begin..].find(END)?;
    Some(format!("{}\n\n{table}\n{}", &page[..begin], &page[end..]))
}

/// Whoever closes the pipe has read enough; the results are in the file.
fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
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
        let text = text(&origins(&records), &records);
        assert!(text.contains("Commit a, on") && text.contains("Commit b, on"), "{text}");
        assert_eq!(super::text(&[], &[]), "No results yet.\n");
    }

    #[test]
    fn the_table_takes_the_place_of_the_one_before() {
        let page = format!("# Page\n\n{BEGIN}\nold\n{END}\n\nmore\n");
        let once = written_into(&page, "new\n").unwrap();
        assert_eq!(once, format!("# Page\n\n{BEGIN}\n\nnew\n\n{END}\n\nmore\n"));
        assert_eq!(written_into(&once, "new\n").unwrap(), once);
        assert_eq!(written_into("# Page\n", "new"), None);
    }

    #[test]
    fn the_page_has_a_place_for_the_table() {
        let page = fs::read_to_string(repository().join(PAGE)).unwrap();
        assert!(written_into(&page, "").is_some());
    }
}
