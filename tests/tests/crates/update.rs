//! The update of a dependency is a change like any other: each side is built with the versions of its own Cargo.lock, as
//! far as git has it.

use std::fs;
use std::path::Path;

use darwin_tests::{Ended, Fixture, cargo_darwin};

use super::{registry, site};

/// Versions of httparse: the later one lets UTF-8 through in a path, which tells them apart.
const OLD: &str = "1.9.5";
const NEW: &str = "1.10.1";

const MANIFEST: &str = r#"[package]
name = "update-fixture"
version = "0.1.0"
edition = "2024"

[[bench]]
name = "speed"
harness = false

[dependencies]
darwin-runtime = { path = "{darwin-runtime}" }
httparse = ">=1.9.5, <1.11"

[workspace]
"#;

const LIBRARY: &str = r#"//! Reads requests with a parser from the registry.

/// How many headers a request has, if it is one.
#[darwin_runtime::hotpath]
pub fn headers(request: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut parsed = httparse::Request::new(&mut headers);
    let status = parsed.parse(request).ok()?;
    status.is_complete().then_some(parsed.headers.len())
}
"#;

const BENCH: &str = r#"//! A request, and a line about the parser that reads it.

use std::fs::OpenOptions;
use std::io::Write;

use darwin_runtime::Bencher;

const REQUEST: &[u8] = b"GET /a/rather/long/path/of/a/page HTTP/1.1\r\nHost: www.example.org\r\n\
Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-GB,en;q=0.5\r\nConnection: keep-alive\r\n\r\n";

#[darwin_runtime::bench]
fn request(b: &mut Bencher) {
    tell_the_parser();
    b.iter(|| update_fixture::headers(std::hint::black_box(REQUEST)));
}

fn tell_the_parser() {
    let Some(log) = std::env::var_os("PARSER_LOG") else { return };
    let is_new = update_fixture::headers("GET /\u{e9} HTTP/1.1\r\n\r\n".as_bytes()).is_some();
    let folder = std::env::current_dir().expect("there is a folder");
    let mut log = OpenOptions::new().create(true).append(true).open(log).expect("the log can be written");
    let parser = if is_new { "new" } else { "old" };
    // In one piece: the other side tells at the same time.
    let line = format!("{parser} in {}\n", folder.display());
    log.write_all(line.as_bytes()).expect("the log can be written");
}

darwin_runtime::main!();
"#;

/// Wide enough for a verdict in little time; the bench around the function is not judged.
const SETTINGS: &str = r#"tolerance = "5%"
tail-tolerance = "off"
max-time = "90s"

[[site]]
match = "speed::*"
gate = false
"#;

/// An application that has the old parser, recorded and committed.
fn application() -> Fixture {
    // Asked for by themselves, so that a registry that cannot be reached is told as such.
    for version in [OLD, NEW] {
        registry::source("httparse", version);
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (file, text) in [("src/lib.rs", LIBRARY), ("benches/speed.rs", BENCH), ("darwin.toml", SETTINGS)] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let fixture = Fixture::of_folder("fixtures", folder.path(), MANIFEST);
    take_parser(&fixture, OLD);
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("the baseline, with the old parser");
    fixture
}

fn take_parser(fixture: &Fixture, version: &str) {
    fixture.cargo(["update", "--quiet", "httparse", "--precise", version]).expect_code(0);
}

/// A check, and which parser it saw on each side: candidate, baseline.
fn check(fixture: &Fixture) -> (Ended, [Vec<String>; 2]) {
    let log = fixture.target().join("parsers");
    fs::write(&log, "").expect("the target directory can be written");
    let mut command = fixture.command(cargo_darwin());
    let ended = Ended::of(command.args(["darwin", "check", "--format", "json"]).env("PARSER_LOG", &log));
    let text = fs::read_to_string(&log).expect("the benches have told");
    let lines = text.lines().map(|line| line.split_once(" in ").expect("PARSER in FOLDER"));
    let (candidate, baseline): (Vec<_>, Vec<_>) = lines.partition(|(_, at)| Path::new(at) == fixture.root());
    let parsers = |side: Vec<(&str, &str)>| {
        let mut parsers: Vec<String> = side.into_iter().map(|(parser, _)| parser.to_owned()).collect();
        parsers.sort();
        parsers.dedup();
        parsers
    };
    (ended, [parsers(candidate), parsers(baseline)])
}

#[test]
fn the_update_of_a_dependency_is_judged_by_the_lock_files_and_told_to_be_unseen_where_git_has_none() {
    let fixture = application();
    take_parser(&fixture, NEW);
    let (ended, parsers) = check(&fixture);
    assert_eq!(parsers, [["new"], ["old"]], "{ended}");

    let report = ended.json();
    assert!(["APPROVE", "REJECT"].iter().any(|verdict| report["verdict"] == *verdict), "{ended}");
    assert!(report["blocks"].as_u64() > Some(0), "{ended}");
    let p50 = &site(&report, "update_fixture::headers")["metrics"]["p50"];
    let number = |key: &str| p50[key].as_f64().unwrap_or_else(|| panic!("{key} is no number\n{ended}"));
    assert!(number("baseline_ns") > 0.0 && number("candidate_ns") > 0.0, "{ended}");
    assert!(number("low_percent") <= number("change_percent"), "{ended}");
    assert!(number("change_percent") <= number("high_percent"), "{ended}");
    assert_eq!(fixture.git(["status", "--porcelain"]), " M Cargo.lock\n");

    // Many keep the lock file out of git. Then nothing tells the old version from the new one.
    fixture.write(".gitignore", "/Cargo.lock\n");
    fixture.git(["rm", "--quiet", "--cached", "Cargo.lock"]);
    let record = fixture.read("darwin.baseline.toml");
    fixture.write("darwin.baseline.toml", &(record + "# recorded with the old parser\n"));
    fixture.commit("no lock file");
    let (ended, [_, baseline]) = check(&fixture);
    let report = ended.expect_code(0).json();
    assert_eq!(report["baseline"]["how"], "identical", "{report:#}");
    assert!(report["notes"].to_string().contains("commit Cargo.lock"), "{report:#}");
    assert_eq!(baseline, [""; 0], "identical code has not to run");
}
