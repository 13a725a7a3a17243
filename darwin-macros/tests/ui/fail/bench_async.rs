use darwin_runtime::{Bencher, bench};

#[bench]
async fn f(b: &mut Bencher) {}

fn main() {}
