//! Processes that a measured process leaves behind. One that makes itself a session of its own is out of reach of a
//! signal to its group; but as we adopt orphans, it becomes our child when its parent ends, and is found there.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use darwin_runtime::layout::RUN_VARIABLE;
use rustix::process::{Pid, Signal, WaitOptions};

use super::interrupt;

/// How long a process may outlive the one that started it: a pipeline's last word takes some milliseconds.
const STRAGGLER_PATIENCE: Duration = Duration::from_millis(500);

/// How long killing goes on. Only a process in an uninterruptible wait, or a fork bomb, takes longer.
const KILLING_PATIENCE: Duration = Duration::from_secs(4);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// Looks that find nothing before it is over: one that dies between the reading of the list and of its own state is found
/// dead, while its children, which have just come to us, were not on the list.
const EMPTY_LOOKS: u32 = 2;

/// Where the number of threads is, counted from the state.
const THREADS: usize = 17;

/// A process as `/proc` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: Pid,
    pub(super) name: String,
    pub(super) parent: i32,
    pub(super) group: i32,
    /// Ended, and only not yet waited for.
    pub(super) is_zombie: bool,
}

/// From now on processes whose parent ends become children of this one. Where the system has no such thing, a daemon
/// of a workload stays, as it would without us.
pub fn adopt() {
    #[cfg(target_os = "linux")]
    if rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok() {
        interrupt::hold().adopts();
    }
}

impl Process {
    /// Reads `/proc/PID/stat`; `None` when it has gone.
    fn read(pid: i32) -> Option<Process> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        Process::parse(&String::from_utf8_lossy(&stat))
    }

    /// `PID (NAME) STATE PARENT GROUP ...`; the name may hold blanks and parentheses (proc_pid_stat(5)).
    fn parse(stat: &str) -> Option<Process> {
        let (pid, rest) = stat.split_once(" (")?;
        let (name, rest) = rest.rsplit_once(") ")?;
        let words: Vec<&str> = rest.split(' ').collect();
        let number = |at: usize| words.get(at)?.parse::<i32>().ok();
        Some(Process {
            pid: Pid::from_raw(pid.parse().ok()?)?,
            name: name.to_owned(),
            parent: number(1)?,
            group: number(2)?,
            // A first thread that has ended makes no zombie while others go on.
            is_zombie: matches!(words[0], "Z" | "X") && number(THREADS)? <= 1,
        })
    }

    /// The run that it counts into, as its environment says; `None` where that cannot be read or was cleared.
    fn mark(&self) -> Option<OsString> {
        let environment = std::fs::read(format!("/proc/{}/environ", self.pid.as_raw_nonzero())).ok()?;
        let value =
            |line: &[u8]| Some(line.strip_prefix(RUN_VARIABLE.as_bytes())?.strip_prefix(b"=")?.to_owned());
        let found = environment.split(|byte| *byte == 0).find_map(value)?;
        Some(OsStr::from_bytes(&found).to_owned())
    }

    fn kill(&self) {
        // It may have ended meanwhile.
        let _ = rustix::process::kill_process(self.pid, Signal::KILL);
    }

    /// Waits for a zombie that we have adopted: it would stay as long as we do.
    fn bury(&self) {
        let _ = rustix::process::waitpid(Some(self.pid), WaitOptions::NOHANG);
    }
}

/// Every process that can be seen.
fn all() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pid = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    entries.filter_map(pid).filter_map(Process::read).collect()
}

/// Our children, adopted ones included.
pub(super) fn children() -> Vec<Process> {
    if let Some(told) = told_children() {
        return told;
    }
    let own = rustix::process::getpid().as_raw_nonzero().get();
    all().into_iter().filter(|process| process.parent == own).collect()
}

/// The children of each of our threads, as the kernel lists them: a dozen reads in place of one for each process of the
/// machine. `None` where it was built without such lists.
fn told_children() -> Option<Vec<Process>> {
    let mut children = Vec::new();
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        // A thread that has ended meanwhile has left its children to another one, perhaps behind us.
        let list = std::fs::read_to_string(thread.ok()?.path().join("children")).ok()?;
        children.extend(list.split_whitespace().filter_map(|pid| Process::read(pid.parse().ok()?)));
    }
    Some(children)
}

/// Names of processes that a measured process, now ended, has left running; `mark` is the value of its run variable,
/// without which every orphan is taken for its own.
pub(super) fn stragglers(mark: Option<&OsStr>) -> Vec<String> {
    let begin = Instant::now();
    loop {
        let left = living_orphans(mark);
        if left.is_empty() || begin.elapsed() > STRAGGLER_PATIENCE {
            return left.into_iter().map(|process| process.name).collect();
        }
        std::thread::sleep(PAUSE);
    }
}

/// Kills the orphans of the measured process with this mark, or all.
pub(super) fn end(mark: Option<&OsStr>) {
    end_each(|| living_orphans(mark));
}

/// Kills whatever counts into a run of which `is_abandoned` holds: its `cargo darwin` was killed.
pub(super) fn end_marked(is_abandoned: impl Fn(&OsStr) -> bool) {
    let is_its = |process: &Process| process.mark().is_some_and(|mark| is_abandoned(&mark));
    end_each(|| living(all()).into_iter().filter(is_its).collect());
}

/// Kills what `find` finds until it finds nothing [twice in a row](EMPTY_LOOKS): the children of one that was killed are
/// found the next time.
pub(super) fn end_each(find: impl Fn() -> Vec<Process>) {
    let (begin, mut empty_looks) = (Instant::now(), 0);
    while empty_looks < EMPTY_LOOKS && begin.elapsed() <= KILLING_PATIENCE {
        let left = find();
        empty_looks = if left.is_empty() { empty_looks + 1 } else { 0 };
        left.iter().for_each(Process::kill);
        std::thread::sleep(PAUSE);
    }
}

pub(super) fn living(processes: Vec<Process>) -> Vec<Process> {
    processes.into_iter().filter(|process| !process.is_zombie).collect()
}

fn living_orphans(mark: Option<&OsStr>) -> Vec<Process> {
    let orphans = interrupt::adopted(children());
    let (dead, mut living): (Vec<Process>, Vec<Process>) =
        orphans.into_iter().partition(|orphan| orphan.is_zombie);
    // A zombie has no environment, and belongs to nobody else.
    dead.iter().for_each(Process::bury);
    living.retain(|orphan: &Process| mark.is_none() || orphan.mark().as_deref() == mark);
    living
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let process = Process::parse("12 (a ) R (b) S 3 4 5 0 -1\n").unwrap();
        assert_eq!((process.name.as_str(), process.parent, process.group), ("a ) R (b", 3, 4));
        assert!(!process.is_zombie);
    }

    #[test]
    fn a_zombie_is_one_when_its_last_thread_has_ended() {
        let with_threads = |threads| {
            let line = format!("12 (gone) Z 3 4 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 {threads} 0 99");
            Process::parse(&line).unwrap().is_zombie
        };
        assert!(with_threads(1));
        assert!(!with_threads(2));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn one_that_came_to_us_while_we_looked_is_found_by_the_next_look() {
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let looks = std::cell::Cell::new(0);
        end_each(|| {
            looks.set(looks.get() + 1);
            // The first list was read before it came.
            let seen = (looks.get() > 1).then(|| Process::read(pid)).flatten();
            living(seen.into_iter().collect())
        });
        let status = child.try_wait().unwrap().expect("it was killed");
        assert!(!status.success());
    }

    #[test]
    fn what_is_no_such_line_is_nobody() {
        for line in ["", "12", "12 (a", "x (a) S 1 1", "0 (a) S 1 1", "12 (a) S"] {
            assert_eq!(Process::parse(line), None, "{line}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_child_is_found_with_its_mark() {
        let mut command = std::process::Command::new("sleep");
        let mut child = command.arg("600").env(RUN_VARIABLE, "1:/a run").spawn().unwrap();
        let found = children().into_iter().find(|one| one.pid == Pid::from_child(&child)).unwrap();
        // Until it has become `sleep`, its environment is ours.
        while found.mark().is_none() {
            std::thread::yield_now();
        }
        assert_eq!(found.mark().as_deref(), Some(OsStr::new("1:/a run")));
        end_marked(|mark| mark == "1:/a run");
        assert!(!child.wait().unwrap().success(), "it was killed");
    }
}
