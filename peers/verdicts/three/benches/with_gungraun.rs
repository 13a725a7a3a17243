//! As in Gungraun's guide, "Library Benchmarks".

mod pieces;

use std::hint::black_box;

use gungraun::{library_benchmark, library_benchmark_group, main};
use pieces::Pieces;

/// Iterations in a benchmark, which runs once: enough to meet calls that are rare.
const ITERATIONS: usize = 256;

#[library_benchmark(setup = Pieces::new)]
#[bench::three()]
fn spin(mut pieces: Pieces) -> Pieces {
    (0..ITERATIONS).for_each(|_| {
        black_box(pieces.spin());
    });
    pieces
}

#[library_benchmark(setup = Pieces::new)]
#[bench::three()]
fn churn(mut pieces: Pieces) -> Pieces {
    (0..ITERATIONS).for_each(|_| pieces.churn());
    pieces
}

#[library_benchmark(setup = Pieces::new)]
#[bench::three()]
fn sort(mut pieces: Pieces) -> Pieces {
    (0..ITERATIONS).for_each(|_| {
        black_box(pieces.sort());
    });
    pieces
}

library_benchmark_group!(name = three, benchmarks = [spin, churn, sort]);
main!(library_benchmark_groups = three);
