//! Rules of ARCHITECTURE.md that a machine can check.

use std::fs;
use std::path::{Path, PathBuf};

use darwin_tests::repository;

/// Lines of a source file, without its tests.
const MOST_LINES: usize = 400;

/// A source file, as its path in the repository, and its code: without comments, and without `mod tests`.
struct Source {
    path: String,
    lines: Vec<String>,
}

impl Source {
    /// The first line of code that has one of these words, for a message.
    fn line_with(&self, words: &[&str]) -> Option<String> {
        let found = self.lines.iter().position(|line| words.iter().any(|word| code(line).contains(word)))?;
        Some(format!("{}:{}: {}", self.path, found + 1, self.lines[found].trim()))
    }
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// The sources below a folder of the repository; files of nothing but tests are left out.
fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&repository().join(folder), &mut found);
    assert!(!found.is_empty(), "there is nothing in {folder}");
    found.sort();
    found.iter().map(|path| source(path)).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a folder can be read").path();
        let is_tests =
            path.file_stem().is_some_and(|stem| ["tests", "testing"].iter().any(|name| stem == *name));
        match path.is_dir() {
            true => collect(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") && !is_tests => {
                found.push(path)
            }
            false => {}
        }
    }
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("sources are UTF-8");
    // `mod tests` comes last.
    let lines = text.lines().take_while(|line| !line.starts_with("mod tests {")).map(str::to_owned);
    let path = path.strip_prefix(repository()).expect("it is in the repository");
    Source { path: path.display().to_string(), lines: lines.collect() }
}

/// No code below the folder has one of these words.
#[track_caller]
fn none_has(folder: &str, words: &[&str]) {
    let found: Vec<String> = sources(folder).iter().filter_map(|source| source.line_with(words)).collect();
    assert!(found.is_empty(), "{words:?} must not stand in {folder}:\n{}", found.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let folders = [
        "cargo-darwin/src",
        "darwin-runtime/src",
        "darwin-macros/src",
        "proof/src",
        "proof/kept/src",
        "peers/src",
        "peers/contestant/src",
        "peers/verdicts/src",
    ];
    let long = folders.iter().flat_map(|folder| sources(folder)).filter(|file| file.lines.len() > MOST_LINES);
    let long: Vec<String> = long.map(|file| format!("{}: {} lines", file.path, file.lines.len())).collect();
    assert!(long.is_empty(), "longer than {MOST_LINES} lines without tests:\n{}", long.join("\n"));
}

#[test]
fn the_gate_decides_and_touches_nothing() {
    let world = [
        "std::fs",
        "std::env",
        "std::process",
        "std::time",
        "std::net",
        "std::thread",
        "Instant",
        "SystemTime",
    ];
    none_has("cargo-darwin/src/gate", &world);
    none_has("cargo-darwin/src/gate", &["use std::{"]);
}

#[test]
fn what_is_decided_about_hooks_touches_nothing() {
    let world =
        ["std::fs", "std::env", "std::process", "std::time", "std::io", "crate::io", "crate::session"];
    none_has("cargo-darwin/src/hook", &world);
}

#[test]
fn renderers_give_text_and_never_print() {
    none_has(
        "cargo-darwin/src/render",
        &["print!", "println!", "eprint!", "eprintln!", "stdout()", "stderr()"],
    );
}

/// Files whose text may have one of `words`; all other files of the subcommand must not.
#[track_caller]
fn only_these_have(files: &[&str], words: &[&str], remedy: &str) {
    let is_free =
        |source: &Source| files.iter().any(|file| source.path == format!("cargo-darwin/src/{file}"));
    let sources = sources("cargo-darwin/src");
    let others = sources.iter().filter(|source| !is_free(source));
    let found: Vec<String> = others.filter_map(|source| source.line_with(words)).collect();
    assert!(found.is_empty(), "{words:?} stand only in {files:?}: {remedy}\n{}", found.join("\n"));
}

#[test]
fn what_reaches_the_screen_goes_through_one_file() {
    let screen = "session/screen.rs";
    // The warden has no screen; an interrupt clears a line; the probe is the text of another program.
    let ways = ["stdout()", "stderr()", "print!", "println!", "dbg!", ".exit()", "inherit()", "/dev/tty"];
    only_these_have(
        &[screen, "io/interrupt.rs", "io/cargo/flags/probe.rs"],
        &ways,
        "write through `session::screen`, which leaves no escape in what it writes",
    );
    let sets_all_streams = ["io/cargo/build.rs", "io/process.rs", "io/warden.rs"];
    only_these_have(
        &sets_all_streams,
        &[".spawn()"],
        "a child writes to our own screen unless its streams are piped: use `io::command` or `io::process`",
    );
}

/// Elsewhere the lint denies it.
#[test]
fn few_files_of_the_runtime_may_be_unsafe() {
    let may_be = [
        "alloc.rs",
        "clock.rs",
        "injection.rs",
        "layout/links.rs",
        "on/future.rs",
        "on/guard.rs",
        "on/libc.rs",
        "on/local.rs",
        "on/map.rs",
        "on/place.rs",
        "on/recent.rs",
    ];
    let may_be = may_be.map(|file| format!("darwin-runtime/src/{file}"));
    let are =
        sources("darwin-runtime/src").into_iter().filter(|file| file.line_with(&["unsafe_code"]).is_some());
    let are: Vec<String> = are.map(|file| file.path).collect();
    let others: Vec<_> = are.iter().filter(|file| !may_be.contains(file)).collect();
    assert!(others.is_empty(), "let `map` or `place` give out what they need: {others:?}");
    assert_eq!(are.len(), may_be.len(), "take off the list what needs it no longer: {are:?}");
}

#[test]
fn modules_of_the_subcommand_are_used_in_one_direction() {
    for folder in ["gate", "render"] {
        none_has(&format!("cargo-darwin/src/{folder}"), &["crate::io", "crate::session"]);
    }
    none_has("cargo-darwin/src/io", &["crate::session", "crate::render", "crate::gate"]);
    none_has(
        "cargo-darwin/src/model",
        &["crate::io", "crate::session", "crate::render", "crate::gate", "crate::cli", "crate::hook"],
    );
    // `session -> hook` and `io -> hook`: what is decided about hooks needs nothing but data.
    for folder in ["gate", "render"] {
        none_has(&format!("cargo-darwin/src/{folder}"), &["crate::hook"]);
    }
    none_has("cargo-darwin/src/hook", &["crate::gate", "crate::render", "crate::cli", "crate::options"]);
}

#[test]
fn only_the_layout_of_the_map_and_its_units_are_shared_with_the_runtime() {
    let shared = ["layout", "listing", "bucket", "clock", "pacing", "injection"];
    // What begins with a capital is a word for the user, such as `darwin_runtime::Alloc`.
    let is_foreign = |rest: &str| {
        rest.starts_with(|first: char| first.is_lowercase())
            && !shared.iter().any(|name| rest.starts_with(name))
    };
    for file in sources("cargo-darwin/src") {
        for line in &file.lines {
            let mut uses = code(line).split("darwin_runtime::").skip(1);
            assert!(!uses.any(is_foreign), "{}: {}", file.path, line.trim());
        }
    }
}
