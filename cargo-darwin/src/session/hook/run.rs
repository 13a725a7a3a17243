//! `cargo darwin hook run`: judges what is committed or pushed, within its time, and tells git whether to go on.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::changes::{self, Change};
use super::{Console, Ended, Failure, here};
use crate::cli::{self, Command, Format, HookRunArgs, Verb};
use crate::exit_code::ExitCode;
use crate::hook::Policy;
use crate::io::config;
use crate::io::git::Repository;
use crate::io::interrupt::{self, Alarm};
use crate::model::{MaxTime, Stage, switch};
use crate::session::{self, Terms};

/// Set to 1, hooks leave at once.
const SKIP: &str = "DARWIN_SKIP";

/// Judges, and says what git is to do.
///
/// # Errors
/// When there is no repository, or git fails.
pub fn run(args: &HookRunArgs, console: &Console) -> Result<Ended, Failure> {
    let git = args.stage.command();
    let passed = || Ended { text: String::new(), code: ExitCode::Success };
    if is_skipped()? {
        console.hook(&format!("skipped, as {SKIP}=1 says: nothing is judged before this {git}"));
        return Ok(passed());
    }
    let hook = Hook { args, console, begin: Instant::now() };
    let (folder, repository) = here()?;
    for change in hook.changes(&repository)? {
        let code = hook.judged(&change, &folder, &repository)?;
        if code != ExitCode::Success {
            console.hook(&format!(
                "this {git} is stopped; `{SKIP}=1 {git}` or `{git} --no-verify` goes on without asking"
            ));
            return Ok(Ended { code, ..passed() });
        }
    }
    Ok(passed())
}

/// A wrong value is refused, as everywhere: who wrote it wanted something.
fn is_skipped() -> Result<bool, Failure> {
    let Some(value) = std::env::var_os(SKIP).filter(|value| !value.is_empty()) else { return Ok(false) };
    switch(&value.to_string_lossy())
        .map_err(|why| Failure::Usage(format!("environment variable {SKIP}: {why}")))
}

/// One call by git.
struct Hook<'a> {
    args: &'a HookRunArgs,
    console: &'a Console,
    begin: Instant,
}

impl Hook<'_> {
    /// What there is to judge; says what there is not.
    fn changes(&self, repository: &Repository) -> Result<Vec<Change>, Failure> {
        if self.args.stage == Stage::PreCommit {
            return Ok(vec![changes::staged(repository)?]);
        }
        let told = changes::told(&self.args.remote);
        let (all, remote) = told.map_err(|source| Failure::System {
            doing: "cannot read what is pushed from standard input",
            source,
        })?;
        let mut found = Vec::new();
        for pushed in &all {
            match changes::pushed(repository, pushed, remote.as_deref())? {
                Some(change) => found.push(change),
                None => self.console.hook(&format!("{}: nothing new to judge", pushed.names.join(", "))),
            }
        }
        if all.is_empty() {
            self.console.hook("no commit is pushed: nothing to judge");
        }
        Ok(found)
    }

    /// What git is told about one change.
    fn judged(&self, change: &Change, folder: &Path, repository: &Repository) -> Result<ExitCode, Failure> {
        if let Some(why) = change.cannot_matter()? {
            self.say(change, &format!("{why}: nothing to measure"));
            return Ok(ExitCode::Success);
        }
        if !change.has_manifest(&self.args.judged, folder, repository.root())? {
            self.say(change, "it has no such Cargo.toml: nothing to measure");
            return Ok(ExitCode::Success);
        }
        self.say(change, "judging it, whatever else lies in the working tree");
        let typed = self.check(change)?;
        let (ended, policy) = self.within_time(&typed, change, repository);
        interrupt::settle();
        let code = session::ended(ended, &Verb::Project(Box::new(typed)), self.args.output, self.console);
        let told = policy.applied(code);
        if code != ExitCode::Success && told == ExitCode::Success {
            let (number, meaning) = (code.code(), meaning(code));
            self.say(change, &format!("let through all the same (exit code {number}: {meaning})"));
        }
        Ok(told)
    }

    fn say(&self, change: &Change, line: &str) {
        self.console.hook(&format!("{}: {line}", change.shown));
    }

    /// The check that judges it, as anyone could type it.
    fn check(&self, change: &Change) -> Result<Command, Failure> {
        let output = self.args.output;
        let mut words: Vec<String> = ["cargo-darwin", "darwin", "check"].map(str::to_owned).into();
        words.extend(self.args.judged.words());
        words.push(change.option.clone());
        words.extend(output.verbose.then(|| "--verbose".to_owned()));
        let format = match output.format {
            Format::Human => "human",
            Format::Json => "json",
            Format::Markdown => "markdown",
        };
        words.push(format!("--format={format}"));
        let typed = cli::parse(words.into_iter().map(OsString::from));
        match typed.map(|darwin| darwin.verb) {
            Ok(Verb::Project(command)) => Ok(*command),
            Ok(_) => Err(Failure::Usage("a hook can only check".to_owned())),
            Err(error) => Err(Failure::Usage(error.to_string())),
        }
    }

    /// Checks until the time is up, which ends this process.
    fn within_time(
        &self,
        typed: &Command,
        change: &Change,
        repository: &Repository,
    ) -> (Result<Ended, Failure>, Policy) {
        let mut policy = Policy::new(None);
        // Until the configuration is known; it is in the tree that is only now written out.
        let mut alarm = Some(self.alarm(&config::Hook::default(), change));
        let ended = session::run_with(typed, self.console, |project| {
            policy = Policy::new(project.hook.stop_on.clone());
            alarm = Some(self.alarm(&project.hook, change));
            Terms {
                until: Some(self.begin + max_time(&project.hook)),
                against: change.old_baseline(repository, &project.in_users_tree(&project.baseline_file)),
            }
        });
        drop(alarm);
        (ended, policy)
    }

    fn alarm(&self, hook: &config::Hook, change: &Change) -> Alarm {
        let (console, max_time, policy) = (*self.console, max_time(hook), Policy::new(hook.stop_on.clone()));
        let (shown, option) = (change.shown.clone(), change.option.clone());
        interrupt::alarm(self.begin + max_time, move || {
            let code = policy.applied(ExitCode::Inconclusive);
            let end = if code == ExitCode::Success { "let through" } else { "stopped" };
            console.hook(&format!(
                "{shown}: the {} s of a hook (`max-time` below [hook] in darwin.toml) are used up, so it is not judged and {end}; \
                 what is built and measured is kept: `cargo darwin check {option}` goes on from there",
                max_time.as_secs_f64()
            ));
            i32::from(code.code())
        })
    }
}

fn max_time(hook: &config::Hook) -> Duration {
    hook.max_time.unwrap_or(MaxTime::DEFAULT_HOOK).duration()
}

fn meaning(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Success => "approved",
        ExitCode::Reject => "proven worse",
        ExitCode::BadInput => "wrong usage, configuration or data",
        ExitCode::Inconclusive => "not proven either way",
        ExitCode::Invalid => "could not be measured",
    }
}
