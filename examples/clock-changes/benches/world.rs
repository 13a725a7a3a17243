//! What the survey is gated on. `cargo darwin check -p clock-changes` runs it, and so does
//! `cargo bench -p clock-changes`.

use clock_changes::{Year, Years, zones};
use darwin_runtime::Bencher;

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

/// The years that the program counts unless told otherwise.
const YEARS: Years = Years { first: Year(1850), last: Year(2037) };

/// All zones of the world, as often as there is time.
#[darwin_runtime::bench]
fn survey(b: &mut Bencher) {
    let zones = zones();
    b.items(zones.len() as u64).iter(|| clock_changes::survey(&zones, YEARS));
}

darwin_runtime::main!();
