//! Code that moves to a module of its own, in the same file or in a new one, and is used from there.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Item, Visibility};

use super::pieces::{File, Piece, flat, is, only_advise};
use crate::edit::{Change, Edit};

/// Two edits for each piece that can move: into a module, and into a file.
pub fn edits(files: &[File]) -> Vec<Edit> {
    let movable = |file| Moved::all_of(file).into_iter();
    let all: Vec<Moved<'_>> = files.iter().flat_map(movable).collect();
    let numbered = || all.iter().enumerate();
    let inline = numbered().map(|(number, moved)| moved.in_a_module(number));
    let filed = numbered().filter(|(_, moved)| !moved.file.has_no_folder());
    inline.chain(filed.map(|(number, moved)| moved.in_a_file(number))).collect()
}

/// A piece that can move.
struct Moved<'a> {
    file: &'a File,
    piece: &'a Piece,
    /// Its text as it stands in the module: visible where it came from.
    text: String,
    /// By this name; what only implements a trait has none.
    name: Option<String>,
}

impl Moved<'_> {
    fn all_of(file: &File) -> Vec<Moved<'_>> {
        file.pieces.iter().filter_map(|piece| Moved::of(file, piece)).collect()
    }

    fn of<'a>(file: &'a File, piece: &'a Piece) -> Option<Moved<'a>> {
        let (name, start) = movable(&piece.item)?;
        if names_its_place(&piece.item) {
            return None;
        }
        let mut text = file.text_of(piece).to_owned();
        if name.is_some() {
            text.insert_str(start - piece.range.start, "pub(super) ");
        }
        Some(Moved { file, piece, text, name })
    }

    fn uses(&self, module: &str) -> String {
        self.name.as_ref().map_or_else(String::new, |name| format!("use {module}::{name};\n"))
    }

    fn in_a_module(&self, number: usize) -> Edit {
        let module = format!("moved_{number}");
        let place = format!(
            "mod {module} {{\n    #[allow(unused_imports)]\n    use super::*;\n\n{}}}\n{}",
            self.text,
            self.uses(&module),
        );
        let rewrite = self.file.with(self.piece.range.clone(), &place);
        let change = vec![Change::Rewrite { file: self.file.path.clone(), rewrite }];
        Edit::neutral(format!("moved to a module: {} of {}", self.piece.name(), self.file.path), change)
    }

    fn in_a_file(&self, number: usize) -> Edit {
        let module = format!("moved_{number}");
        let place = format!("mod {module};\n{}", self.uses(&module));
        let rewrite = self.file.with(self.piece.range.clone(), &place);
        let create = format!("#[allow(unused_imports)]\nuse super::*;\n\n{}", self.text);
        let change = vec![
            Change::Rewrite { file: self.file.path.clone(), rewrite },
            Change::Create { file: format!("{}/{module}.rs", folder(&self.file.path)), create },
        ];
        Edit::neutral(format!("moved to a file: {} of {}", self.piece.name(), self.file.path), change)
    }
}

/// The name of what may move, and where its visibility would stand.
fn movable(item: &Item) -> Option<(Option<String>, usize)> {
    let private = |visibility: &Visibility, attributes: &[Attribute]| {
        matches!(visibility, Visibility::Inherited) && only_advise(attributes)
    };
    match item {
        Item::Fn(item) if private(&item.vis, &item.attrs) && item.sig.ident != "main" => {
            Some((Some(item.sig.ident.to_string()), item.sig.span().byte_range().start))
        }
        Item::Const(item) if private(&item.vis, &item.attrs) && item.ident != "_" => {
            Some((Some(item.ident.to_string()), item.const_token.span.byte_range().start))
        }
        Item::Enum(item) if private(&item.vis, &item.attrs) => {
            Some((Some(item.ident.to_string()), item.enum_token.span.byte_range().start))
        }
        Item::Type(item) if private(&item.vis, &item.attrs) => {
            Some((Some(item.ident.to_string()), item.type_token.span.byte_range().start))
        }
        Item::Impl(item) if item.trait_.is_some() && only_advise(&item.attrs) => Some((None, 0)),
        _ => None,
    }
}

/// `super` and `self::` mean another module elsewhere; and what is measured is to stay what it is, name and all.
fn names_its_place(item: &Item) -> bool {
    let tokens = flat(item.to_token_stream());
    let is_place = |at: usize| {
        let name = tokens[at].to_string();
        let leads = name == "self" && is(tokens.get(at + 1), ':') && is(tokens.get(at + 2), ':');
        leads
            || ["super", "hotpath", "bench", "macro_rules", "include_str", "file", "line", "module_path"]
                .contains(&name.as_str())
    };
    (0..tokens.len()).any(is_place)
}

/// Where the modules of a file have theirs.
fn folder(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder,
        _ => path.strip_suffix(".rs").unwrap_or(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neutral::same::items;

    const SOURCE: &str = "use a::b;\n\n/// One.\n#[inline]\nconst fn f() {}\n\npub fn g() {}\n\n#[hotpath]\nfn h() {}\n\n\
        fn i() { super::g() }\n\nimpl Default for S {\n    fn default() -> S { S(self::f()) }\n}\n\n\
        impl Clone for S {\n    fn clone(&self) -> S { S }\n}\n";

    fn texts(path: &str) -> Vec<(String, Vec<String>)> {
        let edits = edits(&[File::of(path, SOURCE).unwrap()]);
        let applied = |change: &Change| {
            let old = if matches!(change, Change::Create { .. }) { None } else { Some(SOURCE) };
            format!("{}\n{}", change.file(), change.applied_to(old).unwrap())
        };
        edits.iter().map(|edit| (edit.name.clone(), edit.change.iter().map(applied).collect())).collect()
    }

    #[test]
    fn private_pieces_move_and_measured_public_and_placed_ones_stay() {
        let names: Vec<String> = texts("src/a.rs").into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "moved to a module: fn f of src/a.rs",
                "moved to a module: an impl of src/a.rs",
                "moved to a file: fn f of src/a.rs",
                "moved to a file: an impl of src/a.rs",
            ]
        );
    }

    #[test]
    fn what_moved_is_used_from_where_it_went() {
        let all = texts("src/a.rs");
        let module = &all[0].1[0];
        assert!(
            module.contains("mod moved_0 {\n    #[allow(unused_imports)]\n    use super::*;\n\n/// One.\n#[inline]\npub(super) const fn f() {}\n}\nuse moved_0::f;\n"),
            "{module}"
        );
        let (old, new) = (&all[2].1[0], &all[2].1[1]);
        assert!(old.contains("use a::b;\n\nmod moved_0;\nuse moved_0::f;\n\npub fn g"), "{old}");
        assert!(
            new.starts_with("src/a/moved_0.rs\n") && new.ends_with("pub(super) const fn f() {}\n"),
            "{new}"
        );
    }

    #[test]
    fn everything_else_is_as_it_was() {
        let left: Vec<String> =
            items(SOURCE).into_iter().filter(|item| !item.contains("const fn f")).collect();
        let moved = &texts("src/lib.rs")[2].1[0];
        let moved: Vec<String> = items(moved.split_once('\n').unwrap().1)
            .into_iter()
            .filter(|item| !item.contains("moved_0"))
            .collect();
        assert_eq!(moved, left);
    }

    #[test]
    fn a_crates_root_has_its_modules_beside_it_and_a_benchs_cannot_have_any() {
        assert_eq!(folder("src/lib.rs"), "src");
        assert_eq!(folder("src/a/mod.rs"), "src/a");
        assert_eq!(folder("src/a/b.rs"), "src/a/b");
        assert!(texts("benches/b.rs").iter().all(|(name, _)| name.starts_with("moved to a module")));
    }
}
