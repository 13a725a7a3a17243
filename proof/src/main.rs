//! Measures how often Darwin is wrong: real checks of edits whose effect is known, counted. docs/proof.md says how to
//! run it and has its tables.

mod busy;
mod check;
mod cli;
mod edit;
mod edits;
mod error;
mod findings;
mod foretold;
mod inject;
mod load;
mod neutral;
mod origin;
mod plan;
mod record;
mod results;
mod run;
mod scenario;
mod sets;
mod show;
mod smallest;
mod standalone;
mod summary;
mod table;
mod total;
mod workload;

use std::process::ExitCode;

use clap::Parser;
use darwin_kept::page::complain;

use cli::{Command, Proof};

/// As of `cargo darwin`: something was not as it should be.
const ERRORS: u8 = 1;
/// As of `cargo darwin`: nothing was judged.
const BAD_INPUT: u8 = 2;

fn main() -> ExitCode {
    let proof = Proof::parse();
    let done = match &proof.command {
        None => run::run(&proof),
        Some(Command::Table(wanted)) => show::show(proof.out.as_deref(), wanted),
        Some(Command::Edits(wanted)) => edits::edits(wanted),
        Some(Command::Calibrate(wanted)) => foretold::calibrate(&wanted.workloads),
        Some(Command::KeepBusy) => return busy::keep_busy(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(ERRORS),
        Err(error) => {
            complain(&error);
            ExitCode::from(BAD_INPUT)
        }
    }
}
