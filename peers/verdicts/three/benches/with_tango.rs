//! As in tango's README, "Getting started", without `tango_main!`, which is nothing and deprecated.

mod pieces;

use pieces::Pieces;
use tango_bench::{IntoBenchmarks, benchmark_fn, tango_benchmarks};

fn three() -> impl IntoBenchmarks {
    [
        benchmark_fn("spin", |b| {
            let mut pieces = Pieces::new();
            b.iter(move || pieces.spin())
        }),
        benchmark_fn("churn", |b| {
            let mut pieces = Pieces::new();
            b.iter(move || pieces.churn())
        }),
        benchmark_fn("sort", |b| {
            let mut pieces = Pieces::new();
            b.iter(move || pieces.sort())
        }),
    ]
}

tango_benchmarks!(three());
