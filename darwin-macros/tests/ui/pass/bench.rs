use darwin_runtime::{Bencher, bench};

#[bench]
fn insert(b: &mut Bencher) {
    b.iter(|| 1 + 1);
}

/// Documented, and measured inside as well.
#[bench(name = "sum of bytes", p99 = "1s", allocs = 0)]
#[darwin_runtime::hotpath]
pub fn sum(b: &mut darwin_runtime::Bencher) {
    b.items(3).iter_batched(|| [1_u8, 2, 3], |values| values.iter().sum::<u8>());
}

#[bench(crate = darwin_runtime)]
#[cfg(any())]
fn not_there(_: &mut Missing) {}

fn main() {}
