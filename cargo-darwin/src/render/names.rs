//! Names of sites, shortened from the left or in the middle: what tells functions apart stands at the end.

use std::collections::BTreeMap;

/// Stands for what was left out.
const ELLIPSIS: &str = "…";

/// The names, each within `width` characters as far as that leaves them distinct; two names that would look the same
/// stay whole.
pub(super) fn fitted(names: &[String], width: usize) -> Vec<String> {
    distinct(names, |name| shorten(name, width))
}

/// The same, cut in the middle: the crate stays where there is room for it. Names that nothing makes short enough stay
/// whole as well.
pub(super) fn fitted_in_the_middle(names: &[String], width: usize) -> Vec<String> {
    distinct(names, |name| shorten_in_the_middle(name, width))
}

/// The short names, but for those that look the same and mean different things.
fn distinct(names: &[String], short: impl Fn(&str) -> String) -> Vec<String> {
    let short: Vec<String> = names.iter().map(|name| short(name)).collect();
    let mut meanings: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ambiguous: Vec<&str> = Vec::new();
    for (short, name) in short.iter().zip(names) {
        if *meanings.entry(short).or_insert(name) != name {
            ambiguous.push(short);
        }
    }
    let chosen = |(short, name): (&String, &String)| {
        if ambiguous.contains(&short.as_str()) { name.clone() } else { short.clone() }
    };
    short.iter().zip(names).map(chosen).collect()
}

/// Gives up, in this order: module paths inside `<...>`, leading segments, leading characters.
fn shorten(name: &str, width: usize) -> String {
    let fits = |text: &str| text.chars().count() <= width;
    if fits(name) {
        return name.to_owned();
    }
    let inner = without_inner_paths(name);
    if fits(&inner) {
        return inner;
    }
    let tails = segment_starts(&inner).into_iter().map(|start| format!("{ELLIPSIS}::{}", &inner[start..]));
    tails.into_iter().find(|tail| fits(tail)).unwrap_or_else(|| last_characters(&inner, width))
}

/// Gives up, in this order: module paths inside `<...>`, segments in the middle while type and function stay, the crate,
/// the type. A function whose own name does not fit stays whole.
fn shorten_in_the_middle(name: &str, width: usize) -> String {
    let fits = |text: &String| text.chars().count() <= width;
    let inner = without_inner_paths(name);
    let starts = segment_starts(&inner);
    let krate = starts.first().map_or("", |&start| &inner[..start]);
    let tail = |start: &usize| format!("{ELLIPSIS}::{}", &inner[*start..]);
    // All but the last: the function alone says less than the function with its type.
    let with_type = || starts.iter().take(starts.len().saturating_sub(1));
    let whole = [name.to_owned(), inner.clone()].into_iter();
    let with_crate = with_type().skip(1).map(|start| format!("{krate}{}", tail(start)));
    let shorter = with_type().map(tail).chain(starts.last().map(tail));
    whole.chain(with_crate).chain(shorter).find(fits).unwrap_or_else(|| name.to_owned())
}

fn last_characters(name: &str, width: usize) -> String {
    let skipped = name.chars().count() + 1 - width.max(1);
    ELLIPSIS.chars().chain(name.chars().skip(skipped)).collect()
}

/// Byte positions after each `::` that is not inside brackets.
fn segment_starts(name: &str) -> Vec<usize> {
    let mut depth = 0_i32;
    let mut starts = Vec::new();
    for (at, c) in name.char_indices() {
        depth += depth_change(c);
        if depth == 0 && name[..at + c.len_utf8()].ends_with("::") {
            starts.push(at + 1);
        }
    }
    starts
}

/// `<order_book::book::Book as core::fmt::Display>::fmt` as `<Book as Display>::fmt`.
fn without_inner_paths(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let (mut depth, mut word) = (0_i32, 0);
    for c in name.chars() {
        depth += depth_change(c);
        let separator = !(c.is_alphanumeric() || c == '_');
        out.push(c);
        if depth > 0 && out.ends_with("::") && out.len() - 2 > word {
            out.truncate(word);
        } else if separator && c != ':' {
            word = out.len();
        }
    }
    out
}

fn depth_change(c: char) -> i32 {
    match c {
        '<' | '(' | '[' => 1,
        '>' | ')' | ']' => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_fits_stays_whole() {
        assert_eq!(shorten("book::Book::insert", 18), "book::Book::insert");
    }

    #[test]
    fn leading_modules_go_first_and_the_function_stays() {
        let name = "order_book::book::Book::insert";
        assert_eq!(shorten(name, 24), "…::book::Book::insert");
        assert_eq!(shorten(name, 16), "…::Book::insert");
        assert_eq!(shorten(name, 9), "…::insert");
        assert_eq!(shorten(name, 4), "…ert");
    }

    #[test]
    fn a_trait_method_keeps_type_and_trait() {
        let name = "<order_book::book::Book<_> as core::fmt::Display>::fmt";
        assert_eq!(shorten(name, 30), "<Book<_> as Display>::fmt");
        assert_eq!(shorten(name, 10), "…::fmt");
    }

    #[test]
    fn in_the_middle_modules_go_before_the_crate_and_the_type_last() {
        let name = "order_book::book::levels::Book::insert";
        let short = |width| shorten_in_the_middle(name, width);
        assert_eq!(short(38), name);
        assert_eq!(short(37), "order_book::…::levels::Book::insert");
        assert_eq!(short(34), "order_book::…::Book::insert");
        assert_eq!(short(26), "…::levels::Book::insert");
        assert_eq!(short(20), "…::Book::insert");
        assert_eq!(short(12), "…::insert");
        assert_eq!([short(8), short(0)], [name, name]);
    }

    #[test]
    fn names_that_would_look_the_same_stay_whole() {
        let names = ["one::module::run", "two::module::run", "three::stop"].map(str::to_owned);
        assert_eq!(fitted(&names, 11), ["one::module::run", "two::module::run", "three::stop"]);
        assert_eq!(fitted(&names[1..], 8), ["…::run", "…::stop"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn different_names_never_become_the_same(
            names in proptest::collection::btree_set("[a-c<>:(é]{0,12}", 0..6), width in 0_usize..14,
        ) {
            let names: Vec<String> = names.into_iter().collect();
            let mut short = fitted(&names, width);
            short.sort();
            short.dedup();
            prop_assert_eq!(short.len(), names.len());
            let mut short = fitted_in_the_middle(&names, width);
            short.sort();
            short.dedup();
            prop_assert_eq!(short.len(), names.len());
        }
    }
}
