//! Which counter a latency falls into: the buckets of `hdrhistogram` at three significant digits and unit 1, so that
//! two neighbouring values share a counter only where they differ by less than 1/1024.

use crate::layout::CHUNK_COUNTERS;

/// A counter: its chunk, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Below [`crate::layout::CHUNKS`].
    pub chunk: usize,
    /// Below [`CHUNK_COUNTERS`].
    pub place: usize,
}

/// The counter of `ticks`.
#[inline(always)]
pub const fn of(ticks: u64) -> Bucket {
    // Below 2048 each value has its own counter; above, 1024 counters per power of two. Two logarithms, so that the chunk
    // can be looked up while the place is computed.
    let chunk = highest_bit(ticks | 1023) - 9;
    let shift = highest_bit(ticks | 2047) - 10;
    Bucket { chunk: chunk as usize, place: (ticks >> shift) as usize & (CHUNK_COUNTERS - 1) }
}

/// The number of the highest bit that is set. Not `ilog2`: this is one instruction where `bsr` is.
#[inline(always)]
const fn highest_bit(not_zero: u64) -> u32 {
    not_zero.leading_zeros() ^ 63
}

/// The lowest value that falls into `bucket`, in ticks.
pub const fn lowest(bucket: Bucket) -> u64 {
    match bucket.chunk {
        0 => bucket.place as u64,
        chunk => ((CHUNK_COUNTERS + bucket.place) as u64) << (chunk - 1),
    }
}

/// How many neighbouring values share `bucket`.
pub const fn width(bucket: Bucket) -> u64 {
    match bucket.chunk {
        0 => 1,
        chunk => 1 << (chunk - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::CHUNKS;

    #[test]
    fn every_value_lies_in_its_own_bucket() {
        let edges = (0..64).flat_map(|bit| [(1u64 << bit) - 1, 1 << bit, (1 << bit) + 1]);
        for ticks in edges.chain([u64::MAX, 0, 1023, 1024, 2047, 2048, 123_456_789]) {
            let bucket = of(ticks);
            assert!(bucket.chunk < CHUNKS && bucket.place < CHUNK_COUNTERS, "{ticks}: {bucket:?}");
            let low = lowest(bucket);
            assert!(low <= ticks && ticks - low < width(bucket), "{ticks}: {bucket:?} begins at {low}");
        }
    }

    #[test]
    fn buckets_follow_one_another_without_a_gap() {
        let mut next = 0u64;
        for chunk in 0..CHUNKS {
            for place in 0..CHUNK_COUNTERS {
                let bucket = Bucket { chunk, place };
                assert_eq!(lowest(bucket), next);
                assert_eq!(of(next), bucket);
                next = next.wrapping_add(width(bucket));
            }
        }
        assert_eq!(next, 0, "the last bucket ends with u64::MAX");
    }
}
