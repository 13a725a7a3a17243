//! Exact counts - allocations and bytes - per call.

use super::line::Line;
use super::paint::Tone;
use super::{finding, units};
use crate::model::{ExactCount, Percent, Verdict};

/// Two numbers as text, told apart.
type Words = fn(f64, f64) -> (String, String);

/// Numbers of calls that a rare count is given for, so that it need not be written with zeros in front.
const PER: [(f64, &str); 4] =
    [(1.0, "a call"), (1e3, "per 1000 calls"), (1e6, "per million calls"), (1e9, "per billion calls")];

/// `Allocations: 2 -> 3 a call (**+50%**)`. `None` when nothing changed.
pub(super) fn line(label: &str, count: &ExactCount, words: Words) -> Option<Line> {
    if !finding::count_changed(count) {
        return None;
    }
    let tone = if finding::count_order(count).is_gt() { Tone::Bad } else { Tone::Good };
    let (before, after, basis) = figures(count, words);
    let (from, to) = words(before, after);
    let tail = match count.verdict {
        None => "), shown only: it did not repeat exactly",
        Some(Verdict::Inconclusive) => "), advisory: the record was counted otherwise",
        Some(_) => "), exact",
    };
    let head = format!("{label}: {from} -> {to} {basis} (");
    Some(Line::new(head, change(before, after, words), tone, tail))
}

/// A count of which one side is enough, such as `2 a call` or `3 per 1000 calls`.
pub(super) fn one(total: u64, calls: u64, words: Words) -> String {
    let count = ExactCount { calls, baseline_calls: calls, baseline: total, candidate: total, verdict: None };
    let (_, value, basis) = figures(&count, words);
    format!("{} {basis}", words(value, value).1)
}

/// Both counts and what they are per: per call where that is one or more, per as many calls as it takes otherwise. In
/// totals where only those tell the two apart: one allocation more in a million calls is not to be rounded away.
fn figures(count: &ExactCount, words: Words) -> (f64, f64, String) {
    let ExactCount { calls, baseline_calls, baseline, candidate, .. } = *count;
    let per_call = |total: u64, calls: u64| total as f64 / calls.max(1) as f64;
    let (before, after) = (per_call(baseline, baseline_calls), per_call(candidate, calls));
    let least = [before, after].into_iter().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
    let fits = |&&(factor, _): &&(f64, &str)| least * factor >= 1.0;
    let (factor, basis) = *PER.iter().find(fits).unwrap_or(&PER[0]);
    let (before, after) = (before * factor, after * factor);
    let (from, to) = words(before, after);
    if from == to && baseline != candidate && calls == baseline_calls {
        return (baseline as f64, candidate as f64, format!("in all {} calls", units::count(calls as f64)));
    }
    (before, after, basis.to_owned())
}

/// In percent, or the difference itself where there was nothing before.
fn change(before: f64, after: f64, words: Words) -> String {
    if before == 0.0 {
        return format!("+{}", words(before, after).1);
    }
    units::percent_word(Percent((after / before - 1.0) * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verdict;
    use crate::render::Paint;

    fn count((baseline, baseline_calls): (u64, u64), (candidate, calls): (u64, u64)) -> ExactCount {
        ExactCount { calls, baseline_calls, baseline, candidate, verdict: Some(Verdict::Reject) }
    }

    fn text(before: (u64, u64), after: (u64, u64)) -> String {
        let line = line("Allocations", &count(before, after), units::counts);
        line.map(|line| line.delta(Paint::Plain)).unwrap_or_default()
    }

    #[test]
    fn a_count_is_per_call() {
        assert_eq!(text((0, 1000), (1000, 1000)), "Allocations: 0 -> 1 a call (**+1**), exact");
        assert_eq!(text((2000, 1000), (1500, 500)), "Allocations: 2 -> 3 a call (**+50%**), exact");
        assert_eq!(text((0, 71), (60_600, 71)), "Allocations: 0 -> 854 a call (**+854**), exact");
        assert_eq!(text((5, 5), (6, 6)), "");
    }

    #[test]
    fn a_rare_count_is_per_as_many_calls_as_it_takes() {
        assert_eq!(
            text((0, 142_000), (60_600, 142_000)),
            "Allocations: 0 -> 427 per 1000 calls (**+427**), exact"
        );
        assert_eq!(text((0, 1000), (1, 1000)), "Allocations: 0 -> 1 per 1000 calls (**+1**), exact");
        assert_eq!(text((1, 2), (1, 4)), "Allocations: 500 -> 250 per 1000 calls (**-50%**), exact");
        assert_eq!(one(7, 2_000_000, units::counts), "3.5 per million calls");
        assert_eq!(one(0, 10, units::counts), "0 a call");
    }

    #[test]
    fn what_no_digit_per_call_would_show_is_told_in_totals() {
        let line = text((4_000_000_000, 1_000_000_000), (4_000_000_001, 1_000_000_000));
        assert!(line.contains("in all 1G calls"), "{line}");
    }

    #[test]
    fn a_count_without_calls_does_not_divide_by_zero() {
        let count = ExactCount { verdict: None, ..count((0, 0), (3, 0)) };
        let line = line("Allocations", &count, units::counts).unwrap().delta(Paint::Plain);
        assert_eq!(line, "Allocations: 0 -> 3 a call (**+3**), shown only: it did not repeat exactly");
    }
}
