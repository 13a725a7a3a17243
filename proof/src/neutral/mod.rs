//! Edits that change no measured function, made for the sources of any crate: what people write every day.
//!
//! Text is cut and pasted at the bounds of items. That an edit is neutral is seen by the crate's own tests, which must
//! pass with it (`darwin-proof edits … --try`).

mod additions;
mod dependency;
mod derives;
mod moved;
mod order;
mod pieces;
mod renamed;
#[cfg(test)]
mod same;

use crate::edit::Edit;
use pieces::File;

/// All that can be made for these files, as path and text. Each kind has its turn, so that the first hundred have
/// something of everything.
pub fn edits(files: &[(String, String)]) -> Vec<Edit> {
    let files: Vec<File> = files.iter().filter_map(|(path, text)| File::of(path, text)).collect();
    in_turn(vec![
        additions::edits(&files),
        order::edits(&files),
        moved::edits(&files),
        renamed::edits(&files),
        derives::edits(&files),
        dependency::edits(),
    ])
}

/// The first of each, the second of each, and so on.
fn in_turn(kinds: Vec<Vec<Edit>>) -> Vec<Edit> {
    let longest = kinds.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|at| kinds.iter().filter_map(move |kind| kind.get(at).cloned())).collect()
}
