//! Edits that change no measured function, made for any source file: what people add every day.

use crate::edit::{Change, Edit};

/// What is added, with `{n}` for a number that makes it unique.
const ADDITIONS: [(&str, &str); 6] = [
    ("comment", "// Remark {n}: nothing here depends on it.\n\n"),
    (
        "unused-function",
        "#[allow(dead_code, reason = \"not called yet\")]\nfn unused_{n}(value: u64) -> String {\n    \
         format!(\"{value:x}-{n}\")\n}\n\n",
    ),
    (
        "unused-const",
        "#[allow(dead_code, reason = \"not read yet\")]\nconst UNUSED_{n}: [u64; 4] = [{n}; 4];\n\n",
    ),
    (
        "derive",
        "#[allow(dead_code, reason = \"not made yet\")]\n#[derive(Debug, Clone, PartialEq, Default)]\n\
         struct Unused{n} {\n    values: Vec<u64>,\n    name: String,\n}\n\n",
    ),
    (
        "unused-module",
        "#[allow(dead_code, reason = \"not called yet\")]\nmod unused_{n} {\n    pub fn total(values: &[u64]) -> \
         u64 {\n        values.iter().sum::<u64>() + {n}\n    }\n}\n\n",
    ),
    (
        // Public, so that it is compiled: only the linker sees that nobody calls it.
        "public-function",
        "#[allow(dead_code, missing_docs, reason = \"not called yet\")]\npub fn spare_{n}(values: &mut Vec<u64>) \
         {\n    values.retain(|value| value % 7 != {n} % 7);\n    values.sort_unstable();\n}\n\n",
    ),
];

/// One edit for each kind of addition and each place between two items of these files (path and text), in an order
/// in which neighbours differ in kind and place.
pub fn edits(files: &[(String, String)]) -> Vec<Edit> {
    let places: Vec<(&str, usize)> = files
        .iter()
        .flat_map(|(file, text)| places(text).into_iter().map(move |line| (file.as_str(), line)))
        .collect();
    let rounds = 0..ADDITIONS.len();
    let all = rounds.flat_map(|round| places.iter().enumerate().map(move |(at, place)| (round + at, place)));
    all.enumerate().map(|(number, (kind, place))| edit(number, kind % ADDITIONS.len(), place)).collect()
}

fn edit(number: usize, kind: usize, &(file, line): &(&str, usize)) -> Edit {
    let (name, text) = ADDITIONS[kind];
    let insert = text.replace("{n}", &number.to_string());
    let change = vec![Change::Insert { file: file.to_owned(), before: line, insert }];
    Edit { name: format!("{name}-{number}"), slower: None, site: None, change }
}

/// The lines, counted from 0, before which a new item may stand: each begins an item after an empty line.
fn places(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let begins_item = |line: &str| {
        let is_inside = line.is_empty() || line.starts_with([' ', '}', ')', ']']);
        let is_of_the_file = line.starts_with("//!") || line.starts_with("#![");
        !is_inside && !is_of_the_file
    };
    (1..lines.len()).filter(|&at| lines[at - 1].is_empty() && begins_item(lines[at])).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SOURCE: &str = "//! A file.\n\n//! More.\n\nuse a::b;\n\n/// Text.\nfn f() {\n    a();\n\n    b();\n}\n\nfn g() {}\n";

    #[test]
    fn items_may_stand_between_items_and_nowhere_else() {
        assert_eq!(places(SOURCE), [4, 6, 13]);
    }

    #[test]
    fn no_two_edits_are_the_same_and_neighbours_are_of_different_kinds() {
        let edits = edits(&[("a.rs".to_owned(), SOURCE.to_owned())]);
        assert_eq!(edits.len(), 3 * ADDITIONS.len());
        let kind_and_place: BTreeSet<String> = edits
            .iter()
            .map(|edit| format!("{} {:?}", edit.name.trim_end_matches(char::is_numeric), edit.change[0]))
            .collect();
        assert_eq!(kind_and_place.len(), edits.len());
        let kind = |edit: &Edit| edit.name.trim_end_matches(char::is_numeric).to_owned();
        let within_a_round =
            edits.chunks(3).all(|round| round.windows(2).all(|w| kind(&w[0]) != kind(&w[1])));
        assert!(within_a_round);
        assert!(edits.iter().all(Edit::is_neutral));
    }
}
