//! Durations and sizes as people write them: `50us`, `1.5ms`, `1KiB`.

/// Power of ten to nanoseconds. Both micro signs are accepted: U+00B5 of keyboards, U+03BC of the Greek alphabet.
const DURATIONS: [(&str, Unit); 6] = [
    ("ns", Unit::ten(0)),
    ("us", Unit::ten(3)),
    ("\u{b5}s", Unit::ten(3)),
    ("\u{3bc}s", Unit::ten(3)),
    ("ms", Unit::ten(6)),
    ("s", Unit::ten(9)),
];

const SIZES: [(&str, Unit); 6] = [
    ("B", Unit::ten(0)),
    ("KB", Unit::ten(3)),
    ("MB", Unit::ten(6)),
    ("KiB", Unit::two(10)),
    ("MiB", Unit::two(20)),
    ("GiB", Unit::two(30)),
];

/// Kept as two exponents, so that the product is rounded once: `2.3us` is 2300 ns and not 2299.9999999999995.
#[derive(Clone, Copy)]
struct Unit {
    ten: u32,
    two: u32,
}

impl Unit {
    const fn ten(exponent: u32) -> Unit {
        Unit { ten: exponent, two: 0 }
    }

    const fn two(exponent: u32) -> Unit {
        Unit { ten: 0, two: exponent }
    }
}

/// A duration in nanoseconds, always positive. The error says what was expected.
pub(crate) fn nanoseconds(text: &str) -> Result<f64, String> {
    let value = parse(text, &DURATIONS, "50us", "ns, us, ms or s")?;
    if value > 0.0 {
        Ok(value)
    } else {
        Err(format!("a time budget has to be longer than zero, not `{text}`"))
    }
}

/// A size in bytes, zero or more. The error says what was expected.
pub(crate) fn bytes(text: &str) -> Result<f64, String> {
    parse(text, &SIZES, "1KiB", "B, KB, KiB, MB, MiB or GiB")
}

fn parse(text: &str, units: &[(&str, Unit)], example: &str, names: &str) -> Result<f64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start();
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("`{text}` is not a number with a unit: write it like `\"{example}\"`"));
    }
    let Some((_, scale)) = units.iter().find(|(name, _)| *name == unit) else {
        let found = if unit.is_empty() { "no unit".to_owned() } else { format!("the unknown unit `{unit}`") };
        return Err(format!("`{text}` has {found}: use {names}, as in `\"{example}\"`"));
    };
    let value = format!("{number}e{}", scale.ten).parse::<f64>();
    let value = value.map_err(|_| format!("`{number}` is not a number: write it like `\"{example}\"`"))?;
    let value = value * f64::from(2_u32.pow(scale.two));
    if value.is_finite() { Ok(value) } else { Err(format!("`{text}` is too large")) }
}

#[cfg(test)]
mod tests {
    use super::{bytes, nanoseconds};

    #[test]
    fn durations_are_read_in_every_unit() {
        for (text, expected) in
            [("1ns", 1.0), ("50us", 5e4), ("50µs", 5e4), ("50μs", 5e4), ("1.5ms", 1.5e6), ("2 s", 2e9)]
        {
            assert_eq!(nanoseconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn decimals_are_rounded_once() {
        assert_eq!(nanoseconds("2.3us"), Ok(2300.0));
        assert_eq!(nanoseconds("4.35us"), Ok(4350.0));
    }

    #[test]
    fn sizes_are_read_in_every_unit() {
        for (text, expected) in [
            ("0B", 0.0),
            ("1KB", 1e3),
            ("1KiB", 1024.0),
            ("2MB", 2e6),
            ("1.5MiB", 1_572_864.0),
            ("1GiB", 1_073_741_824.0),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_and_the_error_says_how_to_write_it() {
        for text in
            ["", "us", "-1us", ".5us", "1.2.3us", "1e3us", "NaNus", "50", "50 lightyears", "0us", "0.0s"]
        {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
        assert_eq!(
            nanoseconds("50"),
            Err("`50` has no unit: use ns, us, ms or s, as in `\"50us\"`".to_owned())
        );
        assert!(bytes("1kib").is_err_and(|error| error.contains("unknown unit `kib`")));
    }

    #[test]
    fn a_number_beyond_f64_is_refused() {
        assert!(nanoseconds(&format!("{}s", "9".repeat(400))).is_err());
    }
}
