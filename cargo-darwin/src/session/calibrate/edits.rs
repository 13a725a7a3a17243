//! Edits that change no measured function, as text: what people add every day, made so that the linker keeps it.

/// What is added, with `{n}` for a number that makes it unique. All of it compiles without the standard library.
const ADDITIONS: [&str; 3] = [
    "#[allow(dead_code, missing_docs, reason = \"not called\")]\n#[inline(never)]\nfn darwin_neutral_{n}(values: &mut [u64]) \
     {\n    values.sort_unstable();\n    values.reverse();\n}\n#[used]\nstatic DARWIN_NEUTRAL_{n}: fn(&mut [u64]) = \
     darwin_neutral_{n};\n\n",
    "#[allow(dead_code, missing_docs, reason = \"not read\")]\n#[used]\nstatic DARWIN_NEUTRAL_{n}: [u64; 37] = [{n}; 37];\n\n",
    "#[allow(dead_code, missing_docs, reason = \"not made\")]\n#[derive(Debug, Clone, PartialEq)]\nstruct DarwinNeutral{n} \
     {\n    values: [u64; 4],\n    name: &'static str,\n}\n#[used]\nstatic DARWIN_NEUTRAL_{n}: fn(&DarwinNeutral{n}, &mut \
     ::core::fmt::Formatter<'_>) -> ::core::fmt::Result =\n    <DarwinNeutral{n} as ::core::fmt::Debug>::fmt;\n\n",
];

/// Steps between the places of edits that follow one another: neighbours would be alike.
const STRIDE: usize = 5;

/// A file of the copy, by its path, with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source<P> {
    /// Where it is.
    pub path: P,
    /// What is in it.
    pub text: String,
}

/// Edit `number` of these files: which file becomes which text; `None` where nothing can stand between two items. Kinds and
/// places take turns.
pub fn edit<P: Clone>(files: &[Source<P>], number: usize) -> Option<Source<P>> {
    let all: Vec<(&Source<P>, usize)> =
        files.iter().flat_map(|file| places(&file.text).into_iter().map(move |line| (file, line))).collect();
    let (file, line) = *all.get((number * STRIDE) % all.len().max(1))?;
    let addition = ADDITIONS[number % ADDITIONS.len()].replace("{n}", &number.to_string());
    Some(Source { path: file.path.clone(), text: inserted(&file.text, line, &addition) })
}

/// The lines, counted from 0, before which a new item may stand: each begins an item after an empty line.
fn places(text: &str) -> Vec<usize> {
    const ITEMS: [&str; 12] = [
        "#[", "///", "pub ", "fn ", "impl ", "impl<", "struct ", "enum ", "const ", "static ", "trait ",
        "mod ",
    ];
    let lines: Vec<&str> = text.lines().collect();
    let begins_item = |line: &str| ITEMS.iter().any(|item| line.starts_with(item));
    (1..lines.len()).filter(|&at| lines[at - 1].is_empty() && begins_item(lines[at])).collect()
}

fn inserted(old: &str, before: usize, lines: &str) -> String {
    let at = old.split_inclusive('\n').take(before).map(str::len).sum();
    format!("{}{lines}{}", &old[..at], &old[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "//! A file.\n\nuse a::b;\n\n/// Text.\nfn f() {\n    a();\n\n    b();\n}\n\nfn g() {}\n";

    fn file(path: &'static str) -> Source<&'static str> {
        Source { path, text: TEXT.to_owned() }
    }

    #[test]
    fn items_are_added_between_items_and_nowhere_else() {
        assert_eq!(places(TEXT), [4, 11]);
        let edited = edit(&[file("a.rs")], 0).unwrap();
        assert!(edited.text.starts_with("//! A file.\n\nuse a::b;\n\n#[allow("), "{}", edited.text);
        assert!(edited.text.ends_with("\n\n/// Text.\nfn f() {\n    a();\n\n    b();\n}\n\nfn g() {}\n"));
    }

    #[test]
    fn no_two_edits_are_the_same_and_all_files_are_edited() {
        let files = [file("a.rs"), file("b.rs")];
        let edits: Vec<Source<&str>> = (0..12).map(|number| edit(&files, number).unwrap()).collect();
        for (at, one) in edits.iter().enumerate() {
            assert!(!edits[..at].contains(one), "edit {at} was there before");
        }
        assert!(edits.iter().any(|edit| edit.path == "a.rs") && edits.iter().any(|edit| edit.path == "b.rs"));
    }

    #[test]
    fn where_nothing_can_be_added_there_is_no_edit() {
        assert_eq!(edit(&[Source { path: (), text: "fn f() {}\n".to_owned() }], 0), None);
        assert_eq!(edit::<()>(&[], 3), None);
    }
}
