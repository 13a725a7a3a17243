//! What was typed, before the environment and `darwin.toml` are asked; `options` says what it means.

pub mod aside;
mod calibrate;
mod hook;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

pub use calibrate::{CalibrateArgs, Slower};
pub use hook::{HookInstallArgs, HookRunArgs, HookVerb, JudgedArgs};

use crate::exit_code;
use crate::model::{
    Glob, Injection, MaxTime, Mode, RunRef, TailTolerance, Target, Tolerance, Workload, checked_name,
};
use aside::Aside;

/// Cargo starts `cargo-darwin` with its own word `darwin` as the first argument.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo", styles = clap_cargo::style::CLAP_STYLING)]
enum Cargo {
    Darwin(Darwin),
}

/// Measures `#[hotpath]` functions and judges every change against a committed baseline
#[derive(Debug, Clone, PartialEq, Args)]
#[command(version, after_help = exit_code::HELP, subcommand_required = true, arg_required_else_help = true)]
pub struct Darwin {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs: those that work on a project, and those that need none.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Verb {
    /// Works on a project.
    #[command(flatten)]
    Project(Box<Command>),
    /// Is this machine fit to measure? A line a check, and how to mend it
    #[command(after_help = exit_code::HELP)]
    Doctor(DoctorArgs),
    /// Add the dependency, a darwin.toml and a first bench to a package, each only where missing
    #[command(after_help = exit_code::HELP)]
    Init(InitArgs),
    /// Have git ask before a push or a commit: install, status, uninstall
    #[command(subcommand)]
    Hook(Box<HookVerb>),
    /// Measures nothing.
    #[command(flatten)]
    Aside(Aside),
}

/// The verbs that work on a project.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Measure the working tree, print the hot paths, and keep the run
    #[command(after_help = exit_code::HELP)]
    Run(RunArgs),
    /// Measure the working tree and write darwin.baseline.toml
    #[command(after_help = exit_code::HELP)]
    Baseline(BaselineArgs),
    /// Judge the working tree against the code of the committed baseline
    #[command(after_help = exit_code::HELP)]
    Check(CheckArgs),
    /// Prove how good the gate is here: false alarms, what it catches, what placement leaves
    #[command(after_help = exit_code::HELP)]
    Calibrate(CalibrateArgs),
}

/// `cargo darwin run`. The flattened groups come last: their headings hold for every option after them.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct RunArgs {
    /// Set the run beside an earlier one: `last` or a number
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "last")]
    pub compare: Option<RunRef>,
    /// Rows of the table
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub top: u32,
    /// How calls are counted
    #[arg(long, value_enum, default_value_t = Mode::Exact)]
    pub mode: Mode,
    /// What every command takes.
    #[command(flatten)]
    pub shared: SharedArgs,
}

/// `cargo darwin baseline`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct BaselineArgs {
    /// Accept what became of these sites, and rewrite their lines alone: a full name, `*` is any text (repeatable)
    #[arg(long, value_name = "SITE")]
    pub accept: Vec<Glob>,
    /// What every command takes.
    #[command(flatten)]
    pub shared: SharedArgs,
}

/// `cargo darwin check`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct CheckArgs {
    /// Measure even if the machine code is identical, leaving aside what earlier checks of the same pair found
    #[arg(long)]
    pub measure: bool,
    /// Judge against this revision instead of the commit that last changed the baseline file
    #[arg(long, value_name = "REV")]
    pub against: Option<String>,
    /// Judge what is staged, as a commit made now would have it, instead of the working tree
    #[arg(long, conflicts_with = "rev")]
    pub staged: bool,
    /// Judge this revision instead of the working tree
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// Largest slowdown let through, such as 1% [default: 1%] [env: DARWIN_TOLERANCE]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub tolerance: Option<Tolerance>,
    /// The same for p99, or `off` [default: five times the tolerance] [env: DARWIN_TAIL_TOLERANCE]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub tail_tolerance: Option<TailTolerance>,
    /// Approve only if a site is proven faster, and none slower [env: DARWIN_REQUIRE_FASTER=1]
    #[arg(long)]
    pub require_faster: bool,
    /// Longest time to measure, such as 30s [default: 30s] [env: DARWIN_MAX_TIME]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub max_time: Option<MaxTime>,
    /// Run this first and time nothing if it fails: words between blanks, no shell
    #[arg(long, value_name = "COMMAND", conflicts_with = "no_tests")]
    pub test_command: Option<String>,
    /// Do not run the configured test-command [env: DARWIN_NO_TESTS=1]
    #[arg(long)]
    pub no_tests: bool,
    /// Leave out what makes a verdict right, for experiments (see CONTRIBUTING.md)
    #[arg(long, value_name = "MEASURE", value_enum, value_delimiter = ',', hide = true)]
    pub without: Vec<Measure>,
    /// Make a site of the candidate slower on purpose: SITE=1%, SITE=5%@p99 or SITE=1alloc (see docs/injection.md)
    #[arg(long, value_name = "EFFECT", hide = true)]
    pub inject: Option<Injection>,
    /// What every command takes.
    #[command(flatten)]
    pub shared: SharedArgs,
}

/// `cargo darwin doctor`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DoctorArgs {
    /// How it is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `cargo darwin init`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct InitArgs {
    /// Show what would be done, and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Name of the first bench [default: hotpath]
    #[arg(long, value_name = "NAME", value_parser = name_of_file)]
    pub bench: Option<String>,
    /// Package to add them to
    #[arg(short, long, value_name = "SPEC", value_parser = checked_name)]
    pub package: Option<String>,
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// Which runtime.
    #[command(flatten)]
    pub source: SourceArgs,
    /// How it is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Where darwin-runtime is to come from; the words are those of `cargo add`.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Source of darwin-runtime [default: where cargo-darwin comes from]")]
pub struct SourceArgs {
    /// A clone of Darwin
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    pub path: Option<PathBuf>,
    /// Darwin's git repository
    #[arg(long, value_name = "URL", value_parser = checked_name)]
    pub git: Option<String>,
    /// Branch of that repository
    #[arg(long, value_name = "BRANCH", requires = "git", group = "reference", value_parser = checked_name)]
    pub branch: Option<String>,
    /// Tag of that repository
    #[arg(long, value_name = "TAG", requires = "git", group = "reference", value_parser = checked_name)]
    pub tag: Option<String>,
    /// Commit of that repository
    #[arg(long, value_name = "REV", requires = "git", group = "reference", value_parser = checked_name)]
    pub rev: Option<String>,
}

/// What every command that works on a project takes.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SharedArgs {
    /// Use [profile.NAME] of darwin.toml [env: DARWIN_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub config_profile: Option<String>,
    /// Longest time for one measured process before it counts as hung [default: 5m] [env: DARWIN_TIMEOUT]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub timeout: Option<MaxTime>,
    /// Build with your own flags for rustc alone: loops are then not aligned alike on both sides
    #[arg(long)]
    pub as_shipped: bool,
    /// What is built.
    #[command(flatten)]
    pub cargo: CargoArgs,
    /// What is run.
    #[command(flatten)]
    pub workload: WorkloadArgs,
    /// How it is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What cargo is told; the words are cargo's own.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Package and build")]
pub struct CargoArgs {
    /// Package to measure
    #[arg(short, long, value_name = "SPEC", value_parser = checked_name)]
    pub package: Option<String>,
    /// Features of the package.
    #[command(flatten)]
    pub features: clap_cargo::Features,
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// Require that Cargo.lock stays as it is
    #[arg(long)]
    pub locked: bool,
    /// Run without the network
    #[arg(long)]
    pub offline: bool,
    /// Build with cargo's profile of this name in place of release, or bench for benches
    #[arg(long, value_name = "NAME", value_parser = checked_name)]
    pub profile: Option<String>,
    /// Build for this target triple
    #[arg(long, value_name = "TRIPLE", value_parser = checked_name)]
    pub target: Option<String>,
}

/// Which declared workloads are run, or one made up on the command line.
#[derive(Debug, Clone, Default, PartialEq, Args)]
#[command(next_help_heading = "Workload")]
#[group(skip)]
pub struct WorkloadArgs {
    /// Only workloads whose name fits: `*` is any text, `?` one character (repeatable)
    #[arg(long = "workload", value_name = "GLOB", conflicts_with = "ad_hoc")]
    pub only: Vec<Glob>,
    /// Run this bench target
    #[arg(long, value_name = "NAME", group = "ad_hoc", value_parser = checked_name)]
    pub bench: Option<String>,
    /// Run this bin
    #[arg(long, value_name = "NAME", group = "ad_hoc", value_parser = checked_name)]
    pub bin: Option<String>,
    /// Run this example
    #[arg(long, value_name = "NAME", group = "ad_hoc", value_parser = checked_name)]
    pub example: Option<String>,
    /// Run this test target
    #[arg(long, value_name = "NAME", group = "ad_hoc", value_parser = checked_name)]
    pub test: Option<String>,
    /// Arguments of that target
    #[arg(last = true, value_name = "ARGS", requires = "ad_hoc")]
    pub args: Vec<String>,
}

/// How results and progress are shown.
#[derive(Debug, Clone, Copy, PartialEq, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Form of the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Show what is run, cargo's command line among it
    #[arg(short, long)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
}

/// What a result is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table and a sentence, for a terminal
    Human,
    /// One JSON document with a `schema` field
    Json,
    /// Markdown, for a pull request
    Markdown,
}

/// What `check` does against placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Loops begin at the same place of a cache line in both builds
    AlignedLoops,
    /// Both sides are linked anew, with their functions in another order
    FreshLayouts,
    /// That is done for each block, not once
    ManyLayouts,
    /// The heap of each process begins elsewhere
    RandomHeap,
    /// A coin and the turn decide who goes first
    Coin,
    /// The second mover of a pair of turns does as much as the first
    EqualWork,
    /// A block is one sample, and the next one has fresh processes
    OneSample,
}

impl ValueEnum for Mode {
    fn value_variants<'a>() -> &'a [Mode] {
        &[Mode::Exact, Mode::Graph, Mode::Adaptive]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Mode::Exact => ("exact", "Every call is timed"),
            Mode::Graph => ("graph", "The same, with self times, callers and callees"),
            Mode::Adaptive => ("adaptive", "Every call is counted; some, picked at random, are timed"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

impl Verb {
    /// How results and progress are shown.
    pub fn output(&self) -> OutputArgs {
        match self {
            Verb::Project(command) => command.shared().output,
            Verb::Doctor(args) => args.output,
            Verb::Init(args) => args.output,
            Verb::Aside(_) => OutputArgs { format: Format::Human, verbose: false, color: ColorChoice::Auto },
            Verb::Hook(verb) => verb.output(),
        }
    }
}

impl Command {
    /// What every command takes.
    pub fn shared(&self) -> &SharedArgs {
        match self {
            Command::Run(args) => &args.shared,
            Command::Baseline(args) => &args.shared,
            Command::Check(args) => &args.shared,
            Command::Calibrate(args) => &args.shared,
        }
    }
}

impl WorkloadArgs {
    /// The workload that the command line makes up, named after its target; `None` where it names no target.
    pub fn ad_hoc(&self, package: Option<&str>) -> Option<Workload> {
        let target = None
            .or_else(|| self.bench.clone().map(Target::Bench))
            .or_else(|| self.bin.clone().map(Target::Bin))
            .or_else(|| self.example.clone().map(Target::Example))
            .or_else(|| self.test.clone().map(Target::Test))?;
        let (name, package) = (target.name().to_owned(), package.map(str::to_owned));
        Some(Workload { name, package, target, args: self.args.clone() })
    }
}

/// The text, if it can be the name of a target and of its file.
fn name_of_file(text: &str) -> Result<String, &'static str> {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_usual);
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("a name begins with a letter, and has letters, digits, _ and -")
    }
}

/// What the arguments say, the program's name and cargo's `darwin` first.
///
/// # Errors
/// Also for `--help` and `--version`: `clap::Error::exit` prints these to stdout and ends with 0, and prints
/// wrong usage to stderr and ends with 2, which is our own code for it.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Darwin, clap::Error> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    // `cargo-darwin check` is as good as `cargo darwin check`.
    if arguments.get(1).is_none_or(|word| word != "darwin") {
        arguments.insert(arguments.len().min(1), "darwin".into());
    }
    let Cargo::Darwin(darwin) = Cargo::try_parse_from(arguments)?;
    Ok(darwin)
}

#[cfg(test)]
mod tests;
