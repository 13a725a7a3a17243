//! The busy neighbour of a check must never outlive the driver: it would be beside everything that is measured later.

use std::process::{Command, Stdio};

#[test]
fn the_neighbour_is_there_until_whoever_started_it_is_gone() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_darwin-proof"));
    let mut neighbour =
        command.arg("keep-busy").stdin(Stdio::piped()).spawn().expect("the driver can be started");
    assert!(neighbour.try_wait().expect("its state can be asked").is_none(), "it ended by itself");
    // What the end of a process does to its pipes, by whatever signal.
    drop(neighbour.stdin.take());
    assert!(neighbour.wait().expect("it can be waited for").success());
}
