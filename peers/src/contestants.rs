//! Who takes part.

use cargo_darwin::model::Mode;

use crate::error::Error;

/// One way to measure a function, or not to.
#[derive(Debug, Clone, PartialEq)]
pub struct Contestant {
    /// For people.
    pub name: String,
    /// Its name in the binary.
    pub entry: &'static str,
    /// Features that the binary is built with.
    pub features: &'static [&'static str],
    /// For Darwin, switched on: how it counts.
    pub mode: Option<Mode>,
    /// What it tells afterwards.
    pub tells: Tells,
}

/// What a contestant tells of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// Nothing, and should not.
    Nothing,
    /// How many they were.
    Calls,
    /// And their median.
    Median,
}

/// What everything is compared with; the name of the first contestant.
pub const BARE: &str = "bare call";
/// What no true measurement can go below; the name of the third.
pub const FLOOR: &str = "two clock reads, the second after the body (the floor)";

/// The modes of this runtime, in each of which Darwin is a contestant.
const MODES: [Mode; 3] = [Mode::Exact, Mode::Graph, Mode::Adaptive];

/// The peers: name in the binary, which is that of the feature and of the package, and what it tells.
const PEERS: [(&str, Tells); 6] = [
    ("hdrhistogram", Tells::Median),
    ("puffin", Tells::Calls),
    ("metered", Tells::Calls),
    ("fastrace", Tells::Median),
    ("hotpath", Tells::Median),
    ("tracing", Tells::Median),
];

/// Everyone, what others are compared with first.
pub fn all() -> Vec<Contestant> {
    let plain = |name: &str, entry| Contestant {
        name: name.to_owned(),
        entry,
        features: &[],
        mode: None,
        tells: Tells::Nothing,
    };
    let mut all = vec![
        plain(BARE, "bare"),
        plain("two clock reads, unordered", "unordered"),
        plain(FLOOR, "ordered"),
        Contestant { features: &["darwin"], ..plain("Darwin, off", "darwin") },
        Contestant { features: &["darwin", "alloc"], ..plain("Darwin, off, Alloc", "darwin") },
    ];
    all.extend(MODES.into_iter().flat_map(|mode| [darwin(mode, false), darwin(mode, true)]));
    all.extend(PEERS.into_iter().map(|(entry, tells)| peer(entry, tells)));
    all
}

fn darwin(mode: Mode, with_alloc: bool) -> Contestant {
    let word = format!("{mode:?}").to_lowercase();
    let alloc = if with_alloc { ", Alloc" } else { "" };
    Contestant {
        name: format!("Darwin, {word}{alloc}"),
        entry: "darwin",
        features: if with_alloc { &["darwin-on", "alloc"] } else { &["darwin-on"] },
        mode: Some(mode),
        tells: Tells::Median,
    }
}

fn peer(entry: &'static str, tells: Tells) -> Contestant {
    let (what, features): (&str, &'static [&'static str]) = match entry {
        "hdrhistogram" => ("`Instant` and hdrhistogram", &["hdrhistogram"]),
        "puffin" => ("puffin, a frame every 1000 calls", &["puffin"]),
        "metered" => ("metered, `ResponseTime`", &["metered"]),
        "fastrace" => ("fastrace, a root every 1000 calls", &["fastrace"]),
        "hotpath" => ("hotpath, `#[measure]`", &["hotpath"]),
        _ => ("tracing, `#[instrument]` and a least timing layer", &["tracing"]),
    };
    Contestant { name: what.to_owned(), entry, features, mode: None, tells }
}

/// Those whose name has one of the words in it, and the first `always` in any case.
///
/// # Errors
/// When the words leave nobody but these.
pub fn chosen(all: Vec<Contestant>, only: &[String], always: &[&str]) -> Result<Vec<Contestant>, Error> {
    if only.is_empty() {
        return Ok(all);
    }
    let names: Vec<String> = all.iter().map(|one| format!("`{}`", one.name)).collect();
    let has_word =
        |one: &Contestant| only.iter().any(|word| one.name.to_lowercase().contains(&word.to_lowercase()));
    if !all.iter().any(has_word) {
        return Err(Error::Nobody(names.join(", ")));
    }
    Ok(all.into_iter().filter(|one| has_word(one) || always.contains(&one.name.as_str())).collect())
}

/// The packages of the peers.
pub fn packages() -> impl Iterator<Item = &'static str> {
    PEERS.into_iter().map(|(entry, _)| entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_a_name_of_their_own() {
        let mut names: Vec<String> = all().into_iter().map(|one| one.name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn words_choose_and_the_floor_stays() {
        let always = [BARE, FLOOR];
        let some = chosen(all(), &["HOTPATH".to_owned()], &always).unwrap();
        let names: Vec<&str> = some.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, [BARE, FLOOR, "hotpath, `#[measure]`"]);
        assert!(chosen(all(), &["criterion".to_owned()], &always).is_err());
        assert_eq!(chosen(all(), &[], &always).unwrap(), all());
    }

    #[test]
    fn only_darwin_switched_on_has_a_mode() {
        for one in all() {
            assert_eq!(one.mode.is_some(), one.features.contains(&"darwin-on"), "{}", one.name);
        }
    }
}
