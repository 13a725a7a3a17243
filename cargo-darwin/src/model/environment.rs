//! What the surroundings of one block were like, and why a block may be thrown away for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Nanos;

/// A tick of the kernel's accounts: `USER_HZ` is 100 a second on every architecture that Rust runs Linux on.
pub const TICK: Nanos = Nanos(10_000_000.0);

/// What one measured process used, told by the kernel after its end. `None`: not told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Page faults that had to read from a disk, those of waited-for children among them.
    pub major_faults: Option<u64>,
    /// Times its first thread was taken off a processor while it could have gone on.
    pub involuntary_switches: Option<u64>,
    /// Times its first thread was moved to another processor.
    pub migrations: Option<u64>,
    /// Processor time of all its threads and waited-for children; where only ticks are known, the most that it can
    /// have been.
    pub cpu: Option<Nanos>,
}

/// The signs of the environment over one block of one workload. `None`: this system does not tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Signs {
    /// Length of the block.
    pub length: Nanos,
    /// Processors that the block could use, and whose ticks are counted.
    pub processors: usize,
    /// Ticks (of 10 ms) that a hypervisor gave to other machines.
    pub steal_ticks: Option<u64>,
    /// Ticks spent in interrupts, hard and soft.
    pub interrupt_ticks: Option<u64>,
    /// Ticks in which they had nothing to do.
    pub idle_ticks: Option<u64>,
    /// Time in which some task waited for a processor: of our own cgroup where it tells, else of the whole machine.
    pub pressure: Option<Nanos>,
    /// Periods in which our cgroup had used up its quota.
    pub throttled_periods: Option<u64>,
    /// Times that a core slowed down because it was hot.
    pub thermal_throttles: Option<u64>,
    /// What the measured processes used, one after another.
    pub usages: Vec<Usage>,
}

/// Kinds of reasons for which a block is thrown away, few and fixed, so that they can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VoidKind {
    /// The processes could not make all their turns.
    Turns,
    /// A hypervisor gave the processor to another machine.
    Steal,
    /// The cgroup had used up its quota.
    Throttling,
    /// Other programs ran in place of the measured ones.
    Pressure,
    /// Memory had to be read from a disk.
    Faults,
}

/// Why one block was thrown away: decided on the environment, never on timings.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidReason {
    /// Which kind.
    pub kind: VoidKind,
    /// What was seen, with its figure.
    pub words: String,
}

impl VoidReason {
    /// A reason of this kind in these words.
    pub fn new(kind: VoidKind, words: impl Into<String>) -> VoidReason {
        VoidReason { kind, words: words.into() }
    }
}

/// How many blocks one kind of reason has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VoidCount {
    /// Which kind.
    pub kind: VoidKind,
    /// Blocks.
    pub count: u32,
}
