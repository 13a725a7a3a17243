use darwin_runtime::{Bencher, bench};

#[bench(p99 = "50")]
fn f(_b: &mut Bencher) {}

fn main() {}
