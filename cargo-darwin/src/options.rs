//! What the user wants, resolved: the command line first, then `DARWIN_*`, then `darwin.toml`, then the
//! defaults.

mod calibrate;
mod measures;
mod typed;

use std::ffi::OsString;
use std::str::FromStr;

use clap::ColorChoice;
use thiserror::Error;

use crate::cli::{CheckArgs, Command, Format, SharedArgs};
use crate::io::config::{self, Config, Settings, SiteOverride, TestCommand};
use crate::model::{
    Glob, Injection, LimitError, MaxTime, Mode, Renames, RunRef, TailTolerance, Tolerance, Workload, switch,
};

pub use calibrate::Calibrate;
pub use measures::Measures;

use typed::TypedLimits;

const TOLERANCE: &str = "DARWIN_TOLERANCE";
const TAIL_TOLERANCE: &str = "DARWIN_TAIL_TOLERANCE";
const REQUIRE_FASTER: &str = "DARWIN_REQUIRE_FASTER";
const MAX_TIME: &str = "DARWIN_MAX_TIME";
const TIMEOUT: &str = "DARWIN_TIMEOUT";
const PROFILE: &str = "DARWIN_PROFILE";
const NO_TESTS: &str = "DARWIN_NO_TESTS";

/// Everything a command needs to know, with no further question to ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What to do.
    pub action: Action,
    /// The workload of the command line alone, or those of `darwin.toml`; empty: the benches of the package that
    /// use the runtime.
    pub workloads: Vec<Workload>,
    /// Which of them, by name; empty: all. Asked through [`Options::wants`], because benches are only known
    /// later.
    pub only: Vec<Glob>,
    /// Sites that have another name in the baseline.
    pub renames: Renames,
    /// How long a measured process may take before it counts as hung.
    pub timeout: MaxTime,
    /// What is done against placement.
    pub measures: Measures,
    /// What a result is written in.
    pub format: Format,
    /// Show what is run.
    pub verbose: bool,
    /// When to use colour.
    pub color: ColorChoice,
}

/// The command with what only it takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Measure and show.
    Run {
        /// The earlier run to set it beside.
        compare: Option<RunRef>,
        /// Rows of the table, from 1.
        top: u32,
        /// How calls are counted.
        mode: Mode,
    },
    /// Measure and write the baseline file.
    Baseline {
        /// The sites whose lines are rewritten; empty: all, where something moved.
        accept: Vec<Glob>,
    },
    /// Judge.
    Check {
        /// Measure even if the machine code is identical.
        measure: bool,
        /// What the candidate is to do beside its own work: an experiment.
        inject: Option<Injection>,
        /// The revision to judge against, as typed: not yet resolved, and not to be trusted.
        against: Option<String>,
        /// What is let through.
        limits: Limits,
        /// What must pass first.
        tests: Tests,
    },
    /// Prove how good judging is here.
    Calibrate {
        /// What is asked for.
        asked: Calibrate,
        /// What checks let through.
        limits: Limits,
    },
}

/// The tests that come before anything is timed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tests {
    /// None are configured.
    None,
    /// They must pass.
    First(TestCommand),
    /// They are configured, and not wanted now.
    Skipped,
}

/// How much slower each site may get, and how long it may take to find out.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How long to measure.
    pub max_time: MaxTime,
    /// Must a site be proven faster?
    pub require_faster: bool,
    tolerance: Sourced<Tolerance>,
    tail_tolerance: Option<Sourced<TailTolerance>>,
    sites: Vec<SiteOverride>,
}

/// What holds for one site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteLimits {
    /// For p50.
    pub tolerance: Tolerance,
    /// For p99.
    pub tail_tolerance: TailTolerance,
    /// `false`: shown, never judged.
    pub gate: bool,
}

/// A value, and whether it outranks `[[site]]` entries.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sourced<T> {
    value: T,
    /// From the command line or the environment, which come before anything in the file.
    outranks_sites: bool,
}

/// Why there are no options.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionError {
    /// A variable with a value that makes no sense.
    #[error("environment variable {name}: {why}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong, and what to write instead.
        why: LimitError,
    },
    /// A variable that is not text.
    #[error("environment variable {0} is not UTF-8: set it to plain text, or unset it")]
    NotUtf8(&'static str),
    /// A profile that the file does not have.
    #[error(
        "{from} asks for profile `{profile}`, but {file} has no [profile.{profile}]; it has {known}add [profile.{profile}]",
        file = config::FILE_NAME
    )]
    UnknownProfile {
        /// Who asked: `--config-profile` or the variable.
        from: &'static str,
        /// What was asked for.
        profile: String,
        /// Those that there are.
        known: String,
    },
}

/// What the arguments mean in this environment, with this configuration.
///
/// `environment` looks one variable up; an empty one counts as unset.
///
/// # Errors
/// A `DARWIN_*` variable that makes no sense, or a profile that the configuration does not have.
pub fn resolve(
    typed: &Command,
    environment: impl Fn(&str) -> Option<OsString>,
    config: &Config,
) -> Result<Options, OptionError> {
    let variable = |name| variable(&environment, name);
    let shared = typed.shared();
    let profile = chosen_profile(shared, &variable, config)?;
    Ok(Options {
        action: action(typed, &variable, config, &profile)?,
        workloads: workloads(shared, config),
        only: shared.workload.only.clone(),
        renames: config.renames.clone(),
        timeout: sourced(shared.timeout, &variable, TIMEOUT, profile.timeout)?
            .map_or(MaxTime::DEFAULT_TIMEOUT, |sourced| sourced.value),
        measures: measures(typed, &profile),
        format: shared.output.format,
        verbose: shared.output.verbose,
        color: shared.output.color,
    })
}

impl Options {
    /// Whether a workload with this name was asked for.
    pub fn wants(&self, workload: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|glob| glob.matches(workload))
    }
}

impl Limits {
    /// What holds for a site, by its full name.
    ///
    /// A tolerance of the command line or the environment holds everywhere; otherwise the last `[[site]]`
    /// entry that fits and sets it wins. A tail tolerance that nobody set follows the site's tolerance.
    pub fn of_site(&self, site: &str) -> SiteLimits {
        let fitting = || self.sites.iter().rev().filter(|entry| entry.matches.matches(site));
        let own = fitting().find_map(|entry| entry.tolerance).filter(|_| !self.tolerance.outranks_sites);
        let tolerance = own.unwrap_or(self.tolerance.value);
        let own_tail = fitting().find_map(|entry| entry.tail_tolerance).or_else(|| own.map(tail_of));
        let tail_tolerance = match (self.tail_tolerance, own_tail) {
            (Some(general), _) if general.outranks_sites => general.value,
            (_, Some(own_tail)) => own_tail,
            (Some(general), None) => general.value,
            (None, None) => tail_of(tolerance),
        };
        SiteLimits { tolerance, tail_tolerance, gate: fitting().find_map(|entry| entry.gate).unwrap_or(true) }
    }
}

/// The tail tolerance that goes with a tolerance when nobody set one.
fn tail_of(tolerance: Tolerance) -> TailTolerance {
    TailTolerance::Within(tolerance.tail())
}

type Variable<'a> = dyn Fn(&'static str) -> Result<Option<String>, OptionError> + 'a;

fn variable(
    environment: &impl Fn(&str) -> Option<OsString>,
    name: &'static str,
) -> Result<Option<String>, OptionError> {
    match environment(name) {
        None => Ok(None),
        Some(value) if value.is_empty() => Ok(None),
        Some(value) => value.into_string().map(Some).map_err(|_| OptionError::NotUtf8(name)),
    }
}

/// The file's settings, with those of the chosen profile on top.
fn chosen_profile(
    shared: &SharedArgs,
    variable: &Variable<'_>,
    config: &Config,
) -> Result<Settings, OptionError> {
    let (from, profile) = match (&shared.config_profile, variable(PROFILE)?) {
        (Some(profile), _) => ("--config-profile", profile.clone()),
        (None, Some(profile)) => (PROFILE, profile),
        (None, None) => return Ok(config.settings.clone()),
    };
    match config.profiles.get(&profile) {
        Some(settings) => Ok(on_top(settings.clone(), config.settings.clone())),
        None => Err(OptionError::UnknownProfile { from, profile, known: names_of_profiles(config) }),
    }
}

fn on_top(upper: Settings, lower: Settings) -> Settings {
    Settings {
        tolerance: upper.tolerance.or(lower.tolerance),
        tail_tolerance: upper.tail_tolerance.or(lower.tail_tolerance),
        require_faster: upper.require_faster.or(lower.require_faster),
        max_time: upper.max_time.or(lower.max_time),
        timeout: upper.timeout.or(lower.timeout),
        test_command: upper.test_command.or(lower.test_command),
        as_shipped: upper.as_shipped.or(lower.as_shipped),
    }
}

fn measures(typed: &Command, file: &Settings) -> Measures {
    let left_out = if let Command::Check(args) = typed { &args.without[..] } else { &[] };
    Measures::without(left_out, typed.shared().as_shipped || file.as_shipped.unwrap_or(false))
}

fn names_of_profiles(config: &Config) -> String {
    match config.profiles.is_empty() {
        true => "none: ".to_owned(),
        false => {
            let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
            format!("{}: name one of those, or ", names.join(", "))
        }
    }
}

fn action(
    typed: &Command,
    variable: &Variable<'_>,
    config: &Config,
    file: &Settings,
) -> Result<Action, OptionError> {
    Ok(match typed {
        Command::Run(args) => Action::Run { compare: args.compare, top: args.top, mode: args.mode },
        Command::Baseline(args) => Action::Baseline { accept: args.accept.clone() },
        Command::Check(args) => Action::Check {
            // What is injected shows only where it is measured.
            measure: args.measure || args.inject.is_some(),
            inject: args.inject.clone(),
            against: args.against.clone(),
            limits: limits(TypedLimits::of_check(args), variable, config, file)?,
            tests: tests(args, variable, file)?,
        },
        Command::Calibrate(args) => Action::Calibrate {
            asked: Calibrate::of(args),
            limits: limits(TypedLimits::of_calibrate(args), variable, config, file)?,
        },
    })
}

fn limits(
    typed: TypedLimits,
    variable: &Variable<'_>,
    config: &Config,
    file: &Settings,
) -> Result<Limits, OptionError> {
    let tolerance = sourced(typed.tolerance, variable, TOLERANCE, file.tolerance)?;
    let max_time = sourced(typed.max_time, variable, MAX_TIME, file.max_time)?;
    Ok(Limits {
        max_time: max_time.map_or(MaxTime::DEFAULT, |sourced| sourced.value),
        require_faster: match typed.require_faster {
            Some(typed) => switched(typed, variable, REQUIRE_FASTER, file.require_faster)?,
            None => false,
        },
        tolerance: tolerance.unwrap_or(Sourced { value: Tolerance::DEFAULT, outranks_sites: false }),
        tail_tolerance: sourced(typed.tail_tolerance, variable, TAIL_TOLERANCE, file.tail_tolerance)?,
        sites: config.sites.clone(),
    })
}

fn tests(typed: &CheckArgs, variable: &Variable<'_>, file: &Settings) -> Result<Tests, OptionError> {
    let not_wanted = switched(typed.no_tests, variable, NO_TESTS, None)?;
    let typed = typed.test_command.as_ref().map(|line| TestCommand::typed(line, "--test-command"));
    let command = typed.or_else(|| file.test_command.clone()).filter(|command| !command.words.is_empty());
    Ok(match command {
        None => Tests::None,
        Some(_) if not_wanted => Tests::Skipped,
        Some(command) => Tests::First(command),
    })
}

/// The first of what was typed, the variable, and the file. The variable is read, and refused, in any case.
fn sourced<T: FromStr<Err = LimitError>>(
    typed: Option<T>,
    variable: &Variable<'_>,
    name: &'static str,
    file: Option<T>,
) -> Result<Option<Sourced<T>>, OptionError> {
    let parsed = variable(name)?.map(|text| text.parse::<T>()).transpose();
    let set = parsed.map_err(|why| OptionError::Variable { name, why })?;
    let outside = typed.or(set).map(|value| Sourced { value, outranks_sites: true });
    Ok(outside.or(file.map(|value| Sourced { value, outranks_sites: false })))
}

/// A switch: the command line can only turn it on, variable and file also off. The variable is read, and refused, in any case.
fn switched(
    typed: bool,
    variable: &Variable<'_>,
    name: &'static str,
    file: Option<bool>,
) -> Result<bool, OptionError> {
    let parsed = variable(name)?.map(|text| switch(&text)).transpose();
    let set = parsed.map_err(|why| OptionError::Variable { name, why })?;
    Ok(typed || set.or(file).unwrap_or(false))
}

fn workloads(shared: &SharedArgs, config: &Config) -> Vec<Workload> {
    match shared.workload.ad_hoc(shared.cargo.package.as_deref()) {
        Some(workload) => vec![workload],
        None => config.workloads.clone(),
    }
}

#[cfg(test)]
mod tests;
