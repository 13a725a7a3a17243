//! What is added between two items. Nothing but the core library is used: the crate may have no other.

use super::pieces::File;
use crate::edit::{Change, Edit};

/// What is added, with `{n}` for a number that makes it unique.
const ADDITIONS: [(&str, &str); 6] = [
    ("comment", "// Remark {n}: nothing here depends on it.\n\n"),
    (
        "unused-function",
        "#[allow(dead_code)]\nfn unused_{n}(value: u64) -> u64 {\n    value.rotate_left(3) ^ {n}\n}\n\n",
    ),
    ("unused-const", "#[allow(dead_code)]\nconst UNUSED_{n}: [u64; 4] = [{n}; 4];\n\n"),
    (
        "unused-type",
        "#[allow(dead_code)]\n#[derive(Debug, Clone, PartialEq, Default)]\nstruct Unused{n} {\n    \
         values: [u64; 4],\n    name: Option<&'static str>,\n}\n\n",
    ),
    (
        "unused-module",
        "#[allow(dead_code)]\nmod unused_{n} {\n    pub fn total(values: &[u64]) -> u64 {\n        \
         values.iter().sum::<u64>() + {n}\n    }\n}\n\n",
    ),
    (
        // Public, so that it is compiled: only the linker sees that nobody calls it.
        "public-function",
        "#[allow(dead_code, missing_docs, unreachable_pub)]\npub fn spare_{n}(values: &mut [u64]) {\n    \
         values.sort_unstable();\n    values.reverse();\n}\n\n",
    ),
];

/// One edit for each kind of addition and each place between two items of these files, in an order in which
/// neighbours differ in kind and place.
pub fn edits(files: &[File]) -> Vec<Edit> {
    let of_file = |file| places(file).into_iter().map(move |line| (file, line));
    let places: Vec<(&File, usize)> = files.iter().flat_map(of_file).collect();
    let rounds = 0..ADDITIONS.len();
    let all = rounds.flat_map(|round| places.iter().enumerate().map(move |(at, place)| (round + at, place)));
    all.enumerate().map(|(number, (kind, place))| edit(number, kind % ADDITIONS.len(), place)).collect()
}

fn edit(number: usize, kind: usize, &(file, line): &(&File, usize)) -> Edit {
    let (name, text) = ADDITIONS[kind];
    let insert = text.replace("{n}", &number.to_string());
    let name = format!("{name}: {}:{}", file.path, line + 1);
    Edit::neutral(name, vec![Change::Insert { file: file.path.clone(), before: line, insert }])
}

/// The lines, counted from 0, before which a new item may stand.
fn places(file: &File) -> Vec<usize> {
    file.pieces.iter().map(|piece| file.text[..piece.range.start].matches('\n').count()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SOURCE: &str = "//! A file.\n\n//! More.\n\nuse a::b;\n\n/// Text.\nfn f() {\n    a();\n\n    b();\n}\n\nfn g() {}\n";

    #[test]
    fn items_may_stand_before_items_and_nowhere_else() {
        assert_eq!(places(&File::of("a.rs", SOURCE).unwrap()), [4, 6, 13]);
    }

    #[test]
    fn no_two_edits_are_the_same_and_neighbours_are_of_different_kinds() {
        let edits = edits(&[File::of("a.rs", SOURCE).unwrap()]);
        assert_eq!(edits.len(), 3 * ADDITIONS.len());
        let names: BTreeSet<&str> = edits.iter().map(|edit| edit.name.as_str()).collect();
        assert_eq!(names.len(), edits.len());
        let kind = |edit: &Edit| edit.name.split(':').next().map(str::to_owned);
        assert!(edits.chunks(3).all(|round| round.windows(2).all(|two| kind(&two[0]) != kind(&two[1]))));
        assert!(edits.iter().all(Edit::is_neutral));
    }
}
