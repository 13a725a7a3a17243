//! `cargo darwin init` on packages of every edition and shape: what it writes compiles without a warning, and its next steps,
//! taken as they were told, show the user's own function.

use darwin_tests::{Ended, Fixture};

/// A package with these files; whatever warns in what is generated is an error.
fn package(name: &str, lines: &str, files: &[(&str, &str)]) -> Fixture {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{lines}\n[lints.rust]\nwarnings = \"deny\"\n\n[workspace]\n"
    );
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Fixture::of_files(std::iter::once(("Cargo.toml".to_owned(), manifest)).chain(files))
}

/// The first two of the next steps: the attribute in `source`, and the call that the bench itself suggests.
fn follow(fixture: &Fixture, source: &str, arguments: &str) {
    fixture.replace(source, "pub fn total", "#[darwin_runtime::hotpath]\npub fn total");
    let bench = fixture.read("benches/hotpath.rs");
    let suggested =
        bench.lines().find_map(|line| line.strip_prefix("//     ")).expect("a call to begin with");
    let call = suggested.replace("/* arguments */", arguments);
    let (before, after) = bench.split_once("    let numbers").expect("a placeholder");
    let (_, after) = after.split_once("\n}\n").expect("the placeholder ends");
    fixture.write("benches/hotpath.rs", &format!("{before}    {call}\n}}\n{after}"));
}

fn run(fixture: &Fixture) -> Ended {
    fixture.darwin(["run", "--format", "json"]).expect_code(0)
}

/// How often a function was called.
fn calls(ended: &Ended, name: &str) -> u64 {
    let report = ended.json();
    let sites = report["sites"].as_array().expect("a run has sites").clone();
    let site = sites.iter().find(|site| site["name"] == name);
    site.unwrap_or_else(|| panic!("no {name}\n{ended}"))["calls"].as_u64().expect("calls are a number")
}

const LIBRARY: &str =
    "/// Of all words.\npub fn total(text: &str) -> usize {\n    text.split(' ').count()\n}\n";

#[test]
fn a_library_of_edition_2015_is_adopted() {
    let fixture = package("init-edition-2015", "", &[("src/lib.rs", LIBRARY)]);
    fixture.darwin(["init"]).expect_code(0).expect_stdout("for example init_edition_2015::total");
    assert!(fixture.read("benches/hotpath.rs").contains("\nextern crate init_edition_2015 as _;\n"));
    follow(&fixture, "src/lib.rs", "\"a b c\"");
    assert!(calls(&run(&fixture), "init_edition_2015::total") > 0);
}

#[test]
fn a_library_of_edition_2018_without_the_standard_library_is_adopted() {
    let library = format!("#![no_std]\n{LIBRARY}");
    let fixture = package("init-no-std", "edition = \"2018\"\n", &[("src/lib.rs", &library)]);
    let ended = fixture.darwin(["init"]).expect_code(0);
    ended.expect_stdout("note: the library is no_std, and darwin-runtime needs std");
    follow(&fixture, "src/lib.rs", "\"a b c\"");
    assert!(calls(&run(&fixture), "init_no_std::total") > 0);
}

#[test]
fn a_package_of_programs_alone_is_told_to_run_one_or_to_make_a_library() {
    let main = "fn main() {\n    std::process::exit(total(\"a b\") as i32 - 2);\n}\n\n#[darwin_runtime::hotpath]\nfn total(text: &str) -> usize {\n    text.split(' ').count()\n}\n";
    let plain = main.replace("#[darwin_runtime::hotpath]\n", "");
    let fixture = package("init-program", "edition = \"2021\"\n", &[("src/main.rs", &plain)]);
    let ended = fixture.darwin(["init"]).expect_code(0);
    ended
        .expect_stdout("move them to src/lib.rs and call them in benches/hotpath.rs")
        .expect_stdout("a [[workload]] with bin = \"init-program\" in darwin.toml");
    // The second of the two, as it stands in darwin.toml: the words behind a # that make up the example.
    fixture.write("src/main.rs", main);
    fixture.replace(
        "darwin.toml",
        "# [[workload]]\n# bin = \"init-program\"\n",
        "[[workload]]\nbin = \"init-program\"\n",
    );
    assert_eq!(calls(&run(&fixture), "init_program::total"), 1);
}

#[test]
fn benches_that_are_declared_already_stay_as_they_are() {
    let lines =
        "edition = \"2021\"\nautobenches = false\n\n[[bench]] # ours\nname = \"speed\"\nharness = false\n";
    let other = "fn main() {}\n";
    let files =
        [("src/lib.rs", LIBRARY), ("benches/speed.rs", other), ("benches/unfinished.rs", "not Rust\n")];
    let fixture = package("init-benches", lines, &files);
    fixture.darwin(["init"]).expect_code(0).expect_stdout("every setting as a comment");
    let manifest = fixture.read("Cargo.toml");
    assert!(manifest.contains(lines), "{manifest}");
    assert_eq!(manifest.matches("[[bench]]").count(), 2, "{manifest}");
    // The other bench would end the run, were it run as well: it has nothing for us.
    let ended = run(&fixture);
    assert!(calls(&ended, "hotpath::placeholder") > 0 && !ended.stdout.contains("speed"), "{ended}");
    fixture.darwin(["init"]).expect_code(0).expect_stdout("nothing to do: all of it is there");
}
