//! What the driver asks a contestant to do, and what it answers: one line of JSON each way, without logic. Both ends
//! compile this file.

use serde::{Deserialize, Serialize};

/// A body: so many laps of dependent arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body {
    /// Name of the function in every contestant, and so of its site.
    pub name: &'static str,
    /// Laps, each of four cycles: 1.1 ns on the machine that they were chosen on.
    pub laps: u64,
    /// What it comes to, for people.
    pub about: &'static str,
}

/// Every body, in the order of its number: three for the cost of a call, seven for the truth of a latency.
pub const BODIES: [Body; 10] = [
    Body { name: "short", laps: 1, about: "1 ns" },
    Body { name: "middle", laps: 45, about: "50 ns" },
    Body { name: "long", laps: 920, about: "1 us" },
    Body { name: "known_5_ns", laps: 4, about: "5 ns" },
    Body { name: "known_20_ns", laps: 18, about: "20 ns" },
    Body { name: "known_80_ns", laps: 73, about: "80 ns" },
    Body { name: "known_330_ns", laps: 300, about: "330 ns" },
    Body { name: "known_1300_ns", laps: 1_180, about: "1.3 us" },
    Body { name: "known_100_us", laps: 91_000, about: "100 us" },
    Body { name: "known_10_ms", laps: 9_100_000, about: "10 ms" },
];

/// Calls between two roots of a trace, or two frames of a game: the peers that collect in such portions get them, and all
/// others a loop of the same form.
pub const CALLS_PER_PORTION: u64 = 1000;

/// What a contestant is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Which one, of those that the binary was built with.
    pub contestant: String,
    /// One thread for each of these processors, bound to it.
    pub processors: Vec<usize>,
    /// One after the other.
    pub loops: Vec<Loop>,
}

/// Calls of one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loop {
    /// Number in [`BODIES`].
    pub body: usize,
    /// Calls that are timed together.
    pub calls: u64,
    /// How often; one more comes before them to warm up.
    pub slices: u32,
    /// Whether the bare body is timed as well, before the contestant has started anything.
    pub with_truth: bool,
}

impl Loop {
    /// Calls of one thread, warming up included.
    pub fn all_calls(&self) -> u64 {
        self.calls * (u64::from(self.slices) + 1)
    }
}

/// What it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// In the order of the job.
    pub loops: Vec<Timed>,
    /// Most memory that was resident when the calls had been made, and nothing had been reported yet.
    pub peak_kib: u64,
    /// The same when the contestant had reported.
    pub reported_peak_kib: u64,
    /// What the contestant says that it recorded; `None` for one that records nothing, or whose record others read.
    pub recorded: Option<Vec<Recorded>>,
}

/// Times of one loop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    /// Nanoseconds of a call, for each slice of each thread.
    pub call_ns: Vec<f64>,
    /// The same for a chain of the bare body; empty where it was not asked for.
    pub truth_ns: Vec<f64>,
}

/// What a contestant recorded of one body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Number in [`BODIES`]; `None` where the record does not tell bodies apart.
    pub body: Option<usize>,
    /// Calls.
    pub calls: u64,
    /// Median latency, where it tells one.
    pub p50_ns: Option<f64>,
}
