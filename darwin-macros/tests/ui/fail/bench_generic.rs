use darwin_runtime::{Bencher, bench};

#[bench]
fn f<T>(b: &mut Bencher) {}

fn main() {}
