//! Where a process does not find all that a kernel usually gives (under valgrind there is no vDSO, in a sandbox system calls
//! kill), a measured program still does what it does without measurement, and counts.

#[expect(dead_code, reason = "a process here may leave several maps")]
mod workload;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use cargo_darwin::io::run_dir::RunDir;
use darwin_tests::Fixture;
use darwin_tests::soak::show;

/// The fixture's program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| workload::built(&Fixture::new("children"), &[]))
}

/// Runs the program as `command` starts it, and gives what it said and the calls of `step` in all of its processes.
fn ran(command: &mut Command, folder: &RunDir) -> (String, u64) {
    let Output { status, stdout, stderr } = command.output().expect("it can be started");
    assert!(status.success(), "{command:?}: {status}\n{}", String::from_utf8_lossy(&stderr));
    let maps = folder.maps(0).expect("the maps can be read");
    let calls = maps.iter().map(|map| workload::totals(map)["step"].calls).sum();
    (String::from_utf8_lossy(&stdout).into_owned(), calls)
}

#[test]
fn under_valgrind_a_measured_program_runs_and_counts() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return show("NOT TESTED: there is no valgrind");
    }
    let tools = [
        ["--tool=none", "--quiet"],
        ["--tool=memcheck", "--error-exitcode=99"],
        ["--tool=callgrind", "--callgrind-out-file=/dev/null"],
    ];
    for tool in tools {
        for (words, said, made) in [(["step", "1000"], "1000 0 0\n", 1000), (["many", "3"], "1 3 9\n", 10)] {
            let folder = RunDir::new().expect("a run directory can be made");
            let mut command = workload::counting(Path::new("valgrind"), &folder);
            let found = ran(command.args(tool).arg(program()).args(words), &folder);
            assert_eq!(found, (said.to_owned(), made), "{tool:?} {words:?}");
        }
    }
}

#[test]
fn a_sandbox_in_which_prctl_kills_does_not_end_a_measured_program() {
    let folder = RunDir::new().expect("a run directory can be made");
    let mut command = workload::counting(program(), &folder);
    match ran(command.args(["sandbox", "100"]), &folder) {
        (said, calls) if said == "100 0 0\n" => assert_eq!(calls, 100),
        (said, _) => {
            assert_eq!(said, "0 0 0\n");
            show("NOT TESTED: this kernel has no seccomp filters");
        }
    }
}
