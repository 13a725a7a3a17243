//! Requests, stored and fetched.

use darwin_runtime::Bencher;

#[darwin_runtime::bench]
fn requests(b: &mut Bencher) {
    let (mut seed, mut number) = (1, 0);
    b.iter(|| {
        number += 1;
        seed = tails::fetch(tails::store(seed, number), number);
        seed
    });
}

darwin_runtime::main!();
