//! The workload in a folder of its own, as somebody's repository, whose working tree is edited.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::edit::{Edit, Files};
use crate::error::{At, Error};
use crate::process;

/// A repository with one commit, the baseline, and an edit in its working tree.
#[derive(Debug)]
pub struct Tree {
    folder: PathBuf,
    clean: Files,
    written: BTreeSet<String>,
}

impl Tree {
    /// Makes it anew below `place`, and commits these files.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(place: &Path, clean: Files) -> Result<Tree, Error> {
        let folder = place.join("tree");
        if folder.exists() {
            fs::remove_dir_all(&folder).at("remove", &folder)?;
        }
        fs::create_dir_all(&folder).at("make", &folder)?;
        let mut tree = Tree { folder, clean, written: BTreeSet::new() };
        tree.take(&Edit::none())?;
        // Without it the lock file would change with the first build: it is settled before it is committed.
        tree.run(process::cargo(), &["metadata", "--format-version", "1"])?;
        tree.run("git", &["init", "--quiet", "--initial-branch", "main"])?;
        tree.run("git", &["add", "--all"])?;
        tree.run("git", &["commit", "--quiet", "--message", "the workload"])?;
        Ok(tree)
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it is built.
    pub fn target(&self) -> PathBuf {
        self.folder.with_file_name("target")
    }

    /// Takes back what was edited before, and edits.
    ///
    /// # Errors
    /// When the edit does not fit, or a file cannot be written.
    pub fn take(&mut self, edit: &Edit) -> Result<(), Error> {
        let wanted = edit.applied_to(&self.clean);
        let wanted = wanted.map_err(|reason| Error::Data { path: self.folder.clone(), reason })?;
        for file in self.written.iter().filter(|file| !wanted.contains_key(*file)) {
            let path = self.folder.join(file);
            fs::remove_file(&path).at("remove", path)?;
        }
        self.written = wanted.keys().cloned().collect();
        wanted.iter().try_for_each(|(file, text)| self.write(file, text))
    }

    /// A file that is as it should be keeps its time, so that cargo does not build it again.
    fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(file);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) || self.is_settled(file) {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        Ok(fs::write(&path, text).at("write", path)?)
    }

    /// cargo has left out of the lock file what the workload does not use.
    fn is_settled(&self, file: &str) -> bool {
        file == "Cargo.lock" && self.folder.join(".git").exists()
    }

    fn run(&self, program: impl AsRef<std::ffi::OsStr>, words: &[&str]) -> Result<(), Error> {
        let mut command = process::command(program, &self.folder, &self.target());
        let ended = process::ended_with(&[0], command.args(words));
        ended.map(drop).map_err(|reason| Error::Program { command: words.join(" "), reason })
    }
}

/// The files below a folder that are text, by their paths in it. What is built is left out.
///
/// # Errors
/// When one cannot be read.
pub fn files(folder: &Path) -> Result<Files, Error> {
    let mut files = Files::new();
    collect(folder, "", &mut files)?;
    Ok(files)
}

fn collect(folder: &Path, above: &str, files: &mut Files) -> Result<(), Error> {
    for entry in fs::read_dir(folder).at("read", folder)? {
        let path = entry.at("read", folder)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let name = format!("{above}{name}");
        match path.is_dir() {
            true if name == "target" => {}
            true => collect(&path, &format!("{name}/"), files)?,
            false => drop(files.insert(name, fs::read_to_string(&path).at("read", &path)?)),
        }
    }
    Ok(())
}
