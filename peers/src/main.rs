//! Darwin beside its peers: what a measured call costs, what is kept in memory, how long programs take to start and to
//! compile, and whether the figures are true. docs/cost.md says how to run it and has its tables.

mod builds;
mod callgrind;
mod cli;
mod compile;
mod contestants;
mod cost;
mod counts;
mod darwin;
mod error;
mod generated;
mod memory;
mod order;
mod origin;
mod page;
mod process;
mod recorded;
mod results;
mod sizes;
mod startup;
mod statistics;
mod table;
mod truth;

use std::process::ExitCode;

use clap::Parser;
use darwin_kept::page::complain;

use cli::{Command, Peers};
use error::Error;

/// As of `cargo darwin`: a figure is not as it should be.
const WRONG: u8 = 1;
/// As of `cargo darwin`: nothing was measured.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    match run(&Peers::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(WRONG),
        Err(error) => {
            complain(&error);
            ExitCode::from(FAILED)
        }
    }
}

fn run(peers: &Peers) -> Result<bool, Error> {
    match &peers.command {
        Command::Cost(wanted) => cost::run(wanted),
        Command::Memory(wanted) => memory::run(wanted),
        Command::Start(wanted) => startup::run(wanted),
        Command::Compile(wanted) => compile::run(wanted),
        Command::Truth(wanted) => truth::run(wanted),
        Command::Counts => counts::run(),
        Command::Table(wanted) => page::show(wanted.write),
    }
}
