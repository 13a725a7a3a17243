//! Functions that call themselves and each other.

use std::hint::black_box;

use darwin_runtime::hotpath;

/// 242 785 calls in one.
pub fn fibonacci() {
    black_box(fib(black_box(25)));
}

#[hotpath]
#[inline(never)]
fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}

/// Two functions in turn, from many starts.
pub fn parity() {
    for n in 0..500 {
        black_box(is_even(black_box(n)));
    }
}

#[hotpath]
#[inline(never)]
fn is_even(n: u32) -> bool {
    n == 0 || is_odd(n - 1)
}

#[hotpath]
#[inline(never)]
fn is_odd(n: u32) -> bool {
    n != 0 && is_even(n - 1)
}
