//! Faults in real checks: the workload fails, hangs, dies or damages what it shares with us, on one side or on both, in
//! any of its processes and at any call; or the system refuses what we need. None of them is approved.

use std::process::{Command, Stdio};

use cargo_darwin::model::Verdict;
use darwin_tests::Ended;
use darwin_tests::soak::{Random, size};

use super::hostile::has_no_result;
use super::session::{Asked, GONE_AFTER, Session, nothing_is_left};
use super::table::Table;

const SEED: u64 = 130;

/// A check of the whole program has about so many processes before it could approve.
const PROCESSES: u64 = 18;

/// By then counting is over.
const FIRST_BLOCK: u64 = 8;

/// Calls after which a fault comes, at most; a run has 2000.
const CALLS: u64 = 1500;

/// What leaves no figures, so that even unchanged code is not approved. `exit-0` comes before the first call, `spin` and
/// the like take as long as the limit and come seldom.
const FATAL: [&str; 15] = [
    "executable-removed",
    "exit-3",
    "abort",
    "panic",
    "segfault",
    "overflow",
    "kill",
    "map-removed",
    "run-removed",
    "links-removed",
    "no-room",
    "leave",
    "daemon-closed",
    "hang",
    "stop",
];

/// What damages figures, perhaps without a trace: it must not hide that code is slower.
const TREACHEROUS: [&str; 4] = ["map-cut", "map-flipped", "control-removed", "exit-0"];

fn verdict(ended: &Ended) -> Verdict {
    match ended.code {
        0 => Verdict::Approve,
        1 => Verdict::Reject,
        3 => Verdict::Inconclusive,
        _ => Verdict::Invalid,
    }
}

/// A bench has made its map, with room for a counting run, before its first iteration: there is nothing to refuse.
fn workloads(kind: &str) -> &'static [&'static str] {
    if kind == "no-room" { &["whole"] } else { &["whole", "turns*"] }
}

/// Checks with faults of these kinds.
fn soak(session: &mut Session, kinds: &[&str], rounds: u64, is_slower: bool, random: &mut Random) {
    let mut table = Table::new();
    for round in 0..rounds {
        let kind = kinds[(round % kinds.len() as u64) as usize];
        let (mut side, workload) = (*random.one_of(&["0", "1", "*"]), *random.one_of(workloads(kind)));
        let process = match kind {
            // Before the first block it only means that layouts are fixed, which the report says.
            "links-removed" => (FIRST_BLOCK + random.below(PROCESSES - FIRST_BLOCK)).to_string(),
            // What is run in blocks is linked anew for each, so it goes while counting.
            "executable-removed" => {
                side = "1";
                "0".to_owned()
            }
            _ => random.one_of(&["*", "0", "n"]).replace('n', &random.below(PROCESSES).to_string()),
        };
        let call = if kind == "no-room" || kind == "exit-0" { 0 } else { random.below(CALLS) };
        let fault = format!("{kind} {side} {process} {call}");
        let asked = Asked { fault: &fault, workload, seed: random.number() };
        let outcome = session.check(&asked);
        table.count(kind, outcome.hit.then_some(verdict(&outcome.ended)));
        let what = format!("round {round} of seed {SEED}: {asked:?}");
        assert!(!(outcome.hit || is_slower) || outcome.ended.code != 0, "{what}\n{}", outcome.ended);
        if outcome.ended.code == 4 {
            has_no_result(&outcome.ended, &what);
        }
        if kind == "links-removed" {
            session.build_anew();
        }
    }
    table.show();
}

#[test]
fn a_check_in_which_something_failed_approves_nothing() {
    soak(&mut Session::unchanged(), &FATAL, size(6, 345), false, &mut Random::new(SEED));
}

#[test]
fn a_check_in_which_something_was_damaged_does_not_approve_slower_code() {
    soak(&mut Session::slower(), &TREACHEROUS, size(4, 120), true, &mut Random::new(SEED + 1));
}

#[test]
fn a_check_that_may_not_write_large_files_approves_nothing() {
    let mut session = Session::unchanged();
    let mut table = Table::new();
    let asked = Asked { fault: "nothing - - 0", workload: "whole", seed: 0 };
    // In units of 512 or 1024 bytes, as the shell has it: from no file at all to almost enough.
    for blocks in size(&[0, 300][..], &[0, 1, 4, 8, 16, 64, 100, 200, 300, 400, 500, 511][..]) {
        let (command, token, traces) = session.command(&["check", "--measure"], &asked);
        let mut limited = Command::new("sh");
        limited.arg("-c").arg(format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")).arg(command.get_program());
        limited.args(command.get_args()).current_dir(session.fixture.root());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        let child = limited.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("sh starts");
        let pid = child.id();
        let output = child.wait_with_output().expect("a process can be waited for");
        nothing_is_left(&token, &traces, pid, GONE_AFTER);
        let code = output.status.code().unwrap_or(-1);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let ended =
            Ended { code, stdout: text, stderr: String::from_utf8_lossy(&output.stderr).into_owned() };
        table.count("no room for files", Some(verdict(&ended)));
        assert_ne!(ended.code, 0, "{blocks} blocks\n{ended}");
    }
    table.show();
}
