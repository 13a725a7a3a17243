//! What is said of a check that had the record alone, beside its figures.

use crate::gate::record::{Beside, FEWEST_SITES, FEWEST_STORED_RUNS, History};
use crate::io::baseline_file::BaselineFile;
use crate::model::{Metric, Nanos, Percent, Verdict};
use crate::render::units;
use crate::session::project::Project;
use crate::session::side::Runnable;

/// Benches and arguments are code of the baseline too.
pub const WORK_MAY_DIFFER: &str = "whether the workloads still do what they did when they were recorded cannot be told without the baseline's code";

/// What is said of each [`gone_workloads`].
pub fn gone(project: &Project, recorded: &BaselineFile, there: &[Runnable]) -> Vec<String> {
    let text = |name: String| format!("workload {name} is in the record but not in the working tree");
    gone_workloads(project, recorded, there).into_iter().map(text).collect()
}

/// Workloads of the record that were asked for and are not there.
pub fn gone_workloads(project: &Project, recorded: &BaselineFile, there: &[Runnable]) -> Vec<String> {
    let is_declared = |name: &str| {
        let declared = name.split_once("::").map_or(name, |(declared, _)| declared);
        project.workloads.iter().any(|workload| workload.name == declared)
    };
    let is_gone = |name: &&String| {
        is_declared(name) && project.options.wants(name) && !there.iter().any(|one| one.name == **name)
    };
    recorded.workloads.keys().filter(is_gone).cloned().collect()
}

/// Nothing of this workload can be compared.
pub fn unknown(name: &str) -> String {
    format!(
        "workload {name} is not in the record, or only with times of another class of machines: not compared"
    )
}

/// Times of another class of machines say nothing here.
pub fn other_class(recorded: &BaselineFile, machine: &str) -> String {
    let mut classes: Vec<&str> =
        recorded.workloads.values().flat_map(|record| record.machines.keys()).map(String::as_str).collect();
    classes.sort_unstable();
    classes.dedup();
    let known = if classes.is_empty() { "none at all".to_owned() } else { classes.join("; ") };
    format!(
        "only counts were compared: the record has no times of this class of machines ({machine}), but of: {known}"
    )
}

/// What was taken off, and what cannot be seen for it.
pub fn shares(shares: &[(Metric, Percent)]) -> Option<String> {
    if shares.is_empty() {
        return Some(format!(
            "fewer than {FEWEST_SITES} sites can be compared: too few to tell a slower machine from slower code, so none is marked"
        ));
    }
    let parts: Vec<String> = shares
        .iter()
        .map(|(metric, share)| format!("{} {}", metric_name(*metric), units::percent_word(*share)))
        .collect();
    Some(format!(
        "the machine's share, {}, is taken off before a site is marked: a change that slows all sites alike, or most of them as a function and its callers, is invisible here",
        parts.join(", ")
    ))
}

/// Without a history nothing bounds the change.
pub fn too_few_stored(runs: usize) -> Option<String> {
    let text = format!(
        "{runs} stored runs of this class of machines; from {FEWEST_STORED_RUNS} on their range bounds the change: `cargo darwin run` stores one"
    );
    (runs < FEWEST_STORED_RUNS).then_some(text)
}

/// Where the candidate lies in the history.
pub fn history(history: &History, candidate: Nanos) -> String {
    let (low, high) = units::duration_words(history.low, history.high);
    let place = match history.candidate {
        Beside::Below => "below that",
        Beside::Within => "within",
        Beside::Above => "above that (advisory)",
    };
    let now = units::duration_word(candidate);
    format!("p50 of {} stored runs: {low} to {high}; this one, {now}, is {place}", history.runs)
}

/// A metric that stands out.
pub fn advisory(metric: Metric, residual: Percent) -> String {
    format!("advisory: {} {} beyond the machine's share", metric_name(metric), units::percent_word(residual))
}

/// What to do now.
pub fn next_step(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reject => {
            "mend it, or accept it: run `cargo darwin baseline --accept SITE` and commit the file with this change"
        }
        _ => {
            "bring the baseline's code back as the first line says, and check again: only then can this be approved"
        }
    }
}

fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::P50 => "p50",
        Metric::P99 => "p99",
        Metric::Mean => "mean",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_the_machine_comes_with_what_it_hides() {
        let text = shares(&[(Metric::P50, Percent(12.0)), (Metric::Mean, Percent(-3.0))]).unwrap();
        assert!(text.starts_with("the machine's share, p50 +12%, mean -3%, is taken off"), "{text}");
        assert!(text.contains("slows all sites alike") && text.ends_with("is invisible here"), "{text}");
        assert!(shares(&[]).unwrap().contains("fewer than 3 sites"));
    }

    #[test]
    fn the_history_says_where_the_candidate_lies() {
        let range = History { runs: 12, low: Nanos(1000.0), high: Nanos(1300.0), candidate: Beside::Above };
        let expected = "p50 of 12 stored runs: 1us to 1.3us; this one, 1.9us, is above that (advisory)";
        assert_eq!(history(&range, Nanos(1900.0)), expected);
        assert_eq!(too_few_stored(10), None);
        assert!(too_few_stored(9).unwrap().starts_with("9 stored runs"));
    }
}
