//! `cargo darwin hook run`: judges what is committed or pushed, within its time, and tells git whether to go on.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::changes::{self, Change};
use super::measured::Measured;
use super::{Console, Ended, Failure, here};
use crate::cli::{self, Command, Format, HookRunArgs, HookVerb, Verb};
use crate::exit_code::ExitCode;
use crate::hook::Policy;
use crate::io::git::Repository;
use crate::io::interrupt::{self, Alarm};
use crate::io::{command, config};
use crate::model::{MaxTime, Stage, switch};
use crate::session::{self, Terms};

/// Set to 1, hooks leave at once.
const SKIP: &str = "DARWIN_SKIP";

/// Judges, and says what git is to do.
///
/// # Errors
/// A `DARWIN_SKIP` that is neither on nor off. All else that fails is told here, and stops what the policy stops.
pub fn run(args: &HookRunArgs, console: &Console) -> Result<Ended, Failure> {
    let git = args.stage.command();
    let passed = || Ended { text: String::new(), code: ExitCode::Success };
    if is_skipped()? {
        console.hook(&format!("skipped, as {SKIP}=1 says: nothing is judged before this {git}"));
        return Ok(passed());
    }
    let hook = Hook { args, console, begin: Instant::now() };
    let code = hook.all().unwrap_or_else(|failure| hook.failed(failure, None, &Policy::new(None)));
    if code != ExitCode::Success {
        console.hook(&format!("this {git} is stopped; {}", hook.way_out()));
    }
    Ok(Ended { code, ..passed() })
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

    /// What git is told about all of it: the first that stops ends it.
    fn all(&self) -> Result<ExitCode, Failure> {
        let (folder, repository) = here()?;
        let changes = self.changes(&repository)?;
        for (index, change) in changes.iter().enumerate() {
            let judging =
                Judging { hook: self, change, rest: &changes[index + 1..], repository: &repository };
            let code = judging.told(&folder);
            if code != ExitCode::Success {
                return Ok(code);
            }
        }
        Ok(ExitCode::Success)
    }

    /// What git is told after a failure, which is shown.
    fn failed(&self, failure: Failure, change: Option<&Change>, policy: &Policy) -> ExitCode {
        let verb = Verb::Hook(Box::new(HookVerb::Run(self.args.clone())));
        let code = session::ended(Err(failure), &verb, self.args.output, self.console);
        self.applied(policy, code, change)
    }

    /// What the policy makes of an end, which is said where it lets it through.
    fn applied(&self, policy: &Policy, code: ExitCode, change: Option<&Change>) -> ExitCode {
        let told = policy.applied(code);
        if code != ExitCode::Success && told == ExitCode::Success {
            let what =
                change.map_or_else(|| format!("this {}", self.args.stage.command()), |it| it.shown.clone());
            let (number, meaning) = (code.code(), meaning(code));
            self.console.hook(&format!("{what}: let through all the same (exit code {number}: {meaning})"));
        }
        told
    }

    /// How to go on when it stops.
    fn way_out(&self) -> String {
        let git = self.args.stage.command();
        format!("`{SKIP}=1 {git}` or `{git} --no-verify` goes on without asking")
    }
}

/// One change's turn.
struct Judging<'a> {
    hook: &'a Hook<'a>,
    change: &'a Change,
    /// Those that come after it.
    rest: &'a [Change],
    repository: &'a Repository,
}

/// What is known of a change before it is judged, or as soon as it is loaded.
struct Known {
    settings: config::Hook,
    /// See [`Change::baselines`].
    baselines: Vec<Option<String>>,
}

impl Known {
    fn policy(&self) -> Policy {
        Policy::new(self.settings.stop_on.clone())
    }
}

impl Judging<'_> {
    /// What git is told about it.
    fn told(&self, folder: &Path) -> ExitCode {
        let mut known = Known { settings: config::Hook::default(), baselines: vec![None] };
        let code = self.judged(folder, &mut known);
        code.unwrap_or_else(|failure| self.hook.failed(failure, Some(self.change), &known.policy()))
    }

    fn judged(&self, folder: &Path, known: &mut Known) -> Result<ExitCode, Failure> {
        let (judged, top) = (&self.hook.args.judged, self.repository.root());
        let measured = self.change.measured(judged, folder, top)?;
        known.settings = measured.settings()?.unwrap_or_default();
        if let Some(why) = self.needs_no_check(&measured, folder)? {
            self.say(&why);
            return Ok(ExitCode::Success);
        }
        self.say("judging it, whatever else lies in the working tree");
        let typed = self.check()?;
        let mut turn = 0;
        while turn < known.baselines.len() {
            let ended = self.within_time(&typed, known, turn);
            interrupt::settle();
            let verb = Verb::Project(Box::new(typed.clone()));
            let code = session::ended(ended, &verb, self.hook.args.output, self.hook.console);
            let told = self.hook.applied(&known.policy(), code, Some(self.change));
            if told != ExitCode::Success {
                return Ok(told);
            }
            turn += 1;
        }
        Ok(ExitCode::Success)
    }

    /// Why nothing has to be measured.
    fn needs_no_check(&self, measured: &Measured<'_>, folder: &Path) -> Result<Option<String>, Failure> {
        if let Some(why) = self.change.cannot_matter(measured)? {
            return Ok(Some(format!("{why}: nothing to measure")));
        }
        if !self.change.has_manifest(&self.hook.args.judged, folder, self.repository.root())? {
            return Ok(Some("it has no such Cargo.toml: nothing to measure".to_owned()));
        }
        let lacking = self.change.lacks_baseline(measured, self.repository)?;
        Ok(lacking.map(|path| {
            format!(
                "it has no {}, so there is nothing to compare it with: let through; `cargo darwin baseline` writes one to be \
                 committed",
                path.display()
            )
        }))
    }

    fn say(&self, line: &str) {
        self.hook.console.hook(&format!("{}: {line}", self.change.shown));
    }

    /// The words behind `check` that say what is judged.
    fn words(&self) -> Vec<String> {
        self.hook.args.judged.words().into_iter().chain([self.change.option.clone()]).collect()
    }

    /// The check that judges it, as anyone could type it.
    fn check(&self) -> Result<Command, Failure> {
        let output = self.hook.args.output;
        let mut words: Vec<String> = ["cargo-darwin", "darwin", "check"].map(str::to_owned).into();
        words.extend(self.words());
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

    /// Checks until the time is up, which ends this process. `turn` says which of the baselines it is judged against; they and
    /// the settings are those of the project as soon as it is loaded.
    fn within_time(&self, typed: &Command, known: &mut Known, turn: usize) -> Result<Ended, Failure> {
        let mut alarm = Some(self.alarm(&known.settings));
        let ended = session::run_with(typed, self.hook.console, |project| {
            known.settings = project.hook.clone();
            alarm = Some(self.alarm(&project.hook));
            if turn == 0 {
                let path = project.in_users_tree(&project.baseline_file);
                known.baselines = self.change.baselines(self.repository, &path);
            }
            if known.baselines.len() > 1 {
                self.say(compared_with(&known.baselines, turn));
            }
            let until = Some(self.hook.begin + max_time(&project.hook));
            Terms { until, against: known.baselines.get(turn).cloned().flatten() }
        });
        drop(alarm);
        ended
    }

    fn alarm(&self, settings: &config::Hook) -> Alarm {
        let (console, max_time) = (*self.hook.console, max_time(settings));
        let policy = Policy::new(settings.stop_on.clone());
        let (words, way_out) = (command::quoted(self.words()), self.hook.way_out());
        let names = [self.change].into_iter().chain(self.rest).map(|change| change.shown.clone());
        let names: Vec<String> = names.collect();
        interrupt::alarm(self.hook.begin + max_time, move || {
            let code = policy.applied(ExitCode::Inconclusive);
            let is_through = code == ExitCode::Success;
            let (are, end) = (
                if names.len() > 1 { "are" } else { "is" },
                if is_through { "let through" } else { "stopped" },
            );
            console.hook(&format!(
                "{}: the {} s of a hook (`max-time` below [hook] in darwin.toml) are used up, so {} {are} not judged and {end}; \
                 what is built and measured is kept: `cargo darwin check {words}` goes on from there",
                names[0],
                max_time.as_secs_f64(),
                if names.len() > 1 { names.join(", ") } else { "it".to_owned() },
            ));
            if !is_through {
                console.hook(&way_out);
            }
            i32::from(code.code())
        })
    }
}

/// Which of several baselines it is.
fn compared_with(baselines: &[Option<String>], turn: usize) -> &'static str {
    match (turn, baselines.get(turn)) {
        (0, _) => "compared with the baseline from before it",
        (_, Some(None)) => "and with the baseline that it brings, for what comes after that",
        _ => "and with an earlier baseline that it brings, for what comes after that",
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
