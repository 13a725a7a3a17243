//! `darwin.baseline.toml`: what was measured when somebody last said "this is how it should be".
//!
//! The file is committed, so it is made not to conflict: sorted, one line per site and quantity, fixed
//! digits, and nothing that changes by itself (no time, commit, host name or source line).

mod accept;
mod changed;
mod form;
mod merge;
mod parse;
mod render;

use std::collections::BTreeMap;
use std::path::Path;

pub use self::accept::{accepted, update_accepted};
pub use self::merge::{EntryKey, merge};
pub use self::parse::parse;
pub use self::render::render;

use super::atomic::{lock_for_update, read_text, write_atomically};
use super::position::FileError;
use crate::model::{Nanos, Percent};
use form::Form;

/// The file's name, beside `darwin.toml`, or beside the package's manifest where there is none.
pub const FILE_NAME: &str = "darwin.baseline.toml";

/// The form that this program writes, and the newest that it reads. Version 1 does not say how its counts were counted.
pub const VERSION: u64 = 2;

/// About a thousand sites on three machines. Larger files are neither read nor written: made to hurt, one of
/// 4 MiB takes the TOML parser 650 MiB and two seconds.
pub const CAP_BYTES: u64 = 1 << 20;

/// Key of [`Counting::build`].
const BUILD: &str = "build";
/// Key of [`Counting::iterations`].
const ITERATIONS: &str = "iterations";

/// Almost three hours in nanoseconds; up to here an `f64` holds the digits that are written.
const MOST: f64 = 9e12;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BaselineFile {
    /// By name of the workload, such as `replay::mixed`.
    pub workloads: BTreeMap<String, WorkloadRecord>,
}

/// What was recorded of one workload.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkloadRecord {
    /// How the counts were counted; `None` in a file of version 1, and where there are none.
    pub counting: Option<Counting>,
    /// By name of the site; the same on every machine.
    pub counts: BTreeMap<String, Counts>,
    /// By machine class (processor, OS and architecture, rustc, as one text), then by name of the site.
    pub machines: BTreeMap<String, BTreeMap<String, Latencies>>,
}

/// What must be the same for counts to be compared exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    /// Compiler, target and a digest of the flags, see [`crate::io::baseline::same_build`].
    pub build: String,
    /// Iterations of a counting run: what is allocated once is shared by so many. `None` for whole runs.
    pub iterations: Option<u64>,
}

/// Memory per call of one site.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Allocations per call; `None` where they were not measured.
    pub allocs_per_call: Option<f64>,
    /// Bytes allocated per call; `None` where they were not measured.
    pub bytes_per_call: Option<f64>,
}

/// Latencies of one site on one machine class, the cost of measuring taken off.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Latencies {
    /// Mean; `None` where it was not measured.
    pub mean_ns: Option<Nanos>,
    /// Median; `None` where it was not measured.
    pub p50_ns: Option<Nanos>,
    /// 99 % quantile; `None` where there were too few calls.
    pub p99_ns: Option<Nanos>,
}

/// What a line of the file records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Allocations per call.
    AllocsPerCall,
    /// Bytes allocated per call.
    BytesPerCall,
    /// Mean latency in nanoseconds.
    MeanNs,
    /// Median latency in nanoseconds.
    P50Ns,
    /// 99 % quantile of the latency in nanoseconds.
    P99Ns,
}

impl Quantity {
    /// The key in the file, with the unit.
    pub fn key(self) -> &'static str {
        match self {
            Quantity::AllocsPerCall => "allocs_per_call",
            Quantity::BytesPerCall => "bytes_per_call",
            Quantity::MeanNs => "mean_ns",
            Quantity::P50Ns => "p50_ns",
            Quantity::P99Ns => "p99_ns",
        }
    }

    /// A value as it will be read again, once written.
    pub fn as_recorded(self, value: f64) -> f64 {
        format!("{value:.*}", self.digits()).parse().unwrap_or(value)
    }

    /// Digits after the point: a thousandth of an allocation, a hundredth of a nanosecond.
    fn digits(self) -> usize {
        match self {
            Quantity::AllocsPerCall | Quantity::BytesPerCall => 3,
            Quantity::MeanNs | Quantity::P50Ns | Quantity::P99Ns => 2,
        }
    }
}

/// The quantities of one site in one table: what parsing, rendering and merging go through.
trait Row: Copy + Default {
    const QUANTITIES: &'static [Quantity];
    fn get(&self, quantity: Quantity) -> Option<f64>;
    fn set(&mut self, quantity: Quantity, value: f64);
}

impl Row for Counts {
    const QUANTITIES: &'static [Quantity] = &[Quantity::AllocsPerCall, Quantity::BytesPerCall];

    fn get(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::AllocsPerCall => self.allocs_per_call,
            Quantity::BytesPerCall => self.bytes_per_call,
            Quantity::MeanNs | Quantity::P50Ns | Quantity::P99Ns => None,
        }
    }

    fn set(&mut self, quantity: Quantity, value: f64) {
        match quantity {
            Quantity::AllocsPerCall => self.allocs_per_call = Some(value),
            Quantity::BytesPerCall => self.bytes_per_call = Some(value),
            Quantity::MeanNs | Quantity::P50Ns | Quantity::P99Ns => {}
        }
    }
}

impl Row for Latencies {
    const QUANTITIES: &'static [Quantity] = &[Quantity::MeanNs, Quantity::P50Ns, Quantity::P99Ns];

    fn get(&self, quantity: Quantity) -> Option<f64> {
        let latency = match quantity {
            Quantity::MeanNs => self.mean_ns,
            Quantity::P50Ns => self.p50_ns,
            Quantity::P99Ns => self.p99_ns,
            Quantity::AllocsPerCall | Quantity::BytesPerCall => None,
        };
        latency.map(|Nanos(value)| value)
    }

    fn set(&mut self, quantity: Quantity, value: f64) {
        match quantity {
            Quantity::MeanNs => self.mean_ns = Some(Nanos(value)),
            Quantity::P50Ns => self.p50_ns = Some(Nanos(value)),
            Quantity::P99Ns => self.p99_ns = Some(Nanos(value)),
            Quantity::AllocsPerCall | Quantity::BytesPerCall => {}
        }
    }
}

/// Whether a number can stand in the file: finite, not negative, and at most [`MOST`].
fn recordable(value: f64) -> bool {
    value.is_sign_positive() && value <= MOST
}

/// The file, which must be there.
///
/// # Errors
/// As [`load_if_there`]; a missing file names the command that writes one.
pub fn load(path: &Path) -> Result<BaselineFile, FileError> {
    let remedy = "run `cargo darwin baseline` on code that is known to be good, and commit the file";
    load_if_there(path)?.ok_or_else(|| FileError::whole(path, "there is no baseline file", remedy))
}

/// The file, or `None` where there is none yet.
///
/// # Errors
/// Too large, not UTF-8, not of this form, or written by a newer version: with the line and the remedy.
pub fn load_if_there(path: &Path) -> Result<Option<BaselineFile>, FileError> {
    read_text(path, CAP_BYTES)?.map(|text| parse(path, &text)).transpose()
}

/// Whether [`update`] had anything to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// The file was made, or some of its lines changed.
    Written,
    /// Nothing moved beyond noise; the file was not touched.
    Unchanged,
}

/// Merges a measurement into the file and writes it, where a line changed. Line ends and a byte order mark stay as they
/// are, because git would show every line as changed. Of several processes that do so at once none loses anything.
///
/// # Errors
/// An existing file that cannot be read, or that a newer version wrote, is never overwritten; nor is a file
/// written that would be too large to be read.
pub fn update(
    path: &Path,
    measured: &BaselineFile,
    noise: impl Fn(EntryKey<'_>) -> Percent,
) -> Result<Updated, FileError> {
    // What another process writes between our reading and our writing would be lost.
    let _lock = lock_for_update(path)?;
    let text = read_text(path, CAP_BYTES)?;
    let old = text.as_deref().map(|text| parse(path, text)).transpose()?;
    let new = render(&merge(&old.clone().unwrap_or_default(), measured, noise));
    if old.is_some_and(|old| render(&old) == new) {
        return Ok(Updated::Unchanged);
    }
    let new = Form::of(text.as_deref().unwrap_or_default()).given_to(new);
    write_if_readable(path, &new).map(|()| Updated::Written)
}

/// Refuses a text that could not be read again.
fn write_if_readable(path: &Path, text: &str) -> Result<(), FileError> {
    if text.len() as u64 > CAP_BYTES {
        let what = format!("would grow beyond {} MiB and could not be read again", CAP_BYTES >> 20);
        return Err(FileError::whole(path, what, "record fewer workloads, for example with --workload"));
    }
    write_atomically(path, text)
}

#[cfg(test)]
mod tests;
