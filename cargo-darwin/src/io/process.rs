//! Starts a measured process, waits for it with a limit, and leaves nothing of it behind.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use darwin_runtime::injection;
use darwin_runtime::layout::RUN_VARIABLE;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use thiserror::Error;

use super::environment::ended;
use super::{affinity, git, interrupt, orphans};
use crate::model::Usage;

/// What is kept of a program's output, to be shown when it fails.
const OUTPUT_TAIL_BYTES: usize = 16 << 10;

/// How long the rest of the output is waited for after the program has ended: only a daemon holds it open longer.
const DAEMON_PATIENCE: Duration = Duration::from_millis(200);

/// A program to start.
#[derive(Debug, Clone)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its working directory.
    pub directory: PathBuf,
    /// Variables added to the environment.
    pub variables: Vec<(OsString, OsString)>,
    /// Processors that it may use; `None` leaves them alone.
    pub processor: Option<usize>,
}

/// How a workload failed. It yields no figures then.
#[derive(Debug, Error)]
pub enum WorkloadError {
    /// It could not be started.
    #[error("cannot start {path}: {source}")]
    Start {
        /// The executable.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// It ended with a code that is not zero, or by a signal.
    #[error("the workload {ending}{}", last_words(.output))]
    Failed {
        /// What happened, e.g. `exited with code 3` or `was killed by signal 9`.
        ending: String,
        /// The end of its output.
        output: String,
    },
    /// It did not end in time and was killed.
    #[error("the workload did not end within {} s and was killed; raise `timeout` in darwin.toml if it needs longer{}", .limit.as_secs(), last_words(.output))]
    Hung {
        /// The limit.
        limit: Duration,
        /// The end of its output.
        output: String,
    },
    /// It ended well and left processes behind: what they did was cut off.
    #[error("the workload ended while {} that it had started still ran and was killed, so what was counted is not all of its work; let it wait for what it starts{}", .names.join(", "), last_words(.output))]
    LeftBehind {
        /// Names of the processes.
        names: Vec<String>,
        /// The end of its output.
        output: String,
    },
}

fn last_words(output: &str) -> String {
    if output.trim().is_empty() {
        return String::new();
    }
    let lines: Vec<String> = output.trim_end().lines().map(|line| format!("\n    {line}")).collect();
    format!("; the end of its output:{}", lines.concat())
}

/// A started process, in a process group of its own.
#[derive(Debug)]
pub struct Running {
    group: Pid,
    /// Value of the run variable: by it the processes that it leaves are known.
    mark: Option<OsString>,
    ended: mpsc::Receiver<std::io::Result<(ExitStatus, Usage)>>,
    output: Vec<Tail>,
}

/// The end of what one pipe brought, growing while its reader lives.
#[derive(Debug)]
struct Tail {
    bytes: Arc<Mutex<VecDeque<u8>>>,
    closed: mpsc::Receiver<()>,
}

impl Program {
    /// Starts it. Its output is read and kept out of the way.
    ///
    /// # Errors
    /// When the operating system cannot start it.
    pub fn start(&self) -> Result<Running, WorkloadError> {
        let mut command = Command::new(&self.path);
        command.args(&self.args).current_dir(&self.directory).process_group(0);
        // One of the user's would make figures wrong without a word.
        command.env_remove(injection::VARIABLE);
        command.envs(self.variables.iter().map(|(key, value)| (key as &OsStr, value as &OsStr)));
        // A hook's GIT_DIR must not turn the workload's own git calls on the user's repository.
        git::clear_environment(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = |source| WorkloadError::Start { path: self.path.clone(), source };
        // An interrupt comes before both, or after.
        let mut held = interrupt::hold();
        held.before_measuring();
        let child = affinity::with_processor(self.processor, || command.spawn()).map_err(start)?;
        held.register(Pid::from_child(&child));
        drop(held);
        Ok(Running::new(child, self.mark()))
    }

    fn mark(&self) -> Option<OsString> {
        self.variables.iter().find(|(key, _)| key == RUN_VARIABLE).map(|(_, value)| value.clone())
    }
}

impl Running {
    fn new(mut child: Child, mark: Option<OsString>) -> Running {
        // A child's id is positive and fits.
        let group = Pid::from_child(&child);
        let mut output = Vec::new();
        output.extend(child.stdout.take().map(keep_tail));
        output.extend(child.stderr.take().map(keep_tail));
        let (send, ended) = mpsc::channel();
        std::thread::spawn(move || {
            // Nobody listens any more when the process was given up.
            let used = usage_at_its_end(group);
            let _ = send.send(child.wait().map(|status| (status, used)));
        });
        Running { group, mark, ended, output }
    }

    /// Waits until it ends, or kills it at `deadline`; what it used.
    ///
    /// # Errors
    /// When it failed or hung.
    pub fn wait(mut self, limit: Duration, deadline: Instant) -> Result<Usage, WorkloadError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let status = self.ended.recv_timeout(left);
        let names = match &status {
            Ok(Ok((status, _))) if status.success() => orphans::stragglers(self.own_mark()),
            _ => Vec::new(),
        };
        // Whatever it started and left behind must not disturb what is measured next.
        match &status {
            Ok(Ok((status, _))) if status.success() && names.is_empty() => drop(self.end_group()),
            _ => self.kill(),
        }
        let output = self.collect_output();
        match status {
            Ok(Ok((status, _))) if status.success() && !names.is_empty() => {
                Err(WorkloadError::LeftBehind { names, output })
            }
            Ok(Ok((status, used))) if status.success() => Ok(used),
            Ok(Ok((status, _))) => Err(WorkloadError::Failed { ending: ending(status), output }),
            Ok(Err(error)) => {
                Err(WorkloadError::Failed { ending: format!("could not be waited for: {error}"), output })
            }
            Err(_) => Err(WorkloadError::Hung { limit, output }),
        }
    }

    /// What it wrote, however it ended; killed at `deadline`. A short output only: of a long one the end is kept.
    pub fn output(mut self, deadline: Instant) -> String {
        let _ = self.ended.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        self.kill();
        self.collect_output()
    }

    fn kill(&self) {
        // The group is gone already when all its processes have ended.
        let mark = self.own_mark();
        if self.end_group() {
            orphans::end(mark);
        }
    }

    /// Whether that had not been done before.
    fn end_group(&self) -> bool {
        let _ = rustix::process::kill_process_group(self.group, Signal::KILL);
        interrupt::unregister(self.group)
    }

    /// By what its orphans are known. Once nothing else is measured all are its own, also those without a mark.
    fn own_mark(&self) -> Option<&OsStr> {
        self.mark.as_deref().filter(|_| !interrupt::is_the_only_one(self.group))
    }

    fn collect_output(&mut self) -> String {
        let parts: Vec<Vec<u8>> = self.output.drain(..).map(Tail::collect).collect();
        String::from_utf8_lossy(&parts.concat()).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for the end of a child without reaping it: until it is reaped, the kernel still has its accounts.
fn usage_at_its_end(child: Pid) -> Usage {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    // Where this fails, so will the reaping that follows, which is what reports it.
    let _ = rustix::io::retry_on_intr(|| rustix::process::waitid(WaitId::Pid(child), options));
    ended::usage(&Path::new("/proc").join(child.as_raw_nonzero().to_string()))
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended abnormally".to_owned(),
    }
}

/// Reads to the end and keeps the last part: a program that writes a gigabyte must not fill our memory.
fn keep_tail(mut pipe: impl Read + Send + 'static) -> Tail {
    let bytes = Arc::new(Mutex::new(VecDeque::with_capacity(2 * OUTPUT_TAIL_BYTES)));
    let (open, closed) = mpsc::channel();
    let tail = Tail { bytes: Arc::clone(&bytes), closed };
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            let mut tail = bytes.lock().unwrap_or_else(PoisonError::into_inner);
            tail.extend(&buffer[..length]);
            let excess = tail.len().saturating_sub(OUTPUT_TAIL_BYTES);
            tail.drain(..excess);
        }
        drop(open);
    });
    tail
}

impl Tail {
    /// Waits for the pipe's end, but not for a daemon that holds it open.
    fn collect(self) -> Vec<u8> {
        let _ = self.closed.recv_timeout(DAEMON_PATIENCE);
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_used_is_known_when_it_has_ended() {
        let program = Program {
            path: "/bin/sh".into(),
            args: vec!["-c".into(), "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done".into()],
            directory: std::env::temp_dir(),
            variables: Vec::new(),
            processor: None,
        };
        let limit = Duration::from_secs(60);
        let used = program.start().and_then(|running| running.wait(limit, Instant::now() + limit));
        let used = used.expect("the shell counts to 20000");
        assert_eq!(used.cpu.is_some(), cfg!(target_os = "linux"), "{used:?}");
        assert!(used.cpu.is_none_or(|cpu| cpu.0 > 0.0), "{used:?}");
        assert_eq!(used.major_faults.is_some(), cfg!(target_os = "linux"), "{used:?}");
    }
}
