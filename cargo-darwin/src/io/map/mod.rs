//! Reads what measured processes left in their maps. A map is hostile input: every offset is checked, every list is
//! bounded, and nothing is allocated by a length that the file states.

mod bytes;
mod edges;
mod log;
mod sites;
mod totals;

pub use edges::EdgeTotals;
pub use log::{Turn, samples_of, turns};
pub use sites::RawSite;
pub use totals::SiteTotals;

use std::path::{Path, PathBuf};

use darwin_runtime::layout::{self, Header, clock_kind, mode};
use thiserror::Error;

use crate::model::Mode;

use bytes::Bytes;

/// Why a map cannot be read.
#[derive(Debug, Error)]
pub enum MapError {
    /// The file system's word.
    #[error("cannot read the map {path}: {source}")]
    Read {
        /// The map.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// Not a map, or a damaged one.
    #[error("the map {path} is damaged: {what}")]
    Damaged {
        /// The map.
        path: PathBuf,
        /// What was found.
        what: &'static str,
    },
    /// Written by another version of the runtime.
    #[error(
        "the map {path} has version {found}, this cargo-darwin reads version {}; use the same version of darwin-runtime and cargo-darwin",
        layout::VERSION
    )]
    Version {
        /// The map.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// Processes of one run counted by different clocks.
    #[error(
        "some of the workload's processes measured by the processor's counter and others by the system's clock, which cannot be added up; build all of them for the same architecture, and let all of them read /sys/devices/system/clocksource"
    )]
    Clocks,
}

/// Largest map that is read: a run that wrote more is broken.
const MOST_BYTES: u64 = 8 << 30;

/// How a process measured: its clock and what measuring cost.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// See [`clock_kind`].
    kind: u32,
    start_ticks: u64,
    start_nanos: u64,
    /// What measuring adds to a call, in ticks.
    pub call_cost_ticks: f64,
    /// What the body of its calibrating calls takes, in ticks.
    calibration_body_ticks: f64,
}

impl Clock {
    /// What measuring shows at a call, of what its calibrating calls have shown in the median.
    pub fn empty_ticks(&self, shown: f64) -> f64 {
        (shown - self.calibration_body_ticks).max(0.0)
    }
}

/// A tick and the time of day at one instant, taken by the reader.
#[derive(Debug, Clone, Copy)]
pub struct ClockPair {
    /// Ticks of the processor's counter.
    pub ticks: u64,
    /// `CLOCK_MONOTONIC` in nanoseconds.
    pub nanos: u64,
}

impl Clock {
    /// Is a tick one of the processor's counter?
    pub fn is_counter(&self) -> bool {
        self.kind == clock_kind::COUNTER
    }

    /// Nanoseconds per tick, from the process's pair at its start and the reader's pair at its end.
    pub fn nanos_per_tick(&self, end: ClockPair) -> f64 {
        match self.kind {
            clock_kind::NANOS => 1.0,
            _ => {
                let nanos = end.nanos.saturating_sub(self.start_nanos).max(1);
                let ticks = end.ticks.saturating_sub(self.start_ticks).max(1);
                nanos as f64 / ticks as f64
            }
        }
    }
}

/// One process's map, copied into memory.
#[derive(Debug)]
pub struct Map {
    path: PathBuf,
    bytes: Bytes,
    /// Its clock.
    pub clock: Clock,
    /// Calls that were not counted.
    pub lost: u64,
    /// How calls were counted.
    pub mode: Mode,
    /// Was a counting allocator installed?
    pub counts_allocations: bool,
    /// Process that wrote it.
    pub pid: u32,
    /// Sites in order of their ids.
    pub sites: Vec<RawSite>,
}

impl Map {
    /// Reads the map at `path`; `None` when its process died before the map was made.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or of another version.
    pub fn read(path: &Path) -> Result<Option<Map>, MapError> {
        let read = |source| MapError::Read { path: path.to_owned(), source };
        let length = std::fs::metadata(path).map_err(read)?.len();
        if length > MOST_BYTES {
            return Err(MapError::Damaged { path: path.to_owned(), what: "larger than 8 GiB" });
        }
        let content = Bytes::new(std::fs::read(path).map_err(read)?);
        Map::parse(path, content)
    }

    fn parse(path: &Path, bytes: Bytes) -> Result<Option<Map>, MapError> {
        let damaged = |what| MapError::Damaged { path: path.to_owned(), what };
        let header = bytes::header(&bytes);
        match header.u64(std::mem::offset_of!(Header, magic)) {
            Some(layout::MAGIC) => {}
            None | Some(0) => return Ok(None),
            Some(_) => return Err(damaged("it does not begin with DARWINMP")),
        }
        let found = header.u32(std::mem::offset_of!(Header, version)).unwrap_or(0);
        if found != layout::VERSION {
            return Err(MapError::Version { path: path.to_owned(), found });
        }
        let number = |offset| header.u64(offset).ok_or(damaged("its header is cut off"));
        let cost = |offset| number(offset).map(|cost| cost as f64 / layout::COST_FRACTION as f64);
        let clock = Clock {
            kind: header
                .u32(std::mem::offset_of!(Header, clock))
                .filter(|kind| [clock_kind::COUNTER, clock_kind::NANOS].contains(kind))
                .ok_or(damaged("its clock is unknown"))?,
            start_ticks: number(std::mem::offset_of!(Header, start_ticks))?,
            start_nanos: number(std::mem::offset_of!(Header, start_nanos))?,
            call_cost_ticks: cost(std::mem::offset_of!(Header, call_cost))?,
            calibration_body_ticks: cost(std::mem::offset_of!(Header, calibration_body))?,
        };
        let lost = number(std::mem::offset_of!(Header, lost))?;
        let counts_allocations = header.u32(std::mem::offset_of!(Header, alloc_installed)) == Some(1);
        let mode = match header.u32(std::mem::offset_of!(Header, mode)) {
            Some(mode::EXACT) => Mode::Exact,
            Some(mode::GRAPH) => Mode::Graph,
            Some(mode::ADAPTIVE) => Mode::Adaptive,
            _ => return Err(damaged("its mode is unknown")),
        };
        let pid = header.u32(std::mem::offset_of!(Header, pid)).unwrap_or(0);
        let sites = sites::read(&bytes, number(std::mem::offset_of!(Header, sites_at))?).map_err(damaged)?;
        Ok(Some(Map { path: path.to_owned(), bytes, clock, lost, mode, counts_allocations, pid, sites }))
    }

    /// Gives back the memory of what was reserved and not used; for a map whose process has ended. A workload may start
    /// ten thousand.
    pub fn shrink(&mut self) {
        let used = bytes::header(&self.bytes).u64(std::mem::offset_of!(Header, used));
        self.bytes.shrink(used.unwrap_or(u64::MAX));
    }

    /// Was it counted in `mode`, as was asked for?
    ///
    /// # Errors
    /// When it was not.
    pub fn expect_mode(&self, mode: Mode) -> Result<(), MapError> {
        let what = "it was counted in another mode than the one that was asked for";
        if self.mode == mode { Ok(()) } else { Err(self.damaged(what)) }
    }

    /// What each site counted over all threads, in the order of `sites`.
    ///
    /// # Errors
    /// When the map is damaged, or one of its counters has run over.
    pub fn totals(&self) -> Result<Vec<SiteTotals>, MapError> {
        let read = totals::read(&self.bytes, self.sites.len(), self.mode);
        let totals = read.map_err(|what| self.damaged(what))?;
        match totals.iter().any(|totals| totals.has_run_over) {
            true => Err(self.damaged("one of its counters has run over")),
            false => Ok(totals),
        }
    }

    /// Threads that counted at the same time, at most.
    ///
    /// # Errors
    /// When the map is damaged.
    pub fn threads(&self) -> Result<usize, MapError> {
        totals::blocks(&self.bytes).map(|blocks| blocks.len()).map_err(|what| self.damaged(what))
    }

    /// The logs of all threads, each entry as it was written, oldest first.
    ///
    /// # Errors
    /// When the map is damaged.
    pub fn logs(&self) -> Result<Vec<Vec<u64>>, MapError> {
        log::read(&self.bytes).map_err(|what| self.damaged(what))
    }

    fn damaged(&self, what: &'static str) -> MapError {
        MapError::Damaged { path: self.path.clone(), what }
    }
}

#[cfg(test)]
mod tests;
