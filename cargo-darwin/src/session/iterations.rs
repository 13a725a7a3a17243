//! Turns between the iterations of a bench: how long, and how many make a block.

use std::time::Duration;

/// Length of a turn: long against a handover (5 us), short against what changes on a shared machine. Of turns of 1 ms a block
/// of the order book had two thirds of the variance of turns of 3 ms, on a machine whose speed changed within milliseconds
/// (GATE.md, section 2).
pub const TURN: Duration = Duration::from_millis(1);

/// What each turn begins with and does not count: the other side has emptied the caches, and one or two calls in a
/// hundred would be slow for that alone, which is where p99 lies.
pub const WARM_UP: Duration = Duration::from_micros(200);

/// What the turns of a side take in a block. At a tolerance of 1 %, blocks of 60 ms took 17 s with 88 % power, those of
/// 18 ms 7 s with 98 % (GATE.md section 2, simulated on measured variance).
const SHORT: Duration = Duration::from_millis(18);

/// Beyond this a block is no longer short, whatever its set-up costs.
const LONG: Duration = Duration::from_millis(120);

/// Pairs of long iterations in a short block, and in a long one.
const FEWEST_PAIRS: [f64; 2] = [6.0, 40.0];

/// What a turn takes, in seconds: it holds one iteration at least.
pub fn turn_seconds(iteration_seconds: f64) -> f64 {
    iteration_seconds.max(TURN.as_secs_f64())
}

/// Pairs of turns that count in a block: more than in a short one only where set-up would take most of it.
pub fn pairs(setup_seconds: f64, iteration_seconds: f64) -> u32 {
    let turn = turn_seconds(iteration_seconds);
    let [fewest, most] = fewest_and_most(turn);
    (setup_seconds / (2.0 * turn)).ceil().clamp(fewest, most) as u32
}

/// As many pairs as a block ever has.
pub fn most_pairs(iteration_seconds: f64) -> u32 {
    fewest_and_most(turn_seconds(iteration_seconds))[1] as u32
}

fn fewest_and_most(turn_seconds: f64) -> [f64; 2] {
    let filling = |time: Duration, fewest: f64| (time.as_secs_f64() / turn_seconds).round().max(fewest);
    [filling(SHORT, FEWEST_PAIRS[0]), filling(LONG, FEWEST_PAIRS[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_iterations_fill_turns_and_long_ones_are_turns() {
        assert_eq!((pairs(0.0, 1e-6), pairs(0.0, 0.002), pairs(0.0, 0.003), pairs(0.0, 0.5)), (18, 9, 6, 6));
        assert_eq!(turn_seconds(1e-6).to_bits(), TURN.as_secs_f64().to_bits());
    }

    #[test]
    fn a_long_set_up_makes_a_block_longer_up_to_a_limit() {
        assert_eq!((pairs(0.1, 1e-6), pairs(10.0, 1e-6), pairs(10.0, 0.5)), (50, 120, 10));
        assert_eq!((most_pairs(1e-6), most_pairs(0.5), pairs(1e9, 0.5)), (120, 40, 40));
    }
}
