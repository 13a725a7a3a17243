//! A lock file from before, which holds an older version than measurement needs: cargo's words are followed by the one command
//! that helps, and that command does help.

use darwin_tests::{Ended, Fixture};

/// What a lock file of early 2024 holds.
const OLD_LOCK: &str = "version = 4

[[package]]
name = \"libc\"
version = \"0.2.153\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"9c198f91728a82281a64e1f4f9eeb25d82cb32a5de251c6bd1b5154d63a8e7bd\"

[[package]]
name = \"old-lock\"
version = \"0.1.0\"
dependencies = [
 \"libc\",
]
";

/// A package with that lock file, after `init`; an editor has asked cargo about it since.
fn adopted() -> Fixture {
    let manifest = "[package]\nname = \"old-lock\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nlibc = \"0.2\"\n\n[workspace]\n";
    let files = [("Cargo.toml", manifest), ("src/lib.rs", "pub fn total() {}\n")];
    let fixture = Fixture::of_files(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
    fixture.write("Cargo.lock", OLD_LOCK);
    fixture.darwin(["init"]).expect_code(0);
    assert_eq!(fixture.read("Cargo.lock"), OLD_LOCK, "`init` leaves the lock file alone");
    fixture.cargo(["metadata", "--format-version", "1"]).expect_code(0);
    fixture.write("darwin.baseline.toml", "version = 1\n");
    fixture.commit("adopted");
    fixture
}

/// The command that a message names.
fn remedy(text: &str) -> Vec<String> {
    let (_, command) = text.split_once("run `cargo ").unwrap_or_else(|| panic!("no command in\n{text}"));
    let (command, _) = command.split_once('`').expect("a command ends");
    command.split(' ').map(str::to_owned).collect()
}

#[track_caller]
fn names_the_remedy(text: &str) {
    assert!(text.contains("Cargo.lock holds libc 0.2.153, and rustix v"), "{text}");
    assert_eq!(remedy(text), ["update", "libc@0.2.153"], "{text}");
}

#[test]
fn a_version_that_is_too_old_is_named_with_the_command_that_moves_it() {
    let fixture = adopted();
    let lock = fixture.read("Cargo.lock");
    // Whoever asks again is told before anything is built.
    let again: Ended = fixture.darwin(["init"]).expect_code(0).expect_stdout("nothing to do");
    names_the_remedy(&again.stdout);
    names_the_remedy(&fixture.darwin(["run"]).expect_code(4).stderr);
    let check = fixture.darwin(["check", "--against", "HEAD"]).expect_code(4);
    names_the_remedy(&check.stdout);
    assert_eq!(fixture.read("Cargo.lock"), lock, "a build that fails changes nothing");

    fixture.cargo(remedy(&check.stdout)).expect_code(0);
    let well = fixture.darwin(["init"]).expect_code(0);
    assert!(!well.stdout.contains("Cargo.lock holds"), "{well}");
    fixture.darwin(["run"]).expect_code(0).expect_stdout("hotpath::placeholder");
    // The commit still has the old one: its code cannot be had, and updating it there is nothing that anyone could do.
    let check = fixture.darwin(["check", "--against", "HEAD"]);
    let told = "in its commit Cargo.lock holds libc 0.2.153, and rustix v";
    assert!(check.stdout.contains(told) && !check.stdout.contains("cargo update"), "{check}");
}
