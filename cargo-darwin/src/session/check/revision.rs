//! Which code is the baseline's, and getting it built.

use std::path::Path;

use crate::io::baseline::{self, Baseline, BaselineError, Request};
use crate::io::baseline_file;
use crate::io::git::{Commit, FileState, LastChange, Repository};
use crate::session::Failure;
use crate::session::console::Console;
use crate::session::project::Project;

/// The repository that the workspace lies in; the package may be in a submodule of it.
pub fn repository(project: &Project) -> Result<Repository, Failure> {
    if let Some(exported) = &project.exported {
        return Ok(exported.repository().clone());
    }
    let workspace = project.workspace.root();
    if let Some(repository) = Repository::discover(workspace)? {
        return Ok(repository);
    }
    let folder = project.package_folder();
    Err(match Repository::discover(folder)? {
        Some(inner) => {
            let (workspace, repository) = (workspace.to_owned(), inner.root().to_owned());
            BaselineError::WorkspaceOutside { workspace, repository }.into()
        }
        None => Failure::NoBaselineCode(format!(
            "{} is in no git repository, so the baseline's code cannot be had: run `git init` and commit",
            folder.display()
        )),
    })
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
        return Err(lacking(&why_new(repository, path)?));
    }
    match repository.last_change_of(&head, path)? {
        LastChange::Commit(commit) => Ok(commit),
        LastChange::Never => Err(lacking("no commit has it; commit it, or name a revision with --against")),
        LastChange::Shallow => Err(lacking(
            "this clone is too shallow to tell which commit changed it last; run `git fetch --unshallow`, or name a revision with --against",
        )),
    }
}

/// Why no commit has the baseline file, and what to do.
fn why_new(repository: &Repository, path: &Path) -> Result<String, Failure> {
    let inner = Repository::discover(path.parent().unwrap_or(path))?;
    if let Some(inner) = inner.filter(|inner| inner.root() != repository.root()) {
        return Ok(format!(
            "it is in a repository of its own, {}, whose commits are not those of the workspace in {}; keep darwin.toml \
             and {} at the root of the workspace, or name a revision of that one with --against",
            inner.root().display(),
            repository.root().display(),
            baseline_file::FILE_NAME,
        ));
    }
    let committed = "together with the code that it describes, or name a revision with --against";
    Ok(match repository.ignored_by(path) {
        Some(rule) => {
            format!(
                "not committed, because git ignores it ({rule}); remove that rule and commit it {committed}"
            )
        }
        None => format!("not committed yet; commit it {committed}"),
    })
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

/// What is to be said where the revision leaves the versions of dependencies open: its tree was given the working tree's.
pub fn lock_note(project: &Project, repository: &Repository, commit: &Commit) -> Option<String> {
    let lock = project.in_users_tree(&project.workspace.root().join("Cargo.lock"));
    let is_missing = repository.has_file(commit, &lock).is_ok_and(|has| !has);
    is_missing.then(|| {
        "the baseline's commit has no Cargo.lock, so both sides have the working tree's versions of dependencies: to have \
         the update of one judged, commit Cargo.lock"
            .to_owned()
    })
}
