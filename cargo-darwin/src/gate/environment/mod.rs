//! Is this machine fit to measure, and was a block disturbed? Thresholds over what `io::system` and `io::environment`
//! have read.
//!
//! Three answers. *Unfit*: a measurement would say nothing. *Noisy*: it takes more blocks, and the test of a check
//! allows for that by itself. *Ok*: also what both sides meet alike because they take turns of a millisecond or a few on
//! one core, such as a hypervisor or a frequency that changes with the temperature.

mod block;
mod load;
mod settings;

pub use block::{Patience, others_percent, void_reason};
pub use load::is_busy;

use crate::model::{Facts, Percent, SystemCheck, SystemReport, SystemStatus};

/// Ticks that prove that anything happened: the kernel shows whole ticks, so a difference of one may stand for next to
/// nothing; a difference of two is more than one whole tick.
const FEWEST_TICKS: u64 = 2;

/// What is said of a thing that the system does not tell.
const NOT_TOLD: &str = "not told by this system";

/// Judges everything that was read, a line for each.
pub fn report(facts: &Facts) -> SystemReport {
    let mut checks = settings::lines(facts);
    checks.extend(load::lines(facts));
    let status = checks.iter().map(|check| check.status).max().unwrap_or(SystemStatus::Ok);
    SystemReport { status, checks }
}

/// A line with its advice, which is left out where all is well.
fn line(name: &str, status: SystemStatus, value: impl Into<String>, advice: &str) -> SystemCheck {
    let advice = if status == SystemStatus::Ok { String::new() } else { advice.to_owned() };
    SystemCheck { name: name.to_owned(), status, value: value.into(), advice }
}

fn noisy_if(noisy: bool) -> SystemStatus {
    if noisy { SystemStatus::Noisy } else { SystemStatus::Ok }
}

/// The share of `whole`; nothing of nothing.
fn share(part: f64, whole: f64) -> Percent {
    Percent(if whole > 0.0 { 100.0 * part / whole } else { 0.0 })
}

/// `1.2 %`.
fn shown(share: Percent) -> String {
    format!("{:.1} %", share.0)
}

#[cfg(test)]
mod tests;
