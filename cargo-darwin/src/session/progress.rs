//! How far a command is, on stderr: a line that is written over on a terminal, one plain line a phase elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::screen;
use crate::gate::{Progress, Standing};
use crate::model::{Metric, SiteKey};
use crate::render::safe;

/// How often the mark of something that takes long turns. Only where nothing is measured: it takes a thread.
const TICK: Duration = Duration::from_millis(120);

/// Open sites that are named; more would only flicker.
const NAMED: usize = 2;

/// Tells blocks, open sites and the time left.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    begin: Instant,
    max_time: Duration,
    open: String,
}

/// Tells how many of a number of steps are done.
#[derive(Debug)]
pub struct Steps {
    bar: ProgressBar,
    words: String,
    total: usize,
    begun: usize,
}

/// Tells that something goes on, until it is dropped.
#[derive(Debug)]
pub struct Waiting {
    bar: ProgressBar,
}

impl Bar {
    /// A bar on stderr, if that is a terminal.
    pub fn new(max_time: Duration) -> Bar {
        let bar = line("measuring [{bar:10}] {wide_msg}", Some(max_time.as_millis() as u64));
        announce(&bar, &format!("measuring for at most {} s", seconds(max_time)));
        bar.set_message("the first block warms up");
        bar.tick();
        Bar { bar, begin: Instant::now(), max_time, open: String::new() }
    }
}

impl Progress for Bar {
    fn open(&mut self, sites: &[(SiteKey, Vec<Metric>)]) {
        self.open = open_words(sites);
    }

    fn step(&mut self, standing: Standing) {
        let spent = self.begin.elapsed().min(self.max_time);
        self.bar.set_position(spent.as_millis() as u64);
        self.bar.set_message(measuring(standing, &self.open, self.max_time - spent));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Steps {
    /// `total` steps of what `words` say, such as `counting` 3 `workloads`.
    pub(super) fn new(words: &str, total: usize) -> Steps {
        let bar = line("{wide_msg}", None);
        announce(&bar, &format!("{words} {}", workloads(total)));
        Steps { bar, words: words.to_owned(), total, begun: 0 }
    }

    /// Begins the next step, which is about `name`.
    pub fn next(&mut self, name: &str) {
        self.begun += 1;
        let Steps { words, total, begun, .. } = self;
        self.bar.set_message(format!("{words} {begun} of {}: {}", workloads(*total), safe::line(name)));
        self.bar.tick();
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Waiting {
    pub(super) fn new(words: &str) -> Waiting {
        let bar = line("{spinner} {msg} ({elapsed})", None);
        announce(&bar, words);
        bar.set_message(safe::line(words));
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Waiting { bar }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A line on stderr that is written over; hidden where that is no terminal.
pub(super) fn line(template: &str, length: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, screen::moving_line());
    match ProgressStyle::with_template(&format!("    {template}")) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}

/// The phase in one plain line, where nothing is written over.
fn announce(bar: &ProgressBar, words: &str) {
    if bar.is_hidden() {
        screen::tell(&format!("    {words}"));
    }
}

/// `12 blocks, at most 18 s left, 2 of 10 sites open (insert p50, mean)`: a narrow terminal cuts off the names only.
fn measuring(standing: Standing, open_sites: &str, left: Duration) -> String {
    let Standing { blocks, voided, gated, open } = standing;
    let blocks = format!("{blocks} {}", if blocks == 1 { "block" } else { "blocks" });
    let voided = if voided > 0 { format!(", {voided} voided") } else { String::new() };
    format!("{blocks}{voided}, at most {} s left, {open} of {gated} sites open{open_sites}", seconds(left))
}

/// ` (insert p50, mean; cancel p99)`; empty while there are more than a few.
fn open_words(sites: &[(SiteKey, Vec<Metric>)]) -> String {
    if sites.is_empty() || sites.len() > NAMED {
        return String::new();
    }
    let site = |(key, metrics): &(SiteKey, Vec<Metric>)| {
        let name = key.site.rsplit("::").next().unwrap_or_default();
        let metrics: Vec<&str> = metrics.iter().map(|metric| crate::render::metric_name(*metric)).collect();
        format!("{} {}", safe::line(name), metrics.join(", "))
    };
    format!(" ({})", sites.iter().map(site).collect::<Vec<_>>().join("; "))
}

/// Whole ones, rounded up: nothing is left only when the time is up.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

fn workloads(count: usize) -> String {
    format!("{count} {}", if count == 1 { "workload" } else { "workloads" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(sites: &[(&str, &[Metric])]) -> Vec<(SiteKey, Vec<Metric>)> {
        let key = |site: &str| SiteKey { workload: "w".into(), site: site.into() };
        sites.iter().map(|(site, metrics)| (key(site), metrics.to_vec())).collect()
    }

    #[test]
    fn blocks_open_sites_and_the_time_left_are_told() {
        let standing = Standing { blocks: 12, voided: 0, gated: 10, open: 1 };
        let sites = open_words(&open(&[("order_book::Book::insert", &[Metric::P50, Metric::Mean])]));
        assert_eq!(
            measuring(standing, &sites, Duration::from_millis(17_200)),
            "12 blocks, at most 18 s left, 1 of 10 sites open (insert p50, mean)"
        );
    }

    #[test]
    fn many_open_sites_are_only_counted() {
        let one: (&str, &[Metric]) = ("f", &[Metric::P99]);
        assert_eq!(open_words(&open(&[one, one])), " (f p99; f p99)");
        assert_eq!(open_words(&open(&[one, one, one])), "");
        assert_eq!(open_words(&[]), "");
    }

    #[test]
    fn voided_blocks_are_told_only_if_there_are_any() {
        let standing = Standing { blocks: 1, voided: 2, gated: 3, open: 3 };
        assert_eq!(
            measuring(standing, "", Duration::ZERO),
            "1 block, 2 voided, at most 0 s left, 3 of 3 sites open"
        );
    }
}
