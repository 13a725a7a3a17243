//! What was typed.

use clap::{Args, Parser, Subcommand};

/// Measures Darwin beside its peers; use the machine for nothing else meanwhile
#[derive(Debug, Parser)]
#[command(name = "darwin-peers", after_help = EXIT_CODES)]
pub struct Peers {
    /// What is measured.
    #[command(subcommand)]
    pub command: Command,
}

/// What there is to measure.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What a measured call costs above the bare one
    Cost(Wanted),
    /// What is resident after 20 million calls
    Memory(Wanted),
    /// How long a program of 10 000 measured functions takes to start
    Start(Wanted),
    /// What 1000 annotated functions add to the time of a build
    Compile(Wanted),
    /// Whether reported medians are those of bodies whose duration is known
    Truth(Wanted),
    /// Whether calls are counted as callgrind counts them
    Counts,
    /// Make the tables from the results there are
    Table(TableArgs),
}

/// Options of what is repeated.
#[derive(Debug, Args)]
pub struct Wanted {
    /// Repetitions, in each of which every contestant comes once
    #[arg(long, value_name = "N", default_value_t = FEWEST_REPETITIONS, value_parser = clap::value_parser!(u32).range(1..))]
    pub repetitions: u32,
    /// Only contestants whose name has one of these words in it; what others are compared with comes in any case
    #[arg(long, value_name = "WORD", num_args = 1..)]
    pub only: Vec<String>,
    /// Small sizes, to see that it works: figures that mean nothing and are not kept
    #[arg(long)]
    pub quick: bool,
}

/// Repetitions below which a spread says nothing.
const FEWEST_REPETITIONS: u32 = 9;

impl Wanted {
    /// Are these the figures that the page of the book may have?
    pub fn is_for_the_page(&self) -> bool {
        !self.quick && self.only.is_empty() && self.repetitions >= FEWEST_REPETITIONS
    }
}

/// `table`.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// Put them into docs/cost.md
    #[arg(long)]
    pub write: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a median of Darwin's is not true, or a count differs from callgrind's
  2  wrong usage, or a contestant that did not do what it was asked to";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Peers::command().debug_assert();
    }

    fn wanted(words: &[&str]) -> Wanted {
        let Command::Cost(wanted) = Peers::parse_from(["darwin-peers", "cost"].iter().chain(words)).command
        else {
            panic!("`cost` is a command")
        };
        wanted
    }

    #[test]
    fn nine_repetitions_of_everything_unless_told_otherwise() {
        let wanted = wanted(&[]);
        assert_eq!((wanted.repetitions, wanted.only.len(), wanted.quick), (9, 0, false));
    }

    #[test]
    fn only_whole_measurements_are_for_the_page() {
        assert!(wanted(&[]).is_for_the_page());
        assert!(wanted(&["--repetitions", "20"]).is_for_the_page());
        for words in [&["--quick"][..], &["--only", "hotpath"], &["--repetitions", "8"]] {
            assert!(!wanted(words).is_for_the_page(), "{words:?}");
        }
    }

    #[test]
    fn no_repetition_at_all_is_wrong_usage() {
        assert!(Peers::try_parse_from(["darwin-peers", "truth", "--repetitions", "0"]).is_err());
    }
}
