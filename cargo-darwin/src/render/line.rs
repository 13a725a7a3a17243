//! The lines that tell what changed at one site, before they are laid out: the same words on a terminal and in Markdown.

use super::finding::{self, Throughput};
use super::paint::Tone;
use super::site::less_is_better;
use super::{Paint, bar, budget, count, units};
use crate::model::{CheckedSite, Metric, MetricReport, Percent, ThroughputUnit, Verdict};

/// One change: `Latency: 50us -> 40us (**-20%**)`, and what stands beside and beneath it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Before the figure that matters.
    pub(super) head: String,
    /// The figure that matters; empty where there is none.
    pub(super) strong: String,
    /// What it says.
    pub(super) tone: Tone,
    /// Behind the figure.
    pub(super) tail: String,
    /// `[-20.7, -19.3]`, in percent; empty where nothing was estimated.
    pub(super) interval: String,
    /// The change and what of it is allowed, for a bar.
    pub(super) extent: Option<(Percent, Percent)>,
    /// What is left out where there is no room for it.
    pub(super) aside: String,
    /// What must be said, each on a line of its own.
    pub(super) beneath: Vec<String>,
}

impl Line {
    /// `HEAD(**STRONG**)TAIL` with nothing beside it.
    pub(super) fn new(head: String, strong: String, tone: Tone, tail: &str) -> Line {
        Line {
            head,
            strong,
            tone,
            tail: tail.to_owned(),
            interval: String::new(),
            extent: None,
            aside: String::new(),
            beneath: Vec::new(),
        }
    }

    /// Words without a figure.
    pub(super) fn words(words: String) -> Line {
        Line::new(words, String::new(), Tone::Dim, "")
    }

    /// The change itself.
    pub(super) fn delta(&self, paint: Paint) -> String {
        let strong =
            if self.strong.is_empty() { String::new() } else { paint.strong(self.tone, &self.strong) };
        format!("{}{strong}{}", self.head, self.tail)
    }

    /// How long a change is against what is allowed, in at most `cells` characters.
    pub(super) fn bar(&self, cells: usize) -> String {
        self.extent.map_or_else(String::new, |(change, tolerance)| bar::bar(change, tolerance, cells))
    }
}

/// What changed, broke or is open at a site; empty where only its note says something.
pub(super) fn changed(site: &CheckedSite) -> Vec<Line> {
    let telling = |metric| finding::metric(site, metric).filter(|report| tells(report, site));
    let (median, tail) = (telling(Metric::P50), telling(Metric::P99));
    let mean = telling(Metric::Mean).filter(|mean| decides(mean));
    // Once a site is rejected, nobody waits for more blocks of it.
    let rejected = site.verdict == Verdict::Reject;
    let timed = |label, report: &MetricReport| {
        let open = open_remark(report).filter(|_| !rejected);
        let mut line = metric_line(label, report);
        // The remark says the same and more.
        line.aside.truncate(if open.is_some() { 0 } else { line.aside.len() });
        line.beneath.extend(open.into_iter().chain(between_remark(report)));
        line
    };
    let rest = [
        median.map(|report| timed("Latency", report)),
        tail.map(|report| timed("p99", report)),
        mean.map(|report| timed("Mean", report)),
        throughput(site, mean.is_some()).map(|throughput| throughput_line(&throughput)),
        site.allocs.as_ref().and_then(|allocs| count::line("Allocations", allocs, units::counts)),
        site.bytes.as_ref().and_then(|bytes| count::line("Bytes allocated", bytes, units::bytes_pair)),
    ];
    rest.into_iter().flatten().chain(site.budgets.iter().filter_map(budget::line)).collect()
}

/// Once a site is rejected, what is open about it needs no words.
fn tells(report: &MetricReport, site: &CheckedSite) -> bool {
    let open = report.verdict == Some(Verdict::Inconclusive) && site.verdict != Verdict::Reject;
    let advises = finding::is_advice(site) && report.metric != Metric::Mean;
    finding::moved(report) || report.verdict == Some(Verdict::Reject) || open || advises
}

fn decides(report: &MetricReport) -> bool {
    report.verdict.is_some_and(|verdict| verdict != Verdict::Approve)
}

/// Throughput is the mean in other words: where the mean has a line, it has one of its own only if the bench told what
/// a call handles.
fn throughput(site: &CheckedSite, has_mean: bool) -> Option<Throughput> {
    let moved = finding::metric(site, Metric::Mean).is_some_and(finding::moved);
    let wanted = moved && (site.throughput.is_some() || !has_mean);
    finding::throughput(site).filter(|_| wanted)
}

fn metric_line(label: &str, report: &MetricReport) -> Line {
    let delta = &report.delta;
    let moved = finding::moved(report);
    let (before, after) = units::duration_words(delta.baseline, delta.candidate);
    let head = format!("{label}: {before} -> {after} (");
    let tone = less_is_better(delta.change, moved);
    let (allowed, resolution) = (units::percent_amount(report.tolerance), resolves(report));
    Line {
        interval: units::interval(delta.low, delta.high),
        extent: moved.then_some((delta.change, report.tolerance)),
        aside: format!("allowed {allowed}, {resolution}"),
        ..Line::new(head, units::percent_word(delta.change), tone, ")")
    }
}

/// `resolves 0.7%`: the smallest slowdown that these blocks would catch in 95 of 100 checks.
fn resolves(report: &MetricReport) -> String {
    match report.resolution {
        Some(resolution) => format!("resolves {}", units::capped_percent(resolution)),
        None => "too few blocks for a resolution".to_owned(),
    }
}

/// `not proven within 1% (within 1.4% it is); resolves 0.7%; about 30 more blocks needed`, for an open metric.
fn open_remark(report: &MetricReport) -> Option<String> {
    if report.verdict != Some(Verdict::Inconclusive) {
        return None;
    }
    let tolerance = units::percent_amount(report.tolerance);
    let proven = report.proven_tolerance.map_or_else(String::new, |tolerance| {
        format!(" (within {} it is)", units::capped_percent(tolerance))
    });
    let missing = match report.blocks_missing {
        None => "more blocks like these would not tell".to_owned(),
        Some(1) => "about one more block needed".to_owned(),
        Some(blocks) => format!("about {blocks} more blocks needed"),
    };
    Some(format!("not proven within {tolerance}{proven}; {}; {missing}", resolves(report)))
}

fn between_remark(report: &MetricReport) -> Option<String> {
    let tolerance = units::percent_amount(report.tolerance);
    finding::lies_between(report)
        .then(|| format!("between half of the {tolerance} allowed and all of it either verdict is possible"))
}

fn throughput_line(throughput: &Throughput) -> Line {
    let change = throughput.change;
    let (before, after) = throughput_words(throughput);
    let matters = throughput.interval.is_none_or(|(low, high)| low.0 > 0.0 || high.0 < 0.0);
    let tone = less_is_better(Percent(-change.0), matters);
    let head = format!("Throughput: {before} -> {after} (");
    Line {
        interval: throughput.interval.map(|(low, high)| units::interval(low, high)).unwrap_or_default(),
        ..Line::new(head, units::percent_word(change), tone, ")")
    }
}

/// `10k` and `15k ops/s`, or `1 MiB/s` and `2 MiB/s`: counts have no unit that the left number could be taken to lack.
pub(super) fn throughput_words(throughput: &Throughput) -> (String, String) {
    let (baseline, candidate) = (throughput.baseline, throughput.candidate);
    match throughput.unit {
        Some(ThroughputUnit::Bytes) => {
            let (before, after) = units::bytes_pair(baseline, candidate);
            (before + "/s", after + "/s")
        }
        Some(ThroughputUnit::Items) | None => {
            let (before, after) = units::counts(baseline, candidate);
            (before, after + " ops/s")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    fn plain(site: &CheckedSite) -> Vec<String> {
        let text = |line: Line| format!("{} {}", line.delta(Paint::Plain), line.interval).trim().to_owned();
        changed(site).into_iter().map(text).collect()
    }

    #[test]
    fn a_faster_site_reads_as_a_delta() {
        let mut site = samples::site("f", Verdict::Approve);
        site.metrics = vec![
            samples::metric(Metric::P50, 50_000.0, -20.0, Some(Verdict::Approve)),
            samples::metric(Metric::Mean, 60_000.0, -20.0, Some(Verdict::Approve)),
        ];
        site.throughput = Some((10_000.0, 15_000.0, ThroughputUnit::Items));
        let expected = [
            "Latency: 50us -> 40us (**-20%**) [-20.7, -19.3]",
            "Throughput: 10k -> 15k ops/s (**+50%**) [+23.9, +26.1]",
        ];
        assert_eq!(plain(&site), expected);
    }

    #[test]
    fn throughput_in_bytes_has_its_unit_on_both_sides() {
        let mut site = samples::timed_site("f", -20.0, Verdict::Approve);
        site.throughput = Some((1_048_576.0, 2_097_152.0, ThroughputUnit::Bytes));
        assert!(
            plain(&site).iter().any(|line| line.starts_with("Throughput: 1 MiB/s -> 2 MiB/s (**+100%**)"))
        );
    }

    #[test]
    fn a_metric_that_did_not_move_has_no_line() {
        let mut site = samples::timed_site("f", 0.1, Verdict::Approve);
        assert_eq!(plain(&site), Vec::<String>::new());
        site.metrics[0] = samples::metric(Metric::P50, 1200.0, -9.0, Some(Verdict::Approve));
        assert_eq!(plain(&site), ["Latency: 1.2us -> 1.09us (**-9%**) [-9.7, -8.3]"]);
    }

    #[test]
    fn the_mean_of_a_rejected_site_is_not_said_twice() {
        let mut site = samples::timed_site("f", 20.0, Verdict::Reject);
        let labels = |site: &CheckedSite| -> Vec<String> {
            plain(site).iter().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
        };
        assert_eq!(labels(&site), ["Latency", "p99", "Mean"]);
        site.throughput = Some((10_000.0, 8_000.0, ThroughputUnit::Items));
        assert_eq!(labels(&site), ["Latency", "p99", "Mean", "Throughput"]);
    }

    #[test]
    fn a_rejected_metric_below_its_tolerance_says_that_this_can_be() {
        let mut site = samples::site("f", Verdict::Reject);
        site.metrics = vec![samples::metric(Metric::P50, 1_000.0, 0.9, Some(Verdict::Reject))];
        let expected = "between half of the 1% allowed and all of it either verdict is possible";
        assert_eq!(changed(&site)[0].beneath, [expected]);
    }

    #[test]
    fn an_open_metric_says_how_far_it_is_from_an_answer() {
        let mut site = samples::site("f", Verdict::Inconclusive);
        let mut report = samples::metric(Metric::P50, 1_000.0, 0.2, Some(Verdict::Inconclusive));
        report.blocks_missing = Some(24);
        report.proven_tolerance = Some(Percent(1.4));
        site.metrics = vec![report.clone()];
        let expected = "not proven within 1% (within 1.4% it is); resolves 0.7%; about 24 more blocks needed";
        assert_eq!(changed(&site)[0].beneath, [expected]);
        report.resolution = Some(Percent(604_813.0));
        assert_eq!(resolves(&report), "resolves more than 1000%");
    }

    #[test]
    fn what_is_open_at_a_rejected_site_is_left_out() {
        let mut site = samples::timed_site("f", 20.0, Verdict::Reject);
        site.metrics[1] = samples::metric(Metric::P99, 4000.0, 1.0, Some(Verdict::Inconclusive));
        assert!(!plain(&site).iter().any(|line| line.starts_with("p99")));
        site.metrics[1] = samples::metric(Metric::P99, 4000.0, 9.0, Some(Verdict::Inconclusive));
        assert!(plain(&site).iter().any(|line| line.starts_with("p99")), "it moved");
        assert!(changed(&site).iter().all(|line| line.beneath.is_empty()));
    }
}
