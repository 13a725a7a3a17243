//! A type derives one more trait. Only where all of its fields surely have it.

use std::collections::BTreeSet;

use syn::{Attribute, Fields, GenericArgument, Generics, Item, PathArguments, Type, TypePath, Visibility};

use super::pieces::{File, Piece, only_advise};
use crate::edit::{Change, Edit};

/// What is derived.
const TRAITS: [&str; 3] = ["Debug", "Clone", "PartialEq"];

/// Types that have all of them.
const PLAIN: [&str; 17] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
    "u128", "usize", "String",
];
/// Types that have what their arguments have.
const OUTER: [&str; 3] = ["Box", "Option", "Vec"];

/// An edit for each type and each trait that it lacks and can have.
pub fn edits(files: &[File]) -> Vec<Edit> {
    let all = || files.iter().flat_map(|file| file.pieces.iter().map(move |piece| (file, piece)));
    let mut edits = Vec::new();
    for name in TRAITS {
        let derived: BTreeSet<String> = all().filter_map(|(_, piece)| has(piece, name)).collect();
        let implemented: BTreeSet<String> = all().filter_map(|(_, piece)| implements(piece, name)).collect();
        let lacking = all().filter(|(_, piece)| {
            can_have(piece, name, &derived).is_some_and(|ident| !implemented.contains(&ident))
        });
        edits.extend(lacking.map(|(file, piece)| edit(file, piece, name)));
    }
    edits
}

fn edit(file: &File, piece: &Piece, name: &str) -> Edit {
    let rewrite = file.with(piece.range.start..piece.range.start, &format!("#[derive({name})]\n"));
    let change = vec![Change::Rewrite { file: file.path.clone(), rewrite }];
    Edit::neutral(format!("derived {name}: {} of {}", piece.name(), file.path), change)
}

/// A struct or an enum.
struct Known<'a> {
    name: String,
    attributes: &'a [Attribute],
    generics: &'a Generics,
    fields: Vec<&'a Fields>,
    is_private: bool,
}

fn known(item: &Item) -> Option<Known<'_>> {
    match item {
        Item::Struct(item) => Some(Known {
            name: item.ident.to_string(),
            attributes: &item.attrs,
            generics: &item.generics,
            fields: vec![&item.fields],
            is_private: !matches!(item.vis, Visibility::Public(_)),
        }),
        Item::Enum(item) => Some(Known {
            name: item.ident.to_string(),
            attributes: &item.attrs,
            generics: &item.generics,
            fields: item.variants.iter().map(|variant| &variant.fields).collect(),
            is_private: !matches!(item.vis, Visibility::Public(_)),
        }),
        _ => None,
    }
}

/// The name of the type, if it derives the trait.
fn has(piece: &Piece, name: &str) -> Option<String> {
    let known = known(&piece.item)?;
    derives(known.attributes, name).then_some(known.name)
}

fn derives(attributes: &[Attribute], name: &str) -> bool {
    let names_it = |attribute: &Attribute| {
        let mut found = false;
        // Attributes in another form than a list of paths derive nothing.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.segments.last().is_some_and(|last| last.ident == name);
            Ok(())
        });
        found
    };
    attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).any(names_it)
}

/// The name of the type that the item implements the trait for.
fn implements(piece: &Piece, name: &str) -> Option<String> {
    let Item::Impl(item) = &piece.item else { return None };
    let (path, Type::Path(of)) = (&item.trait_.as_ref()?.0, &*item.self_ty) else { return None };
    let is_it = path.segments.last().is_some_and(|last| last.ident == name);
    Some(of.path.segments.last()?.ident.to_string()).filter(|_| is_it)
}

/// The name of the type, if it lacks the trait and all that it holds has it.
fn can_have(piece: &Piece, name: &str, derived: &BTreeSet<String>) -> Option<String> {
    let known = known(&piece.item)?;
    // What others see is a promise; and two types of a name are not told apart here.
    let is_ours = known.is_private && known.generics.params.is_empty() && only_advise(known.attributes);
    let mut types = known.fields.iter().flat_map(|fields| fields.iter()).map(|field| &field.ty);
    let fits = is_ours && !derives(known.attributes, name) && types.all(|ty| has_it(ty, derived));
    fits.then_some(known.name)
}

fn has_it(ty: &Type, derived: &BTreeSet<String>) -> bool {
    match ty {
        Type::Array(array) => has_it(&array.elem, derived),
        Type::Tuple(tuple) => tuple.elems.iter().all(|ty| has_it(ty, derived)),
        Type::Path(TypePath { qself: None, path, .. }) if path.segments.len() == 1 => {
            let (name, arguments) = (path.segments[0].ident.to_string(), &path.segments[0].arguments);
            match arguments {
                PathArguments::None => PLAIN.contains(&name.as_str()) || derived.contains(&name),
                PathArguments::AngleBracketed(arguments) => {
                    let has = |argument: &GenericArgument| matches!(argument, GenericArgument::Type(ty) if has_it(ty, derived));
                    OUTER.contains(&name.as_str()) && arguments.args.iter().all(has)
                }
                PathArguments::Parenthesized(_) => false,
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "#[derive(Debug, Clone)]\nstruct Inner(u64);\n\n/// Text.\nstruct Outer {\n    inner: Vec<Option<Inner>>,\n    pair: (u8, [bool; 2]),\n}\n\n\
        struct Unknown(Foreign);\n\npub struct Public(u8);\n\nstruct Generic<T>(T);\n\nenum Kind {\n    A,\n    B(Inner),\n}\n\n\
        impl fmt::Debug for Kind {}\n";

    #[test]
    fn a_type_derives_what_all_of_its_fields_have() {
        let edits = edits(&[File::of("src/lib.rs", SOURCE).unwrap()]);
        let names: Vec<&str> = edits.iter().map(|edit| edit.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "derived Debug: struct Outer of src/lib.rs",
                "derived Clone: struct Outer of src/lib.rs",
                "derived Clone: enum Kind of src/lib.rs",
                "derived PartialEq: struct Inner of src/lib.rs",
            ]
        );
        let new = edits[0].change[0].applied_to(Some(SOURCE)).unwrap();
        assert!(new.contains("#[derive(Debug)]\n/// Text.\nstruct Outer {"), "{new}");
        assert_eq!(new.replacen("#[derive(Debug)]\n", "", 1), SOURCE);
    }
}
