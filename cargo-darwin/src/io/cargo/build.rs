//! Runs cargo and reads its messages.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

use cargo_metadata::{Artifact, Message};
use serde::{Deserialize, Serialize};

use super::flags;
use super::plan::shown_line;
use super::{BuildError, BuildPlan, Conflict, TargetKind, TargetRef, build_argv, clean_argv};
use crate::io::command::{self, not_started};
use crate::io::link::{Link, Printed, is_link_line};
use crate::io::{files, git, room};

/// Lines of cargo's stderr that an error repeats: enough for the last compiler error and cargo's summary.
const TAIL_LINES: usize = 60;

/// A built target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executable {
    /// What it was built from.
    #[serde(flatten)]
    pub target: TargetRef,
    /// Where it is.
    pub path: PathBuf,
    /// cargo found it up to date and built nothing.
    #[serde(skip)]
    pub fresh: bool,
    /// Folder with its recorded link; may be missing.
    #[serde(skip)]
    pub link: PathBuf,
}

/// Builds. `show` is given every line of cargo's stderr (progress and rendered diagnostics) as it comes, without its
/// line end.
pub fn build(plan: &BuildPlan, show: &mut dyn FnMut(&str)) -> Result<Executable, BuildError> {
    let argv = build_argv(plan);
    if plan.verbose {
        show(&format!("     Running `{}`", shown_line(plan)));
    }
    let (Told { artifacts, link }, status, tail) = run(&mut cargo(&argv, plan), show)?;
    if !status.success() {
        if let Some(conflict) = Conflict::in_words_of_cargo(&tail) {
            return Err(BuildError::Locked(conflict));
        }
        let room = room::hint(&plan.target_dir);
        return Err(BuildError::Failed { line: shown_line(plan), status, room, tail });
    }
    let executable = executable(plan, &artifacts)?;
    if !executable.fresh {
        keep_link(link, &executable, plan);
    }
    Ok(executable)
}

/// Keeps the link that was printed; without one, the last build's must not be taken for it. What fails here costs
/// precision only: the check says that layouts are fixed.
fn keep_link(printed: Option<Printed>, executable: &Executable, plan: &BuildPlan) {
    match printed {
        // What was refused is kept too, with the reason.
        Some(printed) => {
            drop(Link::record(printed, &executable.path, &executable.link, &plan.root));
        }
        None => drop(files::remove_tree(&executable.link)),
    }
}

/// Forgets what was built of the packages `names` in the plan's target directory.
pub fn clean(plan: &BuildPlan, names: &[String]) -> Result<(), BuildError> {
    command::output(&mut cargo(&clean_argv(plan, names), plan))?;
    Ok(())
}

fn cargo(argv: &[OsString], plan: &BuildPlan) -> Command {
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).current_dir(&plan.directory).stdin(Stdio::null());
    git::clear_environment(&mut command);
    if let Some(rustflags) = &plan.rustflags {
        command.env(flags::VARIABLE, flags::encoded(rustflags));
    }
    command
}

/// Artifacts, end and the tail of stderr. Both pipes are read at once, or a full one would stop cargo.
fn run(command: &mut Command, show: &mut dyn FnMut(&str)) -> Result<(Told, ExitStatus, String), BuildError> {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|source| not_started(command, source))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (told, tail) = std::thread::scope(|scope| {
        let reader = scope.spawn(move || stdout.map_or_else(|| Ok(Told::default()), read_messages));
        let tail = stderr.map_or_else(String::new, |pipe| follow(pipe, show));
        let panicked = |_| Err(std::io::Error::other("the reader stopped"));
        (reader.join().unwrap_or_else(panicked), tail)
    });
    let status = child.wait().map_err(BuildError::Messages)?;
    Ok((told.map_err(BuildError::Messages)?, status, tail))
}

/// What cargo and rustc said on stdout.
#[derive(Default)]
struct Told {
    artifacts: Vec<Artifact>,
    link: Option<Printed>,
}

fn read_messages(pipe: ChildStdout) -> std::io::Result<Told> {
    let mut told = Told::default();
    for message in Message::parse_stream(BufReader::new(pipe)) {
        match message? {
            Message::CompilerArtifact(artifact) => told.artifacts.push(artifact),
            Message::TextLine(line) if is_link_line(&line) => told.link = Printed::parse(&line),
            _ => {}
        }
    }
    Ok(told)
}

/// Hands on every line and keeps the last ones. A pipe that breaks ends the output; cargo's status tells the rest.
fn follow(pipe: impl Read, show: &mut dyn FnMut(&str)) -> String {
    let mut tail = VecDeque::new();
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        show(&line);
        if tail.len() == TAIL_LINES {
            tail.pop_front();
        }
        tail.push_back(line);
    }
    Vec::from(tail).join("\n")
}

fn executable(plan: &BuildPlan, artifacts: &[Artifact]) -> Result<Executable, BuildError> {
    let target = &plan.target;
    let is_target = |artifact: &&Artifact| {
        artifact.package_id == plan.package_id
            && artifact.target.name == target.name
            && TargetKind::of(&artifact.target) == Some(target.kind)
    };
    let missing = || BuildError::NoExecutable {
        package: plan.activation.packages.first().cloned().unwrap_or_default(),
        target: target.to_string(),
    };
    let found = artifacts
        .iter()
        .filter(is_target)
        .find_map(|artifact| Some((artifact.executable.as_ref()?, artifact)));
    let (path, artifact) = found.ok_or_else(missing)?;
    let link = plan.target_dir.join("links").join(format!("{}-{}", target.kind, target.name));
    Ok(Executable {
        target: target.clone(),
        path: path.clone().into_std_path_buf(),
        fresh: artifact.fresh,
        link,
    })
}
