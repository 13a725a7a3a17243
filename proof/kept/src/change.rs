//! A change of one file, written as data: what an edit of a workload is made of.

use serde::Deserialize;

/// A change of one file, by its path in the workload.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Change {
    /// Text that is there exactly once becomes other text.
    Replace {
        /// The file.
        file: String,
        /// What is there.
        from: String,
        /// What takes its place.
        to: String,
    },
    /// Text at the end.
    Append {
        /// The file.
        file: String,
        /// The text.
        append: String,
    },
    /// A new file.
    Create {
        /// The file.
        file: String,
        /// Its text.
        create: String,
    },
    /// The whole text of a file that is there.
    Rewrite {
        /// The file.
        file: String,
        /// Its text.
        rewrite: String,
    },
    /// Lines before a line.
    Insert {
        /// The file.
        file: String,
        /// The line before which they go, counted from 0.
        before: usize,
        /// The lines.
        insert: String,
    },
}

impl Change {
    /// The file that changes.
    pub fn file(&self) -> &str {
        match self {
            Change::Replace { file, .. }
            | Change::Append { file, .. }
            | Change::Create { file, .. }
            | Change::Rewrite { file, .. }
            | Change::Insert { file, .. } => file,
        }
    }

    /// The file's text afterwards.
    ///
    /// # Errors
    /// When it does not fit what is there; the text says why.
    pub fn applied_to(&self, old: Option<&str>) -> Result<String, String> {
        match (self, old) {
            (Change::Create { create, .. }, None) => Ok(create.clone()),
            (Change::Create { file, .. }, Some(_)) => Err(format!("{file} is there already")),
            (change, None) => Err(format!("there is no {}", change.file())),
            (Change::Rewrite { rewrite, .. }, Some(_)) => Ok(rewrite.clone()),
            (Change::Append { append, .. }, Some(old)) => Ok(format!("{old}{append}")),
            (Change::Insert { before, insert, .. }, Some(old)) => Ok(inserted(old, *before, insert)),
            (Change::Replace { file, from, to }, Some(old)) => match old.matches(from.as_str()).count() {
                1 => Ok(old.replacen(from.as_str(), to, 1)),
                times => Err(format!("{file} has `{from}` {times} times in place of once")),
            },
        }
    }
}

fn inserted(old: &str, before: usize, lines: &str) -> String {
    let at = old.split_inclusive('\n').take(before).map(str::len).sum();
    format!("{}{lines}{}", &old[..at], &old[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(from: &str) -> Change {
        Change::Replace { file: "a.rs".into(), from: from.into(), to: "new".into() }
    }

    #[test]
    fn what_is_replaced_must_be_there_exactly_once() {
        assert_eq!(replace("old").applied_to(Some("the old one")), Ok("the new one".into()));
        assert!(replace("old").applied_to(Some("old, old")).unwrap_err().contains("2 times"));
        assert!(replace("old").applied_to(Some("")).unwrap_err().contains("0 times"));
        assert!(replace("old").applied_to(None).is_err());
    }

    #[test]
    fn a_new_file_must_not_be_there() {
        let create = Change::Create { file: "b.rs".into(), create: "text".into() };
        assert_eq!(create.applied_to(None), Ok("text".into()));
        assert!(create.applied_to(Some("other")).is_err());
    }

    #[test]
    fn lines_go_before_a_line() {
        let insert = |before| Change::Insert { file: "c.rs".into(), before, insert: "x\n".into() };
        assert_eq!(insert(0).applied_to(Some("a\nb\n")), Ok("x\na\nb\n".into()));
        assert_eq!(insert(1).applied_to(Some("a\nb\n")), Ok("a\nx\nb\n".into()));
    }

    #[test]
    fn its_kind_is_told_by_its_keys() {
        let is = |text: &str| toml::from_str::<Change>(text);
        assert_eq!(is("file = 'a.rs'\nfrom = 'old'\nto = 'new'").unwrap(), replace("old"));
        let append = Change::Append { file: "a.rs".into(), append: "text".into() };
        assert_eq!(is("file = 'a.rs'\nappend = 'text'").unwrap(), append);
        assert!(is("file = 'a.rs'\nfrom = 'old'\nto = 'new'\nonce = true").is_err());
    }
}
