//! The file of results: one line a judged check, written when the check ends. Whoever stops the driver loses the check
//! that runs, and no other.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{At, Error};
use crate::origin::Origin;
use crate::peer::Peer;
use crate::record::{Record, VERSION};
use crate::scenario::Scenario;

/// Results that more are added to.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    file: File,
    records: Vec<Record>,
}

impl Results {
    /// Goes on with the results in `path`, or begins them.
    ///
    /// # Errors
    /// When the file cannot be read or written, or has other lines than ours.
    pub fn open(path: &Path) -> Result<Results, Error> {
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
        Ok(Results { path: path.to_owned(), file, records: parse(whole, path)? })
    }

    /// Adds what several peers say of one measurement: all of it or, if the machine goes down, nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, records: Vec<Record>) -> Result<(), Error> {
        let lines: Result<Vec<String>, _> = records.iter().map(serde_json::to_string).collect();
        let lines = lines.map_err(std::io::Error::from).at("write", &self.path)?;
        self.file.write_all(format!("{}\n", lines.join("\n")).as_bytes()).at("write", &self.path)?;
        self.file.sync_data().at("write", &self.path)?;
        self.records.extend(records);
        Ok(())
    }

    /// Whether a check has been made.
    pub fn has(&self, origin: &Origin, peer: Peer, scenario: Scenario, round: u32) -> bool {
        let is_it = |one: &Record| (one.peer, one.scenario, one.round) == (peer, scenario, round);
        self.records.iter().any(|record| record.origin == *origin && is_it(record))
    }
}

/// The results in `path`; none if there is no file.
///
/// # Errors
/// When the file cannot be read, or has other lines than ours.
pub fn read(path: &Path) -> Result<Vec<Record>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => parse(whole_lines(&text), path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(source).at("read", path),
    }
}

/// Without what was being written when the machine went down.
fn whole_lines(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |end| end + 1)]
}

fn parse(text: &str, path: &Path) -> Result<Vec<Record>, Error> {
    let of_line = |(at, line): (usize, &str)| {
        let refused = |reason: String| Error::Line { path: path.to_owned(), line: at + 1, reason };
        let record: Record = serde_json::from_str(line).map_err(|error| refused(error.to_string()))?;
        match record.version {
            VERSION => Ok(record),
            other => Err(refused(format!("version {other} in place of {VERSION}"))),
        }
    };
    text.lines().enumerate().map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::samples::record;

    /// A file that is removed again.
    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str) -> Temporary {
            let path = std::env::temp_dir().join(format!("darwin-verdicts-{}-{name}", std::process::id()));
            let _ = fs::remove_file(&path);
            Temporary(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn of(peer: Peer) -> Record {
        record(peer, Scenario::Unchanged, None, &[])
    }

    #[test]
    fn what_was_added_is_there_when_the_file_is_opened_again() {
        let file = Temporary::new("again");
        let mut results = Results::open(&file.0).unwrap();
        results.add(vec![of(Peer::Criterion), of(Peer::Threshold)]).unwrap();
        drop(results);
        let results = Results::open(&file.0).unwrap();
        let origin = of(Peer::Criterion).origin;
        let has = |peer, round| results.has(&origin, peer, Scenario::Unchanged, round);
        assert!(has(Peer::Criterion, 0) && has(Peer::Threshold, 0));
        assert!(!has(Peer::Criterion, 1) && !has(Peer::Tango, 0));
        let other = Origin { commit: "other".into(), ..origin };
        assert!(!results.has(&other, Peer::Criterion, Scenario::Unchanged, 0));
    }

    #[test]
    fn a_torn_line_is_cut_off_and_its_check_made_again() {
        let file = Temporary::new("torn");
        Results::open(&file.0).unwrap().add(vec![of(Peer::Tango)]).unwrap();
        let mut text = fs::read_to_string(&file.0).unwrap();
        text.push_str("{\"version\":1,\"com");
        fs::write(&file.0, &text).unwrap();
        let mut results = Results::open(&file.0).unwrap();
        results.add(vec![of(Peer::Darwin)]).unwrap();
        let peers: Vec<Peer> = read(&file.0).unwrap().iter().map(|record| record.peer).collect();
        assert_eq!(peers, [Peer::Tango, Peer::Darwin]);
    }

    #[test]
    fn a_strange_line_is_named() {
        let error = parse("{}\n", Path::new("r.jsonl")).unwrap_err().to_string();
        assert!(error.starts_with("r.jsonl:1: "), "{error}");
        let old = serde_json::to_string(&Record { version: 99, ..of(Peer::Tango) }).unwrap();
        assert!(parse(&old, Path::new("r.jsonl")).unwrap_err().to_string().contains("version 99"));
    }
}
