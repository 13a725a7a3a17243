//! Which code is the baseline's, and getting it built.

use crate::io::baseline::{self, Baseline, Request};
use crate::io::git::{Commit, FileState, LastChange, Repository};
use crate::session::Failure;
use crate::session::console::Console;
use crate::session::project::Project;

/// The repository that the package lies in.
pub fn repository(project: &Project) -> Result<Repository, Failure> {
    if let Some(exported) = &project.exported {
        return Ok(exported.repository().clone());
    }
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
pub fn revision(
    project: &Project,
    repository: &Repository,
    against: Option<&str>,
) -> Result<Commit, Failure> {
    if let Some(revision) = against {
        return Ok(repository.resolve(revision)?);
    }
    let path = &project.in_users_tree(&project.baseline_file);
    let lacking = |what: &str| Failure::NoBaselineCode(format!("{}: {what}", path.display()));
    let history = match &project.exported {
        Some(exported) => exported.history().cloned(),
        None => repository.head(),
    };
    let head = history.ok_or_else(|| {
        lacking("there is no commit yet; commit it together with the code that it describes")
    })?;
    if project.exported.is_none() && repository.file_state(path)? == FileState::New {
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

/// The baseline's executables, from the cache or built.
pub fn build_baseline(
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
        candidate_top: project.exported.as_ref().map_or(repository.root(), |exported| exported.top()),
        package: &project.package,
        targets: &targets,
        options: &project.cargo,
        trees: &trees,
    };
    Ok(baseline::baseline(&request, &mut console.show_build_of("the baseline"))?)
}
