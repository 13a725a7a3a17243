//! Small programs whose calls callgrind and Darwin both count. No measured function is inlined, or callgrind would not
//! see it.

mod methods;
mod panics;
mod recursion;
mod sorting;
mod threads;

use std::process::ExitCode;

/// Every program by its name.
const PROGRAMS: [(&str, fn()); 6] = [
    ("recursion", recursion::fibonacci),
    ("mutual", recursion::parity),
    ("sorting", sorting::run),
    ("methods", methods::run),
    ("panics", panics::run),
    ("threads", threads::run),
];

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    match PROGRAMS.iter().find(|(name, _)| *name == wanted) {
        Some((_, run)) => {
            run();
            ExitCode::SUCCESS
        }
        None => ExitCode::from(2),
    }
}
