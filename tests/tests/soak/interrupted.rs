//! Ctrl-C and SIGTERM at any instant: what was started ends, and what the user has stays as it was.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use super::session::{Asked, Session, Started, nothing_is_left};
use darwin_tests::soak::{self, Random, size};

const SEED: u64 = 16;

/// RELIABILITY G16.
const GONE_AFTER: Duration = Duration::from_secs(6);

const NOTHING: Asked<'_> = Asked { fault: "nothing - - 0", workload: "*", seed: 0 };

fn signal(started: &Started, signal: Signal) {
    // It may have ended just now.
    let _ = rustix::process::kill_process(Pid::from_child(&started.child), signal);
}

/// Waits for the end; code 130, or what it would have been had the signal come later.
#[track_caller]
fn ends_interrupted(mut started: Started, what: &str) -> Option<i32> {
    let begin = Instant::now();
    let pid = started.child.id().to_string();
    let left =
        soak::wait_until_gone(GONE_AFTER, || soak::lives(&pid).then(|| pid.clone()).into_iter().collect());
    assert!(left.is_empty(), "{what}: still there after {:?}", begin.elapsed());
    let code = started.child.wait().expect("a process can be waited for").code();
    let left = GONE_AFTER.saturating_sub(begin.elapsed());
    nothing_is_left(&started.token, &started.traces, started.child.id(), left);
    code
}

/// The lock of the workspace and everything that git knows are as they were.
#[track_caller]
fn nothing_has_changed(session: &Session, what: &str) {
    assert_eq!(session.fixture.git(["status", "--porcelain", "--ignored"]), "", "{what}");
    let lock = session.lock_file();
    let lock = File::open(&lock).unwrap_or_else(|error| panic!("{what}: {}: {error}", lock.display()));
    assert!(lock.try_lock().is_ok(), "{what}: the lock is held");
}

#[test]
fn an_interrupt_at_any_instant_leaves_no_process_no_folder_and_the_old_baseline() {
    let mut session = Session::unchanged();
    let mut random = Random::new(SEED);
    let commands: [&[&str]; 3] = [&["check", "--measure"], &["baseline"], &["run"]];
    let mut interrupted = 0;
    let rounds = size(4, 200);
    for round in 0..rounds {
        let command = commands[round % commands.len()];
        let number = *random.one_of(&[Signal::INT, Signal::TERM]);
        let mut started = session.start(command, &NOTHING);
        let what = format!("round {round} of seed {SEED}: {command:?}, {number:?}");
        // Every second time while the workload runs, which is what leaves most behind; else anywhere from the start on.
        if round % 2 == 0 {
            let process = started.traces.join(format!("process-{}", random.below(12)));
            soak::wait_for(&mut started.child, || process.exists());
            std::thread::sleep(random.duration(Duration::from_millis(20)));
        } else {
            std::thread::sleep(random.duration(Duration::from_secs(2)));
        }
        signal(&started, number);
        interrupted += u32::from(ends_interrupted(started, &what) == Some(130));
        // A baseline that was done before the signal came is as good.
        if command == ["baseline"] {
            whole_baseline(&session, &what);
        }
        nothing_has_changed(&session, &what);
    }
    assert!(interrupted > 0, "no signal came in time");
    let after = session.check(&NOTHING);
    assert!([0, 3].contains(&after.ended.code), "a check after {rounds} interrupts works\n{}", after.ended);
}

/// The committed file, or a whole new one, which is then taken back.
#[track_caller]
fn whole_baseline(session: &Session, what: &str) {
    let path = session.fixture.root().join("darwin.baseline.toml");
    let text = fs::read_to_string(&path).expect("the file is there");
    let parsed = cargo_darwin::io::baseline_file::parse(&path, &text);
    assert!(parsed.is_ok(), "{what}: {parsed:?}\n{text}");
    session.fixture.git(["checkout", "--quiet", "darwin.baseline.toml"]);
}

#[test]
fn an_interrupt_while_cargo_builds_ends_cargo_too() {
    let mut session = Session::unchanged();
    session.fixture.write(
        "build.rs",
        "fn main() { std::fs::write(std::env::var(\"HOSTILE_FOLDER\").unwrap() + \"/builds\", \"\").unwrap(); loop { std::thread::park() } }",
    );
    for number in [Signal::INT, Signal::TERM] {
        let mut started = session.start(&["check", "--measure"], &NOTHING);
        let builds = soak::wait_for(&mut started.child, || started.traces.join("builds").exists());
        assert!(builds, "the build script runs");
        signal(&started, number);
        assert_eq!(ends_interrupted(started, "while cargo builds"), Some(130));
    }
}

#[test]
fn an_interrupt_leaves_the_terminal_as_it_was_and_no_half_line() {
    let mut session = Session::unchanged();
    let (controller, terminal) = terminal();
    let before = tcgetattr(&terminal).expect("a terminal has attributes");
    // Hangs in the middle of the blocks, when the progress line is on the screen.
    let asked = Asked { fault: "hang * 14 1", workload: "whole", seed: 0 };
    let (mut command, token, traces) = session.command(&["check", "--measure"], &asked);
    let copy = || Stdio::from(terminal.try_clone().expect("a descriptor can be copied"));
    command.stdin(copy()).stdout(copy()).stderr(copy()).env("TERM", "xterm");
    let child = command.spawn().expect("cargo darwin starts");
    drop(command);
    let mut started = Started { child, token, traces };
    let screen = std::thread::spawn(move || everything(controller));
    let hangs = soak::wait_for(&mut started.child, || started.traces.join("hit").exists());
    signal(&started, Signal::INT);
    let code = ends_interrupted(started, "on a terminal");
    let after = tcgetattr(&terminal).expect("a terminal has attributes");
    drop(terminal);
    let screen = screen.join().expect("the screen can be read");
    assert!(hangs, "the fault did not come\n{screen}");
    assert_eq!(code, Some(130), "{screen}");
    assert_eq!(after.local_modes, before.local_modes);
    assert!(after.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON));
    let (shown, hidden) = (screen.rfind("\x1b[?25h"), screen.rfind("\x1b[?25l"));
    assert!(shown.is_some() && shown > hidden, "the cursor is shown: {screen:?}");
    assert!(screen.contains("measuring"), "there was a progress line: {screen:?}");
    assert!(screen.ends_with("\r\x1b[K\x1b[?25h"), "the last line is clear: {screen:?}");
}

/// Both ends of a pseudo-terminal of an ordinary size.
fn terminal() -> (OwnedFd, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let controller = openpt(flags).expect("there are pseudo-terminals");
    grantpt(&controller).and_then(|()| unlockpt(&controller)).expect("it can be used");
    let terminal = ioctl_tiocgptpeer(&controller, flags).expect("its other end can be opened");
    tcsetwinsize(&terminal, Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 })
        .expect("it has a size");
    (controller, terminal)
}

/// What was written, until nobody has the other end any more.
fn everything(controller: OwnedFd) -> String {
    let (mut file, mut text, mut buffer) = (File::from(controller), Vec::new(), [0; 4096]);
    // Linux says EIO when the last one has gone.
    while let Ok(length @ 1..) = file.read(&mut buffer) {
        text.extend(&buffer[..length]);
    }
    String::from_utf8_lossy(&text).into_owned()
}
