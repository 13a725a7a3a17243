use darwin_runtime::{Bencher, bench};

#[bench(skip)]
fn f(b: &mut Bencher) {}

fn main() {}
