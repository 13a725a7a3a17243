//! How often are verdicts about a change wrong? Darwin and its peers judge the same edits of the same functions in the
//! same session, and what they say is counted. docs/verdicts.md says how to run it and has its table.

mod cli;
mod edit;
mod error;
mod mann_whitney;
#[path = "../../src/order.rs"]
mod order;
mod origin;
mod page;
mod paths;
mod peer;
mod process;
mod record;
mod results;
mod run;
mod scenario;
mod summary;
mod table;
mod tools;
mod tree;
mod workshop;

use std::process::ExitCode;

use clap::Parser;
use darwin_kept::page::complain;

use cli::{Command, Verdicts};

/// As of `cargo darwin`: nothing was judged.
const BAD_INPUT: u8 = 2;

fn main() -> ExitCode {
    let verdicts = Verdicts::parse();
    let done = match &verdicts.command {
        Command::Run(args) => run::run(&verdicts.results(), args),
        Command::Table(args) => page::show(&verdicts.results(), args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(BAD_INPUT)
        }
    }
}
