//! What is printed, and pages of the book with places for what was found.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::{At, Error};

/// A place in a page: between the lines `<!-- DRIVER: NAME -->` and `<!-- DRIVER: end -->`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose place it is.
    pub driver: &'static str,
    /// Its name among those of the driver.
    pub name: &'static str,
}

impl Place {
    /// The page with this text in this place, instead of what is there; `None` if it has no such place.
    pub fn filled(self, page: &str, text: &str) -> Option<String> {
        let begin = self.begin();
        let from = page.find(&begin)? + begin.len();
        let to = from + page[from..].find(&self.end())?;
        Some(format!("{}\n\n{text}\n{}", &page[..from], &page[to..]))
    }

    fn begin(self) -> String {
        format!("<!-- {}: {} -->", self.driver, self.name)
    }

    fn end(self) -> String {
        format!("<!-- {}: end -->", self.driver)
    }
}

/// Puts texts into their places in the page `path`, all of them or none.
///
/// # Errors
/// When the page cannot be read or written, or lacks a place.
pub fn fill<'a>(path: &Path, texts: impl IntoIterator<Item = (Place, &'a str)>) -> Result<(), Error> {
    let mut page = fs::read_to_string(path).at("read", path)?;
    for (place, text) in texts {
        let no_markers =
            || Error::NoMarkers { path: path.to_owned(), begin: place.begin(), end: place.end() };
        page = place.filled(&page, text).ok_or_else(no_markers)?;
    }
    fs::write(path, page).at("write", path)
}

/// A table as Markdown, with a head; all columns but the first to the right.
pub fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule: Vec<&str> =
        head.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" }).collect();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}|{}|\n{rows}", line(head), rule.join("|"))
}

/// Whoever closes the pipe has read enough; the results are in the file.
pub fn say(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Says what ended the driver.
pub fn complain(error: &impl Display) {
    let _ = writeln!(io::stderr(), "error: {error}");
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: Place = Place { driver: "peers", name: "truth" };
    const COST: Place = Place { driver: "peers", name: "cost" };

    const PAGE: &str = "# Page\n\n<!-- peers: cost -->\nold\n<!-- peers: end -->\nb\n<!-- peers: truth -->\n<!-- peers: end -->\n\nmore\n";

    #[test]
    fn a_text_takes_the_place_of_the_one_before() {
        let once = COST.filled(PAGE, "new\n").unwrap();
        let expected = PAGE.replace("\nold\n", "\n\nnew\n\n");
        assert_eq!(once, expected);
        assert_eq!(COST.filled(&once, "new\n").unwrap(), once);
    }

    #[test]
    fn a_text_goes_between_its_own_lines() {
        let written = TRUTH.filled(PAGE, "| x |\n").unwrap();
        assert_eq!(
            written,
            PAGE.replace("truth -->\n<!-- peers: end", "truth -->\n\n| x |\n\n<!-- peers: end")
        );
        assert_eq!(TRUTH.filled(&written, "| x |\n").unwrap(), written);
    }

    #[test]
    fn without_both_lines_in_their_order_there_is_no_place() {
        assert_eq!(Place { driver: "peers", name: "memory" }.filled(PAGE, ""), None);
        assert_eq!(Place { driver: "proof", name: "cost" }.filled(PAGE, ""), None);
        assert_eq!(COST.filled("# Page\n", "new"), None);
        assert_eq!(COST.filled("<!-- peers: end --><!-- peers: cost -->", "new"), None);
    }

    #[test]
    fn a_page_that_lacks_a_place_stays_as_it_is_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        fs::write(&path, PAGE).unwrap();
        let memory = Place { driver: "peers", name: "memory" };
        let error = fill(&path, [(COST, "new\n"), (memory, "new\n")]).unwrap_err().to_string();
        let lines = "has no lines `<!-- peers: memory -->` and `<!-- peers: end -->` in this order";
        assert!(error.starts_with(&format!("{} {lines}", path.display())), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), PAGE);
        fill(&path, [(COST, "1\n"), (TRUTH, "2\n")]).unwrap();
        let page = fs::read_to_string(&path).unwrap();
        assert!(page.contains("cost -->\n\n1\n\n") && page.contains("truth -->\n\n2\n\n"), "{page}");
    }

    #[test]
    fn a_table_has_its_figures_to_the_right() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let table = table(&words(&["who", "what", "how much"]), &[words(&["a", "b", "1"])]);
        assert_eq!(table, "| who | what | how much |\n|---|---:|---:|\n| a | b | 1 |\n");
    }
}
