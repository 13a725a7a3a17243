//! `cargo darwin calibrate` tells how good the gate is here, and `check` goes by what it found. What a machine can resolve is
//! not asserted: it is another one each time.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use darwin_tests::{Ended, Fixture, cargo_darwin, schema};
use serde_json::Value;

/// What was kept: one file for the one workload.
fn kept(fixture: &Fixture) -> PathBuf {
    let workspaces = fs::read_dir(fixture.target().join("darwin")).expect("something was built");
    let folders = workspaces.flatten().map(|workspace| workspace.path().join("calibration"));
    let files: Vec<PathBuf> =
        folders.flat_map(fs::read_dir).flatten().flatten().map(|file| file.path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// The kept file with other text in it.
fn doctored(fixture: &Fixture, from: &str, to: &str) -> PathBuf {
    let path = kept(fixture);
    let text = fs::read_to_string(&path).expect("it is text");
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(&path, text.replace(from, to)).expect("it can be written");
    path
}

fn check(fixture: &Fixture) -> Ended {
    fixture.darwin(["check", "--measure", "--max-time", "1s"])
}

fn percent(row: &Value, key: &str) -> f64 {
    row[key].as_f64().unwrap_or_else(|| panic!("{key} is no number in {row:#}"))
}

#[test]
fn a_calibration_is_told_kept_and_used_until_it_is_stale() {
    let fixture = Fixture::new("gate");
    let args = ["calibrate", "--checks", "2", "--edits", "2", "--max-time", "10m", "--inject", "100%"];
    let ended = fixture.darwin(args.into_iter().chain(["--format", "json"]));
    let report = ended.json();
    schema::is_as_published(&report);

    let unchanged = &report["unchanged"];
    assert_eq!((&unchanged["checks"], &unchanged["how"]), (&2.into(), &"measured".into()), "{ended}");
    let alarms = unchanged["rejected"].as_u64().expect("a count");
    let ended = ended.expect_code(if alarms == 0 { 0 } else { 1 });
    // None of two prove no more than 1 - 0.05^(1/2).
    assert!(alarms > 0 || (percent(unchanged, "bound_percent") - 77.64).abs() < 0.01, "{ended}");
    let injected = &report["injected"][0];
    assert_eq!((&injected["checks"], &injected["rejected"]), (&2.into(), &2.into()), "{ended}");
    assert_eq!((&injected["metric"], &injected["how"]), (&"p50".into(), &"measured".into()));
    assert!(percent(injected, "achieved_percent") > 30.0, "{ended}");
    let resolution = report["resolution"].as_array().expect("a list");
    assert!(
        resolution.iter().any(|row| row["site"] == "gate_fixture::mix" && row["metric"] == "p50"),
        "{ended}"
    );
    assert!(resolution.iter().all(|row| row["how"] == "modelled"), "{ended}");
    let bias = report["placement_bias"].as_array().expect("a list");
    assert_eq!(
        bias.is_empty(),
        report["no_placement_bias"].is_string(),
        "there is one, or a reason\n{ended}"
    );

    // The user's tree is as it was, and the copy is gone.
    assert_eq!(fixture.git(["status", "--porcelain"]), "");
    let left = fs::read_dir(fixture.cache().join("darwin")).into_iter().flatten().flatten();
    let left: Vec<PathBuf> =
        left.map(|entry| entry.path()).filter(|path| path.ends_with(".edited")).collect();
    assert_eq!(left, [] as [PathBuf; 0]);

    check(&fixture).expect_stdout("this machine resolves").expect_stdout("calibrated today, modelled)");

    let path = kept(&fixture);
    let text = fs::read_to_string(&path).expect("it is text");
    let taken = text.split("\"taken_unix_seconds\":").nth(1).and_then(|rest| rest.split(',').next());
    let taken = format!("\"taken_unix_seconds\":{}", taken.expect("it has a time"));
    doctored(&fixture, &taken, "\"taken_unix_seconds\":1");
    check(&fixture)
        .expect_stdout("this machine resolves")
        .expect_stdout("days old and may no longer hold: run `cargo darwin calibrate -p gate-fixture` again");

    doctored(&fixture, ", rustc ", ", another rustc ");
    let stale = check(&fixture).expect_stdout("another toolchain").expect_stdout("and is not used");
    assert!(!stale.stdout.contains("this machine resolves"), "{stale}");

    fs::write(&path, &text[..text.len() / 2]).expect("it can be written");
    let torn = check(&fixture).expect_stdout("it is not used, and `cargo darwin calibrate` writes a new one");
    assert!(!torn.stdout.contains("this machine resolves"), "{torn}");
}

#[test]
fn neither_baseline_nor_git_is_needed_and_an_unknown_site_is_refused_with_those_that_there_are() {
    let fixture = Fixture::new("gate");
    fixture.remove("darwin.baseline.toml");
    fs::rename(fixture.root().join(".git"), fixture.root().join("no-git")).expect("a folder can be renamed");
    let ended = fixture.darwin(["calibrate", "--site", "nowhere::*", "--max-time", "10s"]).expect_code(2);
    ended
        .expect_stderr("--site nowhere::*: no site of these workloads that is judged by p50 has this name")
        .expect_stderr("gate_fixture::fold, gate_fixture::mix");
}

#[test]
fn an_interrupted_calibration_tells_what_it_has_found_and_keeps_nothing() {
    let fixture = Fixture::new("gate");
    let mut command = fixture.command(cargo_darwin());
    command.args(["darwin", "calibrate", "--edits", "0", "--format", "json"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it can be started");
    let mut stderr = BufReader::new(child.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
    assert!(stderr.any(|line| line.contains("checking the working tree against itself")), "it never began");
    Command::new("kill").arg("-INT").arg(child.id().to_string()).status().expect("kill can be run");
    stderr.for_each(drop);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let report: Value = serde_json::from_slice(&output.stdout).expect("stdout is a document");
    schema::is_as_published(&report);
    assert_eq!((&report["interrupted"], &report["exit_code"]), (&true.into(), &Value::Null));
    let workspaces = fs::read_dir(fixture.target().join("darwin")).expect("something was built").flatten();
    assert!(workspaces.into_iter().all(|workspace| !workspace.path().join("calibration").exists()));
}
