use darwin_runtime::{Bencher, bench};

#[bench]
const fn f(_b: &mut Bencher) {}

fn main() {}
