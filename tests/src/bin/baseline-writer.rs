//! Updates a baseline file, for tests that need processes to do so.
//!
//! - `baseline-writer turn FILE` says `ready`, then writes two versions in turn until it is killed
//! - `baseline-writer add FILE NAME N` waits for the end of its input, then adds N workloads, one update each

use std::io::{Read, Write};
use std::path::Path;

use cargo_darwin::io::baseline_file;
use cargo_darwin::model::Percent;
use darwin_tests::records;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["turn", file] => turn(Path::new(file)),
        ["add", file, name, count] => add(Path::new(file), name, count.parse().expect("a number")),
        _ => panic!("see the top of the source"),
    }
}

fn turn(file: &Path) {
    let versions = [records::version(0), records::version(1)];
    std::io::stdout().write_all(b"ready\n").expect("the test reads");
    for version in versions.iter().cycle() {
        baseline_file::update(file, version, |_| Percent(0.0)).expect("the file can be updated");
    }
}

fn add(file: &Path, name: &str, count: u32) {
    std::io::stdin().read_to_end(&mut Vec::new()).expect("the test closes the pipe");
    for number in 0..count {
        let record = records::workload(&format!("{name}::{number}"), f64::from(number));
        baseline_file::update(file, &record, |_| Percent(0.0)).expect("the file can be updated");
    }
}
