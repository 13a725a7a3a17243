//! One side's executables, and the workloads that can be run with them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use darwin_runtime::injection;

use crate::io::link::Link;
use crate::io::measure::{self, MeasureError, Measured};
use crate::io::process::Program;
use crate::io::{affinity, control};
use crate::model::{Mode, Renames, Workload};

/// Index of the baseline among the two sides of a block.
pub const BASELINE: usize = 0;
/// Index of the candidate.
pub const CANDIDATE: usize = 1;

/// How a workload can be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pace {
    /// A `#[bench]`: iterates as told, also in turns with another process.
    Bench {
        /// The bench's name in its target.
        bench: String,
    },
    /// Any other program: runs from start to end, whatever it does.
    WholeRun,
}

/// A workload with the executable of one side.
#[derive(Debug, Clone)]
pub struct Runnable {
    /// The name that reports and the baseline file use.
    pub name: String,
    /// How it can be measured.
    pub pace: Pace,
    program: Program,
    link: Result<Link, String>,
    /// What its sites are called now, where they had other names.
    renames: Renames,
}

/// A target's executable and where it runs.
#[derive(Debug, Clone)]
pub struct Built {
    /// The declared workload.
    pub workload: Workload,
    /// The executable.
    pub executable: PathBuf,
    /// Its last link, or why that cannot be repeated.
    pub link: Result<Link, String>,
    /// The package's folder, in which cargo runs benches and tests too.
    pub directory: PathBuf,
}

impl Built {
    /// What can be run with it: a bench target of ours holds one workload per `#[bench]`, all else is one.
    ///
    /// # Errors
    /// When the executable cannot be started.
    pub fn runnables(&self) -> Result<Vec<Runnable>, MeasureError> {
        let benches = match self.workload.target {
            crate::model::Target::Bench(_) => measure::list_benches(&self.executable, &self.directory)?,
            _ => Vec::new(),
        };
        if benches.is_empty() {
            return Ok(vec![self.whole_run()]);
        }
        Ok(benches.into_iter().map(|bench| self.bench(bench)).collect())
    }

    fn whole_run(&self) -> Runnable {
        let mut args: Vec<OsString> = Vec::new();
        if matches!(self.workload.target, crate::model::Target::Bench(_)) {
            args.push("--bench".into());
        }
        args.extend(self.workload.args.iter().map(OsString::from));
        let (name, link) = (self.workload.name.clone(), self.link.clone());
        Runnable {
            name,
            pace: Pace::WholeRun,
            program: self.program(args, None),
            link,
            renames: Renames::default(),
        }
    }

    fn bench(&self, bench: String) -> Runnable {
        let mut args: Vec<OsString> = ["--bench", "--exact", &bench].map(OsString::from).into();
        args.extend(self.workload.args.iter().map(OsString::from));
        let own = bench.split_once("::").map_or(bench.as_str(), |(_, own)| own);
        let name = format!("{}::{own}", self.workload.name);
        let program = self.program(args, affinity::measuring_processor());
        Runnable {
            name,
            pace: Pace::Bench { bench },
            program,
            link: self.link.clone(),
            renames: Renames::default(),
        }
    }

    fn program(&self, args: Vec<OsString>, processor: Option<usize>) -> Program {
        // Programs take it for the place where they run; ours says where `cargo darwin` was called.
        let variables =
            ["CARGO_MANIFEST_DIR", "PWD"].map(|name| (name.into(), self.directory.clone().into())).into();
        let (path, directory) = (self.executable.clone(), self.directory.clone());
        Program { path, args, directory, variables, processor }
    }
}

impl Runnable {
    /// Runs it alone as `side`.
    ///
    /// # Errors
    /// When it fails, hangs, or measured nothing.
    pub fn alone(&self, side: usize, plan: control::Plan, limit: Duration) -> Result<Measured, MeasureError> {
        self.alone_in(Mode::Exact, side, plan, limit)
    }

    /// The same in any mode.
    ///
    /// # Errors
    /// When it fails, hangs, or measured nothing.
    pub fn alone_in(
        &self,
        mode: Mode,
        side: usize,
        plan: control::Plan,
        limit: Duration,
    ) -> Result<Measured, MeasureError> {
        let mut measured = measure::alone(&self.program, side, (plan, mode), limit)?;
        measured.rename_sites(&self.renames);
        Ok(measured)
    }

    /// Runs it against the same workload of the other side, taking turns.
    ///
    /// # Errors
    /// When either side fails, hangs, or measured nothing.
    pub fn against(
        &self,
        baseline: &Runnable,
        plan: &measure::PairPlan<'_>,
        limit: Duration,
    ) -> Result<measure::Pair, MeasureError> {
        let pacing = baseline.renames.with_old_names(plan.pacing);
        let plan = measure::PairPlan { pacing: &pacing, ..*plan };
        let mut pair = measure::pair([&baseline.program, &self.program], &plan, limit)?;
        pair.sides[BASELINE].rename_sites(&baseline.renames);
        Ok(pair)
    }

    /// The same, its sites under the names that they have now.
    pub fn known_as(self, renames: &Renames) -> Runnable {
        Runnable { renames: renames.clone(), ..self }
    }

    /// What its sites are called now, where they had other names.
    pub fn renames(&self) -> &Renames {
        &self.renames
    }

    /// The baseline's workload that has become `candidate`, under the candidate's name; `None` where it is another one.
    pub fn become_of(&self, candidate: &Runnable) -> Option<Runnable> {
        let is_renamed = match (&self.pace, &candidate.pace) {
            (Pace::Bench { bench: was }, Pace::Bench { bench: now }) => {
                self.renames.new_name(was).as_ref() == Some(now)
            }
            _ => false,
        };
        let is_same = self.name == candidate.name && self.pace == candidate.pace;
        (is_same || is_renamed).then(|| Runnable { name: candidate.name.clone(), ..self.clone() })
    }

    /// The executable.
    pub fn executable(&self) -> &Path {
        &self.program.path
    }

    /// What it is started with.
    pub fn arguments(&self) -> &[OsString] {
        &self.program.args
    }

    /// Its last link.
    ///
    /// # Errors
    /// Why it cannot be repeated.
    pub fn link(&self) -> Result<&Link, &String> {
        self.link.as_ref()
    }

    /// The same with another layout of its executable.
    pub fn in_layout(&self, executable: &Path) -> Runnable {
        let mut runnable = self.clone();
        runnable.program.path = executable.to_owned();
        runnable
    }

    /// The same with a request for work that is not its own, in place of any other.
    pub fn injected(&self, request: &str) -> Runnable {
        let mut runnable = self.clone();
        let variables = &mut runnable.program.variables;
        variables.retain(|(name, _)| name != injection::VARIABLE);
        variables.push((injection::VARIABLE.into(), request.into()));
        runnable
    }

    /// The same on the one processor that is measured on.
    pub fn on_one_processor(mut self) -> Runnable {
        self.program.processor = affinity::measuring_processor();
        self
    }
}
