//! Pressure stall information (Linux 4.20, `Documentation/accounting/psi.rst`): for how long tasks waited.
//!
//! Only `total=` is used, as a difference over a window of our own. `avg10` would still be high from our own build,
//! which ended a moment ago; and the kernel brings `total` up to date whenever it is read, the averages every 2 s.

use crate::model::Nanos;

use super::Roots;

/// Time since the start of the machine in which at least one task waited for a processor; `None` where the kernel
/// does not tell.
pub fn of_machine(roots: &Roots) -> Option<Nanos> {
    waited(&roots.proc("pressure/cpu")?)
}

/// `total=` of the line `some`, which is in microseconds.
pub(super) fn waited(text: &str) -> Option<Nanos> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    let micros: u64 = some.split_whitespace().find_map(|word| word.strip_prefix("total="))?.parse().ok()?;
    Some(Nanos(micros as f64 * 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_and_not_the_average() {
        let text = "some avg10=12.50 avg60=1.00 avg300=0.10 total=42\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
        assert_eq!(waited(text), Some(Nanos(42_000.0)));
    }

    #[test]
    fn a_kernel_without_it_tells_nothing() {
        for text in ["", "full total=3\n", "some avg10=1.00\n", "some total=many\n"] {
            assert_eq!(waited(text), None, "{text}");
        }
    }
}
