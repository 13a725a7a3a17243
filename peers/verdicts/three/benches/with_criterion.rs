//! As in criterion's book, "Getting started".

mod pieces;

use criterion::{Criterion, criterion_group, criterion_main};
use pieces::Pieces;

fn three(c: &mut Criterion) {
    let mut pieces = Pieces::new();
    c.bench_function("spin", |b| b.iter(|| pieces.spin()));
    c.bench_function("churn", |b| b.iter(|| pieces.churn()));
    c.bench_function("sort", |b| b.iter(|| pieces.sort()));
}

criterion_group!(benches, three);
criterion_main!(benches);
