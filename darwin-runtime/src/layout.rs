//! The shared memory map: what a measured process writes and `cargo darwin` reads. Structures only, no logic.
//!
//! A file is a heap of 64-byte cells behind a [`Header`]. Everything is found by offsets from the start of the file
//! (fields named `*_at`) or, where the hot path follows them, by distances in cells from the structure that holds them
//! (fields named `*_cells`, wrapping, so that a structure may lie on either side). Zero means "none" everywhere.
//!
//! One thread writes a [`Block`] and its [`Slot`]s; a reader sums over blocks. All fields are atomics written with
//! plain relaxed stores, so that a reader of a running process sees each number whole.

mod control;
mod links;

use std::sync::atomic::{AtomicU32, AtomicU64};

pub use control::{Control, MEMBERS, PACING_SITES, broken, left_out, plan, stage};
pub use links::{Address, Link, Marked};

/// First eight bytes of a map: "DARWINMP".
pub const MAGIC: u64 = u64::from_le_bytes(*b"DARWINMP");

/// First eight bytes of a control page: "DARWINCT".
pub const CONTROL_MAGIC: u64 = u64::from_le_bytes(*b"DARWINCT");

/// Version of everything in this file. A reader refuses any other.
pub const VERSION: u32 = 5;

/// The one environment variable: the side (`0` or `1`), a colon, and the run directory. Both sides of a block get
/// values of equal length.
pub const RUN_VARIABLE: &str = "DARWIN_RUN";

/// Name of the control page in the run directory.
pub const CONTROL_FILE: &str = "control";

/// Ending of a map's file name in the run directory.
pub const MAP_EXTENSION: &str = "map";

/// Alignment of every structure, and the unit of `*_cells` distances: one cache line.
pub const CELL_BYTES: u64 = 64;

/// Counters in one histogram chunk: one power of two of latencies at three significant digits.
pub const CHUNK_COUNTERS: usize = 1024;

/// Chunks that cover every `u64`: 0..1023, 1024..2047, then one per power of two.
pub const CHUNKS: usize = 55;

/// Entries in one log chunk: 1 MiB less the header.
pub const LOG_ENTRIES: usize = (1 << 17) - 8;

/// Bits of a log entry that hold the ticks; the site's id stands above them.
pub const LOG_TICK_BITS: u32 = 48;

/// In place of a site's id: this entry begins the turn whose number its ticks give.
pub const LOG_TURN_MARK: u64 = 0xffff;

/// In place of a turn's number: what follows belongs to no turn.
pub const LOG_NO_TURN: u64 = 0xffff_ffff;

/// Fixed-point denominator of calibrated costs: they are kept in 1/1024 tick.
pub const COST_FRACTION: u64 = 1024;

/// Calls of the calibrating site that are one round. Of several rounds the cheapest counts: interruptions only ever add.
pub const CALIBRATING_CALLS: u64 = 256;

/// Start of a map.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Header {
    /// [`MAGIC`], stored last: a map without it is not yet made.
    pub magic: AtomicU64,
    /// [`VERSION`].
    pub version: AtomicU32,
    /// Process that writes.
    pub pid: AtomicU32,
    /// What a tick is: see [`clock_kind`].
    pub clock: AtomicU32,
    /// One after an orderly end (`main` returned, or `process::exit`).
    pub ended: AtomicU32,
    /// Clock pair at the start: ticks ...
    pub start_ticks: AtomicU64,
    /// ... and `CLOCK_MONOTONIC` in nanoseconds.
    pub start_nanos: AtomicU64,
    /// What measuring adds to a call, in 1/[`COST_FRACTION`] tick.
    pub call_cost: AtomicU64,
    /// What the body of the calibrating site's calls takes without measuring, in 1/[`COST_FRACTION`] tick.
    pub calibration_body: AtomicU64,
    /// Bytes handed out so far, from the start of the file.
    pub used: Link<AtomicU64>,
    /// First [`SiteRecord`].
    pub sites_at: Link<AtomicU64>,
    /// Number of site records; ids run from 1.
    pub site_count: AtomicU64,
    /// First [`Block`].
    pub blocks_at: Link<AtomicU64>,
    /// Calls that found no room in the map, or interrupted the runtime itself.
    pub lost: AtomicU64,
    /// One when `darwin_runtime::Alloc` has allocated anything.
    pub alloc_installed: AtomicU32,
    /// How calls are counted: see [`mode`].
    pub mode: AtomicU32,
}

/// Values of [`Header::clock`].
pub mod clock_kind {
    /// The processor's own counter; its rate comes from clock pairs.
    pub const COUNTER: u32 = 1;
    /// The operating system's monotonic clock: a tick is a nanosecond.
    pub const NANOS: u32 = 2;
}

/// Values of [`Header::mode`] and [`Control::mode`].
pub mod mode {
    /// Every call is timed.
    pub const EXACT: u32 = 0;
    /// The same, with self times, callers and callees.
    pub const GRAPH: u32 = 1;
    /// Every call is counted; some, picked at random, are timed.
    pub const ADAPTIVE: u32 = 2;
}

/// One site. Written once, before its id is given out.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct SiteRecord {
    /// Next record.
    pub next_at: Link<AtomicU64>,
    /// Id, from 1.
    pub id: AtomicU32,
    /// See [`site_kind`].
    pub kind: AtomicU32,
    /// Line of the name in its file, from 1.
    pub line: AtomicU32,
    /// Column of the name in its line, from 1.
    pub column: AtomicU32,
    /// Name, UTF-8.
    pub name_at: AtomicU64,
    /// Its length in bytes.
    pub name_bytes: AtomicU64,
    /// Source file, UTF-8.
    pub file_at: AtomicU64,
    /// Its length in bytes.
    pub file_bytes: AtomicU64,
    /// First [`BudgetRecord`] of an array.
    pub budgets_at: AtomicU64,
    /// Length of that array.
    pub budget_count: AtomicU64,
    /// Items that one call handles.
    pub items_per_call: AtomicU64,
    /// Bytes that one call handles.
    pub bytes_per_call: AtomicU64,
}

/// Values of [`SiteRecord::kind`].
pub mod site_kind {
    /// `#[hotpath]` on a function.
    pub const FUNCTION: u32 = 1;
    /// `#[hotpath]` on an async function.
    pub const ASYNC: u32 = 2;
    /// `#[bench]`.
    pub const BENCH: u32 = 3;
    /// `scope!`.
    pub const SCOPE: u32 = 4;
    /// The runtime's own site: its median, less the body of its calls, is what measuring adds to a reported latency.
    pub const CALIBRATION: u32 = 5;
}

/// One budget of a site.
#[derive(Debug)]
#[repr(C)]
pub struct BudgetRecord {
    /// See [`budget_metric`].
    pub metric: AtomicU64,
    /// The limit as the bits of an `f64`: nanoseconds, allocations or bytes.
    pub limit_bits: AtomicU64,
}

/// Values of [`BudgetRecord::metric`].
pub mod budget_metric {
    /// Median.
    pub const P50: u64 = 1;
    /// 90 % quantile.
    pub const P90: u64 = 2;
    /// 99 % quantile.
    pub const P99: u64 = 3;
    /// 99.9 % quantile.
    pub const P999: u64 = 4;
    /// Mean.
    pub const MEAN: u64 = 5;
    /// Slowest call.
    pub const MAX: u64 = 6;
    /// Allocations per call.
    pub const ALLOCS: u64 = 7;
    /// Bytes per call.
    pub const BYTES: u64 = 8;
}

/// What one thread counts into. Reused by another thread when this one ends.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Block {
    /// Next block.
    pub next_at: Link<AtomicU64>,
    /// First [`LogChunk`] of this block, newest first.
    pub log_at: Link<AtomicU64>,
    /// Where the next thread goes on in that log; stored when a thread ends.
    pub log_next_at: AtomicU64,
    /// See [`block_state`].
    pub state: AtomicU32,
    /// Length of the table that follows this structure: one [`Entry`] per site id (0 unused).
    pub slot_count: Link<AtomicU32>,
    /// The operating system's id of the thread that counts here.
    pub thread: AtomicU32,
}

/// A site's place in a block.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct Entry {
    /// Distance in cells from the block to the site's [`Slot`].
    pub slot_cells: AtomicU32,
    /// For `ADAPTIVE`: calls that will not be timed. They are in [`Slot::calls`] already.
    pub left: AtomicU32,
    /// The slot.
    pub slot: Address<Slot>,
}

/// Values of [`Block::state`].
pub mod block_state {
    /// Nobody counts here; the next thread may.
    pub const FREE: u32 = 0;
    /// A thread counts here.
    pub const CLAIMED: u32 = 1;
}

/// What one thread counted at one site.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Slot {
    /// Completed calls.
    pub calls: AtomicU64,
    /// Sum of their ticks.
    pub ticks: AtomicU64,
    /// The slowest of them, in ticks.
    pub max: AtomicU64,
    /// Allocations within completed calls.
    pub allocs: AtomicU64,
    /// Bytes allocated within completed calls.
    pub bytes: AtomicU64,
    /// Calls that ended in a panic.
    pub panicked: AtomicU64,
    /// Futures dropped before they were ready.
    pub cancelled: AtomicU64,
    /// Polls of completed futures.
    pub polls: AtomicU64,
    /// Sum of the ticks of those polls.
    pub busy_ticks: AtomicU64,
    /// Distance in cells from this slot to the chunk of [`CHUNK_COUNTERS`] 32-bit counters, per chunk.
    pub chunks_cells: [Link<AtomicU32>; CHUNKS],
    /// The same for the carries: how often the counter at that place ran over.
    pub carries_cells: [Link<AtomicU32>; CHUNKS],
    /// Of the writer alone: which chunk was used last. Holds an address of its process; nobody else looks at it.
    pub recent: Link<AtomicU64>,
    /// For `GRAPH`: completed calls that were made from within the site: all others are primitive ...
    pub nested_calls: AtomicU64,
    /// ... the ticks of those, and of those that panicked ...
    pub nested_ticks: AtomicU64,
    /// ... calls that are open now, if not a single one by the edge that was used last ...
    pub depth: AtomicU32,
    /// ... and the distance in cells from this slot to the first [`Edge`].
    pub edges_cells: Link<AtomicU32>,
    /// The edge that was used last, marked while no call of the site is open.
    pub recent_edge: Marked<Edge>,
    /// For `ADAPTIVE`: of so many calls one is timed next, and stands for all of them ...
    pub stretch: AtomicU32,
    /// ... and so many of them come behind it.
    pub rest: AtomicU32,
    /// Calls from the last timed one to the next, that one included.
    pub span: AtomicU32,
    /// When the last one was timed, in ticks.
    pub sampled_at: AtomicU64,
    /// Calls that were not timed and did not complete: they panicked, or were cancelled.
    pub unfinished: AtomicU64,
    /// Frees within completed calls.
    pub frees: AtomicU64,
    /// Bytes freed within completed calls.
    pub freed_bytes: AtomicU64,
    /// Most bytes that one of these calls held at once, above what its thread held when it began.
    pub peak_bytes: AtomicU64,
}

/// Most calls of which one is timed.
pub const LONGEST_STRETCH: u32 = 1 << 16;

/// For `GRAPH`: the calls that one site made of another, kept at the one that was called. Panicked calls are in the times.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Edge {
    /// Distance in cells from this edge to the next one of the same slot.
    pub next_cells: Link<AtomicU32>,
    /// Id of the site that called; zero: none that is measured.
    pub caller: AtomicU32,
    /// Calls that are open now.
    pub depth: AtomicU32,
    /// Completed calls ...
    pub calls: AtomicU64,
    /// ... the ticks of those, and of those that panicked ...
    pub ticks: AtomicU64,
    /// ... and what of both was made from within another call of this edge: all others are primitive.
    pub nested_calls: AtomicU64,
    /// Their ticks.
    pub nested_ticks: AtomicU64,
    /// Ticks of all of them without those of the measured calls that they made.
    pub self_ticks: AtomicU64,
}

/// Raw samples of one thread in the order of their ends, used instead of histograms while two processes take turns.
/// An entry is the site's id shifted by [`LOG_TICK_BITS`], and the ticks; zero ends the log.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct LogChunk {
    /// The chunk filled before this one.
    pub previous_at: AtomicU64,
    /// Fills the first cell.
    pub reserved: [AtomicU64; 7],
    /// The entries.
    pub entries: [AtomicU64; LOG_ENTRIES],
}
