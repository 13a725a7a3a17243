//! Programs that count into a run directory of ours, and what they leave there: `cargo darwin` itself shows nothing of
//! a workload that failed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_darwin::io::map::{Map, SiteTotals};
use cargo_darwin::io::run_dir::RunDir;
use darwin_tests::Fixture;

/// Builds the program of a fixture with measurement on, as `options` of cargo say.
pub fn built(fixture: &Fixture, options: &[&str]) -> PathBuf {
    let mut arguments = vec!["build", "--quiet", "--features", "darwin-runtime/enabled"];
    arguments.extend_from_slice(options);
    fixture.cargo(arguments).expect_code(0);
    let manifest = fixture.read("Cargo.toml");
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = ")).expect("a package has a name");
    let profile = if options.contains(&"--release") { "release" } else { "debug" };
    fixture.target().join(profile).join(name.trim_matches('"'))
}

/// A command that counts into `folder`.
pub fn counting(program: &Path, folder: &RunDir) -> Command {
    let (name, value) = folder.variable(0);
    let mut command = Command::new(program);
    command.env(name, value);
    command
}

/// The one map in `folder`.
pub fn only_map(folder: &RunDir) -> Map {
    let mut maps = folder.maps(0).expect("the maps can be read");
    assert_eq!(maps.len(), 1, "one process, one map");
    maps.remove(0)
}

/// What each site of a map counted, by its name without the crate.
pub fn totals(map: &Map) -> BTreeMap<String, SiteTotals> {
    let totals = map.totals().expect("the map is whole");
    map.sites
        .iter()
        .zip(totals)
        .filter_map(|(raw, totals)| {
            let name = &raw.site.as_ref()?.name;
            Some((name.split_once("::").map_or(name.as_str(), |(_, rest)| rest).to_owned(), totals))
        })
        .collect()
}
