//! Disks that are full or cannot be written: the command says so with the place, and an old baseline stays as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_darwin::io::baseline_file::{self, FILE_NAME, render};
use darwin_tests::mounts::{self, Mount};
use darwin_tests::soak::size;
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

/// The system's words, or ours where a program that we start does not repeat them.
fn has_reason(said: &str) -> bool {
    let reasons = ["No space left on device", "Read-only file system", " KiB are left on the disk of "];
    reasons.iter().any(|reason| said.contains(reason))
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
        &[Mount::ReadOnly, Mount::Small(4), Mount::Small(64), Mount::Small(2048)][..],
    ) {
        for words in [&["run"][..], &["baseline"], &["check"], &["check", "--format", "json"]] {
            let mut command = darwin(&fixture, words);
            command.env("CARGO_TARGET_DIR", &target);
            let (ended, files) = run(*mount, &target, &fixture, &command);
            let ended = ended.expect_code(4);
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert!(said.contains(&target.display().to_string()), "{mount:?} {words:?}: no place\n{ended}");
            assert!(has_reason(&said), "{mount:?} {words:?}: no reason\n{ended}");
            assert_eq!(files.get(Path::new(FILE_NAME)), Some(&fixture.read(FILE_NAME).into_bytes()));
        }
    }
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
        let (ended, _) = run(Mount::Small(*kib), shared, &fixture, &command);
        assert!([1, 3, 4].contains(&ended.code), "{kib} KiB of shared memory\n{ended}");
        assert!(*kib > 4 || ended.stdout.contains("cannot make the run directory in /dev/shm"), "{ended}");
    }
    let (ended, _) = run(Mount::Small(4), shared, &fixture, &darwin(&fixture, &["run"]));
    ended.expect_code(4).expect_stderr("No space left on device");
    let cache = place("disk").join("cache");
    fs::create_dir_all(&cache).expect("a folder can be made");
    // Without the baseline's code the record alone goes on.
    let caches: &[Mount] = size(&[], &[Mount::Small(4), Mount::Small(100), Mount::ReadOnly]);
    for mount in caches {
        let mut command = darwin(&fixture, &["check", "--max-time", "2s"]);
        command.env("XDG_CACHE_HOME", &cache);
        let (ended, _) = run(*mount, &cache, &fixture, &command);
        assert!([3, 4].contains(&ended.code), "{mount:?} for the cache\n{ended}");
        assert!(has_reason(&ended.to_string()), "{ended}");
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
