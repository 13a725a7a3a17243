//! The baseline file under writers that are killed, and under many writers at once.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cargo_darwin::io::baseline_file::{self, render};
use cargo_darwin::model::Percent;
use darwin_tests::records;
use darwin_tests::soak::{Random, size};

const SEED: u64 = 1;

/// Updates that a writer makes in its longest life, so that each instant of one is as likely as any other.
const UPDATES_IN_A_LIFE: u32 = 4;

fn writer(words: &[&str], file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baseline-writer"));
    command.arg(words[0]).arg(file).args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn time_of_an_update(file: &Path) -> Duration {
    let begin = Instant::now();
    for number in [1, 0, 1, 0] {
        baseline_file::update(file, &records::version(number), |_| Percent(0.0)).expect("it can be updated");
    }
    begin.elapsed() / 4
}

fn wait_until_ready(child: &mut Child) {
    let stdout = child.stdout.take().expect("stdout is piped");
    let first = BufReader::new(stdout).lines().next().transpose().expect("a line can be read");
    assert_eq!(first.as_deref(), Some("ready"));
}

#[test]
fn a_writer_killed_at_any_instant_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join(baseline_file::FILE_NAME);
    let versions = [0, 1].map(|number| render(&records::version(number)));
    fs::write(&file, &versions[0]).expect("the file can be written");
    let longest_life = time_of_an_update(&file) * UPDATES_IN_A_LIFE;
    let mut random = Random::new(SEED);
    let mut seen = [0, 0];
    for round in 0..size(25, 1000) {
        let mut child = writer(&["turn"], &file).spawn().expect("the writer starts");
        wait_until_ready(&mut child);
        std::thread::sleep(random.duration(longest_life));
        child.kill().expect("a process can be killed");
        child.wait().expect("a process can be waited for");
        let text = fs::read_to_string(&file).expect("the file is there");
        let version = versions.iter().position(|version| *version == text);
        seen[version.unwrap_or_else(|| panic!("torn in round {round} of seed {SEED}:\n{text}"))] += 1;
    }
    assert!(seen.iter().all(|times| *times > 0), "the writers got as far as writing: {seen:?}");
    baseline_file::update(&file, &records::workload("last", 9.0), |_| Percent(0.0))
        .expect("it can be updated");
    let names: Vec<_> = fs::read_dir(folder.path()).expect("the folder can be read").flatten().collect();
    assert_eq!(names.len(), 1, "what killed writers left is removed by the next one: {names:?}");
}

#[test]
fn many_writers_at_once_lose_no_update() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join(baseline_file::FILE_NAME);
    let (writers, updates) = size((4, 6), (16, 50));
    let start = |number: u32| {
        let words = ["add", &format!("writer-{number}"), &updates.to_string()];
        writer(&words, &file).spawn().expect("the writer starts")
    };
    let mut running: Vec<Child> = (0..writers).map(start).collect();
    // All of them wait for the end of their input.
    running.iter_mut().for_each(|child| drop(child.stdin.take()));
    for child in running {
        assert!(child.wait_with_output().expect("a process can be waited for").status.success());
    }
    let expected = (0..writers).flat_map(|writer| {
        (0..updates).flat_map(move |update| {
            records::workload(&format!("writer-{writer}::{update}"), f64::from(update)).workloads
        })
    });
    let found = baseline_file::load(&file).expect("the file is whole");
    assert_eq!(found.workloads, expected.collect(), "{} of {}", found.workloads.len(), writers * updates);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder can be read").count(), 1);
}

#[test]
fn writers_that_come_by_a_link_and_by_the_file_itself_lose_no_update() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (real, linked) = (folder.path().join("real"), folder.path().join("linked"));
    fs::create_dir_all(&real).and_then(|()| fs::create_dir_all(&linked)).expect("folders can be made");
    let (file, link) = (real.join(baseline_file::FILE_NAME), linked.join(baseline_file::FILE_NAME));
    std::os::unix::fs::symlink(&file, &link).expect("a link can be made");
    let updates = size(10, 100);
    let start = |(path, name): (&Path, &str)| {
        writer(&["add", name, &updates.to_string()], path).spawn().expect("the writer starts")
    };
    let mut running = [(file.as_path(), "file"), (link.as_path(), "link")].map(start);
    running.iter_mut().for_each(|child| drop(child.stdin.take()));
    for child in running {
        assert!(child.wait_with_output().expect("a process can be waited for").status.success());
    }
    let found = baseline_file::load(&file).expect("the file is whole");
    assert_eq!(found.workloads.len(), 2 * updates);
}
