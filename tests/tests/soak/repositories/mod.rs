//! RELIABILITY G5: in whatever state a repository is, `cargo darwin check` works or says what is missing, and leaves
//! every byte of it as it was.

mod injections;
mod kit;
mod states;

use std::process::Stdio;
use std::time::Duration;

use darwin_tests::Ended;
use darwin_tests::soak::{self, Random, is_full, size};
pub use kit::Kit;
use kit::Seen;
use states::{Run, STATES, State};

const SEED: u64 = 5;

/// How long what a killed check has started may go on: cargo ends its build first.
const GONE_AFTER: Duration = Duration::from_secs(60);

/// A check that has to build needs longer than the first, and about as long as the second.
const EARLY: Duration = Duration::from_millis(300);
const LATE: Duration = Duration::from_secs(6);

/// What has to come of a check.
#[derive(Debug, Clone, Copy)]
pub enum Expect {
    /// The machine code is the baseline's.
    Approve,
    /// One more allocation a call.
    Reject,
    /// This exit code, and these words on stdout or stderr.
    Says(i32, &'static str),
}

/// A state is set up, checked, and looked at before and after.
fn try_state(kit: &Kit, state: &State) -> Result<String, String> {
    kit.start_anew();
    let run = (state.set_up)(kit);
    kit.settle();
    let before = kit.seen();
    let ended = Ended::of(&mut command(kit, &run));
    is_unchanged(&before, &kit.seen(), state.name);
    assert!(
        !kit.path("elsewhere/canary").exists(),
        "{}: a program of the user's was run\n{ended}",
        state.name
    );
    let line = expected(&ended, state)?.replace(&kit.path("").display().to_string(), "…/");
    let words: Vec<String> = std::iter::once("cargo darwin check".to_owned()).chain(run.args).collect();
    let said = line.trim().replace('|', "\\|");
    Ok(format!("| {} | `{}` | {} | {said} |", state.name, words.join(" "), ended.code))
}

fn command(kit: &Kit, run: &Run) -> std::process::Command {
    let words: Vec<String> = std::iter::once("check".to_owned()).chain(run.args.clone()).collect();
    let token = format!("repositories-{}", std::process::id());
    let mut command = kit.darwin(&run.folder, &words, &token);
    command.envs(run.variables.iter().map(|(name, value)| (name, value)));
    command
}

/// The line that has what is expected.
fn expected(ended: &Ended, state: &State) -> Result<String, String> {
    let (code, words) = match state.expect {
        Expect::Approve => (0, "APPROVE"),
        Expect::Reject => (1, "REJECT"),
        Expect::Says(code, words) => (code, words),
    };
    let line = ended.stdout.lines().chain(ended.stderr.lines()).find(|line| line.contains(words));
    let wrong = || format!("{}: {code} and `{words}` are expected\n{ended}", state.name);
    line.filter(|_| ended.code == code).map(str::to_owned).ok_or_else(wrong)
}

#[track_caller]
fn is_unchanged(before: &Seen, after: &Seen, what: &str) {
    let paths = before.0.keys().chain(after.0.keys());
    let changed: Vec<String> = paths
        .filter(|path| before.0.get(*path) != after.0.get(*path))
        .map(|path| path.display().to_string())
        .collect();
    assert!(changed.is_empty(), "{what}: changed by a check: {changed:#?}");
    assert_eq!(before.1, after.1, "{what}");
}

#[test]
fn a_check_leaves_a_repository_in_any_state_byte_for_byte() {
    let kit = Kit::new();
    let wanted = std::env::var("DARWIN_SOAK_STATE").unwrap_or_default();
    let states = STATES.iter().filter(|state| match wanted.as_str() {
        "" => is_full() || state.is_small,
        name => state.name.contains(name),
    });
    soak::show("| set-up | command | exit code | what is said |\n|---|---|---|---|");
    let (mut tried, mut wrong) = (0, Vec::new());
    for state in states {
        tried += 1;
        match try_state(&kit, state) {
            Ok(line) => soak::show(&line),
            Err(other) => wrong.push(other),
        }
    }
    assert!(tried > 0, "no state is called {wanted}");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    soak::show(&format!("{tried} states, each as it was"));
}

#[test]
fn there_are_forty_states_and_none_twice() {
    let mut names: Vec<&str> = STATES.iter().map(|state| state.name).collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() >= 40 && names.len() == STATES.len(), "{} of {}", names.len(), STATES.len());
}

#[test]
fn a_check_killed_at_any_instant_leaves_the_repository_byte_for_byte() {
    let kit = Kit::new();
    let mut random = Random::new(SEED);
    let mut killed = 0;
    let rounds = size(2, 40);
    for round in 0..rounds {
        kit.start_anew();
        let mut run = states::work_in_progress(&kit, round);
        run.args.extend(["--against".into(), "HEAD".into(), "--measure".into()]);
        kit.settle();
        let before = kit.seen();
        let mut command = command(&kit, &run);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        // The first one early enough for any machine.
        std::thread::sleep(if round == 0 { EARLY } else { random.duration(LATE) });
        killed += u32::from(child.try_wait().expect("a child can be asked").is_none());
        child.kill().expect("a process can be killed");
        child.wait().expect("a process can be waited for");
        let token = format!("repositories-{}", std::process::id());
        let left = soak::wait_until_gone(GONE_AFTER, || soak::processes_with(&token));
        assert!(left.is_empty(), "round {round} of seed {SEED}: still there: {left:?}");
        is_unchanged(&before, &kit.seen(), &format!("round {round} of seed {SEED}"));
    }
    soak::show(&format!("{killed} of {rounds} were killed before their end"));
    assert!(killed > 0, "no kill came in time");
}
