//! `cargo darwin check`: the gate.

use std::time::{Duration, Instant};

use super::blocks::{Blocks, PairedWorkload};
use super::console::Console;
use super::findings::{self, CountFindings};
use super::layouts::Layouts;
use super::progress::Bar;
use super::project::Project;
use super::random::Random;
use super::requests::{Record, requests};
use super::runnables::runnables;
use super::side::Runnable;
use super::{Ended, Failure, counting};
use crate::cli::Format;
use crate::exit_code::ExitCode;
use crate::gate::{self, Findings, Outcome, Plan};
use crate::io::baseline::{self, Baseline, Layout, Request};
use crate::io::baseline_file::{self, BaselineFile};
use crate::io::cargo::Executable;
use crate::io::git::{Commit, FileState, LastChange, Repository};
use crate::io::{affinity, identical, machine, system};
use crate::model::{BaselineSource, CheckReport, MetricReport, SystemReport, Verdict};
use crate::options::Limits;
use crate::render;

/// What the user asks of a check.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Measure even identical code.
    pub measure: bool,
    /// A revision in place of the baseline's.
    pub against: Option<&'a str>,
    /// What is let through.
    pub limits: &'a Limits,
}

/// Judges the working tree.
pub fn check(project: &Project, asked: &Asked<'_>, console: &Console) -> Result<Ended, Failure> {
    let recorded = baseline_file::load(&project.baseline_file)?;
    let repository = repository(project)?;
    let commit = revision(project, &repository, asked.against)?;
    let system = system::check();
    let candidate = project.build(&mut console.show_build())?;
    let baseline = build_baseline(project, &repository, &commit, console)?;
    let begin = Instant::now();
    let after = project.built(&candidate, project.package_folder());
    // Before anything is approved: a `--workload` that fits nothing is a mistake.
    let after = runnables(&after, &project.options, "")?;
    let sides = Sides { candidate: &candidate, baseline: &baseline };
    let mut report = match sides.are_identical()? && !asked.measure {
        true => identical_report(),
        false => measure(project, asked, &sides, after, &recorded, console)?,
    };
    report.seconds = begin.elapsed().as_secs_f64();
    report.baseline_rev = commit.as_str().to_owned();
    report.system = system;
    report.next_step = next_step(&report);
    let code = ExitCode::from(report.verdict);
    Ok(Ended { text: show(&report, code, project.options.format, console), code })
}

/// The executables of both.
struct Sides<'a> {
    candidate: &'a [Executable],
    baseline: &'a Baseline,
}

impl Sides<'_> {
    fn are_identical(&self) -> Result<bool, Failure> {
        for after in self.candidate {
            let before = self.baseline.executables.iter().find(|before| before.target == after.target);
            match before {
                Some(before) if identical::same_code(&before.path, &after.path)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

fn repository(project: &Project) -> Result<Repository, Failure> {
    let folder = project.package_folder();
    let missing = || {
        Failure::NoBaselineCode(format!(
            "{} is in no git repository, so the baseline's code cannot be had: run `git init` and commit",
            folder.display()
        ))
    };
    Repository::discover(folder)?.ok_or_else(missing)
}

/// The commit to compare with: the one that was asked for, else the last one that changed the baseline file.
fn revision(project: &Project, repository: &Repository, against: Option<&str>) -> Result<Commit, Failure> {
    if let Some(revision) = against {
        return Ok(repository.resolve(revision)?);
    }
    let path = &project.baseline_file;
    let lacking = |what: &str| Failure::NoBaselineCode(format!("{}: {what}", path.display()));
    let head = repository.head().ok_or_else(|| {
        lacking("there is no commit yet; commit it together with the code that it describes")
    })?;
    if repository.file_state(path)? == FileState::New {
        return Err(lacking(
            "not committed yet; commit it together with the code that it describes, or name a revision with --against",
        ));
    }
    match repository.last_change_of(&head, path)? {
        LastChange::Commit(commit) => Ok(commit),
        LastChange::Never => Err(lacking("no commit has it; commit it, or name a revision with --against")),
        LastChange::Shallow => Err(lacking(
            "this clone is too shallow to tell which commit changed it last; run `git fetch --unshallow`, or name a revision with --against",
        )),
    }
}

fn build_baseline(
    project: &Project,
    repository: &Repository,
    commit: &Commit,
    console: &Console,
) -> Result<Baseline, Failure> {
    let trees = baseline::trees_folder(repository)?;
    let targets = project.targets()?;
    let request = Request {
        repository,
        commit,
        candidate: &project.workspace,
        package: &project.package,
        targets: &targets,
        options: &project.cargo,
        trees: &trees,
    };
    Ok(baseline::baseline(&request, &mut console.show_build())?)
}

fn identical_report() -> CheckReport {
    let notes =
        vec!["the machine code and its data are identical; --measure measures all the same".to_owned()];
    CheckReport { notes, ..empty_report(Verdict::Approve, BaselineSource::Identical) }
}

fn empty_report(verdict: Verdict, baseline_source: BaselineSource) -> CheckReport {
    CheckReport {
        verdict,
        seconds: 0.0,
        blocks: 0,
        voided: 0,
        baseline_rev: String::new(),
        baseline_source,
        system: SystemReport { status: crate::model::SystemStatus::Ok, checks: Vec::new() },
        sites: Vec::new(),
        notes: Vec::new(),
        next_step: String::new(),
    }
}

fn measure(
    project: &Project,
    asked: &Asked<'_>,
    sides: &Sides<'_>,
    after: Vec<Runnable>,
    recorded: &BaselineFile,
    console: &Console,
) -> Result<CheckReport, Failure> {
    let _right = super::right_to_measure(console);
    let before = project.built(&sides.baseline.executables, &sides.baseline.package_dir);
    let before = runnables(&before, &project.options, " (baseline)")?;
    let (workloads, mut notes) = pair(before, after, project.limit(), console)?;
    let changed = project.changed_workloads(&sides.baseline.package_dir);
    notes.extend(changed.into_iter().map(|workload| {
        format!("the source of {} itself has changed: a difference may be in what it does", workload.target)
    }));
    let counts = findings::counts(&workloads);
    let source = sides.baseline.source;
    if counts.iter().any(CountFindings::rejects) {
        notes.push("counts alone decide, so nothing was timed".to_owned());
        return Ok(report(&counts, None, source, notes));
    }
    let machine =
        machine::class(project.workspace.root()).map_err(|error| Failure::Usage(error.to_string()))?;
    let record = Record { file: recorded, machine: &machine };
    let plan = Plan::freeze(requests(&workloads, asked.limits, record));
    let folder = Layout::of(&project.workspace).root().join("layouts");
    let made = Layouts::new(&folder, &workloads);
    let (layouts, fixed) =
        made.map_err(|source| Failure::System { doing: "cannot make the folder for layouts", source })?;
    notes.extend(fixed);
    let blocks = Blocks::new(&workloads, &layouts, Random::from_the_system(), project.limit());
    let timed = time(plan, blocks, asked.limits.max_time.duration())?;
    Ok(report(&counts, Some(&timed), source, notes))
}

/// Puts the workloads of both sides together, and counts each; those that only one side has are noted.
fn pair(
    mut before: Vec<Runnable>,
    after: Vec<Runnable>,
    limit: Duration,
    console: &Console,
) -> Result<(Vec<PairedWorkload>, Vec<String>), Failure> {
    let (mut workloads, mut notes) = (Vec::new(), Vec::new());
    for candidate in after {
        let Some(at) = before.iter().position(|one| one.name == candidate.name && one.pace == candidate.pace)
        else {
            notes.push(format!("workload {} is new: it is judged from the next baseline on", candidate.name));
            continue;
        };
        let baseline = before.swap_remove(at);
        console.progress(&format!("counting {}", candidate.name));
        let failed = |source| Failure::Workload { name: candidate.name.clone(), side: "", source };
        let counts = counting::count(&baseline, &candidate, limit).map_err(failed)?;
        if !candidate.takes_turns() {
            notes.push(format!("{} is judged by whole runs, which takes longer to tell", candidate.name));
        }
        workloads.push(PairedWorkload { baseline, candidate, counts });
    }
    match (workloads.is_empty(), before.first()) {
        (_, Some(gone)) => Err(Failure::Usage(format!(
            "workload {} is in the baseline but not in the working tree: bring it back, or accept its end with `cargo darwin baseline`",
            gone.name
        ))),
        (true, None) => {
            Err(Failure::Usage("baseline and working tree have no workload in common".to_owned()))
        }
        (false, None) => Ok((workloads, notes)),
    }
}

fn time(plan: Plan, mut blocks: Blocks<'_>, max_time: Duration) -> Result<Findings, Failure> {
    let begin = Instant::now();
    let _clear = affinity::keep_clear();
    let mut bar = Bar::new(max_time);
    match gate::measure(plan, &mut blocks, &mut || begin.elapsed() >= max_time, &mut bar) {
        Outcome::Judged(findings) => Ok(findings),
        Outcome::Failed(error) => Err(Failure::Blocks(error.to_string())),
        Outcome::Unfit { voided, reason } => Err(Failure::Blocks(format!(
            "{voided} blocks in a row were disturbed, the last one because {reason}; end other programs and try again"
        ))),
    }
}

fn report(
    counts: &[CountFindings],
    timed: Option<&Findings>,
    source: BaselineSource,
    notes: Vec<String>,
) -> CheckReport {
    let (sites, verdict) = findings::all(counts, timed.map_or(&[][..], |timed| &timed.sites));
    CheckReport {
        blocks: timed.map_or(0, |timed| timed.blocks),
        voided: timed.map_or(0, |timed| timed.voided),
        sites,
        notes,
        ..empty_report(verdict, source)
    }
}

fn next_step(report: &CheckReport) -> String {
    let metrics = || report.sites.iter().flat_map(|site| &site.metrics);
    let is_faster =
        |metric: &MetricReport| metric.delta.high.0 < 0.0 && -metric.delta.change.0 > metric.tolerance.0;
    let is_hopeless = |metric: &MetricReport| {
        metric.verdict == Some(Verdict::Inconclusive) && metric.blocks_missing.is_none()
    };
    match report.verdict {
        Verdict::Approve if metrics().filter(|metric| metric.verdict.is_some()).any(is_faster) => {
            "`cargo darwin baseline` makes the improvement the measure of later checks"
        }
        Verdict::Approve => "",
        Verdict::Reject => {
            "mend it, or accept it: run `cargo darwin baseline` and commit the file with this change"
        }
        Verdict::Inconclusive if metrics().any(is_hopeless) => {
            "measure on a quieter machine, or allow a wider --tolerance; more time alone would not tell"
        }
        Verdict::Inconclusive => "allow more time with --max-time, or a wider --tolerance",
        Verdict::Invalid => "mend what failed and check again",
    }
    .to_owned()
}

fn show(report: &CheckReport, code: ExitCode, format: Format, console: &Console) -> String {
    match format {
        Format::Human => render::check::human(report, console.paint()),
        Format::Markdown => render::markdown::check(report),
        Format::Json => render::json::check(report, code.code()),
    }
}
