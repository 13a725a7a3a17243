//! R8: any number of threads one after another needs the memory of a few.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_tests::soak::{show, size};

use super::{Counted, MODES, counting, folder};
use crate::workload;

/// May be added behind the first threads.
const MOST_BYTES: u64 = 1 << 20;

/// Bytes in memory, as the program says, and of its map; it goes on behind that.
fn memory(child: &mut Child, folder: &RunDir) -> [u64; 2] {
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("stdout is piped");
    // One line is all that there is until it is answered.
    BufReader::new(stdout).read_line(&mut line).expect("stdout can be read");
    let kilobytes: u64 = line.trim().parse().expect("the program says its size");
    let files = fs::read_dir(folder.path()).expect("the run directory can be read");
    let map = files.map(|file| file.and_then(|file| file.metadata()).map_or(0, |file| file.len())).sum();
    child.stdin.as_mut().expect("stdin is piped").write_all(b"\n").expect("the program listens");
    [kilobytes << 10, map]
}

fn successive(mode: Mode, threads: u64, first: u64) {
    let folder = folder(mode);
    let words = ["successive", &threads.to_string(), &first.to_string()];
    let mut command = counting("runtime-faults", &folder, &words);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let (before, after) = (memory(&mut child, &folder), memory(&mut child, &folder));
    assert!(child.wait().expect("a process can be waited for").success());
    for (what, [before, after]) in [("memory", [before[0], after[0]]), ("map", [before[1], after[1]])] {
        let grown = after.saturating_sub(before);
        assert!(grown < MOST_BYTES, "{mode:?}: {what} has grown by {grown} bytes to {after}");
        show(&format!("{mode:?}: {what} {before} bytes, {grown} more behind {threads} threads"));
    }
    let counted = Counted::of(workload::only_map(&folder), mode);
    assert_eq!((counted.site("step").calls, counted.map.lost), (threads * 10, 0), "{mode:?}");
}

#[test]
fn threads_one_after_another_need_no_more_memory_and_count_exactly() {
    let (threads, first) = size((3000, 300), (1_000_000, 10_000));
    MODES.into_iter().for_each(|mode| successive(mode, threads, first));
}
