use darwin_runtime::{Bencher, bench};

#[bench]
extern "C" fn f(_b: &mut Bencher) {}

fn main() {}
