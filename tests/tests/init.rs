//! `cargo darwin init` on packages and workspaces as people have them: what is missing comes in, what is there stays byte for
//! byte, and what it cannot do it refuses before anything is written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use darwin_tests::schema::is_as_published;
use darwin_tests::{Ended, Fixture, cargo_darwin, place, repository};

/// A folder outside of any workspace and repository.
struct Place(tempfile::TempDir);

impl Place {
    /// With these files.
    fn with(files: &[(&str, &str)]) -> Place {
        let place = Place(tempfile::tempdir().expect("a folder can be made"));
        files.iter().for_each(|(path, text)| place.write(path, text));
        place
    }

    /// A package `tally` with a library.
    fn package(manifest: &str) -> Place {
        Place::with(&[("Cargo.toml", manifest), ("src/lib.rs", LIBRARY)])
    }

    /// A virtual workspace of the packages `one` and `two`, with these lines in its manifest.
    fn workspace(lines: &str) -> Place {
        let root = format!("[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n{lines}");
        let place = Place::with(&[("Cargo.toml", &root)]);
        for name in ["one", "two"] {
            place.write(&format!("{name}/Cargo.toml"), &MANIFEST.replace("tally", name));
            place.write(&format!("{name}/src/lib.rs"), LIBRARY);
        }
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().canonicalize().expect("it is there").join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// `cargo darwin init` in a folder of it.
    fn init_in(&self, folder: &str, args: &[&str]) -> Ended {
        init_by(cargo_darwin(), &self.path(folder), args)
    }

    fn init(&self, args: &[&str]) -> Ended {
        self.init_in("", args)
    }

    /// Every file with its content.
    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.path("")];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).expect("a folder can be read") {
                let path = entry.expect("a folder can be read").path();
                match path.is_dir() {
                    true => open.push(path),
                    false => drop(found.insert(path.clone(), fs::read(&path).expect("a file can be read"))),
                }
            }
        }
        found
    }

    /// It ends with 2, these words and the lines to add by hand, and changes nothing.
    #[track_caller]
    fn refuses(&self, args: &[&str], words: &[&str]) {
        let before = self.everything();
        let ended = self.init(args).expect_code(2);
        for words in words {
            assert!(ended.stderr.contains(words), "stderr lacks `{words}`\n{ended}");
        }
        assert!(ended.stderr.contains("\nnothing was changed; by hand it is\n"), "{ended}");
        assert!(ended.stderr.contains("    [[bench]]\n    name = \""), "{ended}");
        assert_eq!(self.everything(), before);
    }
}

/// A hook that runs these tests would name its repository.
fn init_by(program: &Path, folder: &Path, args: &[&str]) -> Ended {
    let mut command = Command::new(program);
    command.args(["darwin", "init"]).args(args).current_dir(folder);
    Ended::of(command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE"))
}

const MANIFEST: &str = "[package]\nname = \"tally\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies] # few\n# fast\nserde = {version=\"1\"}\n";
const LIBRARY: &str = "pub fn short() {}\n\npub fn total(text: &str) -> usize {\n    text.len()\n}\n";

/// What the path of the runtime ends in, from wherever.
const RUNTIME: &str = "/darwin-runtime\" }\n";

#[test]
fn a_fresh_library_goes_from_init_to_an_approved_check() {
    let fresh = tempfile::tempdir().expect("a folder can be made");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["new", "--quiet", "--lib", "--vcs", "none", "adopted"]);
    Ended::of(cargo.current_dir(fresh.path())).expect_code(0);
    let folder = fresh.path().join("adopted");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("cargo has written it");
    // The copy lies below this repository. Whatever warns in what is generated is an error.
    let rest = "\n[lints.rust]\nwarnings = \"deny\"\n\n[workspace]\n";
    let fixture = Fixture::of_folder("fixtures", &folder, &format!("{manifest}{rest}"));

    let ended =
        fixture.darwin(["init"]).expect_code(0).expect_stdout("created  benches/hotpath.rs  a first bench");
    ended.expect_stdout("for example adopted::add (src/lib.rs:1)").expect_stdout("3. cargo darwin run ");
    // As it is, it can be run, and says what it measures.
    fixture.darwin(["run"]).expect_code(0).expect_stdout("hotpath::placeholder");

    // The next steps, as they were told.
    let call = "    b.iter(|| adopted::add(std::hint::black_box(1), 2));\n}\n\ndarwin_runtime::main!();\n";
    let bench = fixture.read("benches/hotpath.rs");
    let (before, _) = bench.split_once("    let numbers").expect("a placeholder");
    fixture.write("benches/hotpath.rs", &format!("{before}{call}").replace("fn placeholder", "fn additions"));
    fixture.replace("src/lib.rs", "pub fn add", "#[darwin_runtime::hotpath]\npub fn add");
    fixture.darwin(["run"]).expect_code(0).expect_stdout("adopted::add");
    fixture.darwin(["baseline"]).expect_code(0).expect_stdout("2 sites in 1 workload");
    fixture.commit("adopted");
    fixture.darwin(["check"]).expect_code(0).expect_stdout("APPROVE");

    fixture.darwin(["init"]).expect_code(0).expect_stdout("nothing to do: all of it is there");
    assert_eq!(fixture.git(["status", "--porcelain"]), "");
}

#[test]
fn a_second_run_changes_nothing_and_a_dry_run_never_does() {
    let place = Place::package(MANIFEST);
    let before = place.everything();
    let dry = place.init(&["--dry-run"]).expect_code(0).expect_stdout("would create  benches/hotpath.rs");
    let dry =
        dry.expect_stdout("would change  Cargo.toml").expect_stdout("\n    + darwin-runtime = { path = ");
    dry.expect_stdout("nothing was written (--dry-run)");
    assert_eq!(place.everything(), before);

    place.init(&[]).expect_code(0).expect_stdout("created  darwin.toml").expect_stdout("changed  Cargo.toml");
    let after = place.everything();
    let names =
        ["Cargo.toml", "benches/hotpath.rs", "darwin.toml", "src/lib.rs"].map(|name| place.path(name));
    assert_eq!(after.keys().cloned().collect::<Vec<_>>(), names);
    for args in [&[][..], &["--dry-run"], &["--bench", "other"]] {
        let again = place.init(args).expect_code(0).expect_stdout("nothing to do: all of it is there");
        assert!(!again.stdout.contains("create") && !again.stdout.contains("change "), "{again}");
        assert_eq!(place.everything(), after);
    }
}

#[test]
fn what_stands_in_a_manifest_stays_to_the_byte() {
    let place = Place::package(&MANIFEST.replace('\n', "\r\n"));
    place.init(&[]).expect_code(0);
    let manifest = place.read("Cargo.toml");
    let (before, after) = MANIFEST.split_once("# fast").expect("it has a comment");
    let line = |text: &str| text.replace('\n', "\r\n");
    assert!(manifest.starts_with(&(line(before) + "darwin-runtime = { path = \"")), "{manifest}");
    assert!(manifest.contains(&line(&format!("# fast{after}"))), "{manifest}");
    assert!(
        manifest.ends_with("\r\n\r\n[[bench]]\r\nname = \"hotpath\"\r\nharness = false\r\n"),
        "{manifest}"
    );
}

#[test]
fn of_several_packages_one_has_to_be_named() {
    let place = Place::workspace("");
    let before = place.everything();
    place.init(&[]).expect_code(2).expect_stderr("choose one with -p from one, two");
    assert_eq!(place.everything(), before);

    let ended = place.init(&["-p", "two"]).expect_code(0).expect_stdout("created  two/benches/hotpath.rs");
    ended.expect_stdout("cargo darwin run -p two ").expect_stdout("two::total (src/lib.rs:3)");
    assert!(place.read("two/Cargo.toml").contains(RUNTIME) && place.read("darwin.toml").contains("two::*"));
    assert_eq!(place.read("one/Cargo.toml"), MANIFEST.replace("tally", "one"));

    // The first one's bench may not be called the same: both are recorded in one file. Its runtime has to be the same.
    let ended = place.init_in("one", &[]).expect_code(0).expect_stdout("unchanged  ../darwin.toml");
    ended.expect_stdout("benches/one_hotpath.rs  a first bench");
    let runtime = |name: &str| {
        let manifest = place.read(&format!("{name}/Cargo.toml"));
        manifest.lines().find(|line| line.starts_with("darwin-runtime")).expect("it has come in").to_owned()
    };
    assert_eq!(runtime("one"), runtime("two"));
    for args in [["--manifest-path", "one/Cargo.toml"], ["-p", "two"]] {
        place.init(&args).expect_code(0).expect_stdout("nothing to do");
    }
}

#[test]
fn a_workspace_that_shares_its_dependencies_shares_this_one() {
    let place = Place::workspace("\n[workspace.dependencies]\nserde = \"1\" # ours\n");
    place.init(&["-p", "one"]).expect_code(0).expect_stdout("changed  Cargo.toml");
    let root = place.read("Cargo.toml");
    assert!(root.contains(RUNTIME) && root.ends_with("serde = \"1\" # ours\n"), "{root}");
    assert!(place.read("one/Cargo.toml").contains("\ndarwin-runtime.workspace = true\n"));

    let second = place.init(&["-p", "two"]).expect_code(0);
    assert!(!second.stdout.contains(" Cargo.toml"), "{second}");
    assert!(place.read("two/Cargo.toml").contains("\ndarwin-runtime.workspace = true\n"));
    assert_eq!(place.read("Cargo.toml"), root);
}

#[test]
fn the_runtime_comes_from_where_the_program_does_or_from_where_it_is_told() {
    let git = &["--git", "https://host.invalid/darwin", "--branch", "main"][..];
    let clone = repository().to_str().expect("a path that is UTF-8");
    for (args, line) in [
        (&[][..], "/darwin-runtime\" }"),
        (&["--path", clone], "/darwin-runtime\" }"),
        (git, "darwin-runtime = { git = \"https://host.invalid/darwin\", branch = \"main\" }"),
    ] {
        let place = Place::package(MANIFEST);
        place.init(args).expect_code(0);
        let manifest = place.read("Cargo.toml");
        assert!(manifest.contains(line), "{args:?}: {manifest}");
        let path = manifest
            .lines()
            .find_map(|line| line.strip_prefix("darwin-runtime = { path = \"")?.strip_suffix("\" }"));
        assert!(path.is_none_or(|path| place.path(path).join("src/lib.rs").is_file()), "{manifest}");
    }
    Place::package(MANIFEST)
        .init(&["--path", "src"])
        .expect_code(2)
        .expect_stderr("there is no darwin-runtime in");

    // As `cargo install --git` leaves it. Linked, for a program that was just copied may still be open somewhere.
    let installed = tempfile::tempdir_in(place("installed")).expect("a folder can be made");
    let record = "[v1]\n\"cargo-darwin 0.1.0 (git+https://host.invalid/darwin#0123456789abcdef)\" = [\"cargo-darwin\"]\n";
    fs::write(installed.path().join(".crates.toml"), record).expect("a file can be written");
    fs::create_dir(installed.path().join("bin")).expect("a folder can be made");
    let program = installed.path().join("bin/cargo-darwin");
    fs::hard_link(cargo_darwin(), &program).expect("both are in the target directory");
    let place = Place::package(MANIFEST);
    init_by(&program, &place.path(""), &[]).expect_code(0);
    let line = "darwin-runtime = { git = \"https://host.invalid/darwin\", rev = \"0123456789abcdef\" }\n";
    assert!(place.read("Cargo.toml").contains(line), "{}", place.read("Cargo.toml"));
}

#[test]
fn what_cannot_be_done_is_refused_whole() {
    let damaged = Place::package(&format!("{MANIFEST}[features\n"));
    damaged.refuses(&[], &["Cargo.toml:9: ", "| [features", "darwin-runtime = { git = \"URL\" }"]);

    let inline = MANIFEST.split_once("\n[dependencies]").map_or("", |(head, _)| head);
    let inline = Place::package(&format!("dependencies = {{ serde = \"1\" }}\n{inline}"));
    inline.refuses(
        &[],
        &["Cargo.toml: [dependencies] darwin-runtime", "without changing a line", "\n    darwin-runtime = {"],
    );

    let read_only = Place::package(MANIFEST);
    let manifest = read_only.path("Cargo.toml");
    let mut permissions = fs::metadata(&manifest).expect("it is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&manifest, permissions).expect("it is ours");
    read_only.refuses(&[], &["Cargo.toml: is read-only", "chmod u+w", "\n    darwin-runtime = { path = "]);
    read_only.refuses(&["--dry-run"], &["is read-only"]);

    let taken = Place::package(MANIFEST);
    taken.write("benches/hotpath.rs", "fn main() {}\n");
    taken.refuses(
        &[],
        &["there is a bench `hotpath` already", "--bench NAME", "    #[darwin_runtime::bench]"],
    );
    taken.init(&["--bench", "speed"]).expect_code(0).expect_stdout("created  benches/speed.rs");
    assert_eq!(taken.read("benches/hotpath.rs"), "fn main() {}\n");

    let inherits = Place::workspace("");
    inherits.write(
        "one/Cargo.toml",
        &format!("{MANIFEST}darwin-runtime.workspace = true\n").replace("tally", "one"),
    );
    inherits.refuses(&["-p", "one"], &["error inheriting `darwin-runtime`", "one/Cargo.toml"]);

    let no_folder = Place::package(MANIFEST);
    no_folder.write("benches", "a file in place of the folder\n");
    let before = no_folder.everything();
    no_folder.init(&[]).expect_code(2).expect_stderr("; nothing was changed");
    assert_eq!(no_folder.everything(), before);

    let config = Place::package(MANIFEST);
    config.write("darwin.toml", "tolerence = \"1%\"\n");
    config.init(&[]).expect_code(2).expect_stderr("darwin.toml:1: unknown key `tolerence`");
}

#[test]
fn without_a_repository_it_says_that_check_needs_one() {
    let place = Place::package(MANIFEST);
    place
        .init(&["-n"])
        .expect_code(0)
        .expect_stdout("note: there is no git repository: `run` and `baseline` work without one");
    Ended::of(Command::new("git").args(["init", "--quiet"]).current_dir(place.path(""))).expect_code(0);
    let with = place.init(&["-n"]).expect_code(0);
    assert!(!with.stdout.contains("git repository"), "{with}");
}

#[test]
fn a_bench_that_imports_what_it_calls_is_a_first_bench() {
    let bench = "\n[[bench]]\nname = \"speed\"\nharness = false\n";
    let place = Place::package(&format!("{MANIFEST}{bench}"));
    place.write("benches/speed.rs", "use darwin_runtime::main;\n\nmain!();\n");
    let ended =
        place.init(&[]).expect_code(0).expect_stdout("unchanged  benches/speed.rs  the bench is there");
    assert!(!ended.stdout.contains("hotpath.rs"), "{ended}");
}

#[test]
fn the_result_is_a_document_for_machines_too() {
    let place = Place::package(MANIFEST);
    let report = place.init(&["--dry-run", "--format", "json"]).expect_code(0).json();
    is_as_published(&report);
    assert_eq!((&report["schema"], &report["package"]), (&"darwin.init.v1".into(), &"tally".into()));
    assert_eq!((&report["dry_run"], &report["files"][0]["change"]), (&true.into(), &"created".into()));
    assert_eq!(report["files"][2]["path"], "Cargo.toml");
    assert_eq!(report["files"][2]["added_lines"][1], "[[bench]]");
    assert_eq!(report["next"][2]["command"], "cargo darwin run");
    place
        .init(&["--dry-run", "--format", "markdown"])
        .expect_code(0)
        .expect_stdout("- would create `darwin.toml`: ");
}
