//! A sort that calls its parts as often as the data ask for.

use darwin_runtime::hotpath;

/// Numbers to sort.
const NUMBERS: usize = 20_000;

/// Sorts numbers that come in no order.
pub fn run() {
    let mut state = 7_u64;
    let mut numbers: Vec<u64> = (0..NUMBERS).map(|_| next(&mut state)).collect();
    sort(&mut numbers);
    assert!(numbers.is_sorted());
}

/// Knuth's MMIX generator, its upper half.
#[hotpath]
#[inline(never)]
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[hotpath]
#[inline(never)]
fn sort(numbers: &mut [u64]) {
    if numbers.len() > 1 {
        let middle = partition(numbers);
        sort(&mut numbers[..middle]);
        sort(&mut numbers[middle + 1..]);
    }
}

/// Puts the last number into its place, and returns that.
#[hotpath]
#[inline(never)]
fn partition(numbers: &mut [u64]) -> usize {
    let last = numbers.len() - 1;
    let mut place = 0;
    for at in 0..last {
        if numbers[at] < numbers[last] {
            swap(numbers, at, place);
            place += 1;
        }
    }
    swap(numbers, last, place);
    place
}

#[hotpath]
#[inline(never)]
fn swap(numbers: &mut [u64], one: usize, other: usize) {
    numbers.swap(one, other);
}
