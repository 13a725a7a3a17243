use darwin_runtime::{Bencher, bench};

#[bench]
unsafe fn f(b: &mut Bencher) {}

fn main() {}
