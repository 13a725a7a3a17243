//! Text files that are whole or absent: read under a cap, written through a temporary file.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::interrupt::{self, Held};
use super::lock::Lock;
use super::position::FileError;

/// As many links as Linux follows before it says `ELOOP` (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// The text of a file of at most `cap_bytes`; `None` where there is no such file.
///
/// # Errors
/// Not a regular file (a pipe would be waited for without end), larger than the cap, not UTF-8, or
/// unreadable.
pub fn read_text(path: &Path, cap_bytes: u64) -> Result<Option<String>, FileError> {
    let unreadable = |error: io::Error| FileError::system(path, "cannot read", &error);
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if !metadata.is_file() {
        return Err(FileError::whole(path, "is not a regular file", "move it away"));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= cap_bytes {
        File::open(path).and_then(|f| f.take(cap_bytes + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    }
    // The second test is for a file that grew while it was read.
    if metadata.len() > cap_bytes || bytes.len() as u64 > cap_bytes {
        let what =
            format!("is larger than {} MiB, which no file written by cargo darwin is", cap_bytes >> 20);
        return Err(FileError::whole(path, what, "restore it from version control, or remove it"));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| not_utf8(path, &error))
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> FileError {
    let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
    let remedy = "save it as UTF-8, or restore it from version control";
    let mut refusal = FileError::whole(path, "is not UTF-8", remedy);
    refusal.line = Some(line);
    refusal
}

/// Replaces a file, or makes it: after a crash at any moment it holds the old text or the new, never a mix.
///
/// A symbolic link is followed, so that what it points to changes; permissions of an existing file are kept.
///
/// # Errors
/// What the operating system says, with the path; the old file is then untouched.
pub fn write_atomically(path: &Path, text: &str) -> Result<(), FileError> {
    // Ctrl-C in the middle would leave the temporary file.
    write_under(path, text, &interrupt::hold())
}

/// The same for who puts interrupts off already.
pub(super) fn write_under(path: &Path, text: &str, _held: &Held) -> Result<(), FileError> {
    let unwritable = |error: io::Error| FileError::system(path, "cannot write", &error);
    let place = behind_links(path).map_err(unwritable)?;
    let permissions = match fs::metadata(&place) {
        Ok(metadata) => Some(metadata.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(unwritable(error)),
    };
    let file = written_beside(&place, text, permissions).map_err(unwritable)?;
    file.persist(&place).map_err(|error| unwritable(error.error))?;
    sync_folder_of(&place).map_err(unwritable)
}

/// Makes a file that must not exist yet; `false` where it does.
///
/// # Errors
/// What the operating system says, with the path.
pub fn create_atomically(path: &Path, text: &str) -> Result<bool, FileError> {
    create_under(path, text, &interrupt::hold())
}

/// The same for who puts interrupts off already.
pub(super) fn create_under(path: &Path, text: &str, _held: &Held) -> Result<bool, FileError> {
    let unwritable = |error: io::Error| FileError::system(path, "cannot write", &error);
    let file = written_beside(path, text, None).map_err(unwritable)?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder_of(path).map(|()| true).map_err(unwritable),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(unwritable(error.error)),
    }
}

/// Where a write must go: `path` itself, or what its links end in, which need not exist.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&place) {
            Ok(target) => place = folder_of(&place).join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// A temporary file in the same folder (a rename must not cross file systems) with its text safely on disk.
fn written_beside(path: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let prefix = prefix_beside(path);
    builder.prefix(&prefix).suffix(TEMPORARY_END);
    let mut file = new_file(&mut builder, folder_of(path))?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// What names of temporary files end in.
const TEMPORARY_END: &str = ".tmp";

/// What the names of temporary files for `path` begin with.
fn prefix_beside(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push("-");
    prefix
}

/// The right to read, change and write `path`, of all who ask for it, whatever link they came by. What writers left
/// that were killed meanwhile is removed.
///
/// # Errors
/// When the file's folder is not there.
pub fn lock_for_update(path: &Path) -> Result<Lock, FileError> {
    let refused = |error: io::Error| FileError::system(path, "cannot lock the folder of", &error);
    let place = behind_links(path).map_err(refused)?;
    let lock = Lock::of_folder(folder_of(&place)).map_err(refused)?;
    remove_temporaries(&place);
    Ok(lock)
}

/// Only under the lock: outside it one may belong to a writer that lives. What cannot be removed does no harm.
fn remove_temporaries(place: &Path) {
    let prefix = prefix_beside(place);
    let is_temporary = |name: &OsStr| {
        let name = name.as_encoded_bytes();
        name.starts_with(prefix.as_encoded_bytes()) && name.ends_with(TEMPORARY_END.as_bytes())
    };
    for entry in fs::read_dir(folder_of(place)).into_iter().flatten().flatten() {
        if is_temporary(&entry.file_name()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Readable by whom the umask says, as any file a user makes; without this only by the owner.
#[cfg(unix)]
fn new_file(builder: &mut tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(Permissions::from_mode(0o666)).tempfile_in(folder)
}

#[cfg(not(unix))]
fn new_file(builder: &mut tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    builder.tempfile_in(folder)
}

/// Without this a power cut may undo the rename.
#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Folders cannot be opened as files there.
#[cfg(not(unix))]
fn sync_folder_of(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_written_text_is_read_back_and_nothing_else_stays_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        write_atomically(&path, "one").unwrap();
        write_atomically(&path, "two").unwrap();
        assert_eq!(read_text(&path, 3), Ok(Some("two".into())));
        assert_eq!(names_in(folder.path()), ["a.toml"]);
    }

    #[test]
    fn a_missing_file_is_none_and_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_text(&folder.path().join("none"), 10), Ok(None));
        let error = read_text(folder.path(), 10).unwrap_err();
        assert!(error.what.contains("not a regular file"), "{error}");
    }

    #[test]
    fn a_file_above_the_cap_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big");
        fs::write(&path, vec![b'a'; 11]).unwrap();
        let error = read_text(&path, 10).unwrap_err();
        assert!(error.to_string().contains("big") && error.what.contains("larger"), "{error}");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latin");
        fs::write(&path, b"ok\nna\xefve\n").unwrap();
        assert_eq!(read_text(&path, 100).unwrap_err().line, Some(2));
    }

    #[test]
    fn create_leaves_an_existing_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0001.json");
        assert_eq!(create_atomically(&path, "first"), Ok(true));
        assert_eq!(create_atomically(&path, "second"), Ok(false));
        assert_eq!(read_text(&path, 100), Ok(Some("first".into())));
        assert_eq!(names_in(folder.path()), ["0001.json"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_with_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_atomically(&folder.path().join("no/where.toml"), "x").unwrap_err();
        assert!(error.to_string().contains("where.toml: cannot write"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_kept_and_a_link_is_written_through() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
        symlink("target", &link).unwrap();
        write_atomically(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn what_a_killed_writer_left_is_removed_by_the_next_one_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        for name in [".a.toml-x1Y2z3.tmp", ".b.toml-x1Y2z3.tmp", ".a.toml-mine", "a.toml-x.tmp"] {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        let lock = lock_for_update(&path).unwrap();
        write_atomically(&path, "whole").unwrap();
        drop(lock);
        assert_eq!(names_in(folder.path()), [".a.toml-mine", ".b.toml-x1Y2z3.tmp", "a.toml", "a.toml-x.tmp"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_circle_of_links_is_an_error_and_a_dangling_link_is_filled() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (circle, dangling) = (folder.path().join("circle"), folder.path().join("dangling"));
        symlink("circle", &circle).unwrap();
        symlink("born", &dangling).unwrap();
        assert!(write_atomically(&circle, "x").is_err());
        write_atomically(&dangling, "x").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("born")).unwrap(), "x");
    }
}
