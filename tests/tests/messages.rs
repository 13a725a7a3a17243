//! Wrong input, one mistake at a time: each is answered with exit code 2, the place, and what to write instead. Nothing is
//! built for it.

use darwin_tests::{Ended, Fixture, cargo_darwin};

/// A mistake: what is written where, what is typed, and what the answer must hold.
struct Mistake<'a> {
    file: &'a str,
    text: &'a str,
    typed: &'a [&'a str],
    variable: (&'a str, &'a str),
    answer: &'a [&'a str],
}

const CHECK: &[&str] = &["check"];

/// In a file of the copy.
const fn file<'a>(file: &'a str, text: &'a str, answer: &'a [&'a str]) -> Mistake<'a> {
    Mistake { file, text, typed: CHECK, variable: ("DARWIN_TESTS", ""), answer }
}

/// On the command line.
const fn typed<'a>(typed: &'a [&'a str], answer: &'a [&'a str]) -> Mistake<'a> {
    Mistake { file: "", text: "", typed, variable: ("DARWIN_TESTS", ""), answer }
}

/// In the environment.
const fn variable<'a>(name: &'a str, value: &'a str, answer: &'a [&'a str]) -> Mistake<'a> {
    Mistake { file: "", text: "", typed: CHECK, variable: (name, value), answer }
}

fn answer(fixture: &Fixture, mistake: &Mistake<'_>) -> Ended {
    let before = (!mistake.file.is_empty()).then(|| fixture.read(mistake.file));
    if before.is_some() {
        fixture.write(mistake.file, mistake.text);
    }
    let (name, value) = mistake.variable;
    let mut command = fixture.command(cargo_darwin());
    let ended = Ended::of(command.arg("darwin").args(mistake.typed).env(name, value));
    if let Some(before) = before {
        fixture.write(mistake.file, &before);
    }
    ended
}

const CONFIGURATION: [Mistake<'_>; 15] = [
    file(
        "darwin.toml",
        "\ntolerence = \"1%\"",
        &["darwin.toml:2: ", "  | tolerence", "did you mean `tolerance`?"],
    ),
    file("darwin.toml", "tolerance = \"1\"", &["darwin.toml:1: ", "such as 1%"]),
    file("darwin.toml", "tolerance =\n", &["darwin.toml:1: ", "help: a line is KEY = VALUE"]),
    file("darwin.toml", "max-time = \"30\"", &["darwin.toml:1: ", "such as 30s"]),
    file("darwin.toml", "require-faster = \"yes\"", &["darwin.toml:1: ", "help: write true or false"]),
    file("darwin.toml", "# a\n<<<<<<< HEAD\n", &["darwin.toml:2: ", "help: settle the conflict"]),
    file("darwin.toml", "\n[[site]]\ngate = false", &["darwin.toml:2: ", "help: add match = \"NAME\""]),
    file(
        "darwin.toml",
        "[[site]]\nmatch = \"a::*\"\nwas = \"b\"",
        &["darwin.toml:3: ", "  | was = \"b\"", "was = \"old::*\""],
    ),
    file("darwin.toml", "[[workload]]\nname = \"x\"", &["darwin.toml:1: ", "write one of bench = \"NAME\""]),
    file(
        "darwin.toml",
        "[[workload]]\nbench = \"x\"\nargs = \"y\"",
        &["darwin.toml:3: ", "help: write a list of texts"],
    ),
    file(
        "darwin.toml",
        "\n[[workload]]\nbench = \"wark\"",
        &["darwin.toml:2: ", "no bench named `wark`: it has bench work", "name one of these"],
    ),
    file(
        "darwin.toml",
        "[[workload]]\nbench = \"work\"\npackage = \"other\"",
        &["darwin.toml:1: ", "`other`", "-p other"],
    ),
    file(
        "darwin.toml",
        "test-command = [\"no-such-program\"]",
        &["darwin.toml:1: test-command", "no-such-program"],
    ),
    file(
        "darwin.baseline.toml",
        "version = 99\n",
        &["darwin.baseline.toml:1: ", "help: use the cargo darwin that wrote it"],
    ),
    file(
        "darwin.baseline.toml",
        "version = 1\n=======\n",
        &["darwin.baseline.toml:2: ", "help: take either side"],
    ),
];

const USAGE: [Mistake<'_>; 15] = [
    typed(
        &["check", "--config-profile", "ci"],
        &["--config-profile asks for profile `ci`", "has no [profile.ci]; it has none: add [profile.ci]"],
    ),
    typed(
        &["check", "--against", "no-such-revision"],
        &["`no-such-revision` is not a commit", "name a branch, a tag or a hash"],
    ),
    typed(&["check", "--tolerance", "1"], &["--tolerance", "such as 1%"]),
    typed(&["check", "--bench", "wark"], &["no bench named `wark`: it has bench work"]),
    typed(&["check", "--test-command", "no-such-program"], &["--test-command", "no-such-program"]),
    typed(&["run", "-p", "gate"], &["no package `gate`", "choose one with -p from gate-fixture"]),
    typed(
        &["run", "-F", "no-such-feature"],
        &["no-such-feature", "help: the features of a package stand under [features]"],
    ),
    typed(
        &["run", "--manifest-path", "elsewhere/Cargo.toml"],
        &["elsewhere/Cargo.toml", "help: run this in the folder of a package"],
    ),
    typed(
        &["init", "--manifest-path", "Cargo.lock"],
        &[
            "cargo could not read the workspace at Cargo.lock: the manifest-path must be",
            "help: --manifest-path takes the file",
        ],
    ),
    typed(&["run", "--compare", "9999"], &["9999", "help: "]),
    typed(&["run", "--top", "0"], &["--top", "0"]),
    typed(&["baseline", "--accept", ""], &["--accept", "write a name with `*` for any text"]),
    typed(&["chekc"], &["chekc", "similar subcommands exist", "'check'"]),
    variable("DARWIN_TOLERANCE", "NaN%", &["environment variable DARWIN_TOLERANCE", "such as 1%"]),
    variable("DARWIN_REQUIRE_FASTER", "yes", &["environment variable DARWIN_REQUIRE_FASTER", "write 1 or 0"]),
];

#[test]
fn every_mistake_is_answered_with_its_place_and_a_remedy() {
    let fixture = Fixture::new("gate");
    let manifest = fixture.read("Cargo.toml");
    let (no_harness, no_runtime) = (manifest.replace("harness = false", ""), without_runtime(&manifest));
    let in_manifest = [
        file(
            "Cargo.toml",
            &no_harness,
            &[
                "has nothing to run",
                "`cargo darwin init` adds a first bench",
                "bench `work` lacks `harness = false`",
                "or name a workload with --bench",
            ],
        ),
        file(
            "Cargo.toml",
            &no_runtime,
            &["is not measured", "`cargo darwin init` adds it", "Cargo.toml:\n", "    darwin-runtime = { "],
        ),
        file("Cargo.toml", "[package", &["Cargo.toml", "help: mend that first"]),
    ];
    let mut wrong = Vec::new();
    for mistake in CONFIGURATION.iter().chain(&USAGE).chain(&in_manifest) {
        let ended = answer(&fixture, mistake);
        let lacking: Vec<&&str> =
            mistake.answer.iter().filter(|words| !ended.stderr.contains(**words)).collect();
        if ended.code != 2 || !ended.stdout.is_empty() || !lacking.is_empty() {
            let asked = (mistake.typed, mistake.text, mistake.variable);
            wrong.push(format!("{asked:?} lacks {lacking:?}\n{ended}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn without_runtime(manifest: &str) -> String {
    let lines: Vec<&str> = manifest.lines().filter(|line| !line.starts_with("darwin-runtime")).collect();
    lines.join("\n")
}

#[test]
fn outside_of_a_package_and_without_a_baseline_file_the_next_step_is_named() {
    let fixture = Fixture::new("gate");
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    let mut command = fixture.command(cargo_darwin());
    let ended = Ended::of(command.args(["darwin", "run"]).current_dir(elsewhere.path())).expect_code(2);
    ended
        .expect_stderr("could not find `Cargo.toml`")
        .expect_stderr("name its Cargo.toml with --manifest-path");

    fixture.remove("darwin.baseline.toml");
    for typed in [&["check"][..], &["baseline", "--accept", "*"]] {
        let ended = fixture
            .darwin(typed)
            .expect_code(2)
            .expect_stderr("darwin.baseline.toml: there is no baseline file");
        ended.expect_stderr("help: run `cargo darwin baseline` on code that is known to be good");
    }
}

/// Stages a file as it is not in the tree.
fn stage(fixture: &Fixture, file: &str, staged: &str, in_the_tree: &str) {
    fixture.write(file, staged);
    fixture.git(["add", file]);
    fixture.write(file, in_the_tree);
}

#[test]
fn mistakes_in_what_is_staged_are_told_of_the_users_own_files() {
    let fixture = Fixture::new("gate");
    let root = fixture.root().canonicalize().expect("it is there");
    for (file, text, place) in [
        ("darwin.baseline.toml", "version = 1\n=======\n", ":2: "),
        ("darwin.toml", "\ntolerence = \"1%\"", ":2: "),
        ("darwin.toml", "\n[[workload]]\nbench = \"wark\"", ":2: "),
        ("darwin.toml", "test-command = [\"no-such-program\"]", ":1: test-command"),
    ] {
        let before = fixture.read(file);
        stage(&fixture, file, text, &before);
        let ended = fixture.darwin(["check", "--staged"]).expect_code(2);
        let ended = ended.expect_stderr(&format!("{}{place}", root.join(file).display()));
        assert!(!ended.stderr.contains(".candidate"), "{ended}");
        fixture.git(["add", file]);
    }
}

#[test]
fn files_of_what_is_staged_that_only_a_filter_could_write_are_told_as_such() {
    let fixture = Fixture::new("gate");
    fixture.write(".gitattributes", "*.up filter=upper\n*.bin filter=lfs\n");
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 4\n", "ab".repeat(32));
    fixture.git(["add", ".gitattributes"]);
    stage(&fixture, "a.bin", &pointer, "data");
    fixture.git(["config", "filter.lfs.process", "no-such-program"]);
    let ended = fixture.darwin(["check", "--staged"]).expect_code(4);
    let head = fixture.git(["rev-parse", "HEAD"]);
    let ended = ended.expect_stdout("a.bin (Git LFS) of what is staged is not in this clone");
    ended.expect_stdout(&format!("run `git lfs fetch origin {}`", head.trim()));

    fixture.git(["config", "--unset", "filter.lfs.process"]);
    stage(&fixture, "data.up", "DATA", "other data");
    fixture.git(["config", "filter.upper.smudge", "tr A-Z a-z"]);
    let ended = fixture.darwin(["check", "--staged"]).expect_code(4);
    let ended = ended.expect_stdout("data.up of what is staged is written by the filter `upper`");
    ended.expect_stdout("judge the working tree");
}
