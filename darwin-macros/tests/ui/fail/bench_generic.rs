use darwin_runtime::{Bencher, bench};

#[bench]
fn f<T>(_b: &mut Bencher) {}

fn main() {}
