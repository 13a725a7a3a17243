//! Disks that are full or cannot be written: the command says so with the place, and an old baseline stays as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_darwin::io::baseline_file::{self, FILE_NAME, render};
use darwin_tests::mounts::{self, Mount};
use darwin_tests::soak::{is_full, size};
use darwin_tests::{Ended, Fixture, cargo_darwin, place, records};

/// Ends a command without a reason of its own.
const MOUNT_FAILED: i32 = 99;

fn darwin(fixture: &Fixture, words: &[&str]) -> Command {
    let mut command = fixture.command(cargo_darwin());
    command.arg("darwin").args(words);
    command
}

/// Runs the command where `folder` is so; also what is in the fixture's folder at the end, by name.
fn run(
    mount: Mount,
    folder: &Path,
    fixture: &Fixture,
    command: &Command,
) -> (Ended, BTreeMap<PathBuf, Vec<u8>>) {
    let seen = place("disk").join("seen");
    let _ = fs::remove_dir_all(&seen);
    fs::create_dir_all(&seen).expect("a folder can be made");
    let ended = Ended::of(&mut mounts::with(mount, folder, command, Some((fixture.root(), &seen))));
    assert_ne!(ended.code, MOUNT_FAILED, "{ended}");
    let entries = fs::read_dir(&seen).expect("a folder can be read").flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let files =
        files.map(|entry| (entry.file_name().into(), fs::read(entry.path()).expect("it can be read")));
    (ended, files.collect())
}

/// No temporary file of ours.
fn is_tidy(files: &BTreeMap<PathBuf, Vec<u8>>) -> bool {
    !files.keys().any(|name| name.to_string_lossy().ends_with(".tmp"))
}

/// The words of a result itself: what cargo wrote before it does not count.
fn result<'a>(words: &[&str], ended: &'a Ended) -> &'a str {
    if words[0] == "check" { &ended.stdout } else { &ended.stderr }
}

/// A result names the folder and says what is the matter with its disk: in the words of the system or of git, or in ours
/// where a program that was started leaves the reason out.
#[track_caller]
fn expect_place_and_reason(said: &str, mount: Mount, folder: &Path) {
    let place = folder.display().to_string();
    let ours = format!(" KiB are left on the disk of {place}");
    let reasons = match mount {
        Mount::ReadOnly => vec!["Read-only file system"],
        Mount::Full | Mount::Small(_) => vec!["No space left on device", "Out of diskspace", &ours],
    };
    assert!(said.contains(&place), "{mount:?}: no place\n{said}");
    assert!(reasons.iter().any(|reason| said.contains(reason)), "{mount:?}: no reason\n{said}");
}

/// Nothing was approved, nor the baseline touched.
#[track_caller]
fn expect_baseline_as_it_was(fixture: &Fixture, files: &BTreeMap<PathBuf, Vec<u8>>) {
    assert_eq!(files.get(Path::new(FILE_NAME)), Some(&fixture.read(FILE_NAME).into_bytes()));
    assert!(is_tidy(files), "{:?}", files.keys());
}

/// The same command, and then what half copies it has left in `folder`, on stderr.
fn then_half_copies(command: &Command, folder: &Path) -> Command {
    let script = "\"$@\"; code=$?; find \"$0\" -name '*.partial' -exec echo LEFT {} ';' >&2; exit $code";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(folder).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.current_dir(command.get_current_dir().expect("it runs in a fixture"));
    shell
}

#[test]
fn a_baseline_that_finds_no_room_leaves_the_old_file_byte_for_byte() {
    let left_out = "`cargo darwin baseline` on a full and on a read-only disk";
    if !mounts::are_possible(left_out) {
        return;
    }
    let fixture = Fixture::new("gate");
    let old = format!("# By hand.\r\n{}", fixture.read(FILE_NAME));
    fixture.write(FILE_NAME, &old);
    for (mount, word) in
        [(Mount::Full, "No space left on device"), (Mount::ReadOnly, "Read-only file system")]
    {
        let (ended, files) = run(mount, fixture.root(), &fixture, &darwin(&fixture, &["baseline"]));
        let ended = ended.expect_code(2).expect_stderr(word);
        ended.expect_stderr(&format!("{}: cannot write", fixture.root().join(FILE_NAME).display()));
        assert_eq!(files.get(Path::new(FILE_NAME)).map(Vec::as_slice), Some(old.as_bytes()), "{mount:?}");
        assert!(is_tidy(&files), "{mount:?}: {:?}", files.keys());
    }
}

#[test]
fn a_target_directory_that_is_full_or_read_only_is_named_and_nothing_is_approved() {
    if !mounts::are_possible("a full and a read-only target directory") {
        return;
    }
    let fixture = Fixture::new("gate");
    let target = place("disk").join("target");
    fs::create_dir_all(&target).expect("a folder can be made");
    for mount in size(
        &[Mount::ReadOnly][..],
        // In the larger ones it is the linker or the compiler that finds no room.
        &[
            Mount::ReadOnly,
            Mount::Small(4),
            Mount::Small(64),
            Mount::Small(2048),
            Mount::Small(8192),
            Mount::Small(16384),
        ][..],
    ) {
        for words in [&["run"][..], &["baseline"], &["check"], &["check", "--format", "json"]] {
            let mut command = darwin(&fixture, words);
            command.env("CARGO_TARGET_DIR", &target);
            let (ended, files) = run(*mount, &target, &fixture, &command);
            let ended = ended.expect_code(4);
            expect_place_and_reason(result(words, &ended), *mount, &target);
            expect_baseline_as_it_was(&fixture, &files);
        }
    }
}

#[test]
fn a_target_directory_with_room_for_one_side_alone_is_named_and_no_half_copy_stays() {
    let (disk, left_out) = (Mount::Small(96 << 10), "a target directory with room for one side alone");
    if !is_full() || !mounts::are_possible(left_out) {
        return;
    }
    let fixture = Fixture::new("gate");
    let target = place("disk").join("target");
    fs::create_dir_all(&target).expect("a folder can be made");
    let mut command = darwin(&fixture, &["check"]);
    command.env("CARGO_TARGET_DIR", &target);
    let (ended, files) = run(disk, &target, &fixture, &then_half_copies(&command, &target));
    // Some 70 MiB are the candidate's; the baseline's begin as a copy of them.
    let ended = ended.expect_code(4).expect_stdout("could not copy");
    expect_place_and_reason(&ended.stdout, disk, &target);
    expect_baseline_as_it_was(&fixture, &files);
    assert!(!ended.stderr.contains("LEFT"), "{ended}");
}

#[test]
fn shared_memory_and_caches_that_are_full_approve_nothing_slower_and_kill_nobody() {
    if !mounts::are_possible("full shared memory and a full cache folder") {
        return;
    }
    let fixture = Fixture::new("gate");
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("the baseline");
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 4000");
    let shared = Path::new("/dev/shm");
    for kib in size(&[4][..], &[4, 8, 16, 40, 64, 100, 200, 400, 1000, 2000, 4000][..]) {
        let command = darwin(&fixture, &["check", "--max-time", "2s"]);
        let (ended, files) = run(Mount::Small(*kib), shared, &fixture, &command);
        expect_baseline_as_it_was(&fixture, &files);
        assert!([1, 3, 4].contains(&ended.code), "{kib} KiB of shared memory\n{ended}");
        assert!(*kib > 4 || ended.stdout.contains("cannot make the run directory in /dev/shm"), "{ended}");
    }
    let (ended, _) = run(Mount::Small(4), shared, &fixture, &darwin(&fixture, &["run"]));
    ended.expect_code(4).expect_stderr("No space left on device");
    let cache = place("disk").join("cache");
    fs::create_dir_all(&cache).expect("a folder can be made");
    // The exported baseline takes 28 KiB. Without it the record alone goes on, where there can be one.
    for (mount, code) in size(
        &[][..],
        &[
            (Mount::Small(4), 3),
            (Mount::Small(8), 3),
            (Mount::Small(16), 3),
            (Mount::Full, 3),
            (Mount::ReadOnly, 4),
        ][..],
    ) {
        let mut command = darwin(&fixture, &["check", "--max-time", "2s"]);
        command.env("XDG_CACHE_HOME", &cache);
        let (ended, files) = run(*mount, &cache, &fixture, &then_half_copies(&command, &cache));
        let ended = ended.expect_code(*code);
        expect_place_and_reason(&ended.stdout, *mount, &cache);
        expect_baseline_as_it_was(&fixture, &files);
        assert!(!ended.stderr.contains("LEFT"), "{mount:?}\n{ended}");
    }
}

#[test]
fn a_temporary_folder_that_is_full_or_read_only_is_named_and_the_record_approves_nothing() {
    if !mounts::are_possible("a full and a read-only temporary folder") {
        return;
    }
    let fixture = Fixture::new("gate");
    // With so many files git's index takes more than the 4 KiB.
    (0..100).for_each(|number| fixture.write(&format!("notes/{number}.txt"), "a note"));
    fixture.darwin(["baseline"]).expect_code(0);
    fixture.commit("the baseline");
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 4000");
    let (temporary, cache) = (place("disk").join("temporary"), place("disk").join("no cache"));
    fs::create_dir_all(&temporary).expect("a folder can be made");
    for mount in size(&[Mount::Small(4)][..], &[Mount::Small(4), Mount::ReadOnly][..]) {
        // Where the baseline is there already nothing is exported.
        let _ = fs::remove_dir_all(&cache);
        let mut command = darwin(&fixture, &["check", "--max-time", "2s"]);
        command.env("TMPDIR", &temporary).env("XDG_CACHE_HOME", &cache);
        let (ended, files) = run(*mount, &temporary, &fixture, &command);
        let ended = ended.expect_code(3).expect_stdout("no baseline code, judged from the record alone");
        expect_place_and_reason(&ended.stdout, *mount, &temporary);
        expect_baseline_as_it_was(&fixture, &files);
    }
}

#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let fixture = Fixture::new("gate");
    for words in [&["check"][..], &["check", "--format", "json"], &["--help"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("there is /dev/full");
        let mut command = darwin(&fixture, words);
        let output = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output();
        let output = output.expect("cargo-darwin starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        if words[0] == "check" {
            assert_eq!(output.status.code(), Some(4), "{stderr}");
            let said = "error: cannot write the result to stdout: No space left on device";
            assert!(stderr.contains(said), "{stderr}");
        } else {
            assert!(output.status.code().is_some(), "it ends by itself");
        }
    }
}

#[test]
fn a_writer_without_room_leaves_the_old_file_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join(FILE_NAME);
    let old = render(&records::version(0));
    fs::write(&file, &old).expect("a file can be written");
    // In units of 512 or 1024 bytes, as the shell has it; the new file takes some 18 of the larger ones.
    for blocks in size(&[0, 5][..], &[0, 1, 2, 3, 5, 8, 9][..]) {
        // Without the signal the write fails, as it does on a full disk.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_baseline-writer"));
        let ended = Ended::of(command.arg("add").arg(&file).args(["new", "1"]));
        assert_ne!(ended.code, 0, "{blocks} blocks\n{ended}");
        ended.expect_stderr("cannot write").expect_stderr("File too large");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), old);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder can be read").count(), 1);
    }
    baseline_file::update(&file, &records::workload("new", 1.0), |_| cargo_darwin::model::Percent(0.0))
        .expect("with room it is written");
}
