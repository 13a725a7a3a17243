//! How busy the machine was before a check: to tell later what a wrong verdict may come from.

use std::fs;

use serde::{Deserialize, Serialize};

/// What the kernel said. `None` where it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Load average over a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    /// Share of the last 10 s in which some task waited for a processor, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pressure: Option<f64>,
}

impl Load {
    /// As it is now.
    pub fn now() -> Load {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Load { average: average(&read("/proc/loadavg")), pressure: pressure(&read("/proc/pressure/cpu")) }
    }
}

fn average(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

fn pressure(text: &str) -> Option<f64> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.split_whitespace().find_map(|word| word.strip_prefix("avg10="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        assert_eq!(average("0.52 0.58 0.59 1/467 12345\n"), Some(0.52));
        let text =
            "some avg10=1.23 avg60=0.5 avg300=0.1 total=99\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
        assert_eq!(pressure(text), Some(1.23));
        assert_eq!((average(""), pressure("")), (None, None));
    }
}
