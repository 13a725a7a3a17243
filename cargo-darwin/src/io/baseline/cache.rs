//! Built executables under the key of everything they depend on.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::io::cargo::{Executable, TargetRef};
use crate::io::files::{self, At, FileError};

/// Name of the file that lists an entry's executables.
const RECORD: &str = "record.json";
/// Version of that file.
const SCHEMA: &str = "darwin.cache.v1";

/// A folder of entries; one entry is one folder, complete or not there.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Record {
    schema: String,
    executables: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    target: TargetRef,
    file: String,
    bytes: u64,
}

impl Cache {
    /// The cache in this folder, which is created by the first entry.
    pub fn at(dir: PathBuf) -> Cache {
        Cache { dir }
    }

    /// The executables of `targets` under `key`; `None` where one is missing or damaged.
    pub fn find(&self, key: &str, targets: &[TargetRef]) -> Option<Vec<Executable>> {
        let entry = self.dir.join(key);
        let record: Record = serde_json::from_slice(&std::fs::read(entry.join(RECORD)).ok()?).ok()?;
        let one = |target: &TargetRef| {
            let kept = record.executables.iter().find(|kept| kept.target == *target)?;
            let name = std::path::Path::new(&kept.file).file_name()?;
            let path = entry.join(name);
            let whole =
                std::fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() == kept.bytes);
            let link = link_beside(&path);
            whole.then_some(Executable { target: target.clone(), path, fresh: true, link })
        };
        let found =
            targets.iter().map(one).collect::<Option<Vec<_>>>().filter(|_| record.schema == SCHEMA)?;
        // Only the order of forgetting depends on it.
        let _ = files::touch(&entry);
        Some(found)
    }

    /// Copies executables into an entry and forgets all but the `count` entries used last. Returns the copies.
    pub fn store(&self, key: &str, built: &[Executable], count: usize) -> Result<Vec<Executable>, FileError> {
        let (entry, partial) = (self.dir.join(key), self.dir.join(format!("{key}.partial")));
        files::remove_tree(&partial)?;
        std::fs::create_dir_all(&partial).at("create", &partial)?;
        let mut record = Record { schema: SCHEMA.to_owned(), executables: Vec::new() };
        let mut copies = Vec::new();
        for executable in built {
            let target = executable.target.clone();
            // The name alone is not enough: a bin and a bench may share it.
            let file = format!("{}-{}{}", target.kind, target.name, std::env::consts::EXE_SUFFIX);
            let bytes = std::fs::copy(&executable.path, partial.join(&file)).at("copy", &executable.path)?;
            if executable.link.is_dir() {
                files::copy_tree(&executable.link, &link_beside(&partial.join(&file)), &|_| false)?;
            }
            let path = entry.join(&file);
            copies.push(Executable {
                target: target.clone(),
                link: link_beside(&path),
                path,
                fresh: executable.fresh,
            });
            record.executables.push(Kept { target, file, bytes });
        }
        let json = serde_json::to_vec_pretty(&record).map_err(std::io::Error::from).at("write", &partial)?;
        std::fs::write(partial.join(RECORD), json).at("write", &partial)?;
        files::remove_tree(&entry)?;
        std::fs::rename(&partial, &entry).at("rename", &partial)?;
        files::keep_newest(&self.dir, count)?;
        Ok(copies)
    }
}

/// Where the recorded link of a kept executable is.
fn link_beside(executable: &Path) -> PathBuf {
    let mut name = executable.as_os_str().to_owned();
    name.push(".link");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::cargo::TargetKind;

    fn target(name: &str) -> TargetRef {
        TargetRef { kind: TargetKind::Bin, name: name.to_owned() }
    }

    fn stored(temp: &tempfile::TempDir) -> (Cache, Vec<Executable>) {
        let path = temp.path().join("built");
        std::fs::write(&path, "program").unwrap();
        let cache = Cache::at(temp.path().join("cache"));
        let built = Executable { target: target("app"), path, fresh: false, link: temp.path().join("link") };
        let copies = cache.store("key", &[built], 8).unwrap();
        (cache, copies)
    }

    #[test]
    fn what_is_stored_is_found_under_its_key_alone() {
        let temp = tempfile::tempdir().unwrap();
        let (cache, copies) = stored(&temp);
        std::fs::remove_file(temp.path().join("built")).unwrap();
        let found = cache.find("key", &[target("app")]).unwrap();
        assert_eq!(found[0].path, copies[0].path);
        assert_eq!(std::fs::read_to_string(&found[0].path).unwrap(), "program");
        assert_eq!(cache.find("other", &[target("app")]), None);
        assert_eq!(cache.find("key", &[target("app"), target("second")]), None);
    }

    #[test]
    fn a_damaged_entry_is_as_good_as_none() {
        let temp = tempfile::tempdir().unwrap();
        let (cache, copies) = stored(&temp);
        std::fs::write(&copies[0].path, "prog").unwrap();
        assert_eq!(cache.find("key", &[target("app")]), None);
        std::fs::write(temp.path().join("cache/key/record.json"), "{").unwrap();
        assert_eq!(cache.find("key", &[target("app")]), None);
    }

    #[test]
    fn the_cache_is_bounded() {
        let temp = tempfile::tempdir().unwrap();
        let (cache, _) = stored(&temp);
        for key in ["a", "b", "c"] {
            cache.store(key, &[], 2).unwrap();
        }
        assert_eq!(std::fs::read_dir(temp.path().join("cache")).unwrap().count(), 2);
    }
}
