//! `cargo darwin doctor` says whether a machine can be measured on, anywhere.

use std::collections::BTreeSet;
use std::process::Command;

use darwin_tests::{Ended, cargo_darwin};
use serde_json::Value;

/// `cargo darwin doctor ARGS` in the temporary folder: no package, no repository, no environment of a test.
fn doctor(args: &[&str]) -> Ended {
    let mut command = Command::new(cargo_darwin());
    command.args(["darwin", "doctor"]).args(args).current_dir(std::env::temp_dir());
    for (name, _) in std::env::vars_os() {
        if ["CARGO", "DARWIN_", "GIT_"]
            .iter()
            .any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()))
        {
            command.env_remove(name);
        }
    }
    Ended::of(&mut command)
}

/// The exit code that goes with a status.
fn code_of(status: &Value) -> i32 {
    match status.as_str() {
        Some("ok" | "noisy") => 0,
        Some("unfit") => 4,
        other => panic!("{other:?} is no status"),
    }
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_document_has_its_published_fields_and_the_exit_code_follows_the_status() {
    let ended = doctor(&["--format", "json"]);
    let report = ended.json();
    assert_eq!(keys(&report), ["checks", "schema", "status"].into(), "{ended}");
    assert_eq!(report["schema"], "darwin.doctor.v1");
    let ended = ended.expect_code(code_of(&report["status"]));
    let checks = report["checks"].as_array().expect("checks are a list");
    for check in checks {
        assert_eq!(keys(check), ["advice", "name", "status", "value"].into(), "{ended}");
        assert_ne!(check["value"], "", "{check}");
        assert_eq!(
            check["advice"] == "",
            check["status"] == "ok",
            "what is not in order can be mended: {check}"
        );
        assert!(code_of(&check["status"]) <= code_of(&report["status"]), "the worst line counts\n{ended}");
    }
    let names: Vec<&str> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
    let all = [
        "processor",
        "hypervisor",
        "smt",
        "governor",
        "boost",
        "clock",
        "address randomness",
        "quota",
        "processors",
        "battery",
        "memory",
        "swap",
        "run directory",
        "other builds",
        "processor pressure",
        "steal",
        "even speed",
    ];
    assert_eq!(names, all);
}

#[test]
fn people_get_a_line_a_check() {
    let ended = doctor(&[]);
    let line = |name: &str| ended.stdout.lines().any(|line| line.contains(&format!("  {name}  ")));
    assert!(line("processors") && line("clock") && line("processor pressure"), "{ended}");
    let last = ended.stdout.lines().last().unwrap_or_default();
    assert!(["ok: ", "noisy: ", "unfit: "].iter().any(|word| last.starts_with(word)), "{ended}");
    assert_eq!(ended.stderr, "", "{ended}");
    doctor(&["--format", "markdown"]).expect_stdout("| Check | Status | Value | How to mend it |");
}

#[test]
fn options_of_a_project_are_wrong_usage() {
    doctor(&["--package", "order-book"]).expect_code(2).expect_stderr("--package");
}
