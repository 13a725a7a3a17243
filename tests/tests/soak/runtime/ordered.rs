//! That a call's time is the time of its body: nothing of it may be moved in front of the first reading of the clock or behind
//! the second one, whatever else the compiler does with it.

use darwin_tests::soak::size;

use super::{MODES, counted};

/// A hundred multiplications of at least three cycles each, one after the other, on a processor of less than 12 GHz with a
/// counter of at least 1 GHz.
const LEAST_TICKS: u64 = 25;

#[test]
fn ordered_readings_have_the_whole_body_between_them() {
    let times = size(20_000, 1_000_000_u64).to_string();
    for mode in MODES {
        let (_, counted) = counted("runtime-faults", mode, &["ordered", &times]);
        let median = |name: &str| counted.site(name).histogram.value_at_quantile(0.5);
        for body in ["chain", "chain_in_part"] {
            let ticks = median(body).saturating_sub(median("nothing"));
            assert!(ticks >= LEAST_TICKS, "{mode:?}: {body} takes {ticks} ticks more than nothing");
        }
    }
}
