//! A small bar that shows how large a change is against what is allowed.

use crate::model::Percent;

/// Tolerances that a full bar stands for, "so many and more": beyond, the figure says it better.
const FULL_TOLERANCES: f64 = 5.0;

/// One to `cells` times `#`; empty where the change cannot be set against a tolerance.
pub(super) fn bar(change: Percent, tolerance: Percent, cells: usize) -> String {
    let share = change.0.abs() / tolerance.0 / FULL_TOLERANCES;
    if share.is_nan() || tolerance.0 <= 0.0 || cells == 0 {
        return String::new();
    }
    "#".repeat((share * cells as f64).round().clamp(1.0, cells as f64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_of_ten_grows_by_two_cells_a_tolerance_and_then_ends() {
        let length = |change: f64| bar(Percent(change), Percent(1.0), 10).len();
        assert_eq!([0.0, 1.0, -2.0, 5.0, 900.0, f64::INFINITY].map(length), [1, 2, 4, 10, 10, 10]);
    }

    #[test]
    fn without_a_tolerance_there_is_no_bar() {
        assert_eq!(bar(Percent(3.0), Percent(0.0), 10), "");
        assert_eq!(bar(Percent(f64::NAN), Percent(1.0), 10), "");
    }
}
