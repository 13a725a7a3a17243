//! Runs cargo and reads its messages.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

use cargo_metadata::{Artifact, Message};
use serde::{Deserialize, Serialize};

use super::{BuildError, BuildPlan, TargetKind, TargetRef, build_argv, clean_argv};
use crate::io::command::{self, not_started, quoted};
use crate::io::git;

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
}

/// Builds; the executables come in the order of the plan's targets. `show` is given every line of cargo's stderr
/// (progress and rendered diagnostics) as it comes, without its line end.
pub fn build(plan: &BuildPlan, show: &mut dyn FnMut(&str)) -> Result<Vec<Executable>, BuildError> {
    let argv = build_argv(plan);
    if plan.verbose {
        show(&format!("     Running `{}`", quoted(&argv)));
    }
    let (artifacts, status, tail) = run(&mut cargo(&argv, plan), show)?;
    if !status.success() {
        return Err(BuildError::Failed { line: quoted(&argv), status, tail });
    }
    plan.targets.iter().map(|target| executable(plan, target, &artifacts)).collect()
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
    command
}

/// Artifacts, end and the tail of stderr. Both pipes are read at once, or a full one would stop cargo.
fn run(
    command: &mut Command,
    show: &mut dyn FnMut(&str),
) -> Result<(Vec<Artifact>, ExitStatus, String), BuildError> {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|source| not_started(command, source))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (artifacts, tail) = std::thread::scope(|scope| {
        let reader = scope.spawn(move || stdout.map_or_else(|| Ok(Vec::new()), read_artifacts));
        let tail = stderr.map_or_else(String::new, |pipe| follow(pipe, show));
        let panicked = |_| Err(std::io::Error::other("the reader stopped"));
        (reader.join().unwrap_or_else(panicked), tail)
    });
    let status = child.wait().map_err(BuildError::Messages)?;
    Ok((artifacts.map_err(BuildError::Messages)?, status, tail))
}

fn read_artifacts(pipe: ChildStdout) -> std::io::Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for message in Message::parse_stream(BufReader::new(pipe)) {
        if let Message::CompilerArtifact(artifact) = message? {
            artifacts.push(artifact);
        }
    }
    Ok(artifacts)
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

fn executable(
    plan: &BuildPlan,
    target: &TargetRef,
    artifacts: &[Artifact],
) -> Result<Executable, BuildError> {
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
    Ok(Executable { target: target.clone(), path: path.clone().into_std_path_buf(), fresh: artifact.fresh })
}
