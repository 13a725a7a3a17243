//! What people write who compare by hand: each function for a tenth of a second, nanoseconds an iteration.
//!
//! Prints one line a function: its name and the figure.

mod pieces;

use std::hint::black_box;
use std::time::{Duration, Instant};

use pieces::Pieces;

/// How long each function runs.
const TIME: Duration = Duration::from_millis(100);

fn main() {
    let mut pieces = Pieces::new();
    println!("spin {}", nanos(|| pieces.spin()));
    println!("churn {}", nanos(|| pieces.churn()));
    println!("sort {}", nanos(|| pieces.sort()));
}

/// Nanoseconds an iteration. As Go's `testing.B` does it: more and more iterations, until they take long enough.
fn nanos<T>(mut iteration: impl FnMut() -> T) -> f64 {
    let mut count: u32 = 1;
    loop {
        let begin = Instant::now();
        (0..count).for_each(|_| {
            black_box(iteration());
        });
        let took = begin.elapsed();
        if took >= TIME {
            return took.as_nanos() as f64 / f64::from(count);
        }
        let wanted = TIME.as_secs_f64() / took.as_secs_f64().max(1e-9) * 1.2;
        count = (f64::from(count) * wanted.clamp(1.5, 100.0)) as u32;
    }
}
