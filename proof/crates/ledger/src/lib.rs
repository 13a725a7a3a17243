//! A program that keeps its entries in a file which others use as well, as tests with a common database do. Whoever comes
//! second finds more of them.

use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use darwin_runtime::hotpath;

/// Bytes of an entry.
const ENTRY: u64 = 8;
/// Laps with an empty file, some microseconds.
const LAPS: u64 = 600;
/// One lap more for so many entries: in turns of some thousand entries the second has one or two per cent more laps.
const ENTRIES: u64 = 128;

/// The file, open.
pub struct Ledger {
    file: File,
    path: PathBuf,
}

impl Ledger {
    /// An empty one, shared by all programs that one program has started.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open() -> io::Result<Ledger> {
        let name = format!("darwin-proof-ledger-{}", std::os::unix::process::parent_id());
        let path = std::env::temp_dir().join(name);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        file.set_len(0)?;
        Ok(Ledger { file, path })
    }

    /// Looks through what is there, and adds an entry.
    ///
    /// # Errors
    /// What the operating system says.
    #[hotpath]
    pub fn enter(&mut self, entry: u64) -> io::Result<u64> {
        let entries = self.file.seek(SeekFrom::End(0))? / ENTRY;
        self.file.write_all(&entry.to_le_bytes())?;
        Ok(laps(entry, black_box(LAPS) + entries / ENTRIES))
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Another program may have been faster.
        let _ = fs::remove_file(&self.path);
    }
}

/// So many laps, of which each waits for the one before.
fn laps(seed: u64, count: u64) -> u64 {
    (0..count).fold(seed, |state, lap| (state ^ lap).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(7))
}
