//! R14: several copies of the runtime in one process (two versions, and those of a library that is loaded) count side by
//! side, and a library that is unloaded leaves nothing behind but what it counted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::workload;
use cargo_darwin::io::run_dir::RunDir;
use darwin_tests::soak::{show, size};
use darwin_tests::{Ended, Fixture, repository};

/// Calls of the library's function each time that it is loaded, as the fixture has it.
const CALLS: u64 = 10;

/// The fixture's files, and beside them the runtime once more under a later version.
fn fixture() -> Fixture {
    let own = files(&repository().join("tests/fixtures/plugins"));
    let macros = files(&repository().join("darwin-macros/src"));
    let runtime = files(&repository().join("darwin-runtime/src"));
    let below = |folder: &'static str| move |(path, text)| (format!("later/{folder}/src/{path}"), text);
    let sources = macros.into_iter().map(below("darwin-macros"));
    let sources = sources.chain(runtime.into_iter().map(below("darwin-runtime")));
    let manifests = [later("darwin-macros"), later("darwin-runtime"), later_workspace()];
    Fixture::of_files(own.into_iter().chain(sources).chain(manifests))
}

/// A package's manifest under the later version. What it says of versions stands there and is not taken from a workspace:
/// cargo would ask the one of this repository, whose target directory the fixture lies in.
fn later(name: &str) -> (String, String) {
    let text = read(&format!("{name}/Cargo.toml"));
    let macros = "darwin-macros = { path = \"../darwin-macros\", version = \"=0.2.0\" }";
    let text = text.replace("version.workspace = true", "version = \"0.2.0\"");
    let text = text.replace("rust-version = \"0.2.0\"", "rust-version.workspace = true");
    (format!("later/{name}/Cargo.toml"), text.replace("darwin-macros.workspace = true", macros))
}

/// The workspace that both packages take everything else from.
fn later_workspace() -> (String, String) {
    let text = read("Cargo.toml");
    let is_other =
        |line: &&str| !["members", "default-members", "exclude"].iter().any(|key| line.starts_with(key));
    let kept: Vec<&str> = text.lines().filter(is_other).collect();
    let members = "[workspace]\nmembers = [\"darwin-macros\", \"darwin-runtime\"]";
    let text = kept.join("\n").replace("[workspace]", members).replace("0.1.0", "0.2.0");
    ("later/Cargo.toml".to_owned(), text)
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder, by their paths in it.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        match path.is_dir() {
            true => {
                found.extend(files(&path).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)))
            }
            false => found.push((name, fs::read_to_string(&path).expect("a source is text"))),
        }
    }
    found
}

const FEATURES: &str = "darwin-runtime/enabled,later-runtime/enabled";

/// The fixture's measured program, built once with both versions switched on.
fn host() -> &'static Path {
    static HOST: OnceLock<PathBuf> = OnceLock::new();
    HOST.get_or_init(|| {
        let fixture = fixture();
        fixture.cargo(["build", "--quiet", "--bins", "--features", FEATURES]).expect_code(0);
        fixture.target().join("debug/host")
    })
}

/// Calls of each site over all maps that a program leaves, with the number of maps.
fn counted(program: &Path, words: &[&str]) -> (usize, impl Fn(&str) -> u64 + use<>) {
    let folder = RunDir::new().expect("a run directory can be made");
    let output = workload::counting(program, &folder).args(words).output().expect("it can be started");
    assert!(output.status.success(), "{words:?}: {output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{words:?}: {output:?}");
    let maps = folder.maps(0).expect("the maps can be read");
    assert!(maps.iter().all(|map| map.lost == 0), "no call is lost");
    let totals: Vec<_> = maps.iter().map(workload::totals).collect();
    let calls = move |site: &str| {
        let of_site = totals.iter().filter_map(|totals| totals.get(site));
        let of_site: Vec<u64> = of_site.map(|site| site.calls).collect();
        assert!(!of_site.is_empty(), "{site} is listed");
        of_site.into_iter().sum()
    };
    (maps.len(), calls)
}

#[test]
fn copies_of_the_runtime_count_side_by_side() {
    let times = size(100, 1_000_000_u64);
    let (maps, calls) = counted(host(), &["together", &times.to_string()]);
    assert_eq!(maps, 8, "of two versions each in the program and in the library, in two processes");
    let found = ["own", "own_later", "loaded", "loaded_later"].map(calls);
    assert_eq!(found, [3 * times, 3 * times, 3 * times, 6 * times]);
    show(&format!("two versions and a library with both: {found:?} calls in {maps} maps, all there"));
}

#[test]
fn copies_that_are_unloaded_leave_nothing_but_their_counts() {
    let times = size(40, 1000);
    let (maps, calls) = counted(host(), &["cycles", &times.to_string()]);
    // Each time two of the library and one of the child; one of the program itself, and one of its other version.
    assert_eq!(maps as u64, 3 * times + 2);
    let found = ["own", "loaded", "loaded_later"].map(calls);
    assert_eq!(found, [2 * times, CALLS * times, 2 * CALLS * times]);
    show(&format!("loaded and unloaded {times} times: {found:?} calls in {maps} maps, all there"));
}

#[test]
fn copies_that_are_unloaded_by_a_thread_that_counted_leave_their_counts() {
    let times = size(40, 1000);
    let (maps, calls) = counted(host(), &["in-main", &times.to_string()]);
    // Each time two of the library; one of the program itself, and one of its other version.
    assert_eq!(maps as u64, 2 * times + 2);
    assert_eq!(["loaded", "loaded_later"].map(calls), [CALLS * times, 2 * CALLS * times]);
    show(&format!("unloaded {times} times by a thread that counted: {maps} maps, all calls there"));
}

/// The calls that a run's report has for a site.
fn reported(ended: &Ended, site: &str) -> u64 {
    let report = ended.json();
    let sites = report["sites"].as_array().expect("a run has sites");
    let found = sites.iter().find(|one| one["name"] == site).unwrap_or_else(|| panic!("no {site}\n{ended}"));
    found["calls"].as_u64().expect("calls are a number")
}

#[test]
fn copies_are_summed_by_the_tool_also_in_a_program_that_measures_nothing() {
    let fixture = fixture();
    let run = |words: &[&str]| {
        let before = ["run", "--format", "json", "--features", "later-runtime/enabled", "--bin"];
        fixture.darwin(before.iter().chain(words)).expect_code(0)
    };
    let bare = run(&["bare", "--", "7"]);
    assert_eq!(
        ["loaded", "loaded_later"].map(|site| reported(&bare, &format!("plugins_fixture::{site}"))),
        [7, 14]
    );
    let host = run(&["host", "--", "cycles", "5"]);
    let sites = ["host::own", "plugins_fixture::loaded", "plugins_fixture::loaded_later"];
    assert_eq!(sites.map(|site| reported(&host, site)), [10, 50, 100]);
}
