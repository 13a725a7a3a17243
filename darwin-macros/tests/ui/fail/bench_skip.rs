use darwin_runtime::{Bencher, bench};

#[bench(skip)]
fn f(_b: &mut Bencher) {}

fn main() {}
