//! What was typed.

use std::path::PathBuf;

use cargo_darwin::model::{MaxTime, Tolerance};
use clap::{Args, Parser, Subcommand};

/// Measures how often Darwin's verdicts are wrong. Stop it whenever you like; the same command goes on
#[derive(Debug, Parser)]
#[command(name = "darwin-proof", args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub struct Proof {
    /// Which scenarios, by the name of a set in proof/sets.toml
    #[arg(long, value_name = "NAME", default_value = "all")]
    pub set: String,
    /// Checks of each scenario, in place of what the set says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub checks: Option<u32>,
    /// Only these: a workload, or WORKLOAD/EDIT with `*` for any text; WORKLOAD/EDIT or WORKLOAD/EDIT@TOLERANCE need not be in the set
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub only: Vec<String>,
    /// Tolerance of all checks, such as 0.5%; otherwise each workload's own
    #[arg(long, value_name = "PERCENT")]
    pub tolerance: Option<Tolerance>,
    /// Longest time of a check; otherwise each workload's own
    #[arg(long, value_name = "TIME")]
    pub max_time: Option<MaxTime>,
    /// Where results are kept, one JSON line a check [default: a file of proof/results for each commit and machine]
    #[arg(long, value_name = "FILE", global = true)]
    pub out: Option<PathBuf>,
    /// What to do in place of checks.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What there is besides checks.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the tables from the results there are
    Table(TableArgs),
    /// List the neutral edits of a workload, or of any crate
    Edits(EditsArgs),
    /// Calibrate workloads, to see whether the smallest slowdown that is caught is foretold; ten minutes each
    Calibrate(CalibrateArgs),
    /// Be the busy neighbour of a check
    #[command(name = crate::busy::WORD, hide = true)]
    KeepBusy,
}

/// `edits`.
#[derive(Debug, Args)]
pub struct EditsArgs {
    /// A workload, or the folder of a crate
    #[arg(value_name = "WORKLOAD|FOLDER")]
    pub of: String,
    /// Make each of them in a copy and run the crate's tests, which must pass
    #[arg(long = "try")]
    pub tries: bool,
    /// Only those with this text in their names
    #[arg(long, value_name = "TEXT")]
    pub with: Option<String>,
    /// Only so many of them, evenly over all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub at_most: Option<u32>,
}

/// `calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Workloads; what has been calibrated already is not calibrated again
    #[arg(value_name = "WORKLOAD", default_values = ["order-book", "three", "threads"])]
    pub workloads: Vec<String>,
}

/// `table`.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// Of every commit and machine, not only of those of the last result
    #[arg(long)]
    pub all: bool,
    /// Put it into docs/proof.md
    #[arg(long)]
    pub write: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  each verdict is the expected one
  1  some are not; they are bold in the table
  2  wrong usage, or results that cannot be read";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Proof::command().debug_assert();
    }

    #[test]
    fn checks_are_asked_for_without_a_word_and_the_table_with_one() {
        let proof =
            Proof::parse_from(["darwin-proof", "--checks", "50", "--only", "three", "plain/unchanged"]);
        assert_eq!((proof.checks, proof.only.len(), proof.set.as_str()), (Some(50), 2, "all"));
        let proof = Proof::parse_from(["darwin-proof", "table", "--out", "kept.jsonl"]);
        assert!(matches!(proof.command, Some(Command::Table(_))));
        assert_eq!(proof.out, Some(PathBuf::from("kept.jsonl")));
        let proof = Proof::parse_from(["darwin-proof", "edits", "three", "--try", "--at-most", "9"]);
        assert!(matches!(
            proof.command,
            Some(Command::Edits(EditsArgs { tries: true, at_most: Some(9), .. }))
        ));
    }

    #[test]
    fn no_check_at_all_is_wrong_usage() {
        assert!(Proof::try_parse_from(["darwin-proof", "--checks", "0"]).is_err());
    }
}
