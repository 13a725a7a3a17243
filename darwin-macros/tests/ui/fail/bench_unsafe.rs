use darwin_runtime::{Bencher, bench};

#[bench]
unsafe fn f(_b: &mut Bencher) {}

fn main() {}
