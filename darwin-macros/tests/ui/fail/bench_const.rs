use darwin_runtime::{Bencher, bench};

#[bench]
const fn f(b: &mut Bencher) {}

fn main() {}
