//! Every metric of every site, changed or not, with what was allowed and what these blocks resolve: for `-v`.

use super::finding::{self, Throughput};
use super::line::throughput_words;
use super::paint::Tone;
use super::site::{self, metric_name, verdict_word};
use super::{Paint, budget, count, safe, units};
use crate::model::{CheckReport, CheckedSite, ExactCount, MetricReport};

/// Cells of a metric's row.
const CELLS: usize = 7;

/// What stands above them.
const HEADS: [&str; CELLS] =
    ["metric", "baseline -> now", "change", "95 % interval", "allowed", "resolves", ""];

/// The lines of all sites, a heading with the whole name and a row for each metric.
pub(super) fn lines(report: &CheckReport, paint: Paint) -> Vec<String> {
    let rows = || report.sites.iter().flat_map(|site| &site.metrics).map(cells);
    let mut widths = HEADS.map(str::len);
    for row in rows() {
        widths.iter_mut().zip(&row).for_each(|(width, cell)| *width = cell.chars().count().max(*width));
    }
    let head = rows().next().map(|_| paint.tone(Tone::Head, &row(&HEADS.map(str::to_owned), &widths)));
    head.into_iter().chain(report.sites.iter().flat_map(|site| site_lines(site, &widths, paint))).collect()
}

fn site_lines(site: &CheckedSite, widths: &[usize; CELLS], paint: Paint) -> Vec<String> {
    let [name, workload, place] =
        [&site.key.site, &site.key.workload, &site.place].map(|text| safe::line(text));
    let title = paint.tone(site::tone(site), &format!("{name}  {}", verdict_word(site.verdict)));
    let mut lines = vec![format!("{title}  {}", paint.tone(Tone::Dim, &format!("({workload}, {place})")))];
    lines.extend(site.metrics.iter().map(|report| row(&cells(report), widths)));
    lines.extend(finding::throughput(site).map(|throughput| throughput_row(&throughput)));
    lines.extend(site.allocs.as_ref().map(|count| count_row("allocations", count, units::counts)));
    lines.extend(site.bytes.as_ref().map(|count| count_row("bytes", count, units::bytes_pair)));
    lines.extend(site.budgets.iter().map(|finding| format!("    budget {}", budget::sentence(finding))));
    lines.extend(site.note.as_ref().map(|note| format!("    note: {}", safe::line(note))));
    lines
}

/// The mean in other words, and resolved like it.
fn throughput_row(throughput: &Throughput) -> String {
    let (before, after) = throughput_words(throughput);
    let interval = throughput.interval.map(|(low, high)| format!(" {}", units::interval(low, high)));
    let change = units::percent_word(throughput.change);
    format!("    throughput: {before} -> {after}, {change}{}", interval.unwrap_or_default())
}

fn row(cells: &[String; CELLS], widths: &[usize; CELLS]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    format!("    {}", padded.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
}

fn cells(report: &MetricReport) -> [String; CELLS] {
    let delta = &report.delta;
    let (before, after) = units::duration_words(delta.baseline, delta.candidate);
    [
        metric_name(report.metric).to_owned(),
        format!("{before} -> {after}"),
        units::percent_word(delta.change),
        units::interval(delta.low, delta.high),
        units::percent_amount(report.tolerance),
        report.resolution.map_or_else(|| units::NONE.to_owned(), units::capped_percent),
        report.verdict.map_or("shown only", verdict_word).to_owned(),
    ]
}

fn count_row(label: &str, count: &ExactCount, words: fn(f64, f64) -> (String, String)) -> String {
    let before = count::one(count.baseline, count.baseline_calls, words);
    let after = count::one(count.candidate, count.calls, words);
    let exact = if count.verdict.is_some() { "exact" } else { "shown only: it did not repeat exactly" };
    if before == after {
        format!("    {label}: {after}, {exact}")
    } else {
        format!("    {label}: {before} -> {after}, {exact}")
    }
}
