//! Sites that the baseline knows by another name: `[[site]] match = "new" was = "old"` of `darwin.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use thiserror::Error;

use super::SiteRun;

/// One entry: what is now called one thing was called another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    now: Shape,
    was: Shape,
}

/// All entries, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renames(Vec<Rename>);

/// Two patterns that do not say which name becomes which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("`match` and `was` do not say which name became which")]
pub struct NotARename;

/// A name, or the text in front of a `*` and the text behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    front: String,
    /// `None`: a name without `*`.
    back: Option<String>,
}

impl Shape {
    fn of(pattern: &str) -> Option<Shape> {
        let (front, back) = match pattern.split_once('*') {
            None => (pattern, None),
            Some((front, back)) => (front, Some(back.to_owned())),
        };
        let is_plain = |text: &str| !text.contains(['*', '?']);
        let plain = is_plain(front) && back.as_deref().is_none_or(is_plain);
        (plain && !pattern.is_empty()).then(|| Shape { front: front.to_owned(), back })
    }

    /// The text that the `*` stands for in `name`, which is empty for a shape without one; `None` where it does not fit.
    fn covered<'a>(&self, name: &'a str) -> Option<&'a str> {
        match &self.back {
            None => (name == self.front).then_some(""),
            Some(back) => name.strip_prefix(&self.front)?.strip_suffix(back.as_str()),
        }
    }

    fn with(&self, covered: &str) -> String {
        format!("{}{covered}{}", self.front, self.back.as_deref().unwrap_or_default())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.with(if self.back.is_some() { "*" } else { "" }))
    }
}

impl Rename {
    /// From a name to a name, or with one `*` in both, which stands for the same text.
    ///
    /// # Errors
    /// `NotARename` for any other patterns, and for two that are the same.
    pub fn new(now: &str, was: &str) -> Result<Rename, NotARename> {
        let (now, was) = (Shape::of(now).ok_or(NotARename)?, Shape::of(was).ok_or(NotARename)?);
        let fits = now != was && now.back.is_some() == was.back.is_some();
        fits.then_some(Rename { now, was }).ok_or(NotARename)
    }
}

/// `old -> new`.
impl fmt::Display for Rename {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} -> {}", self.was, self.now)
    }
}

impl Renames {
    /// These entries.
    pub fn new(entries: Vec<Rename>) -> Renames {
        Renames(entries)
    }

    /// The entries.
    pub fn iter(&self) -> impl Iterator<Item = &Rename> {
        self.0.iter()
    }

    /// What the baseline's `was` is called now; `None` where no entry says. The first entry that fits wins.
    pub fn new_name(&self, was: &str) -> Option<String> {
        self.0.iter().find_map(|rename| Some(rename.now.with(rename.was.covered(was)?)))
    }

    /// New names by the old ones, of a program (or a record) that has sites of these `names`. One that has a site of the new
    /// name as well has not renamed anything, and two that would become one stay two.
    pub fn of_all<'a>(&self, names: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let names: Vec<&str> = if self.0.is_empty() { Vec::new() } else { names.collect() };
        taken.extend(names.iter().map(|&name| name.to_owned()));
        let distinct: BTreeSet<&str> = names.into_iter().collect();
        let fitting = distinct.into_iter().filter_map(|was| Some((was.to_owned(), self.new_name(was)?)));
        fitting.filter(|(_, new)| taken.insert(new.clone())).collect()
    }

    /// Every name that `now` may have had.
    pub fn old_names(&self, now: &str) -> Vec<String> {
        self.0.iter().filter_map(|rename| Some(rename.was.with(rename.now.covered(now)?))).collect()
    }

    /// Each name followed by those that it may have had.
    pub fn with_old_names(&self, names: &[String]) -> Vec<String> {
        names.iter().flat_map(|name| std::iter::once(name.clone()).chain(self.old_names(name))).collect()
    }
}

/// Which of the sites that are `gone` may have become which of the `new` ones: of the same kind, called as often, and alike in
/// name and place. A guess to be offered, and never taken: each side's sites at most once, as `(gone, new)`.
pub fn likely<'a>(gone: &[&'a SiteRun], new: &[&'a SiteRun]) -> Vec<(&'a SiteRun, &'a SiteRun)> {
    let alike = |before: &SiteRun, after: &SiteRun| {
        before.calls > 0 && before.calls == after.calls && before.site.kind == after.site.kind
    };
    let mut pairs: Vec<(&SiteRun, &SiteRun)> = gone
        .iter()
        .flat_map(|before| new.iter().map(move |after| (*before, *after)))
        .filter(|(before, after)| alike(before, after))
        .collect();
    pairs.sort_by_key(|(before, after)| unlikeness(before, after));
    let mut taken: Vec<(&SiteRun, &SiteRun)> = Vec::new();
    for (before, after) in pairs {
        let is_free = |(one, other): &(&SiteRun, &SiteRun)| {
            one.site.name != before.site.name && other.site.name != after.site.name
        };
        if taken.iter().all(is_free) {
            taken.push((before, after));
        }
    }
    taken
}

/// A function that moved keeps the last part of its name; one that was renamed keeps its file, and about its line.
fn unlikeness(before: &SiteRun, after: &SiteRun) -> (bool, bool, u32) {
    let last = |run: &SiteRun| run.site.name.rsplit("::").next().unwrap_or_default().to_owned();
    let lines = before.site.line.abs_diff(after.site.line);
    (last(before) != last(after), before.site.file != after.site.file, lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Nanos, Site, SiteKind};

    fn renames(entries: &[(&str, &str)]) -> Renames {
        Renames::new(entries.iter().map(|(now, was)| Rename::new(now, was).unwrap()).collect())
    }

    fn run(name: &str, file: &str, line: u32, calls: u64) -> SiteRun {
        SiteRun {
            workload: "w".into(),
            site: Site {
                name: name.into(),
                kind: SiteKind::Function,
                file: file.into(),
                line,
                budgets: Vec::new(),
                items_per_call: 0,
                bytes_per_call: 0,
            },
            calls,
            panicked: 0,
            cancelled: 0,
            polling: None,
            timing: None,
            allocs: None,
            bytes: None,
            frees: None,
            freed_bytes: None,
            peak_bytes: None,
            call_cost_ns: Nanos(0.0),
            empty_cost_ns: Nanos(0.0),
            graph: None,
        }
    }

    fn guessed(gone: &[SiteRun], new: &[SiteRun]) -> Vec<(String, String)> {
        let (gone, new): (Vec<_>, Vec<_>) = (gone.iter().collect(), new.iter().collect());
        likely(&gone, &new).iter().map(|(a, b)| (a.site.name.clone(), b.site.name.clone())).collect()
    }

    #[test]
    fn a_name_becomes_a_name_and_a_star_keeps_its_text() {
        let renames = renames(&[("book::add", "book::insert"), ("market::*", "book::old::*")]);
        assert_eq!(renames.new_name("book::insert").as_deref(), Some("book::add"));
        assert_eq!(renames.new_name("book::old::Side::best").as_deref(), Some("market::Side::best"));
        assert_eq!(renames.new_name("book::other"), None);
        assert_eq!(renames.old_names("market::Side::best"), ["book::old::Side::best"]);
        assert_eq!(
            renames.with_old_names(&["book::add".into(), "x".into()]),
            ["book::add", "book::insert", "x"]
        );
    }

    #[test]
    fn a_program_that_has_both_names_has_renamed_nothing() {
        let renames = renames(&[("c", "a"), ("c", "b")]);
        let of_all = |names: &[&str]| renames.of_all(names.iter().copied()).into_iter().collect::<Vec<_>>();
        assert_eq!(of_all(&["a", "x", "a"]), [("a".to_owned(), "c".to_owned())]);
        assert_eq!(of_all(&["a", "c"]), []);
        assert_eq!(of_all(&["a", "b"]).len(), 1, "two sites stay two");
    }

    #[test]
    fn patterns_that_leave_the_name_open_are_refused() {
        for (now, was) in
            [("a", "a"), ("a::*", "b"), ("a", "b::*"), ("*::*", "b::*"), ("a?", "b?"), ("a", "")]
        {
            assert_eq!(Rename::new(now, was), Err(NotARename), "{was} -> {now}");
        }
    }

    #[test]
    fn a_site_of_other_calls_is_no_guess() {
        assert_eq!(guessed(&[run("f", "a.rs", 1, 10)], &[run("g", "a.rs", 1, 11)]), []);
        assert_eq!(guessed(&[run("f", "a.rs", 1, 0)], &[run("g", "a.rs", 1, 0)]), []);
    }

    #[test]
    fn a_moved_function_is_known_by_its_last_name_and_a_renamed_one_by_its_place() {
        let gone = [run("m::f", "a.rs", 1, 10), run("m::g", "a.rs", 20, 10)];
        let new = [run("m::h", "a.rs", 22, 10), run("n::f", "b.rs", 90, 10)];
        let expected = [("m::f", "n::f"), ("m::g", "m::h")];
        assert_eq!(guessed(&gone, &new), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn no_site_is_guessed_twice() {
        let gone = [run("f", "a.rs", 1, 10), run("g", "a.rs", 2, 10)];
        assert_eq!(guessed(&gone, &[run("h", "a.rs", 1, 10)]).len(), 1);
    }
}
