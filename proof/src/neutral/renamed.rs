//! A private function gets another name, wherever its file calls it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, ImplItem, Item, Visibility};

use super::pieces::{File, flat, is, only_advise};
use crate::edit::{Change, Edit};

/// A shorter name of one word may be a method of somebody else's.
const LEAST_LETTERS: usize = 7;

/// An edit for each private function whose name means nothing else in the crate.
pub fn edits(files: &[File]) -> Vec<Edit> {
    let tokens: Vec<Vec<TokenTree>> = files.iter().map(|file| tokens(&file.text)).collect();
    let mut edits = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let elsewhere = |name: &str| {
            let others = tokens.iter().enumerate().filter(|(other, _)| *other != at);
            others.flat_map(|(_, tokens)| tokens).any(|token| is_named(token, name))
        };
        let names = private_functions(file).into_iter().filter(|name| !elsewhere(name));
        edits.extend(names.filter_map(|name| renamed(file, &tokens[at], &name)));
    }
    edits
}

fn tokens(text: &str) -> Vec<TokenTree> {
    TokenStream::from_str(text).map(flat).unwrap_or_default()
}

fn is_named(token: &TokenTree, name: &str) -> bool {
    match token {
        TokenTree::Ident(ident) => ident == name,
        // A text may be one for `format!`, with names in it.
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        _ => false,
    }
}

/// Free ones, and methods whose name is surely the crate's own.
fn private_functions(file: &File) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for piece in &file.pieces {
        match &piece.item {
            Item::Fn(item) if is_private(&item.vis, &item.attrs) && item.sig.ident != "main" => {
                names.insert(item.sig.ident.to_string());
            }
            Item::Impl(item) if item.trait_.is_none() => {
                names.extend(item.items.iter().filter_map(private_method));
            }
            _ => {}
        }
    }
    names
}

fn private_method(item: &ImplItem) -> Option<String> {
    let ImplItem::Fn(function) = item else { return None };
    let name = function.sig.ident.to_string();
    let is_own = name.contains('_') && name.len() >= LEAST_LETTERS;
    (is_own && is_private(&function.vis, &function.attrs)).then_some(name)
}

fn is_private(visibility: &Visibility, attributes: &[Attribute]) -> bool {
    matches!(visibility, Visibility::Inherited) && only_advise(attributes)
}

fn renamed(file: &File, tokens: &[TokenTree], name: &str) -> Option<Edit> {
    let places: Vec<usize> = (0..tokens.len()).filter(|&at| is_named(&tokens[at], name)).collect();
    let definitions = places.iter().filter(|&&at| at > 0 && is_named(&tokens[at - 1], "fn")).count();
    if definitions != 1 || !places.iter().all(|&at| is_call(tokens, at)) {
        return None;
    }
    let mut text = file.text.clone();
    let new = format!("{name}_as_before");
    let ranges: Vec<Range<usize>> = places.iter().map(|&at| tokens[at].span().byte_range()).collect();
    for range in ranges.into_iter().rev() {
        text.replace_range(range, &new);
    }
    let change = vec![Change::Rewrite { file: file.path.clone(), rewrite: text }];
    Some(Edit::neutral(format!("renamed: fn {name} of {}", file.path), change))
}

/// A definition or a call. Anything else may be a field, a variable or a word of a macro's.
fn is_call(tokens: &[TokenTree], at: usize) -> bool {
    let follows = tokens.get(at + 1);
    let arguments =
        matches!(follows, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    let is_name = matches!(tokens[at], TokenTree::Ident(_));
    let generic = is(follows, '<') || (is(follows, ':') && is(tokens.get(at + 2), ':'));
    is_name && (arguments || generic)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn helper(x: u8) -> u8 { x }\n\npub fn shown() -> u8 { helper(1) }\n\nstruct S { field_of: u8 }\n\n\
        impl S {\n    fn room_for(&self) -> u8 { self.field_of }\n    fn take(&self) {}\n    fn both_of(&self) { self.room_for(); }\n}\n\n\
        fn field_of() {}\n\nfn told(x: u8) { println!(\"{told}\", told = x) }\n\nfn passed() { [1].iter().map(passed) }\n";

    #[test]
    fn every_use_is_renamed_and_nothing_else() {
        let edits = edits(&[File::of("src/lib.rs", SOURCE).unwrap()]);
        let names: Vec<&str> = edits.iter().map(|edit| edit.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "renamed: fn both_of of src/lib.rs",
                "renamed: fn helper of src/lib.rs",
                "renamed: fn room_for of src/lib.rs",
            ]
        );
        for edit in &edits {
            let new = edit.change[0].applied_to(Some(SOURCE)).unwrap();
            assert_ne!(new, SOURCE);
            assert_eq!(new.replace("_as_before", ""), SOURCE);
        }
    }

    #[test]
    fn a_name_that_another_file_knows_stays() {
        let files = [File::of("src/lib.rs", SOURCE), File::of("src/a.rs", "fn f() { super::helper(2); }\n")];
        let edits = edits(&files.into_iter().flatten().collect::<Vec<_>>());
        assert!(edits.iter().all(|edit| !edit.name.contains("fn helper")));
    }
}
