//! A file of results: one line of JSON a check, written when the check ends. Whoever stops the driver loses the check
//! that runs, and no other.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{At, Error};
use crate::origin::Origin;

/// A check as it is kept.
pub trait Line: Serialize + DeserializeOwned {
    /// Versions of its form that can be read. A line of another one is refused.
    const VERSIONS: RangeInclusive<u32>;

    /// The version of this one.
    fn version(&self) -> u32;

    /// What was measured, and where.
    fn origin(&self) -> &Origin;
}

/// Results that more are added to.
#[derive(Debug)]
pub struct Lines<L> {
    path: PathBuf,
    file: File,
    all: Vec<L>,
}

impl<L: Line> Lines<L> {
    /// Goes on with the results in `path`, or begins them.
    ///
    /// # Errors
    /// When the file cannot be read or written, or has other lines than ours.
    pub fn open(path: &Path) -> Result<Lines<L>, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).at("write", path)?;
        let text = fs::read_to_string(path).at("read", path)?;
        let whole = whole_lines(&text);
        if whole.len() < text.len() {
            // The machine went down in the middle of a line: the next one must not be glued to it.
            file.set_len(whole.len() as u64).at("write", path)?;
        }
        Ok(Lines { path: path.to_owned(), file, all: parse(whole, path)? })
    }

    /// Adds what belongs together, and does not return before it is in the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, lines: impl IntoIterator<Item = L>) -> Result<(), Error> {
        let lines: Vec<L> = lines.into_iter().collect();
        let mut text = String::new();
        for line in &lines {
            text += &serde_json::to_string(line).map_err(io::Error::from).at("write", &self.path)?;
            text.push('\n');
        }
        self.file.write_all(text.as_bytes()).at("write", &self.path)?;
        self.file.sync_data().at("write", &self.path)?;
        self.all.extend(lines);
        Ok(())
    }

    /// The results from this origin.
    pub fn of(&self, origin: &Origin) -> impl Iterator<Item = &L> {
        self.all.iter().filter(move |line| line.origin() == origin)
    }
}

/// The results in `path`; none if there is no file.
///
/// # Errors
/// When the file cannot be read, or has other lines than ours.
pub fn read<L: Line>(path: &Path) -> Result<Vec<L>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => parse(whole_lines(&text), path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(source).at("read", path),
    }
}

/// Where results come from: the origin of the last one first.
pub fn origins<'a, L: Line + 'a>(lines: impl DoubleEndedIterator<Item = &'a L>) -> Vec<Origin> {
    let mut origins: Vec<Origin> = Vec::new();
    for line in lines.rev() {
        if !origins.contains(line.origin()) {
            origins.push(line.origin().clone());
        }
    }
    origins
}

/// Without what was being written when the machine went down.
fn whole_lines(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |end| end + 1)]
}

fn parse<L: Line>(text: &str, path: &Path) -> Result<Vec<L>, Error> {
    let of_line = |(at, line): (usize, &str)| {
        parse_line(line).map_err(|reason| Error::Line { path: path.to_owned(), line: at + 1, reason })
    };
    text.lines().enumerate().map(of_line).collect()
}

fn parse_line<L: Line>(text: &str) -> Result<L, String> {
    let line: L = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let (version, known) = (line.version(), L::VERSIONS);
    match (known.start(), known.end()) {
        _ if known.contains(&version) => Ok(line),
        (oldest, newest) if oldest == newest => Err(format!("version {version} in place of {newest}")),
        (oldest, newest) => Err(format!("version {version} in place of {oldest} to {newest}")),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use tempfile::TempDir;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Check {
        version: u32,
        #[serde(flatten)]
        origin: Origin,
        name: String,
    }

    impl Line for Check {
        const VERSIONS: RangeInclusive<u32> = 2..=3;

        fn version(&self) -> u32 {
            self.version
        }

        fn origin(&self) -> &Origin {
            &self.origin
        }
    }

    /// The same in a form that has had one version.
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(transparent)]
    struct First(Check);

    impl Line for First {
        const VERSIONS: RangeInclusive<u32> = 1..=1;

        fn version(&self) -> u32 {
            self.0.version
        }

        fn origin(&self) -> &Origin {
            &self.0.origin
        }
    }

    fn check(name: &str) -> Check {
        let origin = Origin { commit: "c0ffee".into(), machine: "a machine".into() };
        Check { version: 3, origin, name: name.into() }
    }

    fn of(commit: &str) -> Check {
        let mut check = check("a");
        check.origin.commit = commit.into();
        check
    }

    /// A folder, and a file in it that is not there yet.
    fn file() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results/checks.jsonl");
        (folder, path)
    }

    #[test]
    fn what_was_added_is_there_when_the_file_is_opened_again() {
        let (_folder, path) = file();
        let mut results = Lines::open(&path).unwrap();
        results.add([check("a"), check("b")]).unwrap();
        drop(results);
        let mut results = Lines::open(&path).unwrap();
        results.add([check("c")]).unwrap();
        assert_eq!(results.all, [check("a"), check("b"), check("c")]);
        assert_eq!(read::<Check>(&path).unwrap(), results.all);
    }

    #[test]
    fn nothing_added_leaves_no_line() {
        let (_folder, path) = file();
        Lines::<Check>::open(&path).unwrap().add([]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn results_of_another_commit_or_machine_do_not_belong_to_these() {
        let (_folder, path) = file();
        let mut results = Lines::open(&path).unwrap();
        results.add([check("a")]).unwrap();
        let origin = check("a").origin;
        assert_eq!(results.of(&origin).collect::<Vec<_>>(), [&check("a")]);
        let commit = Origin { commit: "another".into(), ..origin.clone() };
        let machine = Origin { machine: "another".into(), ..origin };
        assert_eq!((results.of(&commit).count(), results.of(&machine).count()), (0, 0));
    }

    #[test]
    fn half_a_line_at_the_end_is_forgotten_and_the_next_one_written_in_its_place() {
        let (_folder, path) = file();
        Lines::open(&path).unwrap().add([check("a")]).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        for end in [1, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, format!("{whole}{}", &whole[..end])).unwrap();
            assert_eq!(read::<Check>(&path).unwrap().len(), 1);
            Lines::open(&path).unwrap().add([check("b")]).unwrap();
            assert_eq!(read::<Check>(&path).unwrap(), [check("a"), check("b")]);
        }
    }

    #[test]
    fn a_line_of_something_else_is_refused_with_its_number() {
        let (_folder, path) = file();
        let line = serde_json::to_string(&check("a")).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for foreign in ["{}", "text", "", &line.replace("\"version\":3", "\"version\":4")] {
            fs::write(&path, format!("{line}\n{foreign}\n{line}\n")).unwrap();
            let error = read::<Check>(&path).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{}:2: ", path.display())), "{error}");
            assert_eq!(Lines::<Check>::open(&path).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn all_known_versions_are_read_and_a_foreign_one_is_told_them() {
        let line = |version| serde_json::to_string(&Check { version, ..check("a") }).unwrap();
        for version in [2, 3] {
            assert_eq!(parse_line::<Check>(&line(version)).unwrap().version, version);
        }
        assert_eq!(parse_line::<Check>(&line(4)).unwrap_err(), "version 4 in place of 2 to 3");
        assert_eq!(parse_line::<First>(&line(4)).unwrap_err(), "version 4 in place of 1");
    }

    #[test]
    fn no_file_means_no_results() {
        let (_folder, path) = file();
        assert_eq!(read::<Check>(&path).unwrap(), []);
    }

    #[test]
    fn the_origin_of_the_last_result_comes_first_and_each_comes_once() {
        let checks = [of("a"), of("b"), of("a"), of("c"), of("a")];
        let commits: Vec<String> = origins(checks.iter()).into_iter().map(|origin| origin.commit).collect();
        assert_eq!(commits, ["a", "c", "b"]);
    }
}
