use darwin_runtime::{Bencher, bench};

#[bench]
fn f(b: &mut Bencher, n: usize) {}

fn main() {}
