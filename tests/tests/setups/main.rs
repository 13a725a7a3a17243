//! Every way in which people have their crates, as a table: a set-up, what is typed in it, and what must be seen.
//!
//! Each row is a test of its own and a line of docs/setups.md. Rows that compile much, or are much like others, are left for
//! `DARWIN_SOAK=full cargo test -p darwin-tests --test setups`, which also has every set-up checked against its own
//! first commit: both sides must come out as the same machine code.

#[macro_use]
mod setup;
#[macro_use]
mod texts;

mod builds;
mod dependencies;
mod flags;
mod options;
mod packages;
mod places;

use darwin_tests::repository;
use setup::Setup;

/// The tables in the order of docs/setups.md, under their headings there.
const TABLES: [(&str, &[Setup]); 6] = [
    ("Packages and workspaces", packages::ALL),
    ("The dependency", dependencies::ALL),
    ("Flags for rustc", flags::ALL),
    ("Profiles, build scripts and macros", builds::ALL),
    ("Options of cargo", options::ALL),
    ("Places and tools", places::ALL),
];

#[test]
fn the_book_has_the_table_word_for_word() {
    let page = std::fs::read_to_string(repository().join("docs/setups.md")).expect("the page is there");
    let mut table = String::new();
    for (heading, rows) in TABLES {
        table += &format!(
            "## {heading}\n\n| set-up | what is typed | what is seen | calls |\n|---|---|---|---|\n"
        );
        table.extend(rows.iter().map(Setup::line));
        table += "\n";
    }
    assert!(page.contains(table.trim_end()), "docs/setups.md lacks this, as it stands:\n{table}");
}

#[test]
fn no_two_set_ups_share_a_name() {
    let mut names: Vec<&str> = TABLES.iter().flat_map(|(_, rows)| *rows).map(|row| row.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "cargo would take one program for the other");
}
