//! What soaks share: their size, their random numbers, and a look at the processes and folders that are left.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// Says how large soaks are: `full`, or anything else for the small ones that run with all tests.
const SIZE_VARIABLE: &str = "DARWIN_SOAK";

/// The variable by which all processes that a test has started are found, whoever their parent is now.
pub const TOKEN_VARIABLE: &str = "SOAK_TOKEN";

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// `full` when soaks are run at full size, otherwise `small`.
pub fn size<T>(small: T, full: T) -> T {
    if is_full() { full } else { small }
}

/// Are soaks run at full size?
pub fn is_full() -> bool {
    std::env::var_os(SIZE_VARIABLE).is_some_and(|size| size == OsStr::new("full"))
}

/// Shows what was seen. A closed stdout is no failure of what is tested.
pub fn show(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Random numbers that are the same at every run: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Below `end`, which is not zero.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    /// One of them.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// Up to `longest`.
    pub fn duration(&mut self, longest: Duration) -> Duration {
        Duration::from_nanos(self.below(longest.as_nanos() as u64 + 1))
    }
}

/// Living processes whose environment has [`TOKEN_VARIABLE`] set to `token`: id and command line.
pub fn processes_with(token: &str) -> Vec<String> {
    let wanted = format!("{TOKEN_VARIABLE}={token}");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc can be read").flatten() {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|line| line == wanted.as_bytes()) {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            found.push(format!("{} {line}", entry.file_name().display()));
        }
    }
    found
}

/// Does a process with this id live?
pub fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A first thread that has ended makes no zombie while others go on; their number is the 20th field.
    let is_alive = |rest: &str| {
        !rest.starts_with(['Z', 'X']) || rest.split(' ').nth(17).is_some_and(|threads| threads != "1")
    };
    stat.rsplit_once(") ").is_some_and(|(_, rest)| is_alive(rest))
}

/// Asks until `found` gives nothing, or `patience` is over; what it gave last.
pub fn wait_until_gone(patience: Duration, found: impl Fn() -> Vec<String>) -> Vec<String> {
    let begin = Instant::now();
    loop {
        let left = found();
        if left.is_empty() || begin.elapsed() > patience {
            return left;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Waits for something that is bound to come, as long as `child` lives; whether it came.
pub fn wait_for(child: &mut Child, mut has_come: impl FnMut() -> bool) -> bool {
    loop {
        if has_come() {
            return true;
        }
        if child.try_wait().expect("a child can be asked").is_some() {
            return has_come();
        }
        std::thread::sleep(PAUSE);
    }
}

/// Run directories of the process `pid` that are there.
pub fn run_directories(pid: u32) -> Vec<PathBuf> {
    let begins = format!("darwin-{pid}-");
    let is_its =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begins));
    let folders = [Path::new("/dev/shm").to_owned(), std::env::temp_dir()];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    entries.map(|entry| entry.path()).filter(is_its).collect()
}
