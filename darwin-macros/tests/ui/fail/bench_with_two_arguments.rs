use darwin_runtime::{Bencher, bench};

#[bench]
fn f(_b: &mut Bencher, _n: usize) {}

fn main() {}
