//! Is this machine fit to measure? What can be read without privileges, before the first block.

use rustix::thread::sched_getaffinity;

use crate::model::{SystemCheck, SystemReport, SystemStatus};

/// Share of the last ten seconds in which tasks waited for a processor, from which measuring takes longer.
const NOISY_PRESSURE_PERCENT: f64 = 10.0;

/// Looks at everything once.
pub fn check() -> SystemReport {
    let checks = vec![processors(), clock_source(), pressure()];
    let status = checks.iter().map(|check| check.status).max().unwrap_or(SystemStatus::Ok);
    SystemReport { status, checks }
}

fn line(name: &str, status: SystemStatus, value: String, advice: &str) -> SystemCheck {
    let advice = if status == SystemStatus::Ok { String::new() } else { advice.to_owned() };
    SystemCheck { name: name.to_owned(), status, value, advice }
}

fn processors() -> SystemCheck {
    let allowed = sched_getaffinity(None).map_or(0, |set| set.count());
    let status = if allowed >= 2 { SystemStatus::Ok } else { SystemStatus::Noisy };
    let advice = "give this process a second processor: we, the kernel and the measured program share one";
    line("processors", status, allowed.to_string(), advice)
}

fn clock_source() -> SystemCheck {
    let counter = darwin_runtime::clock::choose() == darwin_runtime::layout::clock_kind::COUNTER;
    let (status, value) = match counter {
        true => (SystemStatus::Ok, "the processor's counter"),
        false => (SystemStatus::Noisy, "the operating system's clock"),
    };
    let advice = "the kernel does not vouch for the processor's counter, so each call costs more to measure";
    line("clock", status, value.to_owned(), advice)
}

fn pressure() -> SystemCheck {
    let text = std::fs::read_to_string("/proc/pressure/cpu").unwrap_or_default();
    let (status, value) = match waiting_percent(&text) {
        None => (SystemStatus::Ok, "not told by this kernel".to_owned()),
        Some(share) if share > NOISY_PRESSURE_PERCENT => (SystemStatus::Noisy, format!("{share} %")),
        Some(share) => (SystemStatus::Ok, format!("{share} %")),
    };
    line(
        "processor pressure",
        status,
        value,
        "other programs wait for the processors: end them, or allow more time",
    )
}

/// `some avg10=` of a pressure file.
fn waiting_percent(text: &str) -> Option<f64> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.split_whitespace().find_map(|word| word.strip_prefix("avg10="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pressure_of_the_last_ten_seconds_is_read() {
        let text = "some avg10=12.50 avg60=1.00 avg300=0.10 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
        assert_eq!(waiting_percent(text), Some(12.5));
        assert_eq!(waiting_percent(""), None);
    }
}
