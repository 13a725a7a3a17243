//! What `cargo bench` prints, and the samples behind it.

use std::fmt::Write as _;
use std::time::Duration;

use super::Bench;
use super::args::LISTED;

/// Samples kept of one bench, in ticks; 8 MiB.
const MOST_SAMPLES: usize = 1 << 20;

/// The samples of one bench under `cargo bench`.
#[derive(Debug, Default)]
pub(super) struct Samples {
    ticks: Vec<u64>,
    items: u64,
    bytes: u64,
    nanos_per_tick: f64,
    began: Option<(u64, std::time::Instant)>,
}

impl Samples {
    /// Takes the first of the two clock pairs that give the rate of the clock.
    pub(super) fn begin(items: u64, bytes: u64) -> Samples {
        let began = Some((crate::clock::end().0, std::time::Instant::now()));
        Samples { ticks: Vec::with_capacity(MOST_SAMPLES), items, bytes, nanos_per_tick: 1.0, began }
    }

    pub(super) fn have_room(&self) -> bool {
        self.ticks.len() < MOST_SAMPLES
    }

    pub(super) fn push(&mut self, ticks: u64) {
        self.ticks.push(ticks);
    }

    /// Takes the second clock pair.
    pub(super) fn finish(&mut self, _measured: Duration) {
        if let Some((ticks, instant)) = self.began {
            let passed = crate::clock::end().0.saturating_sub(ticks).max(1);
            self.nanos_per_tick = instant.elapsed().as_nanos() as f64 / passed as f64;
        }
        self.ticks.sort_unstable();
    }

    fn quantile_nanos(&self, quantile: f64) -> f64 {
        let last = self.ticks.len().saturating_sub(1);
        self.ticks
            .get((last as f64 * quantile) as usize)
            .map_or(0.0, |ticks| *ticks as f64 * self.nanos_per_tick)
    }

    fn mean_nanos(&self) -> f64 {
        let sum: u64 = self.ticks.iter().sum();
        sum as f64 * self.nanos_per_tick / self.ticks.len().max(1) as f64
    }
}

/// The names in libtest's form, which tools read.
pub(super) fn list(benches: &[&Bench]) -> String {
    let mut text = String::new();
    for bench in benches {
        let _ = writeln!(text, "{}: benchmark", bench.name());
    }
    text
}

/// The names for `cargo darwin`.
pub(super) fn list_for_darwin(benches: &[&Bench]) -> String {
    benches.iter().map(|bench| format!("{LISTED}{}\n", bench.name())).collect()
}

/// One line per bench: median, 99 % quantile, mean, throughput.
pub(super) fn line(name: &str, samples: Samples) -> String {
    if samples.ticks.is_empty() {
        return format!("{name:<40} no iteration: the bench did not call iter or iter_batched\n");
    }
    let mean = samples.mean_nanos();
    let mut text = format!(
        "{name:<40} p50 {:>10}   p99 {:>10}   mean {:>10}",
        duration(samples.quantile_nanos(0.5)),
        duration(samples.quantile_nanos(0.99)),
        duration(mean),
    );
    for (amount, unit) in [(samples.items, "items"), (samples.bytes, "bytes")] {
        if amount > 0 {
            let _ = write!(text, "   {:.3e} {unit}/s", amount as f64 * 1e9 / mean);
        }
    }
    let _ = writeln!(text, "   ({} iterations)", samples.ticks.len());
    text
}

fn duration(nanos: f64) -> String {
    match nanos {
        n if n < 1e3 => format!("{n:.1} ns"),
        n if n < 1e6 => format!("{:.2} us", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_that_never_iterates_is_told_so() {
        assert!(line("b", Samples::default()).contains("no iteration"));
    }

    #[test]
    fn durations_have_the_unit_that_reads_best() {
        assert_eq!(duration(12.34), "12.3 ns");
        assert_eq!(duration(2_500.0), "2.50 us");
        assert_eq!(duration(3_000_000.0), "3.00 ms");
    }
}
