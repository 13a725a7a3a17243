//! What is printed, and the page of the book.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};

use crate::builds::repository;
use crate::cli::Wanted;
use crate::compile::Compile;
use crate::cost::Cost;
use crate::counts::Counts;
use crate::error::{At, Error};
use crate::memory::Memory;
use crate::results::{self, Figures, Kept};
use crate::startup::Startup;
use crate::truth::Truth;

/// The page with the tables.
const PAGE: &str = "docs/cost.md";

/// The line below each table.
const END: &str = "<!-- peers: end -->";

/// The line above a table.
fn begin(name: &str) -> String {
    format!("<!-- peers: {name} -->")
}

/// Shows figures, and keeps them unless they were taken in a hurry.
///
/// # Errors
/// When they cannot be kept.
pub fn finish<T: Figures>(kept: Kept<T>, wanted: &Wanted) -> Result<(), Error> {
    say(&format!("\n{}", kept.text()));
    if wanted.is_for_the_page() {
        return kept.keep();
    }
    progress("not kept: the figures of the page are those of everyone at full size, nine times or more");
    Ok(())
}

/// Shows all tables, and puts them into the page if that is wanted.
///
/// # Errors
/// When results cannot be read, or the page not written.
pub fn show(write: bool) -> Result<bool, Error> {
    let tables = [
        text::<Cost>()?,
        text::<Memory>()?,
        text::<Startup>()?,
        text::<Compile>()?,
        text::<Truth>()?,
        text::<Counts>()?,
    ];
    let mut all = String::new();
    for (name, table) in &tables {
        let _ = write!(all, "{name}\n\n{table}\n");
    }
    say(&all);
    if write {
        write_page(&tables)?;
    }
    Ok(true)
}

fn text<T: Figures>() -> Result<(&'static str, String), Error> {
    let kept = results::kept::<T>()?;
    Ok((T::NAME, kept.map_or_else(|| "No results yet.\n".to_owned(), |kept| kept.text())))
}

fn write_page(tables: &[(&str, String)]) -> Result<(), Error> {
    let path = repository().join(PAGE);
    let mut page = fs::read_to_string(&path).at("read", &path)?;
    for (name, table) in tables {
        let no_markers = || Error::NoMarkers { path: path.clone(), begin: begin(name), end: END };
        page = written_into(&page, name, table).ok_or_else(no_markers)?;
    }
    fs::write(&path, page).at("write", path)
}

/// The page with a table between its markers; `None` if it has none.
fn written_into(page: &str, name: &str, table: &str) -> Option<String> {
    let begin = begin(name);
    let from = page.find(&begin)? + begin.len();
    let to = from + page[from..].find(END)?;
    Some(format!("{}\n\n{table}\n{}", &page[..from], &page[to..]))
}

/// One line about what is being done.
pub fn progress(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Says what ended the driver.
pub fn complain(error: &Error) {
    let _ = writeln!(io::stderr(), "error: {error}");
}

/// Whoever closes the pipe has read enough; the results are in files.
pub fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_goes_between_its_own_markers() {
        let page = "a\n<!-- peers: cost -->\nold\n<!-- peers: end -->\nb\n<!-- peers: truth -->\n<!-- peers: end -->\n";
        let written = written_into(page, "truth", "| x |\n").unwrap();
        assert_eq!(
            written,
            "a\n<!-- peers: cost -->\nold\n<!-- peers: end -->\nb\n<!-- peers: truth -->\n\n| x |\n\n<!-- peers: end -->\n"
        );
        assert_eq!(written_into(&written, "truth", "| x |\n").unwrap(), written);
        assert_eq!(written_into(page, "memory", ""), None);
    }

    #[test]
    fn the_page_has_a_place_for_every_table() {
        let page = fs::read_to_string(repository().join(PAGE)).unwrap();
        for name in [Cost::NAME, Memory::NAME, Startup::NAME, Compile::NAME, Truth::NAME, Counts::NAME] {
            assert!(written_into(&page, name, "").is_some(), "{name}");
        }
    }
}
