//! Runs a program and makes one of its system calls fail. The kernel stops it at each call (`ptrace`); a call is told from
//! others by the thread that makes it, by whether it comes from the program's own code or from libc, by its number, and by how
//! many such calls came before.
#![allow(unsafe_code, reason = "asks to be traced between fork and exec")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Which call of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Threads in the order in which they were made.
    pub thread: usize,
    /// Made by the program's own code; else by that of a library.
    pub is_own: bool,
    /// The call's number.
    pub number: u64,
    /// So many of that number came before.
    pub index: usize,
}

/// A system call that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    pub place: Place,
    /// Its first argument: with many calls the file.
    pub first: u64,
}

/// A call that shall fail, and with which error.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub place: Place,
    pub error: Errno,
}

/// What a program left that was traced.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Left {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Its exit code; minus the signal where one killed it.
    pub code: i32,
}

/// Runs `command` without input to its end, with a fault.
pub fn run(command: &mut Command, fault: Option<Fault>) -> (Left, Vec<Call>) {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ask = || ptrace::traceme().map_err(io::Error::from);
    // SAFETY: one system call, which touches no memory.
    unsafe { command.pre_exec(ask) };
    let program = fs::canonicalize(command.get_program()).expect("the program is there");
    let child = command.spawn().expect("the program can be started");
    let mut tracer = Tracer { fault, ..Tracer::default() };
    let code = tracer.follow(&child, &program);
    (Left { code, ..left(child) }, tracer.calls)
}

fn left(mut child: Child) -> Left {
    let mut left = Left::default();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    stdout.expect("it is piped").read_to_end(&mut left.stdout).expect("a pipe can be read");
    stderr.expect("it is piped").read_to_end(&mut left.stderr).expect("a pipe can be read");
    left
}

/// What is known of a thread.
#[derive(Debug, Default)]
struct Thread {
    ordinal: usize,
    /// Its next stop is the end of a call.
    is_inside: bool,
    fails: bool,
    /// Calls so far, by whether the program's own code made them, and by number.
    made: BTreeMap<(bool, u64), usize>,
}

#[derive(Debug, Default)]
struct Tracer {
    fault: Option<Fault>,
    own_code: Range<u64>,
    threads: BTreeMap<Pid, Thread>,
    calls: Vec<Call>,
}

impl Tracer {
    fn follow(&mut self, child: &Child, program: &Path) -> i32 {
        let first = Pid::from_raw(child.id().try_into().expect("an id of a process"));
        let started = waitpid(first, None).expect("a child can be waited for");
        assert!(matches!(started, WaitStatus::Stopped(_, Signal::SIGTRAP)), "{started:?}");
        self.own_code = code_of(first, program);
        self.threads.insert(first, Thread::default());
        let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE;
        ptrace::setoptions(first, options | Options::PTRACE_O_EXITKILL).expect("a tracer may ask this");
        ptrace::syscall(first, None).expect("it is stopped");
        loop {
            // Children of this thread alone: other tests have theirs.
            let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            match waitpid(None, Some(flags)).expect("a child can be waited for") {
                WaitStatus::Exited(pid, code) if pid == first => return code,
                WaitStatus::Signaled(pid, signal, _) if pid == first => return -(signal as i32),
                status => self.go_on(status),
            }
        }
    }

    fn go_on(&mut self, status: WaitStatus) {
        let Some(pid) = status.pid() else { return };
        let signal = match status {
            WaitStatus::PtraceSyscall(_) => {
                self.stopped_at_call(pid);
                None
            }
            // A new thread's first stop.
            WaitStatus::Stopped(_, Signal::SIGSTOP) | WaitStatus::PtraceEvent(..) => None,
            WaitStatus::Stopped(_, signal) => Some(signal),
            _ => return,
        };
        // It may have been killed meanwhile, which the next wait will tell.
        let _ = ptrace::syscall(pid, signal);
    }

    fn stopped_at_call(&mut self, pid: Pid) {
        let ordinal = self.threads.len();
        let thread = self.threads.entry(pid).or_insert_with(|| Thread { ordinal, ..Thread::default() });
        let mut registers = ptrace::getregs(pid).expect("it is stopped");
        thread.is_inside = !thread.is_inside;
        if !thread.is_inside {
            if std::mem::take(&mut thread.fails) {
                let error = self.fault.expect("there is one").error;
                registers.rax = -i64::from(error as i32) as u64;
                ptrace::setregs(pid, registers).expect("it is stopped");
            }
            return;
        }
        let is_own = self.own_code.contains(&registers.rip);
        let number = registers.orig_rax;
        let index = thread.made.entry((is_own, number)).or_default();
        let place = Place { thread: thread.ordinal, is_own, number, index: *index };
        *index += 1;
        self.calls.push(Call { place, first: registers.rdi });
        if self.fault.is_some_and(|fault| fault.place == place) {
            // No such call: the kernel does nothing.
            registers.orig_rax = u64::MAX;
            ptrace::setregs(pid, registers).expect("it is stopped");
            thread.fails = true;
        }
    }
}

/// Where the code of the program itself lies.
fn code_of(pid: Pid, program: &Path) -> Range<u64> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).expect("a process has maps");
    let line =
        maps.lines().find(|line| line.contains(" r-xp ") && line.ends_with(&*program.to_string_lossy()));
    let range = line.and_then(|line| line.split_once(' ')?.0.split_once('-')).expect("a program has code");
    let number = |text| u64::from_str_radix(text, 16).expect("an address");
    number(range.0)..number(range.1)
}
