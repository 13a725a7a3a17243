//! Whatever stands in a name, a path or a message, no format emits a control character (CVE-2024-52005).

use proptest::prelude::*;

use super::*;
use crate::model::{CheckReport, Run, SystemCheck, SystemStatus, Verdict};

/// Every text of a run replaced.
fn hostile_run(text: &str) -> Run {
    let mut run = samples::run(&[(text, text, 3, 1.0), ("w", text, 0, 0.0), ("w", "other", 2, 2.0)]);
    run.sites.iter_mut().for_each(|site| site.site.file = text.into());
    run.sites[0].panicked = 1;
    run
}

/// Every text of a report replaced.
fn hostile_report(text: &str, verdict: Verdict) -> CheckReport {
    let mut site = samples::timed_site(text, 20.0, verdict);
    (site.key.workload, site.place, site.note) = (text.into(), text.into(), Some(text.into()));
    let mut report = samples::report(vec![site]);
    report.system.checks.push(SystemCheck {
        name: text.into(),
        status: SystemStatus::Unfit,
        value: text.into(),
        advice: text.into(),
    });
    (report.baseline_rev, report.next_step, report.notes) = (text.into(), text.into(), vec![text.into()]);
    report
}

/// Every format of everything, without colour.
fn all_documents(text: &str) -> Vec<String> {
    let (run, other) = (hostile_run(text), samples::run(&[("w", text, 1, 1.0)]));
    let earlier = Earlier { name: text, run: &other };
    let view = View { paint: Paint::Plain, width: 60, top: Some(1) };
    let failure = check::Invalid { reason: text, advice: text };
    let reports = [Verdict::Approve, Verdict::Inconclusive, Verdict::Reject, Verdict::Invalid]
        .map(|verdict| hostile_report(text, verdict));
    let checks = reports.iter().flat_map(|report| {
        let look = Look { paint: Paint::Plain, width: 60, verbose: true };
        [check::human(report, &look), markdown::check(report), json::check(report, 1)]
    });
    let runs = [
        run::human(&run, &view),
        run::compare(&run, &earlier, &view),
        markdown::run(&run, None),
        markdown::compare(&run, &earlier, None),
        json::run(&run),
        json::compare(&run, &earlier),
        check::invalid(&failure, Paint::Plain),
        markdown::invalid_check(&failure),
        json::invalid_check(&failure, 4),
    ];
    checks.chain(runs).collect()
}

fn first_offence(document: &str) -> Option<char> {
    let hidden = ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{200f}', '\u{200b}', '\u{feff}'];
    document.chars().find(|&c| (c.is_control() && !matches!(c, '\n' | '\t')) || hidden.contains(&c))
}

fn payload() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("\x1b[2J".to_owned()),
        Just("\x1b]8;;http://x\x07".to_owned()),
        Just("\u{9b}31m".to_owned()),
        Just("\u{202e}\u{2066}".to_owned()),
        Just("\r\n".to_owned()),
        Just("\0\u{7f}\u{8}".to_owned()),
        Just("|`<script>**".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(pieces, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_format_lets_a_control_character_through(text in payload()) {
        for document in all_documents(&text) {
            prop_assert_eq!(first_offence(&document), None, "{:?}", document);
        }
    }

    #[test]
    fn json_gives_a_hostile_name_back_as_it_was(text in payload()) {
        let document: serde_json::Value = serde_json::from_str(&json::run(&hostile_run(&text))).unwrap();
        prop_assert_eq!(document["sites"][0]["name"].as_str(), Some(text.as_str()));
    }

    #[test]
    fn a_hostile_name_never_adds_a_line_to_a_table(text in payload()) {
        let view = View { paint: Paint::Plain, width: 60, top: None };
        let count = |name: &str| run::human(&samples::run(&[("w", name, 3, 1.0)]), &view).lines().count();
        prop_assert_eq!(count(&text), count("ordinary"));
    }
}
