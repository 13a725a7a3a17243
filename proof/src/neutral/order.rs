//! Two neighbours change places: items of a file, and functions of an `impl`.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::{ImplItem, Item};

use super::pieces::{File, Piece, lines};
use crate::edit::{Change, Edit};

/// An edit for each pair of neighbours whose order means nothing.
pub fn edits(files: &[File]) -> Vec<Edit> {
    files.iter().flat_map(|file| pairs(file).into_iter().map(|pair| edit(file, pair))).collect()
}

/// Two texts that may change places, and what the first one is.
struct Pair {
    what: String,
    first: Range<usize>,
    second: Range<usize>,
}

fn edit(file: &File, Pair { what, first, second }: Pair) -> Edit {
    let (text, between) = (&file.text, first.end..second.start);
    let swapped = [&text[second.clone()], &text[between], &text[first.clone()]].concat();
    let rewrite = file.with(first.start..second.end, &swapped);
    let name = format!("reordered: {what} of {} and the one after it", file.path);
    Edit::neutral(name, vec![Change::Rewrite { file: file.path.clone(), rewrite }])
}

fn pairs(file: &File) -> Vec<Pair> {
    let may_move =
        |two: &&[Piece]| two.iter().all(|piece| is_free(&piece.item)) && ends_its_line(file, &two[1]);
    let of_items = file.pieces.windows(2).filter(may_move).map(|two| Pair {
        what: two[0].name(),
        first: two[0].range.clone(),
        second: two[1].range.clone(),
    });
    of_items.chain(file.pieces.iter().flat_map(|piece| in_impl(file, piece))).collect()
}

/// The last line of a file may lack its end, and would be glued to the next one.
fn ends_its_line(file: &File, piece: &Piece) -> bool {
    file.text_of(piece).ends_with('\n')
}

/// A macro's order matters, and what is imported or declared may be one.
fn is_free(item: &Item) -> bool {
    matches!(
        item,
        Item::Fn(_)
            | Item::Const(_)
            | Item::Static(_)
            | Item::Struct(_)
            | Item::Enum(_)
            | Item::Type(_)
            | Item::Impl(_)
    )
}

fn in_impl(file: &File, piece: &Piece) -> Vec<Pair> {
    let Item::Impl(item) = &piece.item else { return Vec::new() };
    let function = |item: &ImplItem| match item {
        ImplItem::Fn(function) => {
            let range = lines(&file.text, item.span().byte_range())?;
            Some((format!("fn {}", function.sig.ident), range))
        }
        _ => None,
    };
    let functions: Vec<_> = item.items.iter().map(function).collect();
    let pair = |two: &[Option<(String, Range<usize>)>]| {
        let (first, second) = (two[0].clone()?, two[1].clone()?);
        Some(Pair { what: first.0, first: first.1, second: second.1 })
    };
    functions.windows(2).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neutral::same::items;

    const SOURCE: &str = "use a::b;\n\n/// One.\nfn f() {}\n\n// Between.\nconst C: u8 = 1;\n\nmacro_rules! m { () => {}; }\n\n\
        struct S;\n\nimpl S {\n    /// Two.\n    fn g(&self) {}\n\n    fn h(&self) {}\n}\n";

    #[test]
    fn the_same_items_are_there_in_another_order() {
        let file = File::of("src/lib.rs", SOURCE).unwrap();
        let edits = edits(&[file]);
        let names: Vec<&str> = edits.iter().map(|edit| edit.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "reordered: fn f of src/lib.rs and the one after it",
                "reordered: struct S of src/lib.rs and the one after it",
                "reordered: fn g of src/lib.rs and the one after it",
            ]
        );
        for edit in &edits {
            let new = edit.change[0].applied_to(Some(SOURCE)).unwrap();
            assert_ne!(new, SOURCE);
            assert_eq!(items(&new), items(SOURCE), "{}", edit.name);
        }
        let first = edits[0].change[0].applied_to(Some(SOURCE)).unwrap();
        assert!(first.contains("const C: u8 = 1;\n\n// Between.\n/// One.\nfn f() {}\n"), "{first}");
    }
}
