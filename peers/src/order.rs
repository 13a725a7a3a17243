//! In which order contestants come: a new one for each repetition, so that nobody always follows the same neighbour.

/// The numbers below `count`, shuffled; the same for the same seed.
pub fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = seed;
    // Fisher-Yates.
    for last in (1..count).rev() {
        let other = next(&mut state) % (last as u64 + 1);
        order.swap(last, other as usize);
    }
    order
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_comes_once() {
        for count in 0..20 {
            let mut order = shuffled(count, 7);
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn everyone_comes_first_about_equally_often() {
        let mut first = [0; 4];
        for seed in 0..4000 {
            first[shuffled(4, seed)[0]] += 1;
        }
        assert!(first.iter().all(|times| (900..1100).contains(times)), "{first:?}");
    }
}
