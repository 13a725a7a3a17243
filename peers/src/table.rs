//! Markdown tables, and figures in them.

pub use darwin_kept::page::table;

use crate::statistics::Spread;

/// As many digits as a person reads.
pub fn number(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A median and where the middle half lies; the middle half in parentheses.
pub fn with_spread(spread: Spread) -> String {
    format!("{} ({} to {})", number(spread.median), number(spread.low), number(spread.high))
}

/// A ratio and its middle half.
pub fn ratio(spread: Spread) -> String {
    format!("{:.2} ({:.2} to {:.2})", spread.median, spread.low, spread.high)
}

/// Nanoseconds in a unit that a person would take.
pub fn duration(nanos: f64) -> String {
    match nanos {
        short if short < 1e3 => format!("{} ns", number(short)),
        middle if middle < 1e6 => format!("{} us", number(middle / 1e3)),
        long => format!("{} ms", number(long / 1e6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_have_more_decimals() {
        assert_eq!(number(1.234), "1.23");
        assert_eq!(number(-0.5), "-0.50");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(1234.5), "1234");
    }

    #[test]
    fn durations_have_their_unit() {
        assert_eq!(duration(4.4), "4.40 ns");
        assert_eq!(duration(1300.0), "1.30 us");
        assert_eq!(duration(10e6), "10.0 ms");
    }
}
