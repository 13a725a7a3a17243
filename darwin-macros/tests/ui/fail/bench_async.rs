use darwin_runtime::{Bencher, bench};

#[bench]
async fn f(_b: &mut Bencher) {}

fn main() {}
