use darwin_runtime::{Bencher, bench};

#[bench]
extern "C" fn f(b: &mut Bencher) {}

fn main() {}
