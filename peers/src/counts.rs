//! `counts`: calls as Darwin counts them, and as callgrind does. Both get the same executable and the same work, one
//! after the other.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_darwin::model::Mode;
use darwin_kept::page::say;
use serde::{Deserialize, Serialize};

use crate::darwin::Measurement;
use crate::error::{At, Error};
use crate::results::{Figures, Kept};
use crate::{builds, callgrind, page, process, table};

/// Programs of our own, by name.
const PROGRAMS: [&str; 6] = ["recursion", "mutual", "sorting", "methods", "panics", "threads"];

/// An example of the repository, and what it is to do.
const EXAMPLE: (&str, &str, &str) = ("order-book", "replay", "20000");

/// How valgrind gets onto a Debian machine.
const INSTALL: &str = "peers/install-valgrind.sh";

/// Every site of every program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counts(Vec<Row>);

/// One site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    program: String,
    site: String,
    /// Completed calls and those that panicked, as Darwin counted them.
    darwin: (u64, u64),
    callgrind: u64,
}

/// Counts, shows and keeps. Returns whether all counts agree; where there is no valgrind it says so and agrees.
///
/// # Errors
/// When a program fails.
pub fn run() -> Result<bool, Error> {
    if !valgrind_is_there()? {
        say(&format!("skipped: there is no valgrind on this machine; {INSTALL} installs it (Debian)\n"));
        return Ok(true);
    }
    let ours = builds::built("programs", &["darwin-on"])?;
    let mut programs: Vec<(String, PathBuf, &str)> =
        PROGRAMS.iter().map(|name| ((*name).to_owned(), ours.clone(), *name)).collect();
    let (package, binary, argument) = EXAMPLE;
    programs.push((format!("{package}, {binary} {argument}"), example(package, binary)?, argument));
    let mut rows = Vec::new();
    for (name, executable, argument) in programs {
        page::progress(&name);
        rows.extend(compared(&name, &darwin(&executable, argument)?, &callgrind(&executable, argument)?));
    }
    let counts = Counts(rows);
    let agree = counts.0.iter().all(Row::agrees);
    let kept = Kept::now(counts)?;
    say(&format!("\n{}", kept.text()));
    kept.keep()?;
    Ok(agree)
}

fn valgrind_is_there() -> Result<bool, Error> {
    let mut command = Command::new("valgrind");
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::Program { command: "valgrind --version".into(), reason: error.to_string() }),
    }
}

/// An example, measurement on, without optimisation: nothing in it is inlined.
fn example(package: &str, binary: &str) -> Result<PathBuf, Error> {
    let mut command = builds::cargo("build");
    command.args(["--package", package, "--bin", binary, "--features", "darwin-runtime/enabled"]);
    command.arg("--manifest-path").arg(builds::repository().join("Cargo.toml"));
    builds::executable(&mut command)
}

/// Completed and panicked calls of each site.
fn darwin(executable: &Path, argument: &str) -> Result<BTreeMap<String, (u64, u64)>, Error> {
    let measurement = Measurement::begin(Mode::Exact)?;
    let mut command = Command::new(executable);
    measurement.hand_to(command.arg(argument));
    process::on(&[], &mut command)?;
    let sites = measurement.end()?;
    Ok(sites.into_iter().map(|site| (site.site.name, (site.calls, site.panicked))).collect())
}

/// Calls of each function. The program is not measured meanwhile: valgrind has no vDSO as the runtime's system calls
/// expect it.
fn callgrind(executable: &Path, argument: &str) -> Result<BTreeMap<String, u64>, Error> {
    let profile = builds::target().join("callgrind.out");
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", profile.display()));
    command.arg(executable).arg(argument);
    process::on(&[], &mut command)?;
    let text = std::fs::read(&profile).at("read", &profile)?;
    Ok(callgrind::calls(&String::from_utf8_lossy(&text)))
}

/// Sites that were called, beside the functions of their names.
fn compared(
    program: &str,
    darwin: &BTreeMap<String, (u64, u64)>,
    functions: &BTreeMap<String, u64>,
) -> Vec<Row> {
    let mut of_path: BTreeMap<String, u64> = BTreeMap::new();
    for (symbol, calls) in functions {
        *of_path.entry(callgrind::path_of(symbol)).or_default() += calls;
    }
    let row = |(site, counts): (&String, &(u64, u64))| Row {
        program: program.to_owned(),
        site: site.clone(),
        darwin: *counts,
        callgrind: of_path.get(site).copied().unwrap_or(0),
    };
    darwin.iter().map(row).filter(|row| row.darwin != (0, 0) || row.callgrind > 0).collect()
}

impl Row {
    fn agrees(&self) -> bool {
        self.darwin.0 + self.darwin.1 == self.callgrind
    }

    fn cells(&self) -> Vec<String> {
        let callgrind = match self.agrees() {
            true => self.callgrind.to_string(),
            false => format!("**{}**", self.callgrind),
        };
        let darwin = match self.darwin {
            (calls, 0) => calls.to_string(),
            (calls, panicked) => format!("{calls} + {panicked} panicked"),
        };
        vec![self.program.clone(), format!("`{}`", self.site), darwin, callgrind]
    }
}

impl Figures for Counts {
    const NAME: &'static str = "counts";

    fn table(&self) -> String {
        let head = ["program", "site", "Darwin", "callgrind"].map(str::to_owned);
        let differing = self.0.iter().filter(|row| !row.agrees()).count();
        let table = table::table(&head, &self.0.iter().map(Row::cells).collect::<Vec<_>>());
        format!("{table}\nCounts that differ: {differing} of {}.\n", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_compared_with_all_levels_of_its_function() {
        let darwin = BTreeMap::from([("p::fib".to_owned(), (25, 0)), ("p::unused".to_owned(), (0, 0))]);
        let functions = BTreeMap::from([
            ("p::fib".to_owned(), 1),
            ("p::fib'2".to_owned(), 24),
            ("p::fib::__ctor".to_owned(), 1),
        ]);
        let rows = compared("recursion", &darwin, &functions);
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert!(rows[0].agrees());
        assert_eq!(Counts(rows).table().lines().last(), Some("Counts that differ: 0 of 1."));
    }

    #[test]
    fn panicked_calls_are_calls_to_callgrind() {
        let row = Row { program: "panics".into(), site: "p::f".into(), darwin: (980, 20), callgrind: 1000 };
        assert!(row.agrees());
        assert_eq!(row.cells()[2], "980 + 20 panicked");
    }

    #[test]
    fn a_count_that_differs_is_bold() {
        let row = Row { program: "x".into(), site: "p::f".into(), darwin: (9, 0), callgrind: 10 };
        assert_eq!(row.cells()[3], "**10**");
        assert!(Counts(vec![row]).table().ends_with("Counts that differ: 1 of 1.\n"));
    }
}
