//! How much is called, generated and repeated.

use contestant::{BODIES, Loop};

/// Bodies by which the cost of a call is told; the first of [`BODIES`].
pub const COST_BODIES: usize = 3;

/// How long slices are, and how many.
#[derive(Debug, Clone, Copy)]
struct Slices {
    /// Nanoseconds of calls in one.
    ns: f64,
    /// Slices of a loop: their median is the figure of a repetition.
    count: u32,
}

/// For the cost of a call. Long against the 50 ms after which the worker of hotpath empties its queues: what it takes
/// from the processor belongs to the cost and must not fall between slices.
const COST: Slices = Slices { ns: 100e6, count: 5 };
/// For the truth of a median: long against interruptions, short against the moods of the machine.
const TRUTH: Slices = Slices { ns: 10e6, count: 9 };
/// For both in quick runs.
const QUICK: Slices = Slices { ns: 1e6, count: 3 };

/// What a call of nothing takes, roughly: by it the number of calls is the same for all contestants.
const COST_NS: f64 = 50.0;
/// Nanoseconds of a lap, roughly.
const LAP_NS: f64 = 1.1;

/// Calls of which the peak of memory is told.
pub const MEMORY_CALLS: u64 = 20_000_000;
/// The same in quick runs.
const QUICK_MEMORY_CALLS: u64 = 200_000;

/// Functions of the program that is started.
pub const START_FUNCTIONS: usize = 10_000;
/// The same in quick runs.
const QUICK_START_FUNCTIONS: usize = 200;

/// Functions of the program that is compiled.
pub const COMPILE_FUNCTIONS: usize = 1000;
/// The same in quick runs.
const QUICK_COMPILE_FUNCTIONS: usize = 100;

/// A loop of a body, and the chain of the bare body.
fn one(body: usize, slices: Slices) -> Loop {
    let call_ns = BODIES[body].laps as f64 * LAP_NS + COST_NS;
    let calls = (slices.ns / call_ns).ceil().max(1.0) as u64;
    Loop { body, calls, slices: slices.count, with_truth: true }
}

/// Loops that tell what a call costs.
pub fn cost(quick: bool) -> Vec<Loop> {
    let slices = if quick { QUICK } else { COST };
    (0..COST_BODIES).map(|body| one(body, slices)).collect()
}

/// Loops that tell whether a median is true.
pub fn truth(quick: bool) -> Vec<Loop> {
    let slices = if quick { QUICK } else { TRUTH };
    (COST_BODIES..BODIES.len()).map(|body| one(body, slices)).collect()
}

/// One loop of very many calls.
pub fn memory(quick: bool) -> Vec<Loop> {
    let slices = 9;
    let all = if quick { QUICK_MEMORY_CALLS } else { MEMORY_CALLS };
    vec![Loop { body: 0, calls: all / (u64::from(slices) + 1), slices, with_truth: false }]
}

/// Functions of the program that is started.
pub fn start(quick: bool) -> usize {
    if quick { QUICK_START_FUNCTIONS } else { START_FUNCTIONS }
}

/// Functions of the program that is compiled.
pub fn compile(quick: bool) -> usize {
    if quick { QUICK_COMPILE_FUNCTIONS } else { COMPILE_FUNCTIONS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_of_twenty_million_calls() {
        assert_eq!(memory(false)[0].all_calls(), 20_000_000);
        assert_eq!(memory(true)[0].all_calls(), 200_000);
    }

    #[test]
    fn every_body_is_in_one_of_the_two_tables() {
        let mut bodies: Vec<usize> = cost(false).iter().chain(&truth(false)).map(|one| one.body).collect();
        bodies.sort_unstable();
        assert_eq!(bodies, (0..BODIES.len()).collect::<Vec<_>>());
    }

    #[test]
    fn even_the_slowest_body_is_called_in_every_slice() {
        assert!(truth(false).iter().chain(&truth(true)).all(|one| one.calls >= 1));
    }
}
