//! `cargo darwin` in the hostile fixture, with everything that it starts and makes in sight.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use darwin_tests::soak::{self, TOKEN_VARIABLE};
use darwin_tests::{Ended, Fixture, cargo_darwin};

/// How long a process of ours may live on after everything should be over (RELIABILITY G7).
pub const GONE_AFTER: Duration = Duration::from_secs(10);

/// Longest time of one process, for `--timeout`: an ordinary one takes a tenth of a second.
pub const TIMEOUT: &str = "3s";

/// The fixture, built, with its baseline in the cache.
pub struct Session {
    pub fixture: Fixture,
    folder: tempfile::TempDir,
    started: u64,
}

/// What a session is asked for.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// As the fixture's `HOSTILE` wants it.
    pub fault: &'a str,
    /// `whole` or `turns*`.
    pub workload: &'a str,
    pub seed: u64,
}

/// A started `cargo darwin`.
pub struct Started {
    pub child: Child,
    pub token: String,
    /// Where the workload leaves its traces.
    pub traces: PathBuf,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub ended: Ended,
    /// Did the fault come at all?
    pub hit: bool,
}

impl Session {
    /// A candidate whose machine code is that of its baseline.
    pub fn unchanged() -> Session {
        Session::of(Fixture::new("hostile"))
    }

    /// A candidate in which the measured function takes three times as long.
    pub fn slower() -> Session {
        let fixture = Fixture::new("hostile");
        fixture.replace("src/lib.rs", "ROUNDS: u64 = 1000", "ROUNDS: u64 = 3000");
        Session::of(fixture)
    }

    fn of(fixture: Fixture) -> Session {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut session = Session { fixture, folder, started: 0 };
        // Both sides are built, so that all sessions take the same steps.
        let first = session.check(&Asked { fault: "exit-3 * * 0", workload: "whole", seed: 0 });
        assert_eq!(first.ended.code, 4, "{}", first.ended);
        session
    }

    /// `cargo darwin ARGS` as it will be started.
    pub fn command(&mut self, args: &[&str], asked: &Asked<'_>) -> (Command, String, PathBuf) {
        self.started += 1;
        let token = format!("{}-{}", std::process::id(), self.started);
        let traces = self.folder.path().join(&token);
        fs::create_dir(&traces).expect("a folder can be made");
        let mut command = self.fixture.command(cargo_darwin());
        command.arg("darwin").args(args).args(["--timeout", TIMEOUT, "--workload", asked.workload]);
        command.env(TOKEN_VARIABLE, &token).env("HOSTILE", asked.fault).env("HOSTILE_FOLDER", &traces);
        command.env("HOSTILE_SEED", asked.seed.to_string()).env("HOSTILE_MIB", soak::size("32", "1024"));
        command
            .env("HOSTILE_BUILT", self.fixture.target().join("darwin"))
            .env("HOSTILE_HELPER", self.helper());
        (command, token, traces)
    }

    /// Starts `cargo darwin ARGS`.
    pub fn start(&mut self, args: &[&str], asked: &Asked<'_>) -> Started {
        let (mut command, token, traces) = self.command(args, asked);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Started { child: command.spawn().expect("cargo darwin starts"), token, traces }
    }

    /// `cargo darwin check --measure` to its end, and a look at what it left, which must be nothing.
    pub fn check(&mut self, asked: &Asked<'_>) -> Outcome {
        let started = self.start(&["check", "--measure"], asked);
        let pid = started.child.id();
        let output = started.child.wait_with_output().expect("a process can be waited for");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("we write UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let ended = Ended { code: output.status.code().unwrap_or(-1), stdout, stderr };
        nothing_is_left(&started.token, &started.traces, pid, GONE_AFTER);
        Outcome { ended, hit: started.traces.join("hit").exists() }
    }

    /// A remark that has both targets built and linked again; the machine code stays.
    pub fn build_anew(&mut self) {
        self.started += 1;
        let text = self.fixture.read("src/lib.rs");
        self.fixture.write("src/lib.rs", &format!("{text}\n// {}\n", self.started));
    }

    /// The lock of the workspace.
    pub fn lock_file(&self) -> PathBuf {
        find(&self.fixture.target().join("darwin"), "lock").expect("a command has taken it")
    }

    /// The fixture's program, to be a daemon; another workspace may have built one of the same name.
    fn helper(&self) -> PathBuf {
        let all = self.fixture.target().join("darwin");
        let workspaces = fs::read_dir(&all).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_ours = |workspace: &PathBuf| {
            let runs_in = fs::read_link(workspace.join("layouts/1/home0"));
            runs_in.is_ok_and(|folder| folder == self.fixture.root())
        };
        let program = |workspace: PathBuf| workspace.join("candidate/darwin/hostile-fixture");
        workspaces.filter(is_ours).map(program).find(|path| path.is_file()).unwrap_or(all)
    }
}

/// The first entry of this name below a folder.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let is_it = |path: &&PathBuf| path.file_name().is_some_and(|own| own == name);
    let found = entries.iter().find(is_it).cloned();
    found.or_else(|| entries.iter().filter(|path| path.is_dir()).find_map(|path| find(path, name)))
}

/// No process, neither by its mark nor by the name that it left, and no run directory.
#[track_caller]
pub fn nothing_is_left(token: &str, traces: &Path, pid: u32, patience: Duration) {
    let daemons = || {
        let names = fs::read_dir(traces).expect("the folder can be read").flatten();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let pids = names.filter_map(|name| name.strip_prefix("left-").map(str::to_owned));
        pids.filter(|pid| soak::lives(pid)).collect::<Vec<String>>()
    };
    let left = soak::wait_until_gone(patience, || [soak::processes_with(token), daemons()].concat());
    assert!(left.is_empty(), "still there after {patience:?}: {left:?}");
    let folders = soak::wait_until_gone(patience, || {
        soak::run_directories(pid).iter().map(|path| path.display().to_string()).collect()
    });
    assert!(folders.is_empty(), "run directories are left: {folders:?}");
}
