//! Edits of the workload: those of the proof (proof/workloads/three.toml), those of `edits.toml`, and neutral ones that are
//! made for each place of the source.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use darwin_kept::Change;
use serde::Deserialize;

use crate::error::{At, Error};
use crate::paths;

/// The texts of a package, by path.
pub type Files = BTreeMap<String, String>;

/// The measured source; edits of anything else fit one tool's bench alone.
pub const SOURCE: &str = "src/lib.rs";

/// The file that orders functions anew (`three/build.rs`).
pub const LAYOUT: &str = "layout.seed";

/// An edit and what is known of it. Further keys are the proof's affair.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Edit {
    /// One word.
    pub name: String,
    /// The site that it makes slower; none if it is neutral.
    pub site: Option<String>,
    /// What changes, in this order.
    #[serde(default)]
    pub change: Vec<Change>,
}

impl Edit {
    /// Nothing at all.
    pub fn none() -> Edit {
        Edit { name: "unchanged".to_owned(), site: None, change: Vec::new() }
    }

    /// The same source, linked in another order.
    pub fn layout(seed: u32) -> Edit {
        let change = Change::Replace { file: LAYOUT.into(), from: "0".into(), to: seed.to_string() };
        Edit { name: format!("layout-{seed}"), site: None, change: vec![change] }
    }

    /// The function that it makes slower.
    pub fn slower(&self) -> Option<&str> {
        self.site.as_deref().and_then(|site| site.rsplit("::").next())
    }

    /// The files with it.
    ///
    /// # Errors
    /// When it does not fit; the text says why.
    pub fn applied_to(&self, files: &Files) -> Result<Files, String> {
        let mut files = files.clone();
        for change in &self.change {
            let old = files.get(change.file()).map(String::as_str);
            let new = change.applied_to(old).map_err(|reason| format!("{}: {reason}", self.name))?;
            files.insert(change.file().to_owned(), new);
        }
        Ok(files)
    }

    fn fits_every_bench(&self) -> bool {
        self.change.iter().all(|change| change.file().starts_with("src/"))
    }
}

/// All edits that there are.
#[derive(Debug, Clone)]
pub struct Edits {
    by_hand: Vec<Edit>,
    neutral: Vec<Edit>,
}

#[derive(Deserialize)]
struct Written {
    edit: Vec<Edit>,
}

impl Edits {
    /// Reads them, and makes the neutral ones for this source.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn load(source: &str) -> Result<Edits, Error> {
        let mut by_hand = read(&paths::repository().join("proof/workloads/three.toml"))?;
        by_hand.extend(read(&paths::home().join("edits.toml"))?);
        let neutral = by_hand.iter().filter(|edit| edit.site.is_none() && edit.fits_every_bench());
        let neutral = neutral.cloned().chain(additions(source)).collect();
        Ok(Edits { by_hand, neutral })
    }

    /// The edit of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(&self, name: &str) -> Result<Edit, Error> {
        let found = self.by_hand.iter().find(|edit| edit.name == name && edit.site.is_some()).cloned();
        let path = paths::home().join("edits.toml");
        found.ok_or_else(|| Error::Data {
            path,
            reason: format!("there is no edit `{name}` here or in the proof"),
        })
    }

    /// A neutral edit: another one for each number, until all have been.
    pub fn neutral(&self, number: usize) -> Edit {
        self.neutral[number % self.neutral.len()].clone()
    }
}

fn read(path: &Path) -> Result<Vec<Edit>, Error> {
    let text = fs::read_to_string(path).at("read", path)?;
    let written: Result<Written, _> = toml::from_str(&text);
    written
        .map(|written| written.edit)
        .map_err(|error| Error::Data { path: path.to_owned(), reason: error.to_string() })
}

/// What people add every day, with `{n}` for a number that makes it unique. Not all of it reaches the machine code: that
/// is as in life.
const ADDITIONS: [&str; 4] = [
    "/// Not called yet, but compiled, as it is public.\npub fn spare_{n}(values: &mut Vec<u64>) {\n    \
     values.retain(|value| value % 7 != {n} % 7);\n    values.sort_unstable();\n}\n\n",
    "// Remark {n}: nothing here depends on it.\n\n",
    "/// Not made yet.\n#[derive(Debug, Clone, PartialEq, Default)]\npub struct Unused{n} {\n    \
     values: Vec<u64>,\n    name: String,\n}\n\n",
    "/// Not called yet, but compiled: it is generic in nothing.\npub fn described_{n}(value: u64) -> String {\n    \
     format!(\"{value:x}-{n}\")\n}\n\n",
];

/// How an item begins that may have another one before it.
const ITEMS: [&str; 6] = ["/// ", "impl", "pub ", "struct ", "fn ", "const "];

/// One edit for each addition and each place between two items; neighbours differ in place and kind.
fn additions(source: &str) -> Vec<Edit> {
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    let begins_item =
        |at: usize| lines[at - 1] == "\n" && ITEMS.iter().any(|item| lines[at].starts_with(item));
    let places: Vec<usize> = (1..lines.len()).filter(|&at| begins_item(at)).collect();
    let edit = |number: usize| {
        let at = places[number % places.len()];
        let kind = (number + number / places.len()) % ADDITIONS.len();
        // The line alone need not be there once; all above it is.
        let above = lines[..at].concat();
        let added = ADDITIONS[kind].replace("{n}", &number.to_string());
        let change = Change::Replace { file: SOURCE.into(), from: above.clone(), to: above + &added };
        Edit { name: format!("addition-{number}"), site: None, change: vec![change] }
    };
    (0..places.len() * ADDITIONS.len()).map(edit).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scenario::Scenario;

    fn files() -> Files {
        let source = fs::read_to_string(paths::repository().join(paths::FIXTURE).join(SOURCE)).unwrap();
        Files::from([(SOURCE.to_owned(), source), (LAYOUT.to_owned(), "0\n".to_owned())])
    }

    fn edits() -> Edits {
        Edits::load(&files()[SOURCE]).unwrap()
    }

    #[test]
    fn every_edit_of_every_scenario_fits_the_workload_and_changes_it() {
        let (files, edits) = (files(), edits());
        for scenario in Scenario::ALL {
            for number in 0..edits.neutral.len() {
                let edit = scenario.edit(&edits, number as u32).unwrap();
                let changed = edit.applied_to(&files).unwrap_or_else(|reason| panic!("{scenario}: {reason}"));
                assert_eq!(changed == files, scenario == Scenario::Unchanged, "{scenario}");
                assert_eq!(edit.slower().is_some(), scenario.is_slower(), "{scenario}");
            }
        }
    }

    #[test]
    fn twenty_checks_see_twenty_neutral_edits() {
        let (files, edits) = (files(), edits());
        let texts: BTreeSet<String> =
            (0..20).map(|number| edits.neutral(number).applied_to(&files).unwrap()[SOURCE].clone()).collect();
        assert_eq!(texts.len(), 20);
    }

    #[test]
    fn changes_are_made_one_after_the_other_and_what_does_not_fit_is_told_with_the_edits_name() {
        let replace =
            |from: &str, to: &str| Change::Replace { file: "a".into(), from: from.into(), to: to.into() };
        let edit = |change: &[Change]| Edit { name: "an-edit".into(), site: None, change: change.to_vec() };
        let files = Files::from([("a".to_owned(), "the old old one".to_owned())]);
        let both = edit(&[replace("the", "new"), replace("new old", "newer")]);
        assert_eq!(both.applied_to(&files).unwrap()["a"], "newer old one");
        let reason = edit(&[replace("old", "new")]).applied_to(&files).unwrap_err();
        assert!(reason.starts_with("an-edit: a has `old` 2 times"), "{reason}");
    }

    #[test]
    fn an_edit_that_only_the_bench_of_the_proof_has_is_left_to_it() {
        let written: Written = toml::from_str(
            "[[edit]]\nname = 'a'\nweight = 3\nchange = [{ file = 'benches/pieces.rs', append = 'x' }]",
        )
        .unwrap();
        assert!(!written.edit[0].fits_every_bench());
    }
}
