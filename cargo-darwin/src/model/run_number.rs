//! How a stored run is named.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A stored run: the latest one, or the one with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunRef {
    /// The one with the highest number.
    Last,
    /// The one with this number, from 1.
    Number(u32),
}

/// Neither `last` nor a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a stored run is named `last` or by its number, such as 12")]
pub struct NotARun;

impl FromStr for RunRef {
    type Err = NotARun;

    fn from_str(text: &str) -> Result<RunRef, NotARun> {
        match text {
            "last" => Ok(RunRef::Last),
            number => match number.parse() {
                Ok(0) | Err(_) => Err(NotARun),
                Ok(number) => Ok(RunRef::Number(number)),
            },
        }
    }
}

impl fmt::Display for RunRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunRef::Last => formatter.write_str("last"),
            RunRef::Number(number) => write!(formatter, "{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_last_or_by_its_number() {
        assert_eq!("last".parse(), Ok(RunRef::Last));
        assert_eq!("12".parse(), Ok(RunRef::Number(12)));
        for text in ["0", "-1", "first", "", "1.5", "99999999999"] {
            assert_eq!(text.parse::<RunRef>(), Err(NotARun), "{text}");
        }
    }
}
