//! Patterns for names of sites and workloads.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;

/// A pattern over a whole name: `*` stands for any text, `::` included, `?` for one character.
///
/// Nothing else is special, because names of sites hold brackets and braces (`<Book as Market>::add`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Glob(String);

/// A pattern without a character matches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the pattern is empty: write a name with `*` for any text, such as order_book::*")]
pub struct EmptyGlob;

impl Glob {
    /// Whether the whole of `name` fits.
    ///
    /// Greedy with one step back to the latest `*`: at most `pattern x name` steps, whatever the pattern.
    pub fn matches(&self, name: &str) -> bool {
        let (mut pattern, mut rest) = (self.0.as_str(), name);
        let mut latest_star: Option<(&str, &str)> = None;
        loop {
            if let Some(after_star) = pattern.strip_prefix('*') {
                latest_star = Some((after_star, rest));
                pattern = after_star;
            } else if let Some(tails) = after_one_character(pattern, rest) {
                (pattern, rest) = tails;
            } else if pattern.is_empty() && rest.is_empty() {
                return true;
            } else if let Some((after_star, covered_from)) = latest_star
                && let Some(character) = covered_from.chars().next()
            {
                let one_further = &covered_from[character.len_utf8()..];
                latest_star = Some((after_star, one_further));
                (pattern, rest) = (after_star, one_further);
            } else {
                return false;
            }
        }
    }
}

/// What is left of both after their first characters, where these fit each other.
fn after_one_character<'a>(pattern: &'a str, name: &'a str) -> Option<(&'a str, &'a str)> {
    let (wanted, found) = (pattern.chars().next()?, name.chars().next()?);
    (wanted == found || wanted == '?').then(|| (&pattern[wanted.len_utf8()..], &name[found.len_utf8()..]))
}

impl FromStr for Glob {
    type Err = EmptyGlob;

    fn from_str(text: &str) -> Result<Glob, EmptyGlob> {
        if text.is_empty() { Err(EmptyGlob) } else { Ok(Glob(text.to_owned())) }
    }
}

impl TryFrom<String> for Glob {
    type Error = EmptyGlob;

    fn try_from(text: String) -> Result<Glob, EmptyGlob> {
        text.parse()
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        pattern.parse::<Glob>().is_ok_and(|glob| glob.matches(name))
    }

    #[test]
    fn a_star_stands_for_any_text_and_a_question_mark_for_one_character() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "a::b"),
            ("order_book::*", "order_book::Book::insert"),
            ("*::insert", "order_book::Book::insert"),
            ("a*b*c", "a--b--b-c"),
            ("<* as Market>::add", "<Book as Market>::add"),
            ("caf?", "café"),
            ("plain", "plain"),
        ] {
            assert!(fits(pattern, name), "{pattern} should fit {name}");
        }
    }

    #[test]
    fn a_pattern_covers_the_whole_name() {
        for (pattern, name) in [("insert", "Book::insert"), ("Book", "Book::x"), ("a*b", "abc"), ("?", "")] {
            assert!(!fits(pattern, name), "{pattern} should not fit {name}");
        }
    }

    #[test]
    fn an_empty_pattern_is_refused() {
        assert_eq!("".parse::<Glob>(), Err(EmptyGlob));
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        assert!(!fits(&"*a".repeat(200), &"b".repeat(5_000)));
        assert!(!fits(&format!("{}b", "*a".repeat(200)), &"a".repeat(5_000)));
    }
}
