//! Folders: walked in a fixed order, copied with their times, kept few.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// An operation on a file or folder that failed.
#[derive(Debug, thiserror::Error)]
#[error("could not {action} {}: {source}", path.display())]
pub struct FileError {
    /// What was tried, as a verb.
    pub action: &'static str,
    /// Where.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Gives an [`io::Error`] its place.
pub(crate) trait At<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, FileError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, FileError> {
        self.map_err(|source| FileError { action, path: path.to_path_buf(), source })
    }
}

/// Do two files hold the same? Files that cannot be read differ from all others.
pub fn same_contents(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

/// All files (and symbolic links) below `root` in order of name; folders whose name `skip` accepts are left out.
pub fn walk(root: &Path, skip: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>, FileError> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).at("read the folder", &folder)? {
            let entry = entry.at("read the folder", &folder)?;
            let kind = entry.file_type().at("look at", &entry.path())?;
            if !kind.is_dir() {
                found.push(entry.path());
            } else if !skip(&entry.file_name().to_string_lossy()) {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a file, in new folders where there are none.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).at("create", parent)?;
    }
    fs::write(path, bytes).at("write", path)
}

/// Copies a folder. Times of change are kept, because cargo takes a file for fresh by its time.
pub fn copy_tree(from: &Path, to: &Path, skip: &dyn Fn(&str) -> bool) -> Result<(), FileError> {
    fs::create_dir_all(to).at("create", to)?;
    for file in walk(from, skip)? {
        let Ok(inside) = file.strip_prefix(from) else { continue };
        let target = to.join(inside);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).at("create", parent)?;
        }
        copy_file(&file, &target)?;
    }
    Ok(())
}

/// Makes the folder `to` hold what `from` holds. A file that is the same already is not touched, so that it keeps its time;
/// others are moved, and what is not in `from` is removed, unless `keep` accepts its name.
pub fn bring_to(from: &Path, to: &Path, keep: &dyn Fn(&str) -> bool) -> Result<(), FileError> {
    fs::create_dir_all(to).at("create", to)?;
    for entry in entries(to)? {
        let name = entry.file_name().unwrap_or_default();
        let is_wanted = keep(&name.to_string_lossy()) || fs::symlink_metadata(from.join(name)).is_ok();
        match entry.is_dir() && !entry.is_symlink() {
            _ if is_wanted => {}
            true => remove_tree(&entry)?,
            false => fs::remove_file(&entry).at("remove", &entry)?,
        }
    }
    for new in entries(from)? {
        let old = to.join(new.file_name().unwrap_or_default());
        let is_folder = |path: &Path| path.is_dir() && !path.is_symlink();
        match (is_folder(&new), is_folder(&old)) {
            (true, true) => bring_to(&new, &old, keep)?,
            (false, false) if is_same_file(&new, &old) => {}
            (false, true) => {
                remove_tree(&old)?;
                fs::rename(&new, &old).at("move", &new)?;
            }
            (true, false) if fs::symlink_metadata(&old).is_ok() => {
                fs::remove_file(&old).at("remove", &old)?;
                fs::rename(&new, &old).at("move", &new)?;
            }
            _ => fs::rename(&new, &old).at("move", &new)?,
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let entries = fs::read_dir(folder).at("read the folder", folder)?;
    entries.map(|entry| Ok(entry.at("read the folder", folder)?.path())).collect()
}

/// The same link, or the same content with the same permissions.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let about =
        |path: &Path| fs::symlink_metadata(path).ok().map(|about| (about.file_type(), about.permissions()));
    match (fs::read_link(one), fs::read_link(other)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), Err(_)) => about(one) == about(other) && same_contents(one, other),
        _ => false,
    }
}

fn copy_file(from: &Path, to: &Path) -> Result<(), FileError> {
    let about = fs::symlink_metadata(from).at("look at", from)?;
    if about.is_symlink() {
        return copy_link(from, to);
    }
    if !about.is_file() {
        return Ok(());
    }
    fs::copy(from, to).at("copy", from)?;
    // A read-only copy cannot be opened for writing, but its time can be set through a reading handle.
    let times = fs::FileTimes::new().set_modified(about.modified().at("look at", from)?);
    File::open(to).and_then(|file| file.set_times(times)).at("set the time of", to)
}

#[cfg(unix)]
fn copy_link(from: &Path, to: &Path) -> Result<(), FileError> {
    let target = fs::read_link(from).at("read the link", from)?;
    std::os::unix::fs::symlink(target, to).at("link", to)
}

#[cfg(not(unix))]
fn copy_link(from: &Path, to: &Path) -> Result<(), FileError> {
    if from.is_file() { fs::copy(from, to).map(drop).at("copy", from) } else { Ok(()) }
}

/// Removes a folder with all it holds; one that is not there is fine.
pub fn remove_tree(path: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.at("remove", path),
    }
}

/// Keeps the `count` folders in `parent` that were changed last, and removes the others.
pub fn keep_newest(parent: &Path, count: usize) -> Result<(), FileError> {
    let mut folders: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(parent).at("read the folder", parent)? {
        let entry = entry.at("read the folder", parent)?;
        let about = entry.metadata().at("look at", &entry.path())?;
        if about.is_dir() {
            folders.push((about.modified().at("look at", &entry.path())?, entry.path()));
        }
    }
    folders.sort_by(|a, b| b.cmp(a));
    folders.iter().skip(count).try_for_each(|(_, path)| remove_tree(path))
}

/// Marks a folder as used now, for [`keep_newest`].
pub fn touch(folder: &Path) -> Result<(), FileError> {
    let times = fs::FileTimes::new().set_modified(SystemTime::now());
    File::open(folder).and_then(|file| file.set_times(times)).at("set the time of", folder)
}

/// A path without symbolic links, as far as it is there.
pub fn physical(path: &Path) -> PathBuf {
    let real = path.ancestors().find_map(|part| {
        let rest = path.strip_prefix(part).ok()?;
        part.canonicalize().ok().map(|real| if rest == Path::new("") { real } else { real.join(rest) })
    });
    real.unwrap_or_else(|| path.to_path_buf())
}

/// Takes `.` and `..` out of a path without asking the file system.
pub fn normalized(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_like_no_other() {
        let temp = tempfile::tempdir().unwrap();
        let [one, same, other] = ["one", "same", "other"].map(|name| temp.path().join(name));
        for (file, text) in [(&one, "text"), (&same, "text"), (&other, "Text")] {
            fs::write(file, text).unwrap();
        }
        assert!(same_contents(&one, &same) && !same_contents(&one, &other));
        assert!(!same_contents(&one, &temp.path().join("missing")));
    }

    #[test]
    fn a_copied_folder_keeps_contents_and_times() {
        let temp = tempfile::tempdir().unwrap();
        let (from, to) = (temp.path().join("from"), temp.path().join("to"));
        fs::create_dir_all(from.join("a/target")).unwrap();
        fs::write(from.join("a/file"), "text").unwrap();
        fs::write(from.join("a/target/skipped"), "").unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::new(1_000_000, 123_456_000);
        let times = fs::FileTimes::new().set_modified(long_ago);
        File::open(from.join("a/file")).unwrap().set_times(times).unwrap();

        copy_tree(&from, &to, &|name| name == "target").unwrap();

        assert_eq!(walk(&to, &|_| false).unwrap(), [to.join("a/file")]);
        assert_eq!(fs::metadata(to.join("a/file")).unwrap().modified().unwrap(), long_ago);
    }

    #[test]
    fn a_folder_is_brought_to_another_and_what_is_the_same_keeps_its_time() {
        let temp = tempfile::tempdir().unwrap();
        let (from, to) = (temp.path().join("from"), temp.path().join("to"));
        for (folder, files) in [
            (
                &from,
                [("same", "1"), ("other", "2"), ("was_folder", "3"), ("was_file/a", "4"), ("sub/same", "5")],
            ),
            (
                &to,
                [("same", "1"), ("other", "0"), ("was_folder/a", "0"), ("was_file", "0"), ("sub/same", "5")],
            ),
        ] {
            for (path, text) in files {
                fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
                fs::write(folder.join(path), text).unwrap();
            }
        }
        fs::create_dir(to.join("gone")).unwrap();
        for gone in ["gone/a", "sub/gone", "sub/Cargo.lock"] {
            fs::write(to.join(gone), "").unwrap();
        }
        let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        for path in ["same", "other", "sub/same"] {
            File::open(to.join(path))
                .unwrap()
                .set_times(fs::FileTimes::new().set_modified(long_ago))
                .unwrap();
        }

        bring_to(&from, &to, &|name| name == "Cargo.lock").unwrap();

        let names = ["other", "same", "sub/Cargo.lock", "sub/same", "was_file/a", "was_folder"];
        assert_eq!(walk(&to, &|_| false).unwrap(), names.map(|name| to.join(name)));
        assert_eq!(fs::read_to_string(to.join("was_folder")).unwrap(), "3");
        let is_old = |path: &str| fs::metadata(to.join(path)).unwrap().modified().unwrap() == long_ago;
        assert_eq!(["same", "sub/same", "other"].map(is_old), [true, true, false]);
    }

    #[test]
    fn the_newest_folders_are_kept() {
        let temp = tempfile::tempdir().unwrap();
        for (age, name) in ["new", "old", "oldest"].into_iter().enumerate() {
            let folder = temp.path().join(name);
            fs::create_dir(&folder).unwrap();
            let then = SystemTime::now() - std::time::Duration::from_secs(1000 * age as u64);
            File::open(folder).unwrap().set_times(fs::FileTimes::new().set_modified(then)).unwrap();
        }
        keep_newest(temp.path(), 2).unwrap();
        assert!(temp.path().join("old").exists());
        assert!(!temp.path().join("oldest").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_taken_out_of_a_path_as_far_as_it_is_there() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        std::os::unix::fs::symlink("real", root.join("link")).unwrap();
        assert_eq!(physical(&root.join("link")), root.join("real"));
        assert_eq!(physical(&root.join("link/not/there")), root.join("real/not/there"));
        assert_eq!(physical(Path::new("")), Path::new(""));
    }

    #[test]
    fn dots_are_taken_out_of_a_path() {
        assert_eq!(normalized(Path::new("/a/./b/../../c")), Path::new("/c"));
        assert_eq!(normalized(Path::new("../x")), Path::new("../x"));
    }
}
