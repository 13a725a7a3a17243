//! Names of equal length for both sides: what a process sees of its own name, its folder and its environment begins its
//! stack, and may be in its allocations. The exported revision against the user's folder would be a constant difference.

use std::io;
use std::path::{Path, PathBuf};

use super::side::{BASELINE, Built, CANDIDATE};

/// The same programs of baseline and candidate, to be started under names of equal length below `folder`: links to the
/// executables, and a symbolic link to the package's folder. Where these cannot be made the names stay as they are.
pub fn placed(folder: &Path, sides: [Vec<Built>; 2]) -> [Vec<Built>; 2] {
    let place = |side: usize| place(&folder.join(side.to_string()), &sides[side]);
    match (place(BASELINE), place(CANDIDATE)) {
        (Ok(baseline), Ok(candidate)) => [baseline, candidate],
        _ => sides,
    }
}

fn place(folder: &Path, all: &[Built]) -> io::Result<Vec<Built>> {
    std::fs::create_dir_all(folder)?;
    // Workloads of one target share its executable, so that it is linked anew once.
    let target = |built: &Built| all.iter().position(|other| other.executable == built.executable);
    all.iter().map(|built| one(folder, target(built).unwrap_or_default(), built)).collect()
}

fn one(folder: &Path, index: usize, built: &Built) -> io::Result<Built> {
    let executable = fresh(folder.join(format!("built{index}")))?;
    std::fs::hard_link(&built.executable, &executable)
        .or_else(|_| std::fs::copy(&built.executable, &executable).map(drop))?;
    let directory = fresh(folder.join(format!("home{index}")))?;
    symbolic_link(&built.directory, &directory)?;
    Ok(Built { executable, directory, ..built.clone() })
}

/// A name that an earlier check may have used.
fn fresh(path: PathBuf) -> io::Result<PathBuf> {
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(path),
    }
}

#[cfg(unix)]
fn symbolic_link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn symbolic_link(_to: &Path, _at: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Target, Workload};

    fn built(folder: &Path, name: &str) -> Built {
        std::fs::create_dir_all(folder).unwrap();
        let executable = folder.join(name);
        std::fs::write(&executable, name).unwrap();
        let target = Target::Bin(name.to_owned());
        let workload = Workload { name: name.to_owned(), package: None, target, args: Vec::new() };
        Built { workload, executable, link: Err(String::new()), directory: folder.to_owned() }
    }

    #[test]
    #[cfg(unix)]
    fn both_sides_have_names_of_equal_length_that_lead_to_their_own_files() {
        let temp = tempfile::tempdir().unwrap();
        let before = temp.path().join("cache/of/an/exported/revision");
        let sides = || [vec![built(&before, "tool-1234")], vec![built(&temp.path().join("app"), "tool")]];
        let shared = placed(&temp.path().join("layouts"), [sides().concat(), [&sides()[0][..]; 2].concat()]);
        assert_eq!(shared[1][0].executable, shared[1][1].executable, "two workloads of one target");
        // Again, as the second check finds the links of the first one.
        placed(&temp.path().join("layouts"), sides());
        let [baseline, candidate] = placed(&temp.path().join("layouts"), sides());
        let lengths =
            |built: &Built| [&built.executable, &built.directory].map(|path| path.as_os_str().len());
        assert_eq!(lengths(&baseline[0]), lengths(&candidate[0]));
        assert_eq!(std::fs::read_to_string(&baseline[0].executable).unwrap(), "tool-1234");
        assert_eq!(std::fs::read_to_string(candidate[0].directory.join("tool")).unwrap(), "tool");
    }

    #[test]
    fn where_no_links_can_be_made_the_names_stay() {
        let temp = tempfile::tempdir().unwrap();
        let taken = temp.path().join("taken");
        std::fs::write(&taken, "").unwrap();
        let one = built(temp.path(), "tool");
        let [baseline, _] = placed(&taken, [vec![one.clone()], Vec::new()]);
        assert_eq!(baseline[0].executable, one.executable);
    }
}
