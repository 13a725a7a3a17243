use darwin_runtime::{Bencher, bench};

#[bench]
fn f(_b: &mut Bencher) -> u8 {
    1
}

fn main() {}
