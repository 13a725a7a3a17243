//! A source file and where its items begin and end: edits cut and paste text, so nothing is printed anew.

use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Attribute, Item};

/// A file of a crate.
pub struct File {
    /// Its path in the crate.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its items that have lines of their own, in order.
    pub pieces: Vec<Piece>,
}

/// An item in whole lines: its attributes and comments for documentation belong to it.
pub struct Piece {
    /// From the beginning of its first line to the end of its last.
    pub range: Range<usize>,
    /// What it is.
    pub item: Item,
}

impl File {
    /// The file; `None` if it cannot be read as Rust, or begins in a way that moves what syn counts.
    pub fn of(path: &str, text: &str) -> Option<File> {
        if text.starts_with(['\u{feff}', '#']) && !text.starts_with("#[") && !text.starts_with("#![") {
            return None;
        }
        let items = syn::parse_file(text).ok()?.items;
        let piece = |item: Item| Some(Piece { range: lines(text, item.span().byte_range())?, item });
        let pieces = items.into_iter().filter_map(piece).collect();
        Some(File { path: path.to_owned(), text: text.to_owned(), pieces })
    }

    /// The text of an item.
    pub fn text_of(&self, piece: &Piece) -> &str {
        &self.text[piece.range.clone()]
    }

    /// The text with something else in place of a part of it.
    pub fn with(&self, range: Range<usize>, new: &str) -> String {
        format!("{}{new}{}", &self.text[..range.start], &self.text[range.end..])
    }

    /// Is it the root of a crate, or in a folder in which cargo takes each file for one?
    pub fn has_no_folder(&self) -> bool {
        ["src/bin/", "benches/", "examples/", "tests/"].iter().any(|folder| self.path.starts_with(folder))
    }
}

impl Piece {
    /// Its name, if it has one.
    pub fn name(&self) -> String {
        match &self.item {
            Item::Fn(item) => format!("fn {}", item.sig.ident),
            Item::Const(item) => format!("const {}", item.ident),
            Item::Static(item) => format!("static {}", item.ident),
            Item::Struct(item) => format!("struct {}", item.ident),
            Item::Enum(item) => format!("enum {}", item.ident),
            Item::Type(item) => format!("type {}", item.ident),
            Item::Impl(_) => "an impl".to_owned(),
            _ => "an item".to_owned(),
        }
    }
}

/// The whole lines of a range; `None` if something else stands in them.
pub fn lines(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let start = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |end| range.end + end + 1);
    let rest = text[range.end..end].trim();
    let is_alone = text[start..range.start].trim().is_empty() && (rest.is_empty() || rest.starts_with("//"));
    is_alone.then_some(start..end)
}

/// Does none of the attributes do anything but advise? What another one means, nobody knows here.
pub fn only_advise(attributes: &[Attribute]) -> bool {
    let known = ["doc", "inline", "cold", "must_use", "allow", "expect", "derive", "non_exhaustive", "repr"];
    attributes.iter().all(|attribute| known.iter().any(|name| attribute.path().is_ident(name)))
}

/// Every token, those in brackets too.
pub fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    let open = |token: TokenTree| match &token {
        TokenTree::Group(group) => {
            let inner = flat(group.stream());
            std::iter::once(token).chain(inner).collect()
        }
        _ => vec![token],
    };
    tokens.into_iter().flat_map(open).collect()
}

/// Is this the token `character`?
pub fn is(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! A file.\n\n/// Tells.\n#[inline]\nfn f() {} // end\n\nconst A: u8 = 1; const B: u8 = 2;\n\n// Not of g.\nfn g() {\n}\n";

    #[test]
    fn items_are_whole_lines_and_what_shares_a_line_is_left_out() {
        let file = File::of("src/a.rs", SOURCE).unwrap();
        let texts: Vec<&str> = file.pieces.iter().map(|piece| file.text_of(piece)).collect();
        assert_eq!(texts, ["/// Tells.\n#[inline]\nfn f() {} // end\n", "fn g() {\n}\n"]);
        let names: Vec<String> = file.pieces.iter().map(Piece::name).collect();
        assert_eq!(names, ["fn f", "fn g"]);
    }

    #[test]
    fn offsets_are_those_of_the_text_whatever_letters_it_has() {
        let file = File::of(
            "src/a.rs",
            "//! Grüße → alle\n\nfn f() -> &'static str {\n    \"→ü\"\n}\n\nfn g() {}\n",
        )
        .unwrap();
        assert_eq!(file.text_of(&file.pieces[1]), "fn g() {}\n");
        assert_eq!(
            file.with(file.pieces[1].range.clone(), ""),
            "//! Grüße → alle\n\nfn f() -> &'static str {\n    \"→ü\"\n}\n\n"
        );
    }

    #[test]
    fn what_is_no_rust_is_left_alone() {
        assert!(File::of("a.rs", "fn {").is_none());
        assert!(File::of("a.rs", "#!/usr/bin/env run\nfn f() {}\n").is_none());
        assert!(File::of("a.rs", "#![no_std]\nfn f() {}\n").is_some());
    }
}
