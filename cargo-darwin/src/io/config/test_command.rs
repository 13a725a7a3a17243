//! `test-command`: what must pass before anything is timed.

use serde::Deserialize;
use toml::Spanned;

use crate::io::position::Source;

/// A program and its arguments, never a line for a shell.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Spanned<Vec<String>>")]
pub struct TestCommand {
    /// The program first; empty: no tests.
    pub words: Vec<String>,
    /// Who asked for it, for messages: `darwin.toml:3` or the option.
    pub place: String,
    /// Where in the text it stands, until `place` says so.
    offset: usize,
}

impl From<Spanned<Vec<String>>> for TestCommand {
    fn from(words: Spanned<Vec<String>>) -> TestCommand {
        let offset = words.span().start;
        TestCommand { words: words.into_inner(), place: String::new(), offset }
    }
}

impl TestCommand {
    /// The words of a command line, between blanks: whoever needs a blank in a word writes it in `darwin.toml`.
    pub fn typed(line: &str, option: &str) -> TestCommand {
        let words = line.split_whitespace().map(str::to_owned).collect();
        TestCommand { words, place: option.to_owned(), offset: 0 }
    }

    /// Gives it its place in the file.
    pub(super) fn locate(&mut self, source: Source<'_>) {
        let line = source.line(self.offset);
        self.place = format!("{}:{line}: test-command", source.path.display());
    }
}
