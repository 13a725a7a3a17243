//! What was injected on purpose, and what became of it: a note, so that nobody takes the verdict for one on the code.

use super::units;
use crate::model::{Achieved, Effect, Injected, Metric, Nanos};

/// What was asked for, what was done, and what was found.
pub fn note(injected: &Injected) -> String {
    let resolved = &injected.resolved;
    let site = &resolved.injection.site;
    let asked = match resolved.injection.effect {
        Effect::Slower(percent) => {
            format!("{}% of its p50{} asked, {} in each call", percent.0, of(resolved.p50), chain(injected))
        }
        Effect::SlowerTail(percent) => format!(
            "{}% of its p99{} asked, {} in each of its slowest calls",
            percent.0,
            of(resolved.p99),
            chain(injected)
        ),
        Effect::Allocates(1) => "1 allocation asked in each call".to_owned(),
        Effect::Allocates(count) => format!("{count} allocations asked in each call"),
    };
    format!("injected into {site} of {}: {asked}; {}", resolved.workload, found(injected))
}

fn of(value: Option<Nanos>) -> String {
    value.map_or_else(String::new, |value| format!(" of {}", units::duration_word(value)))
}

/// `9.9ns (17 links)`.
fn chain(injected: &Injected) -> String {
    let resolved = &injected.resolved;
    let links = if resolved.work.steps == 1 { "link" } else { "links" };
    format!("{:.1}ns ({} {links})", resolved.nanos.0, resolved.work.steps)
}

fn found(injected: &Injected) -> String {
    match (injected.resolved.injection.effect.metric(), injected.achieved, injected.allocs_per_call) {
        (None, _, Some(count)) => format!("counted {} more a call", units::small_count(count)),
        (Some(metric), Some(achieved), _) => interval(metric, achieved),
        _ => "nothing was timed".to_owned(),
    }
}

fn interval(metric: Metric, achieved: Achieved) -> String {
    let name = match metric {
        Metric::P50 => "p50",
        Metric::P99 => "p99",
        Metric::Mean => "mean",
    };
    let Achieved { change, low, high } = achieved;
    format!("found {name} {:+.2}% [{:+.2}, {:+.2}]", change.0, low.0, high.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Percent, Resolved, Work};

    fn injected(text: &str) -> Injected {
        let resolved = Resolved {
            injection: text.parse().unwrap(),
            workload: "replay".into(),
            work: Work { steps: 17, over_ticks: 0, allocs: 0 },
            nanos: Nanos(9.93),
            p50: Some(Nanos(993.0)),
            p99: Some(Nanos(4200.0)),
        };
        Injected { resolved, achieved: None, allocs_per_call: None }
    }

    #[test]
    fn a_note_says_what_was_asked_done_and_found() {
        let change = Achieved { change: Percent(1.034), low: Percent(0.9), high: Percent(1.2) };
        let slower = Injected { achieved: Some(change), ..injected("f=1%") };
        assert_eq!(
            note(&slower),
            "injected into f of replay: 1% of its p50 of 993ns asked, 9.9ns (17 links) in each call; found p50 +1.03% [+0.90, +1.20]"
        );
        let tail = Injected { achieved: Some(change), ..injected("f=5%@p99") };
        assert_eq!(
            note(&tail),
            "injected into f of replay: 5% of its p99 of 4.2us asked, 9.9ns (17 links) in each of its slowest calls; found p99 +1.03% [+0.90, +1.20]"
        );
    }

    #[test]
    fn allocations_are_counted_and_what_counts_alone_decide_is_not_timed() {
        let allocates = Injected { allocs_per_call: Some(1.0), ..injected("f=1alloc") };
        assert_eq!(
            note(&allocates),
            "injected into f of replay: 1 allocation asked in each call; counted 1 more a call"
        );
        assert!(note(&injected("f=1%")).ends_with("; nothing was timed"));
    }
}
