//! The lines that tell about one checked site; the same words on a terminal and in Markdown.

use super::finding::{self, Direction, Throughput};
use super::paint::Tone;
use super::{Paint, bar::bar, units};
use crate::model::{
    BudgetFinding, BudgetMetric, CheckedSite, ExactCount, Metric, MetricReport, Nanos, Percent,
    ThroughputUnit, Verdict,
};

/// Sign of a site: the direction of its latency, else of its counts; `?` where that is open, `=` where neither moved,
/// `!` where something else broke.
pub(super) fn sign(site: &CheckedSite) -> &'static str {
    let counts: Vec<&ExactCount> = [&site.allocs, &site.bytes].into_iter().flatten().collect();
    match (finding::direction(site), site.verdict) {
        (Direction::Slower, _) => "+",
        (Direction::Faster, _) => "-",
        _ if counts.iter().any(|count| finding::count_order(count).is_gt()) => "+",
        _ if counts.iter().any(|count| finding::count_order(count).is_lt()) => "-",
        (Direction::Other, Verdict::Inconclusive) => "?",
        (Direction::Other, Verdict::Approve) => "=",
        (Direction::Other, _) => "!",
    }
}

/// The tone of a site as a whole.
pub(super) fn tone(site: &CheckedSite) -> Tone {
    match (site.verdict, finding::direction(site)) {
        (Verdict::Reject | Verdict::Invalid, _) => Tone::Bad,
        (Verdict::Inconclusive, _) => Tone::Open,
        (Verdict::Approve, Direction::Faster) => Tone::Good,
        (Verdict::Approve, _) => Tone::Head,
    }
}

/// A verdict as it is written everywhere.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "APPROVE",
        Verdict::Inconclusive => "INCONCLUSIVE",
        Verdict::Reject => "REJECT",
        Verdict::Invalid => "INVALID",
    }
}

/// Everything found at a site, one line each, without line breaks: latency, p99, throughput, counts, budgets.
pub(super) fn lines(site: &CheckedSite, paint: Paint) -> Vec<String> {
    let p99 = finding::metric(site, Metric::P99);
    let mean = finding::metric(site, Metric::Mean).filter(|mean| needs_words(mean));
    let timed = finding::headline(site).map(|report| metric_line("Latency", report, paint));
    let rest = [
        p99.map(|report| metric_line("p99", report, paint)),
        mean.map(|report| metric_line("Mean", report, paint)),
        finding::throughput(site).map(|throughput| throughput_line(&throughput, paint)),
        site.allocs.as_ref().and_then(|count| count_line("Allocations", count, units::counts, paint)),
        site.bytes.as_ref().and_then(|count| count_line("Bytes allocated", count, units::bytes_pair, paint)),
    ];
    let budgets = site.budgets.iter().filter_map(|budget| budget_line(budget, paint));
    timed.into_iter().chain(rest.into_iter().flatten()).chain(budgets).collect()
}

/// Why a rejected site is rejected: `is slower (p50 +20.1%), allocates more, breaks its budget p99`.
pub(super) fn cause(site: &CheckedSite) -> String {
    let rejected = |verdict: Option<Verdict>| verdict == Some(Verdict::Reject);
    let slower = site.metrics.iter().find(|report| rejected(report.verdict));
    let slower = slower.map(|report| {
        format!("is slower ({} {})", metric_name(report.metric), units::percent_word(report.delta.change))
    });
    let counted = |count: &Option<ExactCount>| count.is_some_and(|count| rejected(count.verdict));
    let larger = (counted(&site.allocs) || counted(&site.bytes)).then(|| "allocates more".to_owned());
    let broken = site.budgets.iter().filter(|finding| finding.verdict == Verdict::Reject);
    let broken = broken.map(|finding| format!("breaks its budget {}", budget_name(finding.budget.metric)));
    let causes: Vec<String> = slower.into_iter().chain(larger).chain(broken).collect();
    if causes.is_empty() { "is rejected".to_owned() } else { causes.join(", ") }
}

fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::P50 => "p50",
        Metric::P99 => "p99",
        Metric::Mean => "mean",
    }
}

/// `50us -> 40us (**-20%**)`.
pub(super) fn arrow((before, after): (String, String), change: Percent, tone: Tone, paint: Paint) -> String {
    format!("{before} -> {after} ({})", paint.strong(tone, &units::percent_word(change)))
}

/// Tone of a change of something of which less is better.
pub(super) fn less_is_better(change: Percent, matters: bool) -> Tone {
    match change.0 {
        _ if !matters => Tone::Dim,
        change if change > 0.0 => Tone::Bad,
        _ => Tone::Good,
    }
}

/// The mean says the same as throughput; it has a line of its own only where it decides.
fn needs_words(mean: &MetricReport) -> bool {
    mean.verdict.is_some_and(|verdict| verdict != Verdict::Approve)
}

fn metric_line(label: &str, report: &MetricReport, paint: Paint) -> String {
    let delta = &report.delta;
    let tone = less_is_better(delta.change, finding::moved(report));
    let words = units::duration_words(delta.baseline, delta.candidate);
    let (change, interval) =
        (arrow(words, delta.change, tone, paint), units::interval(delta.low, delta.high));
    let line = format!("{label}: {change} {interval}{}", metric_remark(report));
    if !finding::moved(report) {
        return line;
    }
    format!("{line}  {}", paint.tone(tone, &bar(delta.change, report.tolerance)))
}

/// What must be said beside the figures: why they do not count, or how far they are from counting.
fn metric_remark(report: &MetricReport) -> String {
    let tolerance = units::percent_amount(report.tolerance);
    match report.verdict {
        None => ", shown only".to_owned(),
        Some(Verdict::Reject) if report.delta.change.0 < report.tolerance.0 => {
            format!(", between half of the {tolerance} allowed and all of it either verdict is possible")
        }
        Some(Verdict::Reject) => format!(", allowed is {tolerance}"),
        Some(Verdict::Inconclusive) => {
            format!(", not proven within {tolerance}{}{}", proven(report), blocks_missing(report))
        }
        Some(Verdict::Approve | Verdict::Invalid) => String::new(),
    }
}

fn blocks_missing(report: &MetricReport) -> String {
    match report.blocks_missing {
        None => ", and more blocks like these would not tell".to_owned(),
        Some(1) => ", about one more block needed".to_owned(),
        Some(blocks) => format!(", about {blocks} more blocks needed"),
    }
}

fn proven(report: &MetricReport) -> String {
    let text = |tolerance| format!(" (within {} it is)", units::percent_amount(tolerance));
    report.proven_tolerance.map_or(String::new(), text)
}

fn throughput_line(throughput: &Throughput, paint: Paint) -> String {
    let Throughput { baseline, candidate, change, .. } = *throughput;
    let words = match throughput.unit {
        Some(ThroughputUnit::Bytes) => per_second(units::bytes_pair(baseline, candidate), "/s"),
        Some(ThroughputUnit::Items) | None => per_second(units::counts(baseline, candidate), " ops/s"),
    };
    let matters = throughput.interval.is_none_or(|(low, high)| low.0 > 0.0 || high.0 < 0.0);
    let tone = less_is_better(Percent(-change.0), matters);
    let interval = throughput.interval.map(|(low, high)| format!(" {}", units::interval(low, high)));
    format!("Throughput: {}{}", arrow(words, change, tone, paint), interval.unwrap_or_default())
}

/// The unit once, behind the second number: `10k -> 15k ops/s`.
fn per_second((before, after): (String, String), unit: &str) -> (String, String) {
    (before, after + unit)
}

/// Two numbers as text, told apart.
type Words = fn(f64, f64) -> (String, String);

/// `Allocations: 2 -> 3 a call (**+50%**); exact`. `None` when nothing changed.
fn count_line(label: &str, count: &ExactCount, words: Words, paint: Paint) -> Option<String> {
    let (before, after, basis) = count_figures(count);
    let tone = if finding::count_order(count).is_gt() { Tone::Bad } else { Tone::Good };
    let change = paint.strong(tone, &count_change(before, after, words));
    let remark = match count.verdict {
        None => "shown only, it did not repeat exactly",
        Some(Verdict::Inconclusive) => "advisory, the record was counted otherwise",
        Some(_) => "exact",
    };
    let (before, after) = words(before, after);
    finding::count_changed(count)
        .then(|| format!("{label}: {before} -> {after} {basis} ({change}); {remark}"))
}

/// What is shown of a count, and per what. Totals where the calls are as many and a call has no whole number: one
/// allocation more in a thousand calls is not to be rounded away.
fn count_figures(count: &ExactCount) -> (f64, f64, String) {
    let ExactCount { calls, baseline_calls, baseline, candidate, .. } = *count;
    let whole = |total: u64, calls: u64| calls > 0 && total.is_multiple_of(calls);
    let in_whole_numbers = whole(baseline, baseline_calls) && whole(candidate, calls);
    let (baseline, candidate) = (baseline as f64, candidate as f64);
    if calls == baseline_calls && !in_whole_numbers {
        return (baseline, candidate, format!("in {} calls", units::count(calls as f64)));
    }
    let per_call = |total: f64, calls: u64| total / calls.max(1) as f64;
    (per_call(baseline, baseline_calls), per_call(candidate, calls), "a call".to_owned())
}

/// In percent, or the difference itself where there was nothing before.
fn count_change(before: f64, after: f64, words: Words) -> String {
    if before == 0.0 {
        return format!("+{}", words(before, after).1);
    }
    units::percent_word(Percent((after / before - 1.0) * 100.0))
}

/// `None` for a budget that was kept.
fn budget_line(finding: &BudgetFinding, paint: Paint) -> Option<String> {
    let (tone, state) = match finding.verdict {
        Verdict::Approve => return None,
        Verdict::Reject => (Tone::Bad, "broken"),
        Verdict::Inconclusive | Verdict::Invalid => (Tone::Open, "not to be told"),
    };
    let limit = budget_value(finding.budget.metric, finding.budget.limit);
    let value = budget_value(finding.budget.metric, finding.value);
    let name = budget_name(finding.budget.metric);
    let before = if finding.broken_before { ", the baseline breaks it already" } else { "" };
    Some(format!("Budget: {name} <= {limit} {}, it is {value}{before}", paint.strong(tone, state)))
}

/// The budget's name in the attribute and in JSON.
pub(super) fn budget_name(metric: BudgetMetric) -> &'static str {
    match metric {
        BudgetMetric::P50 => "p50",
        BudgetMetric::P90 => "p90",
        BudgetMetric::P99 => "p99",
        BudgetMetric::P999 => "p999",
        BudgetMetric::Mean => "mean",
        BudgetMetric::Max => "max",
        BudgetMetric::Allocs => "allocs",
        BudgetMetric::Bytes => "bytes",
    }
}

fn budget_value(metric: BudgetMetric, value: f64) -> String {
    match metric {
        BudgetMetric::Allocs => format!("{} a call", units::count(value)),
        BudgetMetric::Bytes => format!("{} a call", units::bytes(value)),
        _ => units::duration_word(Nanos(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Budget;
    use crate::render::samples;

    fn plain_lines(site: &CheckedSite) -> Vec<String> {
        lines(site, Paint::Plain)
    }

    #[test]
    fn a_faster_site_reads_as_a_delta() {
        let mut site = samples::site("f", Verdict::Approve);
        site.metrics = vec![samples::metric(Metric::P50, 50_000.0, -20.0, Some(Verdict::Approve))];
        site.throughput = Some((10_000.0, 15_000.0, ThroughputUnit::Items));
        let expected = [
            "Latency: 50us -> 40us (**-20%**) [-20.7 %, -19.3 %]  ##########",
            "Throughput: 10k -> 15k ops/s (**+50%**)",
        ];
        assert_eq!(plain_lines(&site), expected);
    }

    #[test]
    fn a_rejected_metric_below_its_tolerance_says_that_this_can_be() {
        let mut site = samples::site("f", Verdict::Reject);
        site.metrics = vec![samples::metric(Metric::P50, 1_000.0, 0.9, Some(Verdict::Reject))];
        assert!(plain_lines(&site)[0].contains("between half of the 1% allowed and all of it"));
    }

    #[test]
    fn an_open_metric_says_how_far_it_is_from_an_answer() {
        let mut site = samples::site("f", Verdict::Inconclusive);
        let mut report = samples::metric(Metric::P50, 1_000.0, 0.6, Some(Verdict::Inconclusive));
        report.blocks_missing = Some(24);
        report.proven_tolerance = Some(Percent(1.4));
        site.metrics = vec![report];
        let line = "Latency: 1us -> 1.01us (**+0.6%**) [-0.10 %, +1.3 %], not proven within 1% \
                    (within 1.4% it is), about 24 more blocks needed";
        assert_eq!(plain_lines(&site), [line]);
    }

    fn count((baseline, baseline_calls): (u64, u64), (candidate, calls): (u64, u64)) -> ExactCount {
        ExactCount { calls, baseline_calls, baseline, candidate, verdict: Some(Verdict::Reject) }
    }

    #[test]
    fn a_count_is_per_call_where_that_is_a_whole_number() {
        let line = |before, after| {
            count_line("Allocations", &count(before, after), units::counts, Paint::Plain).unwrap_or_default()
        };
        assert_eq!(line((0, 1000), (1000, 1000)), "Allocations: 0 -> 1 a call (**+1**); exact");
        assert_eq!(line((2000, 1000), (1500, 500)), "Allocations: 2 -> 3 a call (**+50%**); exact");
        assert_eq!(line((0, 1000), (1, 1000)), "Allocations: 0 -> 1 in 1000 calls (**+1**); exact");
        assert_eq!(line((1, 2), (1, 4)), "Allocations: 0.5 -> 0.25 a call (**-50%**); exact");
        assert_eq!(line((5, 5), (6, 6)), "");
    }

    #[test]
    fn a_count_without_calls_does_not_divide_by_zero() {
        let count = ExactCount { verdict: None, ..count((0, 0), (3, 0)) };
        let line = count_line("Allocations", &count, units::counts, Paint::Plain);
        let expected = "Allocations: 0 -> 3 in 0 calls (**+3**); shown only, it did not repeat exactly";
        assert_eq!(line.unwrap(), expected);
    }

    #[test]
    fn a_broken_budget_says_limit_value_and_whether_it_is_old() {
        let budget = |metric, limit, value, broken_before| BudgetFinding {
            budget: Budget { metric, limit },
            value,
            verdict: Verdict::Reject,
            broken_before,
        };
        let line = |finding| budget_line(&finding, Paint::Plain).unwrap();
        assert_eq!(
            line(budget(BudgetMetric::P99, 50_000.0, 61_200.0, true)),
            "Budget: p99 <= 50us **broken**, it is 61.2us, the baseline breaks it already"
        );
        assert_eq!(
            line(budget(BudgetMetric::Allocs, 0.0, 1.0, false)),
            "Budget: allocs <= 0 a call **broken**, it is 1 a call"
        );
    }
}
