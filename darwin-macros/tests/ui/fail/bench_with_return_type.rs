use darwin_runtime::{Bencher, bench};

#[bench]
fn f(b: &mut Bencher) -> u8 {
    1
}

fn main() {}
