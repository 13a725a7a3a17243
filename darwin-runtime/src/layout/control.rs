//! The control page: what the measured processes are told, and where two of them take turns.

use std::sync::atomic::{AtomicU32, AtomicU64};

/// The page in which `cargo darwin` tells the measured processes what to do, and in which two of them take turns.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Control {
    /// [`CONTROL_MAGIC`](super::CONTROL_MAGIC).
    pub magic: AtomicU64,
    /// [`VERSION`](super::VERSION).
    pub version: AtomicU32,
    /// See [`plan`].
    pub plan: AtomicU32,
    /// For `FIXED`: iterations of a bench.
    pub iterations: AtomicU64,
    /// For `TIMED`: nanoseconds of measured iterations of a bench.
    pub duration_nanos: AtomicU64,
    /// For turns: nanoseconds of one.
    pub turn_nanos: AtomicU64,
    /// For `TURNS`: pairs of turns, the first of which is for warming up.
    pub pairs: AtomicU32,
    /// For turns: the side (0 or 1) that makes the first one.
    pub coin: AtomicU32,
    /// Seed of each side's random heap start; zero leaves the heap alone.
    pub heap_seed: [AtomicU64; 2],
    /// Turns that were completed, from 0: the number of the one that may run now. A futex.
    pub turn: AtomicU32,
    /// One for a side that has ended or will not take further turns.
    pub gone: [AtomicU32; 2],
    /// Why the turns were broken off, see [`broken`]: the block is void. Zero: they were not.
    pub broken: AtomicU32,
    /// For turns: nanoseconds at the start of one that do not count: the other side has emptied the caches.
    pub warm_up_nanos: AtomicU64,
    /// Entries that the first mover of the current pair made to warm up ...
    pub warm_up_entries: AtomicU64,
    /// ... and to be counted.
    pub entries: AtomicU64,
    /// For `SITES`: what happens now, see [`stage`].
    pub stage: AtomicU32,
    /// For `SITES`: samples are logged in every so many pairs; a long run would fill the memory.
    pub stride: AtomicU32,
    /// For `SITES`: when the stage began, `CLOCK_MONOTONIC` in nanoseconds.
    pub stage_began: AtomicU64,
    /// For `SITES`: entries that the second mover has made in this stage.
    pub repeated: AtomicU64,
    /// For `SITES`: threads of each side that have entered in its turn and have not come to rest since.
    pub active: [AtomicU32; 2],
    /// For `SITES`: one for a side that has reached its first site.
    pub arrived: [AtomicU32; 2],
    /// For `SITES`: turns at whose end threads of the side still ran.
    pub dirty: [AtomicU32; 2],
    /// Processes of each side in the order of their starts, the main one first.
    pub members: [[AtomicU32; MEMBERS]; 2],
    /// Nanoseconds for which each side waited for the other ...
    pub waited_nanos: [AtomicU64; 2],
    /// ... and what its threads computed meanwhile.
    pub burnt_nanos: [AtomicU64; 2],
    /// Name of a thread that did, 16 bytes as the operating system has them.
    pub burner: [AtomicU64; 2],
    /// Processes of each side that measured and could not make a map: their calls are nowhere.
    pub without_map: [AtomicU32; 2],
    /// For turns: what is left out for an experiment, bits of [`left_out`].
    pub left_out: AtomicU32,
    /// How calls are counted: see [`mode`](super::mode). Where turns are taken, every call is timed.
    pub mode: AtomicU32,
    /// For `SITES`: how many of the following are used.
    pub pacing_count: AtomicU32,
    /// For `SITES`: hashes of the names of the sites at whose entries work is counted, in ascending order.
    pub pacing: [AtomicU64; PACING_SITES],
}

/// Processes of one side that may take part in turns.
pub const MEMBERS: usize = 32;

/// Sites by whose entries turns can be paced.
pub const PACING_SITES: usize = 4096;

/// Values of [`Control::stage`]: [`NOT_STARTED`](stage::NOT_STARTED), [`FREE`](stage::FREE), or the turn's number plus
/// one, shifted by [`TURN_SHIFT`](stage::TURN_SHIFT), and its part.
pub mod stage {
    /// Not both sides have reached their first site.
    pub const NOT_STARTED: u32 = 0;
    /// No more turns: both sides run as they like.
    pub const FREE: u32 = u32::MAX;
    /// Above the part.
    pub const TURN_SHIFT: u32 = 2;
    /// Part: does not count.
    pub const WARM_UP: u32 = 0;
    /// Part: counts.
    pub const COUNTED: u32 = 1;
    /// Part: over; threads that are still running come to rest.
    pub const CLOSING: u32 = 2;
    /// Part: for an instant, while the next one is being prepared.
    pub const CHANGING: u32 = 3;
}

/// Bits of [`Control::left_out`].
pub mod left_out {
    /// The coin, and that pairs alternate: side 0 makes the first turn of every pair.
    pub const COIN: u32 = 1;
    /// Equal work: the second mover of a pair takes as long as the first.
    pub const EQUAL_WORK: u32 = 2;
}

/// Values of [`Control::broken`].
pub mod broken {
    /// The side whose turn it was did nothing for long: it may wait for something that the other one holds.
    pub const IDLE: u32 = 1;
    /// One side reached a site, and the other did nothing for long before it reached one.
    pub const NO_START: u32 = 2;
    /// More than [`MEMBERS`](super::MEMBERS) processes.
    pub const TOO_MANY_PROCESSES: u32 = 3;
}

/// Values of [`Control::plan`]: how a bench decides on the number of its iterations.
pub mod plan {
    /// For a given time.
    pub const TIMED: u32 = 1;
    /// A given number.
    pub const FIXED: u32 = 2;
    /// Taking turns with the process of the other side, iteration by iteration; samples go to the log.
    pub const TURNS: u32 = 3;
    /// Any program: taking turns with the other side at the entries of sites; samples go to the log.
    pub const SITES: u32 = 4;
}
