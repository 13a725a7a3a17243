//! What was typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::error::Error;
use crate::paths;
use crate::peer::Peer;
use crate::scenario::Scenario;
use crate::tools::Tool;

/// Counts how often verdicts are wrong, of Darwin and of its peers; use the machine for nothing else meanwhile
#[derive(Debug, Parser)]
#[command(name = "darwin-verdicts", after_help = EXIT_CODES)]
pub struct Verdicts {
    /// Where results are kept, one JSON line for each judged check [default: peers/verdicts/results/verdicts.jsonl]
    #[arg(long, value_name = "FILE", global = true)]
    pub out: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make checks, round by round. Stop it whenever you like; the same command goes on
    Run(RunArgs),
    /// Make the table from the results there are
    Table(TableArgs),
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Checks of each scenario by each peer
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub checks: u32,
    /// Only these: PEER, SCENARIO or PEER/SCENARIO
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub only: Vec<String>,
}

/// `table`.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// Of every commit and machine, not only of those of the last result
    #[arg(long)]
    pub all: bool,
    /// Put it into docs/verdicts.md
    #[arg(long)]
    pub write: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, whatever the verdicts are
  2  wrong usage, or a tool that cannot be had";

impl Verdicts {
    /// Where results are kept.
    pub fn results(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(paths::results)
    }
}

impl RunArgs {
    /// The checks of a round: each tool with each scenario, or those that are named.
    ///
    /// # Errors
    /// When a name fits nothing.
    pub fn wanted(&self) -> Result<Vec<(Tool, Scenario)>, Error> {
        let all = Tool::ALL.into_iter().flat_map(|tool| Scenario::ALL.map(|scenario| (tool, scenario)));
        let all: Vec<(Tool, Scenario)> = all.collect();
        if let Some(word) = self.only.iter().find(|word| !all.iter().any(|&pair| fits(word, pair))) {
            return Err(unknown(word));
        }
        let is_wanted =
            |pair: &(Tool, Scenario)| self.only.is_empty() || self.only.iter().any(|word| fits(word, *pair));
        Ok(all.into_iter().filter(is_wanted).collect())
    }
}

fn fits(word: &str, (tool, scenario): (Tool, Scenario)) -> bool {
    let is_peer = |name: &str| tool.peers().iter().any(|peer| peer.name() == name);
    match word.split_once('/') {
        Some((peer, of)) => is_peer(peer) && of == scenario.name(),
        None => is_peer(word) || word == scenario.name(),
    }
}

fn unknown(word: &str) -> Error {
    Error::Unknown {
        word: word.to_owned(),
        peers: Peer::ALL.map(Peer::name).join(", "),
        scenarios: Scenario::ALL.map(Scenario::name).join(", "),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Verdicts::command().debug_assert();
    }

    fn wanted(only: &[&str]) -> Result<usize, Error> {
        let words = ["darwin-verdicts", "run", "--only"].iter().chain(only);
        let Command::Run(args) = Verdicts::parse_from(words).command else { panic!("`run` is a command") };
        args.wanted().map(|wanted| wanted.len())
    }

    #[test]
    fn checks_are_picked_by_peer_by_scenario_or_by_both() {
        assert_eq!(wanted(&["tango"]).unwrap(), Scenario::ALL.len());
        assert_eq!(wanted(&["unchanged"]).unwrap(), Tool::ALL.len());
        assert_eq!(wanted(&["threshold/slower-2"]).unwrap(), 1);
        assert_eq!(wanted(&["tango", "tango-second/tail"]).unwrap(), Scenario::ALL.len());
    }

    #[test]
    fn a_name_that_fits_nothing_is_answered_with_those_that_do() {
        let error = wanted(&["criterium"]).unwrap_err().to_string();
        assert!(error.contains("criterion") && error.contains("slower-2"), "{error}");
        assert!(wanted(&["tango/nothing"]).is_err());
    }

    #[test]
    fn twenty_checks_unless_told_otherwise_and_never_none() {
        let Command::Run(args) = Verdicts::parse_from(["darwin-verdicts", "run"]).command else {
            panic!("`run` is a command")
        };
        assert_eq!((args.checks, args.wanted().unwrap().len()), (20, Tool::ALL.len() * Scenario::ALL.len()));
        assert!(Verdicts::try_parse_from(["darwin-verdicts", "run", "--checks", "0"]).is_err());
    }
}
