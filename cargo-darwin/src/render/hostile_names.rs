//! Whatever stands in a name, a path or a message, no format emits a control character (CVE-2024-52005).

use proptest::prelude::*;

use super::*;
use crate::model::{CheckReport, Edge, Graph, Run, SiteKey, SystemCheck, SystemStatus, Verdict};

/// Every text of a run replaced.
fn hostile_run(text: &str) -> Run {
    let mut run = samples::run(&[(text, text, 3, 1.0), ("w", text, 0, 0.0), ("w", "other", 2, 2.0)]);
    run.sites.iter_mut().for_each(|site| site.site.file = text.into());
    run.sites[0].panicked = 1;
    let edge = Edge {
        name: Some(text.into()),
        ..samples::graph_run().sites[1].graph.clone().unwrap().callers.remove(0)
    };
    let (callers, callees) = (vec![edge.clone()], vec![edge]);
    run.sites[0].graph = Some(Graph { callers, callees, ..Graph::default() });
    run
}

/// Texts that terminals or readers would be led astray by: every control, escapes of all kinds, what changes the reading
/// order, what is not seen, and pieces that could join into one of them.
fn payloads() -> Vec<String> {
    serde_json::from_str(include_str!("hostile.json")).unwrap()
}

/// Every text of a report without the baseline's code replaced.
fn hostile_record(text: &str) -> CheckReport {
    let mut report = samples::record_report();
    let record = report.record.as_mut().unwrap();
    (record.reason, record.machine) = (text.into(), text.into());
    let key = SiteKey { workload: text.into(), site: text.into() };
    record.outstanding[0].key = key.clone();
    record.above_history = vec![key.clone()];
    report.sites.iter_mut().for_each(|site| site.key = key.clone());
    (report.next_step, report.notes) = (text.into(), vec![text.into()]);
    report
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

/// Every format of everything.
fn all_documents(text: &str, paint: Paint) -> Vec<String> {
    let (run, other) = (hostile_run(text), samples::run(&[("w", text, 1, 1.0)]));
    let earlier = Earlier { name: text, run: &other };
    let view = View { paint, width: 60, top: Some(1) };
    let failure = check::Invalid { reason: text, advice: text };
    let reports = [Verdict::Approve, Verdict::Inconclusive, Verdict::Reject, Verdict::Invalid]
        .map(|verdict| hostile_report(text, verdict));
    let all_reports = reports.into_iter().chain([hostile_record(text)]);
    let checks = all_reports.flat_map(|report| {
        let look = Look { paint, width: 60, verbose: true };
        let doctor = [doctor::human(&report.system, paint), doctor::markdown(&report.system)];
        let check = [check::human(&report, &look), markdown::check(&report), json::check(&report, 1)];
        let unfit = [doctor::unfit(&report.system), json::doctor(&report.system)];
        doctor.into_iter().chain(check).chain(unfit).chain(doctor::complaints(&report.system))
    });
    let runs = [
        run::human(&run, &view),
        run::compare(&run, &earlier, &view),
        markdown::run(&run, None),
        markdown::compare(&run, &earlier, None),
        json::run(&run),
        json::compare(&run, &earlier),
        check::invalid(&failure, paint),
        markdown::invalid_check(&failure),
        json::invalid_check(&failure, 4),
        tests_failed::human(&failure, paint),
        tests_failed::markdown(&failure),
        json::tests_failed(&failure, 1),
    ];
    checks.chain(runs).collect()
}

/// What must not be in a document, in words of its own: not those of `safe`.
fn first_offence(document: &str) -> Option<char> {
    let hidden = |c: char| {
        matches!(u32::from(c), 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
            | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
    };
    document.chars().find(|&c| (c.is_control() && !matches!(c, '\n' | '\t')) || hidden(c))
}

/// The document without our own colours, and how often they change.
fn without_colours(document: &str) -> (String, usize) {
    let colours = ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"];
    let loud = ["\x1b[1;1m", "\x1b[1;2m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m"];
    let all = || colours.into_iter().chain(loud);
    let changes = all().map(|escape| document.matches(escape).count()).sum();
    (all().fold(document.to_owned(), |text, escape| text.replace(escape, "")), changes)
}

#[test]
fn no_document_lets_any_of_300_payloads_through() {
    let payloads = payloads();
    assert_eq!(payloads.len(), 300);
    for text in &payloads {
        assert!(first_offence(text).is_some(), "no payload: {text:?}");
        for document in all_documents(text, Paint::Plain) {
            assert_eq!(first_offence(&document), None, "{text:?} in {document:?}");
        }
        assert_eq!(first_offence(&safe::screen(text, Paint::Plain)), None, "{text:?}");
    }
}

#[test]
fn a_coloured_document_has_our_own_colours_and_not_one_of_a_payloads() {
    let ordinary = all_documents("xy", Paint::Ansi);
    for text in payloads() {
        // Letters around it, so that it takes nothing of ours along where its own end is missing.
        let documents = all_documents(&format!("x{text}zy"), Paint::Ansi);
        assert_eq!(documents.len(), ordinary.len());
        for (document, ordinary) in documents.iter().zip(&ordinary) {
            let (rest, changes) = without_colours(document);
            assert_eq!(first_offence(&rest), None, "{text:?} in {document:?}");
            assert_eq!(changes, without_colours(ordinary).1, "{text:?} in {document:?}");
        }
    }
}

#[test]
fn the_last_net_lets_nothing_through_but_our_own_colours() {
    for text in payloads() {
        for output in [text.clone(), format!("\x1b[1;31mREJECT\x1b[0m {text} \x1b[32mend\x1b[0m\n")] {
            let (rest, _) = without_colours(&safe::screen(&output, Paint::Ansi));
            assert_eq!(first_offence(&rest), None, "{output:?} gave {rest:?}");
        }
    }
}

#[test]
fn json_gives_every_payload_back_as_it_was() {
    for text in payloads() {
        let run: serde_json::Value = serde_json::from_str(&json::run(&hostile_run(&text))).unwrap();
        assert_eq!(run["sites"][0]["name"].as_str(), Some(text.as_str()));
        let report = json::check(&hostile_report(&text, Verdict::Reject), 1);
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["sites"][0]["name"].as_str(), Some(text.as_str()), "{report}");
    }
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
        for document in all_documents(&text, Paint::Plain) {
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
