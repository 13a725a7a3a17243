//! What is judged: the working tree, what is staged, or a revision.

use std::path::Path;

use super::Failure;
use crate::cli::Command;
use crate::io::candidate::Exported;
use crate::io::cargo::{CargoOptions, Workspace};
use crate::io::git::Repository;
use crate::io::position::FileError;

/// The files of what was asked for, if that is not the working tree.
///
/// # Errors
/// When there is no repository, no such revision, or it cannot be exported.
pub fn exported(typed: &Command, directory: &Path) -> Result<Option<Exported>, Failure> {
    let Command::Check(args) = typed else { return Ok(None) };
    if !args.staged && args.rev.is_none() {
        return Ok(None);
    }
    let manifest = args.shared.cargo.manifest_path.as_ref().map(|manifest| directory.join(manifest));
    let folder = manifest.as_deref().and_then(Path::parent).unwrap_or(directory);
    // The folder may be in what is judged alone.
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(directory);
    let missing = || {
        let (word, folder) = (if args.staged { "--staged" } else { "--rev" }, folder.display());
        Failure::Usage(format!(
            "{word}: {folder} is in no git repository; without the option the working tree is judged"
        ))
    };
    let repository = Repository::discover(there)?.ok_or_else(missing)?;
    let (name, snapshot, history) = match &args.rev {
        None => ("what is staged", repository.staged()?, repository.head()),
        Some(revision) => {
            let commit = repository.resolve(revision)?;
            ("the revision", repository.committed(&commit)?, Some(commit))
        }
    };
    let waiting = || {
        super::Console::new(args.shared.output.color, false)
            .progress("waiting for another cargo darwin of this repository to end")
    };
    Ok(Some(Exported::write(name, &repository, &snapshot, history, waiting)?))
}

/// The workspace there, or here; `cargo` is told where and with what configuration.
///
/// # Errors
/// When there is none.
pub fn workspace(
    exported: Option<&Exported>,
    directory: &Path,
    cargo: &mut CargoOptions,
) -> Result<Workspace, Failure> {
    let Some(exported) = exported else { return Ok(Workspace::load_to_build(directory, cargo)?) };
    let outside = |path: &Path| {
        Failure::Usage(format!(
            "{} is not in {}: nothing of it can be judged",
            path.display(),
            exported.name()
        ))
    };
    let there = |path: &Path| exported.here(path).filter(|there| there.exists()).ok_or_else(|| outside(path));
    let folder = match &mut cargo.manifest_path {
        Some(manifest) => {
            *manifest = there(&directory.join(&manifest))?;
            exported.top().to_owned()
        }
        None => there(directory)?,
    };
    cargo.config.extend(exported.configs().iter().cloned());
    Ok(Workspace::load(&folder, cargo)?.exported_from(exported.top(), exported.repository().root()))
}

/// An error about a file of the candidate's, told of the user's.
pub fn in_users_tree(exported: Option<&Exported>, error: FileError) -> FileError {
    let path = exported.map_or_else(|| error.path.clone(), |exported| exported.back(&error.path));
    FileError { path, ..error }
}
