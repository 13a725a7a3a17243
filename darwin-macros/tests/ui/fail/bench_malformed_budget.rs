use darwin_runtime::{Bencher, bench};

#[bench(p99 = "50")]
fn f(b: &mut Bencher) {}

fn main() {}
