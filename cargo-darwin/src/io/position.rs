//! Errors that point into a file.

use std::fmt::{self, Write};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The offending line is shown up to this many characters: files may be hostile.
const SHOWN_CHARACTERS: usize = 120;

/// What is wrong with a file, where, and what to do about it.
///
/// Shown as `path:line: what`, then the offending line, then the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; `None` where the whole file is meant.
    pub line: Option<usize>,
    /// The offending line, trimmed, cut and with control characters escaped; empty where there is no line.
    pub excerpt: String,
    /// What is wrong.
    pub what: String,
    /// What to do next; empty where `what` says it.
    pub remedy: String,
}

impl FileError {
    /// An error about the file as a whole.
    pub fn whole(path: &Path, what: impl Into<String>, remedy: impl Into<String>) -> FileError {
        FileError {
            path: path.to_owned(),
            line: None,
            excerpt: String::new(),
            what: escaped(&what.into()),
            remedy: remedy.into(),
        }
    }

    /// An error of the operating system: `doing` says what was tried, such as `cannot read`.
    pub fn system(path: &Path, doing: &str, error: &io::Error) -> FileError {
        FileError::whole(path, format!("{doing}: {error}"), remedy_of_system(error))
    }

    fn new(path: &Path, line: usize, text: &str, what: String, remedy: String) -> FileError {
        let excerpt = excerpt(text.lines().nth(line - 1).unwrap_or_default());
        FileError { path: path.to_owned(), line: Some(line), excerpt, what: escaped(&what), remedy }
    }
}

/// What to do about a word of the operating system.
fn remedy_of_system(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "look at the owner and the rights of the file and of the folders above it"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on that disk, and try again",
        io::ErrorKind::ReadOnlyFilesystem => {
            "that file system is read-only: work in a copy, or name another target directory in CARGO_TARGET_DIR"
        }
        io::ErrorKind::NotFound => "make the folder first",
        _ => "mend what the system says of this path, and try again",
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&escaped(&self.path.display().to_string()))?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, ": {}", self.what)?;
        if !self.excerpt.is_empty() {
            write!(formatter, "\n  | {}", self.excerpt)?;
        }
        if !self.remedy.is_empty() {
            write!(formatter, "\n  help: {}", self.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for FileError {}

/// What starts a line that a merge left behind; `|||||||` is there with `merge.conflictStyle = diff3`.
const CONFLICT_MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// A file's text with its path, so that an error can say the line.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Where the text comes from; only shown.
    pub path: &'a Path,
    /// The text that offsets count in.
    pub text: &'a str,
}

impl Source<'_> {
    /// An error about the bytes `span` of the text.
    pub fn error(&self, span: Range<usize>, what: impl Into<String>, remedy: impl Into<String>) -> FileError {
        let line = line_of(self.text, span.start);
        FileError::new(self.path, line, self.text, what.into(), remedy.into())
    }

    /// The line, from 1, of a byte of the text.
    pub fn line(&self, offset: usize) -> usize {
        line_of(self.text, offset)
    }

    /// An error about a line, from 1.
    pub fn error_at_line(
        &self,
        line: usize,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> FileError {
        FileError::new(self.path, line.max(1), self.text, what.into(), remedy.into())
    }

    /// The first line that a merge left behind. Not each is one in a file with texts of several lines: where it could be
    /// read, nothing was left behind.
    pub fn conflict_marker(&self, remedy: &str) -> Option<FileError> {
        let is_marker = |line: &str| CONFLICT_MARKERS.iter().any(|marker| line.starts_with(marker));
        let index = self.text.lines().position(is_marker)?;
        Some(self.error_at_line(index + 1, "merge conflict marker", remedy))
    }

    /// The error of the TOML parser, at its own place.
    pub fn toml_error(&self, error: &toml::de::Error, remedy: impl Into<String>) -> FileError {
        self.error(error.span().unwrap_or(0..0), error.message(), remedy)
    }
}

/// The line, from 1, of a byte; bytes past the end belong to the last line.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count()
}

fn excerpt(line: &str) -> String {
    let line = line.trim();
    let mut excerpt = escaped(&line.chars().take(SHOWN_CHARACTERS).collect::<String>());
    if line.chars().nth(SHOWN_CHARACTERS).is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// Without control characters, which could rewrite the terminal; line ends become spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.trim_end().chars() {
        match character {
            '\n' | '\t' => escaped.push(' '),
            c if c.is_control() => {
                let _infallible = write!(escaped, "{}", c.escape_unicode());
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// The known word that `unknown` was probably meant to be, at most two typing errors away.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (typing_errors(unknown, word), word))
        .filter(|&(errors, word)| errors <= 2 && errors < word.chars().count())
        .min_by_key(|&(errors, _)| errors)
        .map(|(_, word)| word)
}

/// Characters to insert, drop or replace (Levenshtein's distance), by the row-wise algorithm of Wagner and
/// Fischer (1974). Words too long to be a typing error of a key are not compared.
fn typing_errors(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 8 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What to say about an unknown key: the word that was meant, or all that there are.
pub fn remedy_for_unknown_key(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("known keys here: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source<'_> {
        Source { path: Path::new("darwin.toml"), text }
    }

    #[test]
    fn an_error_shows_path_line_text_and_remedy() {
        let error = source("a = 1\nb = 2\r\n").error(6..7, "unknown key `b`", "did you mean `a`?");
        assert_eq!(error.to_string(), "darwin.toml:2: unknown key `b`\n  | b = 2\n  help: did you mean `a`?");
    }

    #[test]
    fn a_word_of_the_system_comes_with_what_to_do() {
        for (kind, remedy) in [
            (io::ErrorKind::PermissionDenied, "the owner and the rights"),
            (io::ErrorKind::StorageFull, "make room"),
            (io::ErrorKind::Other, "try again"),
        ] {
            let error =
                FileError::system(Path::new("a/b"), "cannot write", &io::Error::from(kind)).to_string();
            assert!(error.starts_with("a/b: cannot write: ") && error.contains(remedy), "{error}");
        }
    }

    #[test]
    fn an_error_past_the_end_points_at_the_last_line() {
        assert_eq!(source("a\nb").error(99..100, "cut off", "").line, Some(2));
    }

    #[test]
    fn control_characters_of_a_file_do_not_reach_the_terminal() {
        let error = source("\u{1b}[2J = 1").error(0..1, "key \u{1b}[2J", "").to_string();
        assert!(!error.contains('\u{1b}'), "{error:?}");
    }

    #[test]
    fn a_long_line_is_cut() {
        let error = source(&"é".repeat(10_000)).error(0..1, "long", "").to_string();
        assert!(error.chars().count() < 200 && error.ends_with('…'), "{error}");
    }

    #[test]
    fn the_nearest_word_is_at_most_two_typing_errors_away() {
        let known = ["tolerance", "tail-tolerance", "max-time"];
        assert_eq!(nearest("tolerence", known), Some("tolerance"));
        assert_eq!(nearest("tail_tolerance", known), Some("tail-tolerance"));
        assert_eq!(nearest("max-tim", known), Some("max-time"));
        assert_eq!(nearest("budget", known), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }
}
