//! What cannot be done, with the lines to add by hand.

use std::fmt;
use std::path::Path;

use super::manifest::Addition;
use super::plan::Wanted;
use crate::io::cargo::dependency_lines;

/// Why nothing was changed, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is in the way, and where.
    what: String,
    /// How to get it out of the way; empty where `what` says it.
    help: String,
    /// The lines, by file.
    by_hand: String,
}

impl Refusal {
    /// A refusal by someone who knows what was to be added.
    pub fn new(what: impl Into<String>, help: impl Into<String>, wanted: &Wanted) -> Refusal {
        Refusal { what: what.into(), help: help.into(), by_hand: by_hand(wanted) }
    }

    /// A refusal before anything is known of the package.
    pub fn early(what: impl Into<String>) -> Refusal {
        Refusal { what: what.into(), help: String::new(), by_hand: general() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        match self.by_hand.trim_end() {
            "" => write!(f, "\nnothing was changed"),
            lines => write!(f, "\nnothing was changed; by hand it is\n{lines}"),
        }
    }
}

fn by_hand(wanted: &Wanted) -> String {
    let manifests = wanted.additions.iter().map(|(path, addition)| part(path, &addition.lines()));
    let files = wanted.files.iter().map(|file| {
        let lines: Vec<String> = file.text.lines().map(str::to_owned).collect();
        part(&file.path, &lines)
    });
    manifests.chain(files).collect()
}

fn part(path: &Path, lines: &[String]) -> String {
    let lines = lines.iter().map(|line| format!("    {line}").trim_end().to_owned() + "\n");
    format!("\nin {}:\n{}", path.display(), lines.collect::<String>())
}

fn general() -> String {
    let bench = Addition::Bench { name: "hotpath".to_owned(), required: Vec::new() };
    let bench: String = bench.lines().iter().map(|line| format!("    {line}\n")).collect();
    format!(
        "\nin the package's Cargo.toml:\n    [dependencies]   # with one of\n{}\n\n{bench}\nand benches/hotpath.rs, see docs/benches.md of Darwin\n",
        dependency_lines()
    )
}
