//! What is printed, and the page of the book.

use std::fmt::Write as _;
use std::io::{self, Write};

use darwin_kept::page::{self, Place, say};

use crate::builds::repository;
use crate::cli::Wanted;
use crate::compile::Compile;
use crate::cost::Cost;
use crate::counts::Counts;
use crate::error::Error;
use crate::memory::Memory;
use crate::results::{self, Figures, Kept};
use crate::startup::Startup;
use crate::truth::Truth;

/// The page with the tables.
const PAGE: &str = "docs/cost.md";

/// Where a table stands in it.
fn place(name: &'static str) -> Place {
    Place { driver: "peers", name }
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
        let places = tables.iter().map(|(name, table)| (place(name), table.as_str()));
        page::fill(&repository().join(PAGE), places)?;
    }
    Ok(true)
}

fn text<T: Figures>() -> Result<(&'static str, String), Error> {
    let kept = results::kept::<T>()?;
    Ok((T::NAME, kept.map_or_else(|| "No results yet.\n".to_owned(), |kept| kept.text())))
}

/// One line about what is being done.
pub fn progress(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_place_for_every_table() {
        let page = std::fs::read_to_string(repository().join(PAGE)).unwrap();
        for name in [Cost::NAME, Memory::NAME, Startup::NAME, Compile::NAME, Truth::NAME, Counts::NAME] {
            assert!(place(name).filled(&page, "").is_some(), "{name}");
        }
    }
}
