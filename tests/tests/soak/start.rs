//! What a measured program writes and how it ends is what it does unmeasured: whichever system call of the runtime fails,
//! and in every mode.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_runtime::layout::RUN_VARIABLE;
use darwin_tests::Fixture;
use darwin_tests::soak::{show, size};
use nix::errno::Errno;

use super::traced::{self, Call, Fault, Left};
use super::workload;

/// No space, a read-only disk, no descriptor left, no permission, no such call, no memory, a broken disk.
const ERRORS: [Errno; 7] = [
    Errno::ENOSPC,
    Errno::EROFS,
    Errno::EMFILE,
    Errno::EPERM,
    Errno::ENOSYS,
    Errno::ENOMEM,
    Errno::EIO,
];

/// A run directory with a control page.
fn run_dir(mode: Mode) -> RunDir {
    let folder = RunDir::new().expect("a run directory can be made");
    let page = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [7, 7]);
    page.expect("a control page can be made").count_in(mode);
    folder
}

fn unmeasured(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove(RUN_VARIABLE);
    command
}

/// The calls of `measured` that the unmeasured program does not make: all of the program's own code, which makes none
/// without the runtime, and those of libc's that are more than before.
fn of_the_runtime(plain: &[Call], measured: &[Call]) -> Vec<Call> {
    let of_libc = |calls: &[Call], thread| -> Vec<Call> {
        calls.iter().filter(|call| !call.place.is_own && call.place.thread == thread).copied().collect()
    };
    let threads: BTreeSet<usize> = measured.iter().map(|call| call.place.thread).collect();
    let own = measured.iter().filter(|call| call.place.is_own).copied();
    own.chain(
        threads.into_iter().flat_map(|thread| added(&of_libc(plain, thread), &of_libc(measured, thread))),
    )
    .collect()
}

/// What `after` has besides a longest common subsequence with `before`, by the numbers of the calls.
fn added(before: &[Call], after: &[Call]) -> Vec<Call> {
    let mut common = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for (i, old) in before.iter().enumerate().rev() {
        for (j, new) in after.iter().enumerate().rev() {
            common[i][j] = match old.number == new.number {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut found) = (0, Vec::new());
    for (j, new) in after.iter().enumerate() {
        let is_old = before.get(i).is_some_and(|old| old.number == new.number)
            && common[i][j] == common[i + 1][j + 1] + 1;
        match is_old {
            true => i += 1,
            false if i < before.len() && common[i][j] == common[i + 1][j] && common[i][j] > common[i][j + 1] => {
                // The unmeasured program made one that is left out here.
                while i < before.len() && common[i][j] == common[i + 1][j] {
                    i += 1;
                }
                match before.get(i).is_some_and(|old| old.number == new.number) {
                    true => i += 1,
                    false => found.push(*new),
                }
            }
            false => found.push(*new),
        }
    }
    found
}

/// Lets each of the runtime's calls fail with each error; what went otherwise.
fn differences(program: &Path, errors: &[Errno], plain: &Left, calls: &[Call]) -> Vec<String> {
    let mut found = Vec::new();
    for call in calls {
        for error in errors {
            let folder = run_dir(Mode::Exact);
            let fault = Fault { place: call.place, error: *error };
            let (left, made) = traced::run(&mut workload::counting(program, &folder), Some(fault));
            assert!(made.contains(call), "{call:?} did not come: {made:?}");
            // What is left of a map is read, or refused.
            if let Ok(maps) = folder.maps(0) {
                maps.iter().for_each(|map| drop(map.totals()));
            }
            if left != *plain {
                let text = [&left.stdout, &left.stderr].map(|bytes| String::from_utf8_lossy(bytes));
                found.push(format!("{call:?} fails with {error}: code {}, {text:?}", left.code));
            }
        }
    }
    found
}

fn program(release: bool) -> (Fixture, PathBuf) {
    let fixture = Fixture::new("start");
    let options = if release { &["--release"][..] } else { &[] };
    let program = workload::built(&fixture, options);
    (fixture, program)
}

#[test]
fn a_system_call_of_the_runtime_that_fails_changes_nothing_of_the_program() {
    for is_release in size(&[false][..], &[false, true]) {
        let (_fixture, program) = program(*is_release);
        let (plain, made) = traced::run(&mut unmeasured(&program), None);
        assert_eq!(plain.code, 7);
        assert!(!made.iter().any(|call| call.place.is_own), "a program that is not measured asks for nothing");
        let folder = run_dir(Mode::Exact);
        let (measured, all) = traced::run(&mut workload::counting(&program, &folder), None);
        assert_eq!(measured, plain);
        let calls = of_the_runtime(&made, &all);
        let own = calls.iter().filter(|call| call.place.is_own).count();
        assert!(own > 20, "the start and some growths: {calls:?}");
        let errors = size(&ERRORS[3..5], &ERRORS[..]);
        let found = differences(&program, errors, &plain, &calls);
        assert!(found.is_empty(), "{}", found.join("\n"));
        show(&format!(
            "release {is_release}: {} calls of the runtime ({own} by itself) x {} errors, no difference",
            calls.len(),
            errors.len()
        ));
    }
}
