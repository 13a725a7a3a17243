//! A function that panics now and then: such calls are counted apart.

use std::hint::black_box;
use std::panic;

use darwin_runtime::hotpath;

/// Every 50th call panics.
const PANICS: u32 = 50;

#[hotpath]
#[inline(never)]
fn may_panic(number: u32) -> u32 {
    assert!(!number.is_multiple_of(PANICS), "{number}");
    number / 2
}

/// 1000 calls.
pub fn run() {
    panic::set_hook(Box::new(|_| ()));
    for number in 0..1000 {
        let _ = black_box(panic::catch_unwind(|| may_panic(black_box(number))));
    }
}
