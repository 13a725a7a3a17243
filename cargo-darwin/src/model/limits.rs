//! What a user may set: limits that cannot hold a NaN, a negative number or a zero where that makes no sense.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use super::Percent;

/// A tail tolerance that nobody set is this many times the tolerance: p99 is that much noisier than p50.
pub const TAIL_FACTOR: f64 = 5.0;

/// More than eleven times slower is not a tolerance but a mistyped number.
const MOST_TOLERANCE_PERCENT: f64 = 1000.0;

/// A check that would take longer than a day is a mistyped unit.
const MOST_TIME_SECONDS: f64 = 86_400.0;

/// The largest slowdown that is let through, in percent of the baseline: finite, above 0 and at most 1000.
///
/// Written with the sign, `"1%"` or `"0.5%"`: a bare `1` could also mean a factor.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Tolerance(Percent);

/// What is let through at p99: as much as a tolerance says, or `"off"`, with which it is shown and never judged. The
/// slowest hundredth of the calls of a function of 50 ns belongs to the caches and to whoever shares them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TailTolerance {
    /// So much.
    Within(Tolerance),
    /// Anything.
    Off,
}

/// How long a check may measure: above 0 and at most a day. Written `"500ms"`, `"30s"`, `"2m"` or `"1h"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaxTime(Duration);

/// Why a limit was refused; the text ends with what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LimitError {
    /// No number followed by `%`.
    #[error("`{0}` is not a percentage: write a number and the sign, such as 1% or 0.5%")]
    NotAPercentage(String),
    /// Zero, negative, not finite or absurdly large.
    #[error("`{0}` cannot be a tolerance: write a percentage above 0% and at most 1000%, such as 1%")]
    ToleranceOutOfRange(String),
    /// No number followed by a unit of time.
    #[error("`{0}` is not a duration: write a number and a unit (ms, s, m or h), such as 30s")]
    NotADuration(String),
    /// Zero, negative, not finite or longer than a day.
    #[error("`{0}` cannot be a time limit: write a duration above 0s and at most 24h, such as 30s")]
    TimeOutOfRange(String),
    /// Neither of the two words of a switch.
    #[error("`{0}` is neither on nor off: write 1 or 0")]
    NotASwitch(String),
}

/// What a variable that is a switch says: `1` or `0`.
///
/// # Errors
/// `NotASwitch` for anything else.
pub fn switch(text: &str) -> Result<bool, LimitError> {
    match text.trim() {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(LimitError::NotASwitch(shown(text))),
    }
}

impl Tolerance {
    /// The tolerance when nothing else is said: 1 %.
    pub const DEFAULT: Tolerance = Tolerance(Percent(1.0));

    /// A tolerance of `percent`.
    ///
    /// # Errors
    /// `ToleranceOutOfRange` unless it is above 0 and at most 1000 (which a NaN is not).
    pub fn new(percent: Percent) -> Result<Tolerance, LimitError> {
        if percent.0 > 0.0 && percent.0 <= MOST_TOLERANCE_PERCENT {
            Ok(Tolerance(percent))
        } else {
            Err(LimitError::ToleranceOutOfRange(format!("{}%", percent.0)))
        }
    }

    /// In percent of the baseline.
    pub fn percent(self) -> Percent {
        self.0
    }

    /// The tolerance for p99 that goes with this one: [`TAIL_FACTOR`] times as much, at most 1000 %.
    pub fn tail(self) -> Tolerance {
        Tolerance(Percent((self.0.0 * TAIL_FACTOR).min(MOST_TOLERANCE_PERCENT)))
    }
}

impl FromStr for Tolerance {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Tolerance, LimitError> {
        let number = text.trim().strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
        let number = number.ok_or_else(|| LimitError::NotAPercentage(shown(text)))?;
        Tolerance::new(Percent(number)).map_err(|_| LimitError::ToleranceOutOfRange(shown(text)))
    }
}

impl FromStr for TailTolerance {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<TailTolerance, LimitError> {
        if text.trim() == "off" { Ok(TailTolerance::Off) } else { text.parse().map(TailTolerance::Within) }
    }
}

impl fmt::Display for TailTolerance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TailTolerance::Within(tolerance) => tolerance.fmt(formatter),
            TailTolerance::Off => formatter.write_str("off"),
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}%", self.0.0)
    }
}

impl MaxTime {
    /// The limit when nothing else is said: 30 s.
    pub const DEFAULT: MaxTime = MaxTime(Duration::from_secs(30));

    /// How long a measured process may take when nothing else is said: 5 minutes.
    pub const DEFAULT_TIMEOUT: MaxTime = MaxTime(Duration::from_secs(300));

    /// How long a hook may keep git waiting, builds too, when nothing else is said: 60 s. What changed is built on one side
    /// alone, a verdict takes seconds, and who waits longer learns to leave hooks out.
    pub const DEFAULT_HOOK: MaxTime = MaxTime(Duration::from_secs(60));

    /// As the standard library's duration.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for MaxTime {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<MaxTime, LimitError> {
        let seconds = seconds(text.trim()).ok_or_else(|| LimitError::NotADuration(shown(text)))?;
        let out_of_range = || LimitError::TimeOutOfRange(shown(text));
        if !(seconds > 0.0 && seconds <= MOST_TIME_SECONDS) {
            return Err(out_of_range());
        }
        let duration = Duration::try_from_secs_f64(seconds).map_err(|_| out_of_range())?;
        // Less than half a nanosecond rounds to nothing.
        if duration.is_zero() { Err(out_of_range()) } else { Ok(MaxTime(duration)) }
    }
}

impl fmt::Display for MaxTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

/// `"2m"` as 120; `None` where number or unit is missing or unknown.
fn seconds(text: &str) -> Option<f64> {
    let (number, unit) = text.split_at(text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
    let seconds_per_unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    number.trim_end().parse::<f64>().ok().map(|number| number * seconds_per_unit)
}

/// What the user wrote, fit for one line of a message: control characters escaped, cut after 40 characters.
fn shown(text: &str) -> String {
    let mut shown: String = text.escape_debug().take(40).collect();
    if text.chars().count() > 40 {
        shown.push('…');
    }
    shown
}

impl<'de> Deserialize<'de> for Tolerance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tolerance, D::Error> {
        deserializer.deserialize_str(Typed::<Tolerance>::expecting("a percentage in quotes, such as \"1%\""))
    }
}

impl<'de> Deserialize<'de> for TailTolerance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TailTolerance, D::Error> {
        deserializer.deserialize_str(Typed::<TailTolerance>::expecting(
            "a percentage in quotes, such as \"5%\", or \"off\"",
        ))
    }
}

impl<'de> Deserialize<'de> for MaxTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MaxTime, D::Error> {
        deserializer.deserialize_str(Typed::<MaxTime>::expecting("a duration in quotes, such as \"30s\""))
    }
}

/// Reads a `T` from a string and says, where there is none, what was expected.
struct Typed<T> {
    expecting: &'static str,
    what: std::marker::PhantomData<T>,
}

impl<T> Typed<T> {
    fn expecting(expecting: &'static str) -> Typed<T> {
        Typed { expecting, what: std::marker::PhantomData }
    }
}

impl<T: FromStr<Err = LimitError>> de::Visitor<'_> for Typed<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expecting)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_a_number_with_the_percent_sign() {
        assert_eq!("1%".parse(), Ok(Tolerance::DEFAULT));
        assert_eq!(" 0.5 % ".parse::<Tolerance>().map(Tolerance::percent), Ok(Percent(0.5)));
        assert_eq!("1".parse::<Tolerance>(), Err(LimitError::NotAPercentage("1".into())));
        assert_eq!("%".parse::<Tolerance>(), Err(LimitError::NotAPercentage("%".into())));
    }

    #[test]
    fn a_tolerance_is_above_zero_and_finite() {
        for text in ["0%", "-1%", "NaN%", "inf%", "-0%", "1e9%", "-inf%"] {
            assert_eq!(text.parse::<Tolerance>(), Err(LimitError::ToleranceOutOfRange(text.into())));
        }
    }

    #[test]
    fn a_tail_tolerance_may_be_off_and_a_tolerance_may_not() {
        assert_eq!("off".parse(), Ok(TailTolerance::Off));
        assert_eq!("5%".parse::<TailTolerance>().map(|tail| tail.to_string()), Ok("5%".into()));
        assert!("off".parse::<Tolerance>().is_err());
    }

    #[test]
    fn a_tail_tolerance_is_five_times_the_tolerance_within_the_cap() {
        assert_eq!(Tolerance::DEFAULT.tail().to_string(), "5%");
        assert_eq!("900%".parse::<Tolerance>().map(|t| t.tail().to_string()), Ok("1000%".into()));
    }

    #[test]
    fn a_time_limit_has_a_unit() {
        for (text, millis) in [("500ms", 500), ("30s", 30_000), ("1.5m", 90_000), ("2 min", 120_000)] {
            assert_eq!(text.parse().map(MaxTime::duration), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["30", "s", "", "30 parsecs", "NaN"] {
            assert_eq!(text.parse::<MaxTime>(), Err(LimitError::NotADuration(text.into())));
        }
    }

    #[test]
    fn a_time_limit_is_above_zero_and_at_most_a_day() {
        for text in ["0s", "-1s", "NaNs", "infs", "25h", "1e-300s"] {
            assert!(text.parse::<MaxTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_switch_is_one_or_zero() {
        assert_eq!((switch("1"), switch(" 0 ")), (Ok(true), Ok(false)));
        for text in ["", "2", "yes", "true"] {
            assert_eq!(switch(text), Err(LimitError::NotASwitch(text.into())));
        }
    }

    #[test]
    fn a_refusal_shows_control_characters_escaped_and_cut() {
        let error = format!("\u{1b}[31m{}", "x".repeat(100)).parse::<Tolerance>().unwrap_err().to_string();
        assert!(!error.contains('\u{1b}') && error.contains('…'), "{error}");
    }
}
