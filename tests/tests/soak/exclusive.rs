//! Who measures is alone: in a workspace, and on the machine.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use darwin_tests::{Fixture, cargo_darwin, soak};

/// Starts `cargo darwin ARGS` in the fixture's folder, or in a copy of it; its workload waits for `go` in `folder`.
fn start(fixture: &Fixture, tree: &PathBuf, folder: &std::path::Path, args: &[&str]) -> Child {
    let mut command = fixture.command(cargo_darwin());
    command.current_dir(tree).arg("darwin").args(args).env("EXCLUSIVE_FOLDER", folder);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo darwin starts")
}

/// Makes the fixture's program say when it runs, wait to be let go, and tell of any other that runs at the same time.
fn instrument(fixture: &Fixture) {
    fixture.write(
        "src/main.rs",
        r#"
fn main() {
    let folder = std::path::PathBuf::from(std::env::var_os("EXCLUSIVE_FOLDER").unwrap());
    // A run of whole runs has one process at a time, so nobody else can have made it.
    if std::fs::File::create_new(folder.join("busy")).is_err() {
        std::fs::write(folder.join("overlap"), "").unwrap();
    }
    while !folder.join("go").exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    for _ in 0..100 {
        hostile_fixture::step(1);
    }
    std::fs::remove_file(folder.join("busy")).unwrap();
}
"#,
    );
    fixture.commit("says when it runs");
}

/// Lets the first run until its workload has begun, starts the second, and lets both go once the second says that it
/// waits, in these words.
#[track_caller]
fn second_waits(fixture: &Fixture, second_tree: &PathBuf, words: &str, args: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut first = start(fixture, &fixture.root().to_owned(), folder.path(), args);
    let began = soak::wait_for(&mut first, || folder.path().join("busy").exists());
    if !began {
        let mut said = String::new();
        let _ = first.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
        panic!("the first did not begin:\n{said}");
    }
    let mut second = start(fixture, second_tree, folder.path(), args);
    let stderr = BufReader::new(second.stderr.take().expect("stderr is piped"));
    let mut said = String::new();
    let mut lines = stderr.lines().map_while(Result::ok).inspect(|line| said.push_str(&format!("{line}\n")));
    let waits = lines.any(|line| line.contains(words));
    fs::write(folder.path().join("go"), "").expect("a file can be written");
    let rest: Vec<String> = lines.collect();
    assert!(waits, "the second did not say `{words}`:\n{said}");
    drop(first.stderr.take());
    assert!(first.wait().expect("a process can be waited for").success());
    assert!(second.wait().expect("a process can be waited for").success(), "{rest:?}");
    assert!(!folder.path().join("overlap").exists(), "two workloads were measured at once");
}

#[test]
fn two_commands_of_a_workspace_go_one_after_another_and_both_baselines_are_kept() {
    let fixture = Fixture::new("hostile");
    instrument(&fixture);
    fixture.write(
        "darwin.toml",
        "[[workload]]\nname = \"one\"\nbin = \"hostile-fixture\"\n\n[[workload]]\nname = \"two\"\nbin = \"hostile-fixture\"\n",
    );
    let tree = fixture.root().to_owned();
    second_waits(&fixture, &tree, "waiting for another cargo darwin of this workspace", &["run"]);

    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("go"), "").expect("a file can be written");
    let baseline = |name| start(&fixture, &tree, folder.path(), &["baseline", "--workload", name]);
    let both = [baseline("one"), baseline("two")];
    for child in both {
        let output = child.wait_with_output().expect("a process can be waited for");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let text = fixture.read("darwin.baseline.toml");
    assert!(text.contains("[workload.\"one\".") && text.contains("[workload.\"two\"."), "{text}");
    assert!(!folder.path().join("overlap").exists(), "two workloads were measured at once");
}

#[test]
fn two_workspaces_are_not_measured_at_once() {
    let fixture = Fixture::new("hostile");
    instrument(&fixture);
    let other = fixture.root().with_file_name("other-tree");
    let _ = fs::remove_dir_all(&other);
    let mut copy = Command::new("cp");
    assert!(copy.arg("-r").arg(fixture.root()).arg(&other).status().expect("cp starts").success());
    let words = "waiting for another cargo darwin of yours to end measuring";
    second_waits(&fixture, &other, words, &["run", "--workload", "whole"]);
    fs::remove_dir_all(&other).expect("a folder can be removed");
}
