//! A random start of the heap, so that the placement of data is a coin and not a constant difference between two
//! binaries. Seen on real edits: it halves what shuffled functions leave (GATE: -1.3 % -> 0.0 %).

/// Allocations at most; a third of them is freed again, which leaves holes of many sizes.
const ALLOCATIONS: u64 = 400;
/// Sizes from here ...
const SMALLEST_BYTES: u64 = 16;
/// ... and up to this much more.
const SPREAD_BYTES: u64 = 1000;

/// Makes the allocations that `seed` stands for, and keeps two thirds of them for good. Zero: none.
pub(super) fn shift(seed: u64) {
    if seed == 0 {
        return;
    }
    let mut state = seed;
    let mut random = |below: u64| {
        // Marsaglia's xorshift64: quality does not matter here, size does.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let count = random(ALLOCATIONS);
    let blocks: Vec<Vec<u8>> =
        (0..count).map(|_| Vec::with_capacity((SMALLEST_BYTES + random(SPREAD_BYTES)) as usize)).collect();
    for (number, block) in blocks.into_iter().enumerate() {
        if number % 3 != 0 {
            std::mem::forget(block);
        }
    }
}
