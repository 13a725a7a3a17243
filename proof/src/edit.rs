//! An edit of a workload: what somebody writes between the baseline and the check.

use cargo_darwin::model::Tolerance;
pub use darwin_kept::Change;
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

#[cfg(test)]
mod tests {
    use super::*;

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
