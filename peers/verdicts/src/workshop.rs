//! Where the peers' benches are built: the baseline once, the candidate for each check.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::edit::{Edit, Files};
use crate::error::{At, Error};
use crate::paths;
use crate::process;
use crate::tree::{self, Tree};

/// The workload with a bench for each peer.
#[derive(Debug)]
pub struct Workshop {
    tree: Tree,
    baselines: BTreeMap<&'static str, PathBuf>,
}

/// A bench, built on both sides. Their paths are of equal length: the environment of a process decides where its stack is.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// Before the edit.
    pub old: PathBuf,
    /// After it.
    pub new: PathBuf,
    /// What building the new one took.
    pub building_seconds: f64,
}

impl Workshop {
    /// Copies the workload.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn new() -> Result<Workshop, Error> {
        let tree = Tree::new(&paths::scratch().join("peers"), workload()?)?;
        Ok(Workshop { tree, baselines: BTreeMap::new() })
    }

    /// The repository, edited.
    ///
    /// # Errors
    /// When the edit does not fit.
    pub fn edited(&mut self, edit: &Edit) -> Result<&Tree, String> {
        self.tree.take(edit).map_err(|error| error.to_string())?;
        Ok(&self.tree)
    }

    /// A bench before and after an edit.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn sides(&mut self, bench: &'static str, edit: &Edit) -> Result<Sides, String> {
        let old = self.baseline(bench)?;
        let (new, building_seconds) = self.built(bench, edit, "new")?;
        Ok(Sides { old, new, building_seconds })
    }

    /// A bench before every edit.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn baseline(&mut self, bench: &'static str) -> Result<PathBuf, String> {
        if let Some(path) = self.baselines.get(bench) {
            return Ok(path.clone());
        }
        let (path, _) = self.built(bench, &Edit::none(), "old")?;
        self.baselines.insert(bench, path.clone());
        Ok(path)
    }

    /// Builds as `cargo bench` does, and keeps the executable where the next build does not write over it.
    fn built(&mut self, bench: &str, edit: &Edit, side: &str) -> Result<(PathBuf, f64), String> {
        let tree = self.edited(edit)?;
        let mut command = process::command(process::cargo(), tree.folder(), &tree.target());
        command.args(["bench", "--quiet", "--no-run", "--bench", bench]);
        let (executable, seconds) = process::built(&mut command, bench)?;
        let folder = paths::scratch().join(side);
        let path = folder.join(bench);
        let kept = fs::create_dir_all(&folder).and_then(|()| fs::copy(&executable, &path));
        kept.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok((path, seconds))
    }
}

/// The files of the package `three`, standing alone, with the library of the fixture.
///
/// # Errors
/// When they cannot be read.
pub fn workload() -> Result<Files, Error> {
    let fixture = paths::repository().join(paths::FIXTURE);
    let mut files = tree::files(&paths::home().join("three"))?;
    let read = |path: PathBuf| fs::read_to_string(&path).at("read", path);
    files.insert("src/lib.rs".to_owned(), read(fixture.join("src/lib.rs"))?);
    files.insert("Cargo.lock".to_owned(), read(paths::peers().join("Cargo.lock"))?);
    files.insert(".gitignore".to_owned(), "/target\n".to_owned());
    let manifest = files.remove("Cargo.toml").unwrap_or_default();
    files.insert("Cargo.toml".to_owned(), alone(&manifest));
    Ok(files)
}

/// The manifest of a member of our workspace as that of a package somewhere else, in the profile of the fixture.
fn alone(manifest: &str) -> String {
    let manifest =
        manifest.replace("path = \"../../../tests/fixtures/three/src/lib.rs\"", "path = \"src/lib.rs\"");
    let repository = format!("path = \"{}/", paths::repository().display());
    let manifest = manifest.replace("path = \"../../../", &repository);
    format!("{manifest}\n[profile.release]\nlto = \"thin\"\n\n[workspace]\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workload_stands_alone() {
        let files = workload().unwrap();
        let manifest: toml::Table = files["Cargo.toml"].parse().unwrap();
        assert_eq!(manifest["lib"]["path"].as_str(), Some("src/lib.rs"));
        assert!(!files["Cargo.toml"].contains("../"), "{}", files["Cargo.toml"]);
        let runtime = manifest["dependencies"]["darwin-runtime"]["path"].as_str().unwrap();
        assert!(PathBuf::from(runtime).join("Cargo.toml").is_file());
    }

    #[test]
    fn it_is_built_in_the_profile_of_the_proof() {
        let fixture =
            fs::read_to_string(paths::repository().join(paths::FIXTURE).join("Cargo.toml")).unwrap();
        let profile = |text: &str| text.parse::<toml::Table>().unwrap()["profile"].clone();
        assert_eq!(profile(&workload().unwrap()["Cargo.toml"]), profile(&fixture));
    }
}
