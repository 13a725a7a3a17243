//! What is pushed is judged, and nothing else.

use std::fs;

use darwin_tests::{Fixture, place};

use super::world::{LONG, allocate_more, assert_same, everything, git, git_with, hooked, said};

/// A fixture with a hook for pushes to an empty repository, and what that is called there.
fn with_remote(name: &str) -> Fixture {
    let fixture = hooked(LONG);
    let remote = place("fixtures").join(name);
    let _ = fs::remove_dir_all(&remote);
    let remote = remote.to_str().expect("the target directory is UTF-8").to_owned();
    fixture.git(["init", "--quiet", "--bare", &remote]);
    fixture.git(["remote", "add", "origin", &remote]);
    fixture.darwin(["hook", "install"]).expect_code(0).expect_stdout("runs before each `git push`");
    fixture
}

fn at_remote(fixture: &Fixture, name: &str) -> String {
    fixture.git(["ls-remote", "origin", name]).split_whitespace().next().unwrap_or_default().to_owned()
}

#[test]
fn commits_are_judged_whatever_lies_in_the_tree() {
    let fixture = with_remote("remote-tree");
    let first = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(first.stderr.contains("refs/heads/main") && said(&first).contains("APPROVE"), "{first}");

    fixture.write("README.md", "Words.\n");
    fixture.commit("a document");
    let document = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(document.stderr.contains("only README.md is changed"), "{document}");
    assert!(document.stdout.is_empty() && !document.stderr.contains("building"), "{document}");
    let before = at_remote(&fixture, "main");

    let fast = fixture.read("src/lib.rs");
    allocate_more(&fixture);
    fixture.commit("slower");
    // The tree has the fast code again, and work that has nothing to do with it.
    fixture.write("src/lib.rs", &fast);
    fixture.write("src/broken.rs", "this is no Rust");
    fixture.write("Cargo.toml", "neither is this TOML");
    fixture.git(["add", "src/broken.rs"]);
    let tree = everything(fixture.root());
    let stopped = git(&fixture, &["push", "origin", "main"]).expect_code(1);
    assert!(said(&stopped).contains("REJECT") && said(&stopped).contains("gate_fixture::fold"), "{stopped}");
    assert!(stopped.stderr.contains("this git push is stopped; `DARWIN_SKIP=1 git push`"), "{stopped}");
    assert_eq!(at_remote(&fixture, "main"), before);
    assert_same(&tree, &everything(fixture.root()), "a push changed");

    let skipped = git_with(&fixture, &["push", "origin", "main"], &[("DARWIN_SKIP", "1")]).expect_code(0);
    assert!(skipped.stderr.contains("skipped, as DARWIN_SKIP=1 says"), "{skipped}");
    assert_ne!(at_remote(&fixture, "main"), before);
}

#[test]
fn each_reference_of_a_push_is_judged_and_removals_are_not() {
    let fixture = with_remote("remote-refs");
    git(&fixture, &["push", "origin", "main"]).expect_code(0);
    fixture.git(["tag", "v1"]);
    let tag = git(&fixture, &["push", "origin", "v1"]).expect_code(0);
    assert!(tag.stderr.contains("refs/tags/v1: nothing new to judge"), "{tag}");

    fixture.git(["checkout", "--quiet", "-b", "documents"]);
    fixture.write("docs/page.md", "Words.\n");
    fixture.commit("a document");
    fixture.git(["checkout", "--quiet", "-b", "slow", "main"]);
    allocate_more(&fixture);
    fixture.commit("slower");
    fixture.git(["checkout", "--quiet", "main"]);
    let both = git(&fixture, &["push", "origin", "documents", "slow"]).expect_code(1);
    assert!(
        both.stderr.contains("refs/heads/documents (") && both.stderr.contains("only docs/page.md"),
        "{both}"
    );
    assert!(both.stderr.contains("refs/heads/slow (") && said(&both).contains("REJECT"), "{both}");
    assert_eq!(at_remote(&fixture, "documents"), "", "git pushes all of it or nothing");

    git(&fixture, &["push", "origin", "documents"]).expect_code(0);
    let removed = git(&fixture, &["push", "origin", "--delete", "documents"]).expect_code(0);
    assert!(removed.stderr.contains("no commit is pushed: nothing to judge"), "{removed}");
    assert_eq!(at_remote(&fixture, "documents"), "");
}

#[test]
fn a_pushed_change_of_the_baseline_accepts_its_own_sites_alone() {
    let fixture = with_remote("remote-baseline");
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("a record");
    git(&fixture, &["push", "origin", "main"]).expect_code(0);
    allocate_more(&fixture);
    let accepted = ["baseline", "--accept", "gate_fixture::fold", "--accept", "work::*"];
    fixture.darwin(accepted).expect_code(0);
    fixture.commit("fold allocates, as it should");
    let also = "turn_over(*std::hint::black_box(Box::new(seed)), std::hint::black_box(MIX_ROUNDS))";
    let meant = fixture.read("src/lib.rs");
    fixture.replace("src/lib.rs", "turn_over(seed, std::hint::black_box(MIX_ROUNDS))", also);
    fixture.git(["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    let stopped = git(&fixture, &["push", "origin", "main"]).expect_code(1);
    let said_of = |site: &str| said(&stopped).contains(&format!("gate_fixture::{site} allocates more"));
    assert!(said_of("mix") && !said_of("fold"), "{stopped}");

    fixture.write("src/lib.rs", &meant);
    fixture.git(["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    let passed = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(
        said(&passed).contains("accepted by that change is what became of gate_fixture::fold"),
        "{passed}"
    );
}

#[test]
fn a_document_that_the_code_builds_in_is_measured() {
    let fixture = with_remote("remote-built-in");
    fixture.replace(
        "src/lib.rs",
        "/// How much work `mix`",
        "pub const NOTE: &str = include_str!(\"../NOTE.md\");\n/// How much work `mix`",
    );
    fixture.write("NOTE.md", "Words.\n");
    fixture.commit("a document that is built in");
    git(&fixture, &["push", "origin", "main"]).expect_code(0);
    fixture.write("NOTE.md", "Other words.\n");
    fixture.commit("other words");
    let pushed = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(said(&pushed).contains("APPROVE"), "{pushed}");
}

/// The package, as a member of a workspace whose other parts nobody measures.
fn make_a_workspace(fixture: &Fixture) {
    for path in ["src/lib.rs", "benches/work.rs", "darwin.toml"] {
        let text = fixture.read(path);
        fixture.remove(path);
        fixture.write(&format!("app/{path}"), &text);
    }
    let manifest = fixture.read("Cargo.toml").replace("[workspace]", "");
    fixture.write("app/Cargo.toml", &format!("{manifest}\n[dependencies.helper]\npath = \"../helper\"\n"));
    fixture.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"helper\", \"tool\"]\n");
    fixture.remove("darwin.baseline.toml");
    fixture.write("app/darwin.baseline.toml", "version = 1\n");
    for name in ["helper", "tool"] {
        let package = format!("[package]\nname = \"gate-{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        fixture.write(&format!("{name}/Cargo.toml"), &package);
        fixture.write(&format!("{name}/src/lib.rs"), "pub const ROUNDS: u64 = 1;\n");
    }
    fixture.replace("app/Cargo.toml", "[dependencies.helper]", "[dependencies.gate-helper]");
    fixture.write("docs/schemas/a.json", "{}\n");
    // The code that names documents is measured by nobody.
    fixture
        .write("tool/src/text.rs", "pub const TEXT: &str = include_str!(\"../../docs/schemas/a.json\");\n");
    fixture.cargo(["metadata", "--format-version", "1"]).expect_code(0);
    fixture.commit("a workspace");
}

#[test]
fn a_change_outside_of_what_the_package_is_made_of_is_let_go_at_once() {
    let fixture = with_remote("remote-workspace");
    make_a_workspace(&fixture);
    fixture.darwin(["hook", "install", "--package", "gate-fixture"]).expect_code(0);
    git_with(&fixture, &["push", "origin", "main"], &[("DARWIN_SKIP", "1")]).expect_code(0);
    for (path, text) in [
        ("docs/schemas/a.json", "{ }\n"),
        ("tool/src/lib.rs", "pub const ROUNDS: u64 = 2;\n"),
        ("scripts/draw.py", "print(1)\n"),
        ("web/src/app.js", "let x = 1;\n"),
    ] {
        fixture.write(path, text);
        fixture.commit(path);
        let pushed = git(&fixture, &["push", "origin", "main"]).expect_code(0);
        assert!(
            pushed.stderr.contains(&format!("only {path} is changed, which no measured code names")),
            "{pushed}"
        );
        assert!(pushed.stdout.is_empty() && !pushed.stderr.contains("judging"), "{pushed}");
    }
    // What the package is built with matters, and so does what its code names.
    for (path, text) in [
        ("helper/src/lib.rs", "pub const ROUNDS: u64 = 3;\n".to_owned()),
        ("app/src/lib.rs", format!("{}\n// \"../web/src/app.js\"\n", fixture.read("app/src/lib.rs"))),
        ("web/src/app.js", "let x = 2;\n".to_owned()),
    ] {
        fixture.write(path, &text);
        fixture.commit(path);
        let pushed = git(&fixture, &["push", "origin", "main"]).expect_code(0);
        assert!(
            pushed.stderr.contains("judging it") && said(&pushed).contains("APPROVE"),
            "{path}: {pushed}"
        );
    }
}

#[test]
fn what_comes_after_an_accepted_change_is_judged_against_that_change_too() {
    let fixture = with_remote("remote-accepted");
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("a record");
    git(&fixture, &["push", "origin", "main"]).expect_code(0);
    allocate_more(&fixture);
    let accepted = ["baseline", "--accept", "gate_fixture::fold", "--accept", "work::*"];
    fixture.darwin(accepted).expect_code(0);
    let meant = fixture.commit("fold allocates, as it should");
    fixture.replace(
        "src/lib.rs",
        "*std::hint::black_box(Box::new(seed ^ 1))",
        "*std::hint::black_box(Box::new(*std::hint::black_box(Box::new(seed ^ 1))))",
    );
    fixture.commit("and more, which nobody has accepted");
    let stopped = git(&fixture, &["push", "origin", "main"]).expect_code(1);
    assert!(stopped.stderr.contains("compared with the baseline from before it"), "{stopped}");
    assert!(stopped.stderr.contains("and with the baseline that it brings"), "{stopped}");
    assert!(said(&stopped).contains("gate_fixture::fold allocates more"), "{stopped}");

    // A change of the file that has nothing to do with it hides nothing.
    let record = fixture.read("darwin.baseline.toml");
    fixture.write("darwin.baseline.toml", &format!("{record}# Words accept nothing.\n"));
    fixture.commit("a record that is no other");
    let stopped = git(&fixture, &["push", "origin", "main"]).expect_code(1);
    assert!(stopped.stderr.contains("and with an earlier baseline that it brings"), "{stopped}");
    assert!(said(&stopped).contains("gate_fixture::fold allocates more"), "{stopped}");

    fixture.git(["reset", "--quiet", "--hard", &meant]);
    fixture.write("NOTES.txt", "Words.\n");
    fixture.commit("nothing more");
    let passed = git(&fixture, &["push", "origin", "main"]).expect_code(0);
    assert!(passed.stderr.contains("and with the baseline that it brings"), "{passed}");
}

#[test]
fn what_a_push_has_no_time_left_for_is_named() {
    let fixture = with_remote("remote-time");
    git_with(&fixture, &["push", "origin", "main"], &[("DARWIN_SKIP", "1")]).expect_code(0);
    for (name, hook) in [("one", "max-time = \"1ms\""), ("two", LONG)] {
        fixture.git(["checkout", "--quiet", "-b", name, "main"]);
        fixture.replace("darwin.toml", LONG, hook);
        allocate_more(&fixture);
        fixture.commit(name);
    }
    fixture.darwin(["hook", "install", "--package", "gate-fixture", "--offline"]).expect_code(0);
    let passed = git(&fixture, &["push", "origin", "one", "two"]).expect_code(0);
    let line = passed.stderr.lines().find(|line| line.contains("used up")).expect("it is said").to_owned();
    assert!(line.contains("the 0.001 s of a hook"), "{line}");
    assert!(line.contains("refs/heads/one (") && line.contains("refs/heads/two ("), "{line}");
    assert!(line.contains("are not judged and let through"), "{line}");
    let one = fixture.git(["rev-parse", "one"]);
    let by_hand = format!("`cargo darwin check --package=gate-fixture --offline --rev={}`", one.trim());
    assert!(line.contains(&by_hand), "{line}");
}
