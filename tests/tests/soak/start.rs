//! What a measured program writes and how it ends is what it does unmeasured: whichever system call of the runtime fails,
//! and in every mode.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Seek, Write};
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
const ERRORS: [Errno; 7] =
    [Errno::ENOSPC, Errno::EROFS, Errno::EMFILE, Errno::EPERM, Errno::ENOSYS, Errno::ENOMEM, Errno::EIO];

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

/// What the runtime asks libc for, itself or through the standard library. Memory is not in it: that is asked for by the
/// program too, and `brk` tells a failure in another way than by an error.
const THROUGH_LIBC: [nix::libc::c_long; 8] = [
    nix::libc::SYS_openat,
    nix::libc::SYS_statx,
    nix::libc::SYS_read,
    nix::libc::SYS_close,
    nix::libc::SYS_fcntl,
    nix::libc::SYS_getpid,
    nix::libc::SYS_gettid,
    nix::libc::SYS_prlimit64,
];

/// The calls of `measured` that the unmeasured program does not make: all of the program's own code, which makes none
/// without the runtime, and those of libc's that are more than before.
fn of_the_runtime(plain: &[Call], measured: &[Call]) -> Vec<Call> {
    let of_libc = |calls: &[Call], thread| -> Vec<Call> {
        let is_asked = |call: &&Call| THROUGH_LIBC.iter().any(|number| *number as u64 == call.place.number);
        let calls = calls.iter().filter(|call| !call.place.is_own && call.place.thread == thread);
        calls.filter(is_asked).copied().collect()
    };
    let threads: BTreeSet<usize> = measured.iter().map(|call| call.place.thread).collect();
    let own = measured.iter().filter(|call| call.place.is_own).copied();
    own.chain(
        threads.into_iter().flat_map(|thread| added(&of_libc(plain, thread), &of_libc(measured, thread))),
    )
    .collect()
}

/// What tells calls apart: the number, and the file that they are about.
fn key(call: &Call) -> (u64, Option<u64>) {
    const ABOUT_A_FILE: [nix::libc::c_long; 4] =
        [nix::libc::SYS_statx, nix::libc::SYS_read, nix::libc::SYS_close, nix::libc::SYS_fcntl];
    let is_about_a_file = ABOUT_A_FILE.iter().any(|number| *number as u64 == call.place.number);
    (call.place.number, is_about_a_file.then_some(call.first))
}

/// What `after` has besides a longest common subsequence with `before`.
fn added(before: &[Call], after: &[Call]) -> Vec<Call> {
    let mut common = vec![vec![0_usize; after.len() + 1]; before.len() + 1];
    for (i, old) in before.iter().enumerate().rev() {
        for (j, new) in after.iter().enumerate().rev() {
            common[i][j] = match key(old) == key(new) {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while j < after.len() {
        if i < before.len() && key(&before[i]) == key(&after[j]) {
            (i, j) = (i + 1, j + 1);
        } else if i < before.len() && common[i + 1][j] >= common[i][j + 1] {
            i += 1;
        } else {
            found.push(after[j]);
            j += 1;
        }
    }
    found
}

/// Lets each of the runtime's calls fail, with each error or in the small size with one; what went otherwise.
fn differences(program: &Path, plain: &Left, calls: &[Call]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        for error in size(&ERRORS[number % ERRORS.len()..][..1], &ERRORS) {
            let folder = run_dir(Mode::Exact);
            let fault = Fault { place: call.place, error: *error };
            let (left, made) = traced::run(&mut workload::counting(program, &folder), Some(fault));
            assert!(made.iter().any(|one| one.place == call.place), "{call:?} did not come again");
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

/// The fixture's program without and with the runtime.
struct Programs {
    off: PathBuf,
    on: PathBuf,
    _fixture: Fixture,
}

impl Programs {
    fn build(is_release: bool) -> Programs {
        let fixture = Fixture::new("start");
        let (options, profile) =
            if is_release { (&["--release"][..], "release") } else { (&[][..], "debug") };
        fixture.cargo(["build", "--quiet"].iter().chain(options)).expect_code(0);
        let off = fixture.root().join("off");
        fs::copy(fixture.target().join(profile).join("start-fixture"), &off).expect("it can be copied");
        let on = workload::built(&fixture, options);
        Programs { off, on, _fixture: fixture }
    }
}

#[test]
fn a_system_call_of_the_runtime_that_fails_changes_nothing_of_the_program() {
    for is_release in size(&[false][..], &[false, true]) {
        let programs = Programs::build(*is_release);
        let (plain, made) = traced::run(&mut unmeasured(&programs.off), None);
        assert_eq!(plain.code, 7);
        let (_, idle) = traced::run(&mut unmeasured(&programs.on), None);
        let asks = |calls: &[Call]| calls.iter().any(|call| call.place.is_own);
        assert!(
            !asks(&made) && !asks(&idle),
            "only a measured program has a runtime that asks for something"
        );
        let folder = run_dir(Mode::Exact);
        let (measured, all) = traced::run(&mut workload::counting(&programs.on, &folder), None);
        assert_eq!(measured, plain);
        let calls = of_the_runtime(&made, &all);
        let own = calls.iter().filter(|call| call.place.is_own).count();
        assert!(own > 20, "the start and some growths: {calls:?}");
        let found = differences(&programs.on, &plain, &calls);
        assert!(found.is_empty(), "{}", found.join("\n"));
        show(&format!(
            "release {is_release}: {} calls of the runtime, {own} of them by itself, x {} errors: no difference",
            calls.len(),
            size(1, ERRORS.len())
        ));
    }
}

#[test]
fn outputs_and_exit_code_are_the_same_bytes_off_and_on_in_every_mode() {
    let input: Vec<u8> = (0..=u8::MAX).cycle().take(size(1 << 10, 1 << 20)).collect();
    for is_release in size(&[false][..], &[false, true]) {
        let Programs { off, on, _fixture } = Programs::build(*is_release);
        let expected = fed(unmeasured(&off), &input);
        assert!(expected.stdout.starts_with(&input) && expected.code == 7);
        assert_eq!(fed(unmeasured(&on), &input), expected, "built with the feature, and not measured");
        let modes = [Mode::Exact, Mode::Graph, Mode::Adaptive];
        for mode in modes.into_iter().cycle().take(size(3, 300)) {
            let folder = run_dir(mode);
            assert_eq!(fed(workload::counting(&on, &folder), &input), expected, "{mode:?}");
            let calls: u64 =
                workload::totals(&workload::only_map(&folder)).values().map(|site| site.calls).sum();
            assert_eq!(calls, CALLS, "{mode:?}: it is measured");
        }
    }
}

/// Measured calls of the fixture: of 8 x 16 functions three times, and of one with a scope.
const CALLS: u64 = 8 * 16 * 3 + 2;

/// What a program leaves that is given `input`.
fn fed(mut command: Command, input: &[u8]) -> Left {
    let mut file = tempfile::tempfile().expect("a temporary file can be made");
    file.write_all(input).and_then(|()| file.rewind()).expect("it can be written");
    let output = command.stdin(file).output().expect("the program can be started");
    let code = output.status.code().unwrap_or(-1);
    Left { stdout: output.stdout, stderr: output.stderr, code }
}
