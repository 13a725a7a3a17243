//! What must hold whatever goes wrong: rows of docs/reliability.md that take many repetitions. With all other tests they
//! run small; `DARWIN_SOAK=full cargo test -p darwin-tests --test soak` runs them at full size.

mod baseline_writes;
mod cancelled;
mod children;
mod clock;
mod damaged;
mod disk;
mod escapes;
mod exclusive;
mod faults;
mod hostile;
mod interrupted;
mod killed;
#[cfg(target_os = "linux")]
mod many;
mod merged;
mod paths;
mod plugins;
mod pre_commit;
mod repositories;
mod runtime;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod sanitized;
mod session;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod start;
mod table;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod traced;
#[path = "../workload/mod.rs"]
mod workload;
