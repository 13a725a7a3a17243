//! Other processes that build: the commonest reason why a developer's machine is not quiet.

use std::collections::BTreeSet;

use super::Roots;
use crate::model::Builder;

/// Names of programs that keep processors busy while they run, or have others do so; another check measures.
const BUILDERS: [&str; 5] = ["cargo", "rustc", "rustdoc", "clippy-driver", "cargo-darwin"];

/// A line of `/proc/PID/stat`, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    name: String,
    state: char,
    parent: u32,
}

/// Processes that build, but for `own`, its ancestors and its children: the cargo that started us waits for us, our warden
/// for our end.
pub(super) fn builders(roots: &Roots, own: u32) -> Vec<Builder> {
    let above = ancestors(roots, own);
    let mut found: Vec<Builder> = processes(roots)
        .into_iter()
        .filter(|pid| !above.contains(pid) && !ancestors(roots, *pid).contains(&own))
        .filter_map(|pid| {
            let process = process(roots, pid)?;
            let builds = BUILDERS.contains(&process.name.as_str()) && process.state != 'Z';
            builds.then_some(Builder { pid, name: process.name })
        })
        .collect();
    found.sort_by_key(|builder| builder.pid);
    found
}

fn processes(roots: &Roots) -> Vec<u32> {
    let entries = std::fs::read_dir(&roots.proc).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The process itself and all above it. A loop, which a real kernel does not have, ends it.
fn ancestors(roots: &Roots, own: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut next = own;
    while found.insert(next) {
        let Some(process) = process(roots, next) else { break };
        next = process.parent;
    }
    found
}

fn process(roots: &Roots, pid: u32) -> Option<Process> {
    parse(&roots.proc(&format!("{pid}/stat"))?)
}

/// `7 (name) S 1 ...`; the name may hold blanks and brackets.
fn parse(stat: &str) -> Option<Process> {
    let (before, behind) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let mut columns = behind.split_whitespace();
    let state = columns.next()?.chars().next()?;
    Some(Process { name: name.to_owned(), state, parent: columns.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::environment::testing::Machine;

    #[test]
    fn other_builds_are_found_and_our_own_cargo_is_not() {
        let machine = Machine::new();
        let stats = [
            (1, "(init) S 0"),
            (20, "(cargo) S 1"),
            (21, "(cargo-darwin) R 20"),
            (30, "(cargo) S 1"),
            (31, "(rustc) R 30"),
            (22, "(cargo-darwin) S 21"),
            (32, "(rustc) Z 30"),
            (40, "(my cargo (x)) S 1"),
        ];
        for (pid, rest) in stats {
            machine.proc(&format!("{pid}/stat"), &format!("{pid} {rest} 1 1 0\n"));
        }
        machine.proc("self/stat", "21 (cargo-darwin) R 20 1\n");
        let builder = |pid, name: &str| Builder { pid, name: name.to_owned() };
        assert_eq!(builders(&machine.roots(), 21), [builder(30, "cargo"), builder(31, "rustc")]);
    }

    #[test]
    fn a_process_that_ended_meanwhile_is_no_builder() {
        let machine = Machine::new();
        machine.proc("50/comm", "rustc\n");
        assert_eq!(builders(&machine.roots(), 21), []);
    }
}
