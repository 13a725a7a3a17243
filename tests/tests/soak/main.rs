//! What must hold whatever goes wrong: rows of docs/reliability.md that take many repetitions. With all other tests they
//! run small; `DARWIN_SOAK=full cargo test -p darwin-tests --release --test soak` runs them at full size.

mod baseline_writes;
mod damaged;
mod exclusive;
mod faults;
mod hostile;
mod interrupted;
mod killed;
mod session;
