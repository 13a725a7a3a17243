//! An edit of a workload: what somebody writes between the baseline and the check.

use cargo_darwin::model::Tolerance;
use serde::Deserialize;

/// An edit and what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Edit {
    /// One word.
    pub name: String,
    /// How much more work one site does; unless it or one of the next two is given, the edit is neutral.
    pub slower: Option<Tolerance>,
    /// How much more work one site does in the calls that are slow anyway: of p50 nothing is to be seen.
    pub slower_tail: Option<Tolerance>,
    /// One site allocates more often.
    #[serde(default)]
    pub allocates: bool,
    /// A site does less work.
    #[serde(default)]
    pub faster: bool,
    /// The site that does it.
    pub site: Option<String>,
    /// What the check itself is asked to put into both sides, in place of a change of the files.
    #[serde(skip)]
    pub injected: Option<String>,
    /// What changes in the files, in this order.
    #[serde(default)]
    pub change: Vec<Change>,
}

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

impl Edit {
    /// Nothing at all.
    pub fn none() -> Edit {
        Edit { name: "unchanged".to_owned(), ..Edit::default() }
    }

    /// One that must make no difference.
    pub fn neutral(name: String, change: Vec<Change>) -> Edit {
        Edit { name, change, ..Edit::default() }
    }

    /// Whether no site does more or less work with it.
    pub fn is_neutral(&self) -> bool {
        let is_slower = self.slower.is_some() || self.slower_tail.is_some();
        !is_slower && !self.allocates && !self.faster
    }
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
    fn an_edit_is_written_as_data() {
        let edit: Edit = toml::from_str(
            "name = 'slower-2'\nslower = '2%'\nsite = 'a::f'\n[[change]]\nfile = 'a.rs'\nfrom = '1'\nto = '2'",
        )
        .unwrap();
        assert_eq!((edit.is_neutral(), edit.change.len()), (false, 1));
        assert!(toml::from_str::<Edit>("name = 'a'\nslowre = '2%'").is_err());
    }
}
