//! What can be read about this machine without privileges. `None`: this system does not tell.

use super::Nanos;

/// Everything that `doctor` looks at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// The processor's name.
    pub processor: Option<String>,
    /// The hypervisor's name, empty if it has none that can be read; `None` on bare metal.
    pub hypervisor: Option<String>,
    /// Do two hardware threads share each core?
    pub smt: Option<bool>,
    /// Frequency governors of the processors that we may use, each once, in order.
    pub governors: Vec<String>,
    /// May cores run faster than their nominal frequency?
    pub boost: Option<bool>,
    /// How time is told.
    pub clock: TimeSource,
    /// Are addresses of programs random? 0 no, 1 all but the heap, 2 fully.
    pub address_randomness: Option<u32>,
    /// Processors that the cgroup's quota amounts to; `None` without a quota.
    pub quota_processors: Option<f64>,
    /// Processors that this process may use.
    pub allowed_processors: usize,
    /// Does the machine run on its battery? `None` where it has none.
    pub on_battery: Option<bool>,
    /// Memory that a new program can have, in bytes.
    pub available_memory_bytes: Option<u64>,
    /// Swap space in use, in bytes.
    pub used_swap_bytes: Option<u64>,
    /// Where maps of measured processes will lie.
    pub run_folder: RunFolder,
    /// Other cargo and rustc processes.
    pub builders: Vec<Builder>,
    /// What went on while we looked.
    pub load: Load,
    /// How long the same work took, again and again.
    pub spins: Vec<Nanos>,
}

/// How time is told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimeSource {
    /// The kernel's clock source.
    pub kernel: Option<String>,
    /// Do measured calls read the processor's counter (`false`: they ask the operating system)?
    pub counter: bool,
    /// Was a later reading below an earlier one?
    pub went_back: bool,
}

/// The folder of a run's shared memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunFolder {
    /// Its path.
    pub path: String,
    /// The kind of its file system, such as `tmpfs`.
    pub file_system: Option<String>,
    /// Room that is left, in bytes.
    pub free_bytes: Option<u64>,
}

/// A process that builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Builder {
    /// Its process id.
    pub pid: u32,
    /// Its name.
    pub name: String,
}

/// What others did over a short window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load {
    /// Length of the window.
    pub window: Nanos,
    /// Time within it in which some task of the machine waited for a processor.
    pub waiting: Option<Nanos>,
    /// Ticks (of 10 ms) that a hypervisor took from all processors together.
    pub steal_ticks: Option<u64>,
    /// Processors of the machine.
    pub processors: usize,
}
