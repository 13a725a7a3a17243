//! `cargo darwin hook install`, `status`, `uninstall`.

use std::path::{Path, PathBuf};

use super::{Console, Ended, Failure, here, shown};
use crate::cli::{HookInstallArgs, JudgedArgs, OutputArgs};
use crate::exit_code::ExitCode;
use crate::hook::{Block, Facts, Install, Made, Refusal, Standing, Uninstall};
use crate::io::git::Repository;
use crate::io::{command, hooks};
use crate::model::{HookReport, HookState, HooksReport, Stage};

/// What a hook of ours would run.
const PROGRAM: &str = "cargo-darwin";

/// Puts a block into each hook that was asked for.
///
/// # Errors
/// When there is no package to judge, git fails, or a file cannot be written. What is left alone is in the report.
pub fn install(args: &HookInstallArgs, console: &Console) -> Result<Ended, Failure> {
    let (folder, repository) = here()?;
    let options = options(&args.judged, &folder, &repository)?;
    if args.print {
        let block = |stage: &Stage| {
            Block { stage: *stage, options: options.clone(), made: Made::Nothing }.text() + "\n"
        };
        return Ok(Ended { text: args.stages.iter().map(block).collect(), code: ExitCode::Success });
    }
    let one = |facts: &Facts| {
        let (done, refusal) = match facts.install(&options) {
            Install::Make(text) => (hooks::make(&facts.path(), &text).map(|()| "written")?, None),
            Install::Change(text) => {
                (hooks::change(&facts.path(), &text).map(|()| "added to the hook that is there")?, None)
            }
            Install::Keep => ("nothing: it is there already", None),
            Install::Refuse(refusal) => ("", Some(refusal)),
        };
        Ok((done, refusal))
    };
    Ok(shown(&each(&repository, &args.stages, one)?, args.output, console))
}

/// Takes the blocks out again.
///
/// # Errors
/// When git fails, or a file cannot be written.
pub fn uninstall(stages: &[Stage], output: OutputArgs, console: &Console) -> Result<Ended, Failure> {
    let (_, repository) = here()?;
    let stages = if stages.is_empty() { &Stage::ALL } else { stages };
    let one = |facts: &Facts| {
        let path = facts.path();
        let (done, refusal) = match facts.uninstall() {
            Uninstall::Nothing => ("nothing: it is not there", None),
            Uninstall::Remove { folder } => (hooks::remove(&path, folder).map(|()| "removed")?, None),
            Uninstall::Change(text) => {
                (hooks::change(&path, &text).map(|()| "taken out; the hook is as it was before")?, None)
            }
            Uninstall::Refuse(refusal) => ("", Some(refusal)),
        };
        Ok((done, refusal))
    };
    Ok(shown(&each(&repository, stages, one)?, output, console))
}

/// Looks at all of them.
///
/// # Errors
/// When git fails.
pub fn status(output: OutputArgs, console: &Console) -> Result<Ended, Failure> {
    let (_, repository) = here()?;
    Ok(shown(&each(&repository, &Stage::ALL, |_| Ok(("", None)))?, output, console))
}

/// Does `one` about each hook, and reports what is there afterwards.
fn each(
    repository: &Repository,
    stages: &[Stage],
    one: impl Fn(&Facts) -> Result<(&'static str, Option<Refusal>), Failure>,
) -> Result<HooksReport, Failure> {
    let program = hooks::on_path(PROGRAM);
    let folder = hooks::facts(repository, Stage::PrePush)?.folder;
    let mut reports = Vec::new();
    for stage in stages {
        let (done, refusal) = one(&hooks::facts(repository, *stage)?)?;
        reports.push(report(&hooks::facts(repository, *stage)?, done, refusal, program.is_some()));
    }
    let program = program.map(|path| path.display().to_string());
    Ok(HooksReport { folder: folder.display().to_string(), program, hooks: reports })
}

fn report(facts: &Facts, done: &str, refusal: Option<Refusal>, has_program: bool) -> HookReport {
    let (state, options) = match facts.standing() {
        Standing::None => (HookState::None, String::new()),
        Standing::Foreign => (HookState::Other, String::new()),
        Standing::Installed { options } => (HookState::Installed, options),
        Standing::Outdated { options } => (HookState::Outdated, options),
        Standing::Damaged { .. } => (HookState::Damaged, String::new()),
    };
    let is_run = facts.is_run();
    let advice = match (state, &refusal) {
        (_, Some(refusal)) => refusal.remedy.clone(),
        (HookState::Outdated, _) => {
            "`cargo darwin hook install` with the same options brings it up to date".to_owned()
        }
        (HookState::Damaged, _) => {
            "take the lines of cargo darwin out by hand, then install again".to_owned()
        }
        (HookState::Installed, _) if !is_run => {
            format!("git leaves it out: chmod +x {}", facts.path().display())
        }
        (HookState::Installed, _) if !has_program => {
            format!("{PROGRAM} is not on PATH: until it is, the hook says so and lets everything through")
        }
        (HookState::Installed, _) if facts.is_shared() => {
            "all working trees of this repository share it".to_owned()
        }
        _ => String::new(),
    };
    HookReport {
        stage: facts.stage,
        path: facts.path().display().to_string(),
        state,
        is_run,
        options,
        done: done.to_owned(),
        refused: refusal.map(|refusal| refusal.why).unwrap_or_default(),
        advice,
    }
}

/// The options that the hook's line hands on: git starts hooks in the top folder of the working tree.
fn options(judged: &JudgedArgs, folder: &Path, repository: &Repository) -> Result<String, Failure> {
    let manifest = manifest(judged, folder, repository)?;
    let mut judged = judged.clone();
    judged.cargo.manifest_path = (manifest != Path::new("Cargo.toml")).then_some(manifest);
    let line = command::quoted(judged.words());
    match line.chars().any(char::is_control) {
        true => Err(Failure::Usage(format!(
            "a hook cannot be told an option with a line break or the like: {line:?}"
        ))),
        false => Ok(line),
    }
}

/// The manifest that was named, or the nearest one above the current folder, from the top of the working tree.
fn manifest(judged: &JudgedArgs, folder: &Path, repository: &Repository) -> Result<PathBuf, Failure> {
    let missing = |what: String| Failure::Usage(format!("{what}; name it with --manifest-path"));
    let top = repository.root();
    let found = match &judged.cargo.manifest_path {
        Some(named) => Some(folder.join(named)),
        None => {
            let inside = folder.ancestors().take_while(|folder| folder.starts_with(top));
            inside.map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.is_file())
        }
    };
    let found = found.ok_or_else(|| {
        missing(format!("there is no Cargo.toml in {} or above it in the repository", folder.display()))
    })?;
    let real = found.canonicalize().map_err(|_| missing(format!("there is no {}", found.display())))?;
    let inside = real.strip_prefix(top).map(Path::to_path_buf);
    inside.map_err(|_| missing(format!("{} is not in the repository {}", real.display(), top.display())))
}
