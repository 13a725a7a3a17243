//! Hook files: looked at, written, removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::atomic;
use super::git::{GitError, Repository};
use super::interrupt;
use super::position::FileError;
use crate::hook::{Facts, HookFile};
use crate::model::Stage;

/// No hook of a shell is larger; what is, is left alone.
const CAP_BYTES: u64 = 1 << 20;

/// How the repository has the hook of a stage.
///
/// # Errors
/// When git fails.
pub fn facts(repository: &Repository, stage: Stage) -> Result<Facts, GitError> {
    let place = repository.hooks()?;
    let folder = without_links(&place.folder);
    let file = look_at(&folder.join(stage.name()));
    let mut facts = Facts {
        stage,
        folder,
        git_dir: without_links(&place.git_dir),
        work_tree: without_links(repository.root()),
        configured: place.configured,
        husky: repository.root().join(".husky").is_dir(),
        folder_is_ours: false,
        file,
    };
    facts.folder_is_ours = Stage::ALL.into_iter().filter(|other| *other != stage).any(|other| {
        let file = look_at(&facts.folder.join(other.name()));
        Facts { stage: other, file, ..facts.clone() }.has_made_folder()
    });
    Ok(facts)
}

/// The path with links followed as far as it is there.
fn without_links(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent != Path::new("") => without_links(parent).join(name),
        _ => path.to_owned(),
    }
}

fn look_at(path: &Path) -> HookFile {
    let Ok(about) = fs::symlink_metadata(path) else {
        let has_folder = path.parent().is_some_and(Path::is_dir);
        return if has_folder { HookFile::Missing } else { HookFile::NoFolder };
    };
    if about.is_symlink() {
        return HookFile::Link(fs::read_link(path).unwrap_or_default());
    }
    if !about.is_file() {
        return HookFile::Other;
    }
    let bytes = if about.len() <= CAP_BYTES { fs::read(path).ok() } else { None };
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) if !text.contains('\0') => HookFile::Text { text, executable: is_executable(&about) },
        _ => HookFile::Binary,
    }
}

/// Writes a new hook file that git may run, and its folder where that is missing.
///
/// # Errors
/// What the system says, also where there is one meanwhile.
pub fn make(path: &Path, text: &str) -> Result<(), FileError> {
    let refused = |error: io::Error| FileError::system(path, "cannot write", &error);
    let _held = interrupt::hold();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused)?;
    }
    let mut file =
        tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new("."))).map_err(refused)?;
    io::Write::write_all(&mut file, text.as_bytes()).map_err(refused)?;
    allow_all_to_run(file.as_file()).map_err(refused)?;
    file.persist_noclobber(path).map_err(|error| refused(error.error))?;
    Ok(())
}

/// Writes a hook file anew; its permissions stay.
///
/// # Errors
/// What the system says; the old file is then untouched.
pub fn change(path: &Path, text: &str) -> Result<(), FileError> {
    atomic::write_atomically(path, text)
}

/// Removes a hook file, and its folder if nothing is left in it and `folder` says so.
///
/// # Errors
/// What the system says.
pub fn remove(path: &Path, folder: bool) -> Result<(), FileError> {
    fs::remove_file(path).map_err(|error| FileError::system(path, "cannot remove", &error))?;
    if let Some(parent) = path.parent().filter(|_| folder) {
        // What others have put there stays, with the folder.
        let _ = fs::remove_dir(parent);
    }
    Ok(())
}

/// The file of `name` that a shell would find, in the folders that a hook of ours looks through.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home).map(|home| home.join("bin"));
    let files = std::env::split_paths(&path).chain(cargo).map(|folder| folder.join(name));
    files
        .into_iter()
        .find(|file| fs::metadata(file).is_ok_and(|about| about.is_file() && is_executable(&about)))
}

#[cfg(unix)]
fn is_executable(about: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o111 != 0
}

/// Git runs whatever is there.
#[cfg(not(unix))]
fn is_executable(_about: &fs::Metadata) -> bool {
    true
}

/// As any program that the user makes: the umask is not asked, because it is rarely against reading and running.
#[cfg(unix)]
fn allow_all_to_run(file: &fs::File) -> io::Result<()> {
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn allow_all_to_run(_file: &fs::File) -> io::Result<()> {
    Ok(())
}
