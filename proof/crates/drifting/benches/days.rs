//! One day after another.

use darwin_runtime::Bencher;

#[darwin_runtime::bench]
fn days(b: &mut Bencher) {
    let (mut seed, mut day) = (1, 0);
    b.iter(|| {
        day += 1;
        seed = drifting::look_back(drifting::orders(seed), day);
        seed
    });
}

darwin_runtime::main!();
