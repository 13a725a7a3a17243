//! Four threads in the same functions, and threads that come and go.

use std::hint::black_box;
use std::thread;

use darwin_runtime::hotpath;

#[hotpath]
#[inline(never)]
fn shared(number: u64) -> u64 {
    if number.is_multiple_of(5) { inner(number) } else { number }
}

#[hotpath]
#[inline(never)]
fn inner(number: u64) -> u64 {
    number ^ (number >> 3)
}

fn call(number: u64) {
    black_box(shared(number));
}

/// Four at a time, three times.
pub fn run() {
    for round in 1..=3 {
        thread::scope(|scope| {
            for which in 1..=4 {
                scope.spawn(move || (0..which * round * 1000).for_each(call));
            }
        });
    }
}
