//! The runtime under ThreadSanitizer, where the nightly toolchain has it. The standard library comes compiled without, so
//! what it does to its own reference counts is reported too; a report is ours when the runtime's code stands in it.

use std::process::Command;

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_tests::soak::{is_full, show};
use darwin_tests::{Ended, Fixture};

use super::workload;

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// ThreadSanitizer's exit code where it has reported something and the program itself ended well.
const REPORTED: i32 = 66;

/// Of each program.
const RUNS: usize = 30;

/// The runtime's code that counts.
const OURS: &str = "darwin_runtime::on::";

/// Is there a nightly toolchain for [`TARGET`]? If not, says what is left out.
fn has_nightly() -> bool {
    let asked = Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]).output();
    let told = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let is_there = told.contains(&format!("host: {TARGET}"));
    if !is_there {
        show("NOT TESTED: no nightly toolchain, so no ThreadSanitizer");
    }
    is_there
}

/// Builds a fixture with it; the path of the program.
fn built(fixture: &Fixture, name: &str) -> std::path::PathBuf {
    let mut command = fixture.command("rustup");
    command.args(["run", "nightly", "cargo", "build", "--quiet", "--target", TARGET]);
    command.args(["--features", "darwin-runtime/enabled"]).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    // The second flag lets code with it call the standard library without.
    command.env("RUSTFLAGS", "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer");
    Ended::of(&mut command).expect_code(0);
    fixture.target().join(TARGET).join("debug").join(name)
}

/// The reports in what a program wrote.
fn reports(stderr: &str) -> Vec<&str> {
    stderr.split("==================\n").filter(|part| part.starts_with("WARNING: ThreadSanitizer")).collect()
}

#[test]
fn threads_that_count_have_no_data_race() {
    // ThreadSanitizer itself may wait for ever for its own locks when it has something to report (of the standard library) while
    // a program ends: the ordinary tests would never end then.
    if !is_full() {
        return show("NOT TESTED: ThreadSanitizer runs at full size only");
    }
    if !has_nightly() {
        return;
    }
    for (fixture, name, words) in [
        (
            "survive",
            "survive-fixture",
            &["crowd", "first-calls", "short-threads", "threads-at-exit", "destructors"][..],
        ),
        ("threads", "threads", &[""]),
    ] {
        let copy = Fixture::new(fixture);
        let program = built(&copy, name);
        for word in words {
            for mode in [Mode::Exact, Mode::Graph, Mode::Adaptive].into_iter().cycle().take(RUNS) {
                let folder = RunDir::new().expect("a run directory can be made");
                let page = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
                page.expect("a control page can be made").count_in(mode);
                let mut command = workload::counting(&program, &folder);
                let output = command.args(Some(word).filter(|word| !word.is_empty())).output();
                let output = output.expect("the program can be started");
                // What it shows of memory is not always text.
                let stderr = String::from_utf8_lossy(&output.stderr);
                let ours: Vec<&str> =
                    reports(&stderr).into_iter().filter(|report| report.contains(OURS)).collect();
                assert!(ours.is_empty(), "{fixture} {word} {mode:?}:\n{}", ours.join("\n"));
                let ended_well = output.status.code().is_some_and(|code| [0, REPORTED].contains(&code));
                assert!(ended_well, "{fixture} {word} {mode:?}:\n{stderr}");
                let calls: u64 =
                    workload::totals(&workload::only_map(&folder)).values().map(|site| site.calls).sum();
                assert!(calls > 0, "{fixture} {word} {mode:?}: it is measured");
            }
            show(&format!("ThreadSanitizer, {fixture} {word}: no report of the runtime in {RUNS} runs"));
        }
    }
}
