//! Numbers as people read them: three significant digits and a unit. One way only; nothing here reads them back.

use crate::model::{Nanos, Percent};

/// Significant digits of a rounded number: more than the clock can answer for would only look precise.
const DIGITS: i32 = 3;

/// Digits to which two different values are told apart at most, before they are shown as equal.
const MAX_DIGITS: i32 = 6;

/// Counts below this are shown to the last digit: they are exact and still read at a glance.
const EXACT_BELOW: f64 = 10_000.0;

/// The smallest fraction of a count that two decimals show.
const LEAST_COUNT: f64 = 0.01;

/// More than eleven times as long: no limit that can be set is as large.
const ABSURD_PERCENT: f64 = 1000.0;

/// What stands where there is no number.
pub const NONE: &str = "-";

const DURATION: [(&str, f64); 4] = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)];
const COUNT: [(&str, f64); 5] = [("", 1.0), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)];
const BYTES: [(&str, f64); 5] = [
    ("B", 1.0),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
];

/// A duration with its unit apart, for tables: `812 ns`, `1.20 us`, `50.0 us`, `3.40 ms`. Not finite: `-`.
pub fn duration(value: Nanos) -> String {
    scaled(value.0, &DURATION, DIGITS).map_or(NONE.to_owned(), |(number, unit)| format!("{number} {unit}"))
}

/// A duration in one word, for sentences and deltas: `812ns`, `1.2us`, `50us`, `3.4ms`. Not finite: `-`.
pub fn duration_word(value: Nanos) -> String {
    word(value.0, &DURATION, DIGITS)
}

/// Two durations in one word each, with as many digits (three to six) as it takes to tell them apart.
pub fn duration_words(a: Nanos, b: Nanos) -> (String, String) {
    told_apart(a.0, b.0, |value, digits| word(value, &DURATION, digits))
}

/// A count: exact below ten thousand (`9999`), else with three digits (`10k`, `1.23M`). Not finite: `-`.
pub fn count(value: f64) -> String {
    count_to(value, DIGITS)
}

/// A count that may be a fraction: what would be rounded to nothing is said to be little.
pub fn small_count(value: f64) -> String {
    if value > 0.0 && value < LEAST_COUNT { format!("less than {LEAST_COUNT}") } else { count(value) }
}

/// Two counts, with as many digits (three to six) as it takes to tell them apart.
pub fn counts(a: f64, b: f64) -> (String, String) {
    told_apart(a, b, count_to)
}

/// An amount of memory in binary units: `0 B`, `512 B`, `1.5 KiB`, `3 MiB`. Not finite: `-`.
pub fn bytes(value: f64) -> String {
    bytes_to(value, DIGITS)
}

/// Two amounts of memory, with as many digits (three to six) as it takes to tell them apart.
pub fn bytes_pair(a: f64, b: f64) -> (String, String) {
    told_apart(a, b, bytes_to)
}

/// A change for a headline, no longer than it must be: `-20%`, `+5.8%`, `+0.25%`, `0%`. Not finite: `-`.
pub fn percent_word(value: Percent) -> String {
    signed(value, true).map_or(NONE.to_owned(), |number| format!("{number}%"))
}

/// Both ends of an interval in percent, beside a change that carries the sign: `[+5.1, +6.5]`.
pub fn interval(low: Percent, high: Percent) -> String {
    let end = |value| signed(value, false).unwrap_or_else(|| NONE.to_owned());
    format!("[{}, {}]", end(low), end(high))
}

/// An amount in percent, without sign: `1%`, `0.7%`, `12.5%`.
pub fn percent_amount(value: Percent) -> String {
    percent_word(Percent(value.0.abs())).trim_start_matches('+').to_owned()
}

/// An amount in percent of which nobody wants to know by how much it is absurd.
pub fn capped_percent(value: Percent) -> String {
    if value.0 > ABSURD_PERCENT {
        return format!("more than {}", percent_amount(Percent(ABSURD_PERCENT)));
    }
    percent_amount(value)
}

/// Part of a whole for a table, one decimal: `12.3 %`. Not finite: `-`.
pub fn share(value: Percent) -> String {
    if value.0.is_finite() { format!("{:.1} %", value.0) } else { NONE.to_owned() }
}

/// Seconds of a whole command: `0.04 s`, `7.9 s`, `95.0 s`. Not finite: `-`.
pub fn seconds(value: f64) -> String {
    let decimals = if value < 0.95 { 2 } else { 1 };
    if value.is_finite() { format!("{value:.decimals$} s") } else { NONE.to_owned() }
}

fn count_to(value: f64, digits: i32) -> String {
    if value.is_finite() && value.abs() < EXACT_BELOW && value.fract() == 0.0 {
        return format!("{value:.0}");
    }
    word(value, &COUNT, digits)
}

fn bytes_to(value: f64, digits: i32) -> String {
    scaled(value, &BYTES, digits)
        .map_or(NONE.to_owned(), |(number, unit)| format!("{} {unit}", without_zeros(&number)))
}

fn word(value: f64, units: &[(&str, f64)], digits: i32) -> String {
    scaled(value, units, digits)
        .map_or(NONE.to_owned(), |(number, unit)| format!("{}{unit}", without_zeros(&number)))
}

fn told_apart(a: f64, b: f64, text: impl Fn(f64, i32) -> String) -> (String, String) {
    let at = |digits| (text(a, digits), text(b, digits));
    (DIGITS..MAX_DIGITS)
        .map(at)
        .find(|(a, b)| a != b)
        .unwrap_or_else(|| at(if a == b { DIGITS } else { MAX_DIGITS }))
}

/// The number in the largest unit that leaves at least one before the point. Rounded before the unit is chosen, so
/// that 999.6 ns is `1.00 us` and not `1000 ns`.
fn scaled<'a>(value: f64, units: &[(&'a str, f64)], digits: i32) -> Option<(String, &'a str)> {
    let fits = |&&(_, factor): &&(&str, f64)| to_digits(value / factor, digits).abs() >= 1.0;
    let &(unit, factor) = units.iter().rev().find(fits).or(units.first())?;
    let number = to_digits(value / factor, digits);
    let decimals = (digits - 1 - magnitude(number)).clamp(0, digits - 1);
    let decimals = if number == 0.0 || (factor == 1.0 && number.fract() == 0.0) { 0 } else { decimals };
    value.is_finite().then(|| (format!("{:.*}", decimals as usize, number + 0.0), unit))
}

fn magnitude(value: f64) -> i32 {
    if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 }
}

fn to_digits(value: f64, digits: i32) -> f64 {
    let places = digits - 1 - magnitude(value);
    let factor = 10f64.powi(places.abs());
    if places >= 0 { (value * factor).round() / factor } else { (value / factor).round() * factor }
}

/// Two decimals below one, one below a hundred, none above; a zero has no sign.
fn signed(value: Percent, short: bool) -> Option<String> {
    let decimals = match value.0.abs() {
        small if small < 0.995 => 2,
        middle if middle < 99.95 => 1,
        _ => 0,
    };
    let number = format!("{:+.decimals$}", value.0);
    let zero = number.chars().all(|c| !c.is_ascii_digit() || c == '0');
    let number = if zero { number[1..].to_owned() } else { number };
    value.0.is_finite().then(|| if short { without_zeros(&number).to_owned() } else { number })
}

fn without_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_three_digits_and_the_unit_that_fits() {
        let cases = [
            (0.0, "0 ns"),
            (0.83, "0.83 ns"),
            (12.34, "12.3 ns"),
            (812.0, "812 ns"),
            (1_204.0, "1.20 us"),
            (50_000.0, "50.0 us"),
            (3_400_000.0, "3.40 ms"),
            (2e9, "2.00 s"),
            (7.2e12, "7200 s"),
            (-4.5, "-4.50 ns"),
        ];
        for (nanos, text) in cases {
            assert_eq!(duration(Nanos(nanos)), text);
        }
    }

    #[test]
    fn rounding_up_moves_to_the_next_unit() {
        assert_eq!(duration(Nanos(999.4)), "999 ns");
        assert_eq!(duration(Nanos(999.6)), "1.00 us");
        assert_eq!(count(999_950.0), "1M");
    }

    #[test]
    fn a_duration_in_a_sentence_is_one_word_without_idle_zeros() {
        let words = [50_000.0, 1_200.0, 812.0, 100.0, 3.4e6].map(|nanos| duration_word(Nanos(nanos)));
        assert_eq!(words, ["50us", "1.2us", "812ns", "100ns", "3.4ms"]);
    }

    #[test]
    fn two_close_durations_get_the_digits_that_tell_them_apart() {
        let words = |a, b| duration_words(Nanos(a), Nanos(b));
        assert_eq!(words(50_000.0, 40_000.0), ("50us".into(), "40us".into()));
        assert_eq!(words(1_201.0, 1_204.0), ("1.201us".into(), "1.204us".into()));
        assert_eq!(words(1_200.0, 1_200.0), ("1.2us".into(), "1.2us".into()));
        assert_eq!(words(1_200.0, 1_200.000_01), ("1.2us".into(), "1.2us".into()));
    }

    #[test]
    fn a_count_is_exact_while_it_is_small_and_short_after() {
        let texts = [0.0, 42.0, 9_999.0, 10_000.0, 15_000.0, 1_234_567.0, 0.5].map(count);
        assert_eq!(texts, ["0", "42", "9999", "10k", "15k", "1.23M", "0.5"]);
    }

    #[test]
    fn memory_is_in_binary_units() {
        assert_eq!([0.0, 512.0, 1_536.0, 3_145_728.0].map(bytes), ["0 B", "512 B", "1.5 KiB", "3 MiB"]);
    }

    #[test]
    fn a_change_carries_its_sign_and_zero_carries_none() {
        let words = [-20.0, 5.83, 0.25, 0.0, -0.001, 250.4].map(|value| percent_word(Percent(value)));
        assert_eq!(words, ["-20%", "+5.8%", "+0.25%", "0%", "0%", "+250%"]);
        assert_eq!(interval(Percent(5.1), Percent(6.5)), "[+5.1, +6.5]");
        assert_eq!(percent_amount(Percent(1.0)), "1%");
    }

    #[test]
    fn what_is_not_finite_is_a_dash() {
        assert_eq!(duration(Nanos(f64::NAN)), NONE);
        assert_eq!(count(f64::INFINITY), NONE);
        assert_eq!(interval(Percent(f64::NAN), Percent(1.0)), "[-, +1.0]");
        assert_eq!(share(Percent(f64::INFINITY)), NONE);
        assert_eq!(bytes(f64::NEG_INFINITY), NONE);
    }
}
