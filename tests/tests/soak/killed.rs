//! A `cargo darwin` that is killed takes what it measured with it, and the next one finds nothing in its way.

use std::fs;

use super::session::{Asked, GONE_AFTER, Session, nothing_is_left};
use darwin_tests::soak::{self, Random, size};

const SEED: u64 = 4;

/// A check measures about so many processes.
const PROCESSES: u64 = 20;

const WORKLOADS: [&str; 2] = ["whole", "turns*"];

#[test]
fn what_a_killed_session_measured_ends_with_it_and_its_folder_goes() {
    let mut session = Session::unchanged();
    let mut random = Random::new(SEED);
    let baseline = session.fixture.read("darwin.baseline.toml");
    for round in 0..size(2, 100) {
        // A process that hangs is there when the session is killed, and would be there for ever.
        let process = random.below(PROCESSES / 2);
        let kind = random.one_of(&["hang", "ignore-term", "spin"]);
        let fault = format!("{kind} * {process} 1");
        let workload = *random.one_of(&WORKLOADS);
        let asked = Asked { fault: &fault, workload, seed: 0 };
        let mut started = session.start(&["check", "--measure"], &asked);
        let hangs = soak::wait_for(&mut started.child, || started.traces.join("hit").exists());
        assert!(hangs, "round {round}, seed {SEED}: {asked:?} did not come");
        started.child.kill().expect("a process can be killed");
        started.child.wait().expect("a process can be waited for");
        nothing_is_left(&started.token, &started.traces, started.child.id(), GONE_AFTER);
        assert_eq!(session.fixture.read("darwin.baseline.toml"), baseline);
    }
    let after = session.check(&Asked { fault: "nothing * * 0", workload: "whole", seed: 0 });
    assert!([0, 3].contains(&after.ended.code), "a check after it works\n{}", after.ended);
}

#[test]
fn without_its_warden_the_next_command_cleans_up() {
    let mut session = Session::unchanged();
    let asked = Asked { fault: "hang * 0 1", workload: "whole", seed: 0 };
    let mut started = session.start(&["check", "--measure"], &asked);
    assert!(soak::wait_for(&mut started.child, || started.traces.join("hit").exists()));
    let wardens = soak::processes_with(&started.token).into_iter().filter(|line| line.contains(" warden"));
    let wardens: Vec<String> = wardens.collect();
    assert_eq!(wardens.len(), 1, "{wardens:?}");
    let kill = |pid: &str| {
        let pid = rustix::process::Pid::from_raw(pid.parse().expect("a process id")).expect("not zero");
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("a process can be killed");
    };
    kill(wardens[0].split(' ').next().expect("it begins with the id"));
    started.child.kill().expect("a process can be killed");
    started.child.wait().expect("a process can be waited for");
    let folders = soak::run_directories(started.child.id());
    assert_eq!(folders.len(), 1, "nobody has cleaned up yet");
    assert!(!soak::processes_with(&started.token).is_empty(), "the workload hangs still");

    session.fixture.darwin(["run", "--workload", "nothing-of-this-name"]).expect_code(2);
    nothing_is_left(&started.token, &started.traces, started.child.id(), GONE_AFTER);
    assert!(fs::metadata(&folders[0]).is_err());
}
