//! A small bar that shows how large a change is against what is allowed.

use crate::model::Percent;

/// Longest bar: with `CELLS_PER_TOLERANCE` it means "five tolerances and more".
const MAX_CELLS: f64 = 10.0;

/// Two cells a tolerance: a change at the limit is still seen as more than nothing.
const CELLS_PER_TOLERANCE: f64 = 2.0;

/// One to ten `#`, two for each tolerance that the change spans; empty where that cannot be told.
pub(super) fn bar(change: Percent, tolerance: Percent) -> String {
    let cells = (change.0.abs() / tolerance.0 * CELLS_PER_TOLERANCE).round();
    if cells.is_nan() || tolerance.0 <= 0.0 {
        return String::new();
    }
    "#".repeat(cells.clamp(1.0, MAX_CELLS) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_grows_by_two_cells_a_tolerance_and_ends_at_ten() {
        let length = |change: f64| bar(Percent(change), Percent(1.0)).len();
        assert_eq!([0.0, 1.0, -2.0, 5.0, 900.0, f64::INFINITY].map(length), [1, 2, 4, 10, 10, 10]);
    }

    #[test]
    fn without_a_tolerance_there_is_no_bar() {
        assert_eq!(bar(Percent(3.0), Percent(0.0)), "");
        assert_eq!(bar(Percent(f64::NAN), Percent(1.0)), "");
    }
}
