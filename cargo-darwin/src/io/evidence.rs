//! What checks have measured of a pair of programs, kept so that later checks of the same pair go on from it:
//! `<target dir>/darwin/evidence/NAME.jsonl`.
//!
//! The first line says what the file is about; each line after it is one block, in the order of measuring, written before
//! anything of the block is shown. Every line begins with a digest over itself and all lines before it, so that a line that
//! was damaged, left out or moved is noticed. Of a line that was cut off by a crash nothing had been shown: it is dropped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::atomic::create_atomically;
use super::digest::Digest;
use super::files;
use super::position::{FileError, Source};

/// Names the form of the file; another one is refused.
pub const SCHEMA: &str = "darwin.evidence.v1";

/// So many files, those used last, are kept: each change that was checked has one.
pub const KEPT_FILES: usize = 200;

/// A block of a thousand sites takes about 600 kB. A file that has grown so large takes no further block.
pub const CAP_BYTES: u64 = 256 << 20;

const EXTENSION: &str = "jsonl";
const REMEDY: &str = "it is not used, and the pair is measured anew";

/// The evidence of one target directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

/// One file, read.
#[derive(Debug)]
pub struct Stored<S, B> {
    /// What it is about.
    pub subject: S,
    /// The blocks, in the order of measuring.
    pub blocks: Vec<B>,
    /// Goes on behind the last of them.
    pub writer: Writer,
}

/// Appends blocks to a file.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    chain: Digest,
    /// The length of what can be read; a torn line behind it is cut off before anything is written.
    bytes: u64,
    file: Option<File>,
}

/// What the first line holds.
#[derive(Serialize, Deserialize)]
struct First<S> {
    schema: String,
    subject: S,
}

/// Read before the rest of the first line, which may have any form under another schema.
#[derive(Deserialize)]
struct SchemaOnly {
    schema: String,
}

impl Folder {
    /// The evidence in the folder of a workspace, which need not exist yet.
    pub fn new(root: &Path) -> Folder {
        Folder { path: root.join("evidence") }
    }

    /// The files whose name begins with `prefix`, in order of name.
    ///
    /// # Errors
    /// What the operating system says, with the path; a folder that is not there yet is empty.
    pub fn named(&self, prefix: &str) -> Result<Vec<PathBuf>, FileError> {
        let mut files = self.files()?;
        files.retain(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)));
        files.sort();
        Ok(files)
    }

    /// Begins a file about `subject`, in place of what has this name. Only the [`KEPT_FILES`] used last remain.
    ///
    /// # Errors
    /// What the operating system says, with the path.
    pub fn begin<S: Serialize>(&self, name: &str, subject: &S) -> Result<Writer, FileError> {
        fs::create_dir_all(&self.path)
            .map_err(|error| FileError::system(&self.path, "cannot make the folder", &error))?;
        let path = self.path.join(name).with_extension(EXTENSION);
        discard(&path)?;
        let mut chain = Digest::default();
        let first = First { schema: SCHEMA.to_owned(), subject };
        let text = line(&path, &mut chain, &first)?;
        create_atomically(&path, &text)?;
        self.prune()?;
        Ok(Writer { path, chain, bytes: text.len() as u64, file: None })
    }

    fn files(&self) -> Result<Vec<PathBuf>, FileError> {
        let unreadable = |error: io::Error| FileError::system(&self.path, "cannot list the folder", &error);
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            files.push(entry.map_err(unreadable)?.path());
        }
        files.retain(|file| file.extension().is_some_and(|extension| extension == EXTENSION));
        Ok(files)
    }

    fn prune(&self) -> Result<(), FileError> {
        let used = |path: &PathBuf| {
            fs::symlink_metadata(path).and_then(|about| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
        };
        let mut files: Vec<_> = self.files()?.into_iter().map(|path| (used(&path), path)).collect();
        files.sort_by(|a, b| b.cmp(a));
        files.iter().skip(KEPT_FILES).try_for_each(|(_, path)| discard(path))
    }
}

/// Removes a file, if it is there.
///
/// # Errors
/// What the operating system says, with the path.
pub fn discard(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::system(path, "cannot remove", &error))
        }
        _ => Ok(()),
    }
}

/// Reads a file, but for a last line that was cut off.
///
/// # Errors
/// Too large, of another form, or damaged: with the line.
pub fn open<S: DeserializeOwned, B: DeserializeOwned>(path: &Path) -> Result<Stored<S, B>, FileError> {
    let text = whole_lines(path)?;
    let source = Source { path, text: &text };
    let refused = |line: usize, what: &str| source.error_at_line(line, what, REMEDY);
    let mut chain = Digest::default();
    let mut values = text.lines().enumerate().map(|(index, line)| match value(&mut chain, line) {
        Some(value) => Ok((index + 1, value)),
        None => Err(refused(index + 1, "is damaged: its digest is not that of the lines up to here")),
    });
    let (_, first) = values.next().unwrap_or_else(|| Err(FileError::whole(path, "is empty", REMEDY)))?;
    let subject = subject(first).map_err(|what| refused(1, &what))?;
    let mut blocks = Vec::new();
    for value in values {
        let (line, block) = value?;
        blocks.push(serde_json::from_str(block).map_err(|error| refused(line, &error.to_string()))?);
    }
    let writer = Writer { path: path.to_owned(), chain, bytes: text.len() as u64, file: None };
    Ok(Stored { subject, blocks, writer })
}

/// The text up to the last line end.
fn whole_lines(path: &Path) -> Result<String, FileError> {
    let unreadable = |error: io::Error| FileError::system(path, "cannot read", &error);
    let about = fs::symlink_metadata(path).map_err(unreadable)?;
    if !about.is_file() || about.len() > CAP_BYTES {
        return Err(FileError::whole(path, "is no file that cargo darwin has written", REMEDY));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(CAP_BYTES).read_to_end(&mut bytes)).map_err(unreadable)?;
    bytes.truncate(bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1));
    String::from_utf8(bytes).map_err(|_| FileError::whole(path, "is not UTF-8", REMEDY))
}

fn subject<S: DeserializeOwned>(first: &str) -> Result<S, String> {
    let SchemaOnly { schema } = serde_json::from_str(first).map_err(|error| error.to_string())?;
    if schema != SCHEMA {
        return Err(format!("the schema is `{schema}`, this cargo darwin reads `{SCHEMA}`"));
    }
    let first: First<S> = serde_json::from_str(first).map_err(|error| error.to_string())?;
    Ok(first.subject)
}

const BEFORE_DIGEST: &str = "{\"digest\":\"";
const BEFORE_VALUE: &str = "\",\"value\":";

/// One line with its line end; `chain` goes on by it.
fn line<T: Serialize>(path: &Path, chain: &mut Digest, value: &T) -> Result<String, FileError> {
    let value = serde_json::to_string(value)
        .map_err(|error| FileError::whole(path, format!("cannot be written: {error}"), ""))?;
    let digest = chain.part(&value).hex();
    Ok(format!("{BEFORE_DIGEST}{digest}{BEFORE_VALUE}{value}}}\n"))
}

/// The value of a line; `None` where its digest is not that of all lines up to it.
fn value<'line>(chain: &mut Digest, line: &'line str) -> Option<&'line str> {
    let (digest, value) = line.strip_prefix(BEFORE_DIGEST)?.strip_suffix('}')?.split_once(BEFORE_VALUE)?;
    (chain.part(value).hex() == digest).then_some(value)
}

impl Writer {
    /// Writes one block behind the others, and hands it to the operating system before it returns.
    ///
    /// # Errors
    /// What the operating system says, and a file that is full: with the path.
    pub fn append<B: Serialize>(&mut self, block: &B) -> Result<(), FileError> {
        let text = line(&self.path, &mut self.chain, block)?;
        let bytes = self.bytes + text.len() as u64;
        if bytes > CAP_BYTES {
            let what = format!("is full: it takes no more than {} MiB", CAP_BYTES >> 20);
            let remedy = "more blocks would hardly tell more; allow a wider tolerance, or remove the file";
            return Err(FileError::whole(&self.path, what, remedy));
        }
        let file = match self.file.take() {
            Some(file) => Ok(file),
            None => behind(&self.path, self.bytes),
        };
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()).map(|()| file));
        self.file = Some(written.map_err(|error| FileError::system(&self.path, "cannot write", &error))?);
        self.bytes = bytes;
        Ok(())
    }

    /// Marks the file as used now, so that it is kept.
    ///
    /// # Errors
    /// What the operating system says, with the path.
    pub fn touch(&self) -> Result<(), FileError> {
        files::touch(&self.path).map_err(|error| FileError::system(&error.path, "cannot mark", &error.source))
    }
}

/// The file, cut to `bytes`, ready to be written on.
fn behind(path: &Path, bytes: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.set_len(bytes)?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = Stored<String, Vec<f64>>;

    /// A file about `pair` with these blocks.
    fn stored(folder: &Folder, blocks: &[Vec<f64>]) -> PathBuf {
        let mut writer = folder.begin("pair-a", &"pair").unwrap();
        blocks.iter().for_each(|block| writer.append(block).unwrap());
        folder.path.join("pair-a.jsonl")
    }

    fn blocks(path: &Path) -> Vec<Vec<f64>> {
        let read: Read = open(path).unwrap();
        assert_eq!(read.subject, "pair");
        read.blocks
    }

    #[test]
    fn blocks_come_back_to_the_last_bit_and_in_order() {
        let temp = tempfile::tempdir().unwrap();
        let written = [vec![0.1 + 0.2, -1e-300, 1.0 / 3.0], vec![], vec![f64::MAX, 5e-324]];
        assert_eq!(blocks(&stored(&Folder::new(temp.path()), &written)), written);
    }

    #[test]
    fn a_file_goes_on_where_it_ended() {
        let temp = tempfile::tempdir().unwrap();
        let path = stored(&Folder::new(temp.path()), &[vec![1.0]]);
        let mut read: Read = open(&path).unwrap();
        read.writer.append(&[2.0]).unwrap();
        read.writer.append(&[3.0]).unwrap();
        assert_eq!(blocks(&path), [[1.0], [2.0], [3.0]]);
    }

    #[test]
    fn a_torn_last_line_is_dropped_wherever_it_was_torn_and_overwritten() {
        let temp = tempfile::tempdir().unwrap();
        let path = stored(&Folder::new(temp.path()), &[vec![1.0], vec![2.0]]);
        let whole = fs::read(&path).unwrap();
        let kept = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
        for length in kept..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(blocks(&path), [[1.0]], "cut off at {length}");
            let mut read: Read = open(&path).unwrap();
            read.writer.append(&[4.0]).unwrap();
            assert_eq!(blocks(&path), [[1.0], [4.0]], "cut off at {length}");
        }
    }

    #[test]
    fn a_line_that_was_changed_left_out_moved_or_added_is_refused_with_its_number() {
        let temp = tempfile::tempdir().unwrap();
        let path = stored(&Folder::new(temp.path()), &[vec![1.0], vec![2.0], vec![3.0]]);
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let cases = [
            ("changed", text.replace("[2.0]", "[2.5]"), 3),
            ("the subject changed", text.replace("\"pair\"", "\"pain\""), 1),
            ("left out", text.replace(&format!("{}\n", lines[2]), ""), 3),
            ("moved", [lines[0], lines[2], lines[1], lines[3], ""].join("\n"), 2),
            ("added", format!("{text}{}\n", lines[3]), 5),
            ("no digest", format!("{text}[4.0]\n"), 5),
            ("an empty line", format!("{text}\n"), 5),
        ];
        for (what, damaged, line) in cases {
            assert_ne!(damaged, text, "{what}");
            fs::write(&path, damaged).unwrap();
            assert_eq!(open::<String, Vec<f64>>(&path).unwrap_err().line, Some(line), "{what}");
        }
    }

    #[test]
    fn hostile_files_are_refused_and_never_panic() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("pair.jsonl");
        let valid = |values: &[&str]| {
            let mut chain = Digest::default();
            let line =
                |value: &&str| format!("{BEFORE_DIGEST}{}{BEFORE_VALUE}{value}}}\n", chain.part(value).hex());
            values.iter().map(line).collect::<String>()
        };
        let first = format!("{{\"schema\":\"{SCHEMA}\",\"subject\":\"pair\"}}");
        let deep = "[".repeat(100_000);
        for text in [
            String::new(),
            "\n".into(),
            "garbage\n".into(),
            valid(&["{\"schema\":\"darwin.evidence.v9\",\"subject\":\"pair\"}"]),
            valid(&["{\"subject\":\"pair\"}"]),
            valid(&[&first, "[1e999]"]),
            valid(&[&first, "[NaN]"]),
            valid(&[&first, "{}"]),
            valid(&[&first, &deep]),
        ] {
            fs::write(&path, &text).unwrap();
            assert!(
                open::<String, Vec<f64>>(&path).is_err(),
                "{}",
                text.chars().take(120).collect::<String>()
            );
        }
        fs::write(&path, [0xff, 0xfe, b'\n']).unwrap();
        assert!(open::<String, Vec<f64>>(&path).is_err());
        assert!(open::<String, Vec<f64>>(temp.path()).is_err(), "a folder");
    }

    #[test]
    fn a_file_of_another_kind_in_its_place_is_never_written_through() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path());
        let path = stored(&folder, &[]);
        let elsewhere = temp.path().join("elsewhere");
        fs::write(&elsewhere, "mine").unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(open::<String, Vec<f64>>(&path).is_err());
        stored(&folder, &[vec![1.0]]);
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "mine");
        assert_eq!(blocks(&path), [[1.0]]);
    }

    #[test]
    fn the_files_used_last_are_kept() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path());
        for number in 0..=KEPT_FILES {
            let writer = folder.begin(&format!("pair-{number:03}"), &number).unwrap();
            let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000 + number as u64);
            let times = fs::FileTimes::new().set_modified(then);
            File::open(&writer.path).unwrap().set_times(times).unwrap();
        }
        let first: Stored<usize, ()> = open(&folder.named("pair-001").unwrap()[0]).unwrap();
        first.writer.touch().unwrap();
        folder.begin("other", &0).unwrap();
        assert_eq!(folder.named("").unwrap().len(), KEPT_FILES);
        assert!(folder.named("pair-000").unwrap().is_empty() && folder.named("pair-002").unwrap().is_empty());
        assert_eq!(folder.named("pair-001").unwrap().len(), 1);
    }
}
