//! Several files that are changed together: all of them, or none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::atomic::{create_under, read_text, write_under};
use super::interrupt::{self, Held};
use super::position::FileError;

/// No manifest or bench written by hand is larger.
pub const CAP_BYTES: u64 = 1 << 20;

/// One file, as it was read and as it is to be.
#[derive(Debug, Clone, Copy)]
pub struct FileChange<'a> {
    /// Where.
    pub path: &'a Path,
    /// What it held when that was decided; `None` where there was no such file.
    pub old: Option<&'a str>,
    /// What it is to hold.
    pub new: &'a str,
}

/// Makes the changes in their order, each file in one step. What was done is undone when a later one fails; a crash in
/// between leaves the first of them, each whole.
///
/// # Errors
/// A file that is read-only, was changed since it was read, or cannot be written. Says what could not be undone.
pub fn write_together(changes: &[FileChange<'_>]) -> Result<(), FileError> {
    let held = interrupt::hold();
    let mut done = Vec::new();
    for change in changes {
        match make(change, &held) {
            Ok(folders) => done.push((change, folders)),
            Err(error) => return Err(after_undoing(error, &done, &held)),
        }
    }
    Ok(())
}

/// Has its owner made a file read-only? Replacing it would be possible all the same, and not meant.
pub fn is_read_only(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| about.permissions().readonly())
}

/// Makes one change; gives the folders that were made for it, outermost first.
fn make(change: &FileChange<'_>, held: &Held) -> Result<Vec<PathBuf>, FileError> {
    let path = change.path;
    if read_text(path, CAP_BYTES)?.as_deref() != change.old {
        return Err(meanwhile(path));
    }
    if change.old.is_some() {
        if is_read_only(path) {
            let remedy = "make it writable (`chmod u+w`), and run the command again";
            return Err(FileError::whole(path, "is read-only", remedy));
        }
        return write_under(path, change.new, held).map(|()| Vec::new());
    }
    let folders = make_folders(path)?;
    let created = match create_under(path, change.new, held) {
        Ok(true) => Ok(()),
        Ok(false) => Err(meanwhile(path)),
        Err(error) => Err(error),
    };
    created.inspect_err(|_| remove_folders(&folders)).map(|()| folders)
}

fn meanwhile(path: &Path) -> FileError {
    FileError::whole(path, "was changed by someone else at this moment", "run the command again")
}

/// Makes the folders above a file; gives those that were missing, outermost first.
fn make_folders(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let above = path.ancestors().skip(1);
    let mut missing: Vec<PathBuf> =
        above.take_while(|folder| !folder.exists()).map(Path::to_path_buf).collect();
    missing.reverse();
    for (at, folder) in missing.iter().enumerate() {
        if let Err(error) = fs::create_dir(folder) {
            remove_folders(&missing[..at]);
            return Err(FileError::system(folder, "cannot make the folder", &error));
        }
    }
    Ok(missing)
}

/// Those that are still empty, innermost first.
fn remove_folders(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        // One that somebody else has put something into stays.
        let _ = fs::remove_dir(folder);
    }
}

fn after_undoing(mut error: FileError, done: &[(&FileChange<'_>, Vec<PathBuf>)], held: &Held) -> FileError {
    let stuck = done.iter().rev().filter(|(change, folders)| undo(change, folders, held).is_err());
    let stuck: Vec<String> = stuck.map(|(change, _)| change.path.display().to_string()).collect();
    error.what.push_str(&match stuck.as_slice() {
        [] => "; nothing was changed".to_owned(),
        stuck => format!("; what was done before could not be undone: {}", stuck.join(", ")),
    });
    error
}

fn undo(change: &FileChange<'_>, folders: &[PathBuf], held: &Held) -> Result<(), FileError> {
    match change.old {
        Some(old) => write_under(change.path, old, held),
        None => {
            let gone = fs::remove_file(change.path);
            remove_folders(folders);
            gone.map_err(|error: io::Error| FileError::system(change.path, "cannot remove", &error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Folder {
            let folder = Folder(tempfile::tempdir().unwrap());
            fs::write(folder.path("manifest"), "old").unwrap();
            folder
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    fn written(changes: [(&Path, Option<&str>, &str); 2]) -> Result<(), FileError> {
        write_together(&changes.map(|(path, old, new)| FileChange { path, old, new }))
    }

    #[test]
    fn new_files_get_their_folders_and_old_ones_their_new_text() {
        let folder = Folder::new();
        let (new, manifest) = (folder.path("a/b/new"), folder.path("manifest"));
        written([(&new, None, "text"), (&manifest, Some("old"), "new")]).unwrap();
        assert_eq!(fs::read_to_string(new).unwrap(), "text");
        assert_eq!(fs::read_to_string(manifest).unwrap(), "new");
    }

    #[test]
    fn a_failure_undoes_what_came_before_it_also_the_folders() {
        let folder = Folder::new();
        fs::write(folder.path("file"), "").unwrap();
        let (new, below_a_file) = (folder.path("a/b/new"), folder.path("file/new"));
        let error = written([(&new, None, "text"), (&below_a_file, None, "text")]).unwrap_err();
        assert!(error.what.ends_with("; nothing was changed"), "{error}");
        assert_eq!(folder.names(), ["file", "manifest"]);

        let manifest = folder.path("manifest");
        let error = written([(&manifest, Some("old"), "new"), (&below_a_file, None, "text")]).unwrap_err();
        assert!(error.to_string().contains("file/new"), "{error}");
        assert_eq!(fs::read_to_string(manifest).unwrap(), "old");
    }

    #[test]
    fn what_somebody_else_has_changed_meanwhile_is_left_to_them() {
        let folder = Folder::new();
        let (new, manifest) = (folder.path("new"), folder.path("manifest"));
        let error = written([(&new, None, "text"), (&manifest, Some("older"), "new")]).unwrap_err();
        assert!(error.what.contains("by someone else"), "{error}");
        let error = written([(&new, None, "text"), (&manifest, None, "new")]).unwrap_err();
        assert!(error.what.contains("by someone else"), "{error}");
        assert_eq!(
            (folder.names(), fs::read_to_string(manifest).unwrap()),
            (vec!["manifest".into()], "old".into())
        );
    }

    #[test]
    fn a_read_only_file_stays_as_it_is() {
        let folder = Folder::new();
        let (new, manifest) = (folder.path("new"), folder.path("manifest"));
        let mut permissions = fs::metadata(&manifest).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&manifest, permissions).unwrap();
        let error = written([(&new, None, "text"), (&manifest, Some("old"), "new")]).unwrap_err();
        assert!(error.what.starts_with("is read-only") && error.remedy.contains("chmod"), "{error}");
        assert_eq!(
            (folder.names(), fs::read_to_string(manifest).unwrap()),
            (vec!["manifest".into()], "old".into())
        );
    }
}
