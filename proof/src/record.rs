//! One check, as it is kept: a line of JSON.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cargo_darwin::model::Verdict;
use darwin_kept::{Line, Origin};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::findings;
use crate::load::Load;
use crate::scenario::Expected;

/// Of the form below.
pub const VERSION: u32 = 2;
/// The oldest that is still read; what it lacks is empty. A line of another version is refused.
const OLDEST: u32 = 1;

/// A check and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`VERSION`].
    pub version: u32,
    /// What was measured, and where.
    #[serde(flatten)]
    pub origin: Origin,
    /// The commit itself, where it counts as that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// As [`Scenario`](crate::scenario::Scenario) is written.
    pub scenario: String,
    /// The edit, with its number among those that differ and what it does.
    pub edit: String,
    /// The site that the edit changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// What the verdict should be.
    pub expected: Expected,
    /// When it began, in seconds since 1970.
    #[serde(default)]
    pub began: u64,
    /// How busy the machine was before.
    #[serde(default)]
    pub load: Load,
    /// What it was, and the figures.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// INVALID also where there was no report.
    pub verdict: Verdict,
    /// Of `cargo darwin`; -1 where a signal killed it.
    pub exit_code: i32,
    /// As the report says, in seconds: without the builds.
    pub seconds: Option<f64>,
    /// From start to end, in seconds: with the builds.
    pub wall_seconds: f64,
    /// Blocks that were judged.
    pub blocks: u64,
    /// Blocks that were not, because the machine was disturbed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub voided: u64,
    /// Why, as `KIND COUNT`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub void_reasons: Vec<String>,
    /// Sites that are rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
    /// What was open in the end, as `SITE METRIC`: why a check is INCONCLUSIVE.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// Change of p50 in percent of the baseline, for each site that was judged by it.
    pub p50_percent: BTreeMap<String, f64>,
    /// What came of injected work, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injected_percent: Option<f64>,
    /// Of a check that is not as expected: what was found at each site, and what the report remarks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// Why there is no verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Line for Record {
    const VERSIONS: RangeInclusive<u32> = OLDEST..=VERSION;

    fn version(&self) -> u32 {
        self.version
    }

    fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// How a check compares with what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// As expected.
    Right,
    /// REJECT as expected, of other sites than the one that is slower.
    WrongSite,
    /// Not as expected.
    Wrong,
}

impl Record {
    /// How it compares with what was expected. Whatever comes of a check without some measure is right.
    pub fn answer(&self) -> Answer {
        let verdict = self.outcome.verdict;
        let expected = match self.expected {
            _ if self.is_control() => return Answer::Right,
            Expected::Approve => verdict == Verdict::Approve,
            Expected::Reject => verdict == Verdict::Reject,
            Expected::Either => matches!(verdict, Verdict::Approve | Verdict::Reject),
            Expected::Any => return Answer::Right,
        };
        match expected {
            false => Answer::Wrong,
            true if verdict == Verdict::Reject && !self.names_its_site() => Answer::WrongSite,
            true => Answer::Right,
        }
    }

    /// Is its verdict one that misleads: REJECT of what is not slower, or APPROVE of what is? Who is told that nothing
    /// is decided is not misled.
    pub fn misleads(&self) -> bool {
        match (self.expected, self.outcome.verdict) {
            (Expected::Approve | Expected::Any, Verdict::Reject) => true,
            (Expected::Reject, Verdict::Approve) => true,
            (Expected::Reject | Expected::Either, Verdict::Reject) => !self.names_its_site(),
            _ => false,
        }
    }

    /// Were measures left out?
    pub fn is_control(&self) -> bool {
        self.scenario.contains('~')
    }

    /// Whether the site that the edit makes slower is among the rejected ones.
    pub fn names_its_site(&self) -> bool {
        self.site.as_ref().is_some_and(|site| self.outcome.named.contains(site))
    }

    /// Without what nobody needs of a check that went as it should.
    pub fn kept(mut self) -> Record {
        if self.answer() == Answer::Right && !self.misleads() {
            self.outcome.findings.clear();
        }
        self
    }
}

impl Outcome {
    /// What a report of `cargo darwin check --format json` says.
    ///
    /// # Errors
    /// When it is no such report; the text says what it lacks.
    pub fn of_report(report: &Value, exit_code: i32, wall_seconds: f64) -> Result<Outcome, String> {
        let verdict =
            Verdict::deserialize(&report["verdict"]).map_err(|error| format!("verdict: {error}"))?;
        let number = |key: &str| report[key].as_u64().ok_or_else(|| format!("no `{key}`"));
        let sites = report["sites"].as_array().ok_or("no `sites`")?;
        let named = sites.iter().filter(|site| site["verdict"] == "REJECT").filter_map(name);
        Ok(Outcome {
            verdict,
            exit_code,
            seconds: report["seconds"].as_f64().map(rounded),
            wall_seconds: rounded(wall_seconds),
            blocks: number("blocks")?,
            voided: number("voided")?,
            void_reasons: findings::void_reasons(report),
            named: distinct(named),
            open: distinct(sites.iter().flat_map(open)),
            p50_percent: sites.iter().filter_map(p50_percent).collect(),
            injected_percent: findings::injected_percent(&report["injected"]).map(rounded),
            findings: findings::findings(report),
            error: report["error"].as_str().map(str::to_owned),
        })
    }

    /// A check without a report.
    pub fn failed(error: String, exit_code: i32, wall_seconds: f64) -> Outcome {
        Outcome {
            verdict: Verdict::Invalid,
            exit_code,
            seconds: None,
            wall_seconds: rounded(wall_seconds),
            blocks: 0,
            voided: 0,
            void_reasons: Vec::new(),
            named: Vec::new(),
            open: Vec::new(),
            p50_percent: BTreeMap::new(),
            injected_percent: None,
            findings: Vec::new(),
            error: Some(error),
        }
    }
}

/// To three digits behind the point: lines are many.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

fn name(site: &Value) -> Option<String> {
    site["name"].as_str().map(str::to_owned)
}

/// A site that was not judged by any metric is open as a whole.
fn open(site: &Value) -> Vec<String> {
    let Some(name) = name(site).filter(|_| site["verdict"] == "INCONCLUSIVE") else { return Vec::new() };
    let is_open = |metric: &&str| site["metrics"][*metric]["verdict"] == "INCONCLUSIVE";
    let metrics: Vec<&str> = findings::METRICS.into_iter().filter(|metric| is_open(metric)).collect();
    if metrics.is_empty() {
        vec![name]
    } else {
        metrics.iter().map(|metric| format!("{name} {metric}")).collect()
    }
}

/// A site of several workloads stands in a report several times.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Of a site in several workloads the last one's.
fn p50_percent(site: &Value) -> Option<(String, f64)> {
    let p50 = &site["metrics"]["p50"];
    let judged = !p50["verdict"].is_null();
    Some((name(site)?, rounded(p50["change_percent"].as_f64()?))).filter(|_| judged)
}

#[cfg(test)]
pub mod samples {
    use super::*;

    /// A check that ended as expected, after 2 s and 10 blocks.
    pub fn record(scenario: &str, expected: Expected, verdict: Verdict) -> Record {
        let slower = (expected != Expected::Approve).then(|| "a::f".to_owned());
        let named = if verdict == Verdict::Reject { vec!["a::f".to_owned()] } else { Vec::new() };
        let change = if slower.is_some() { 2.0 } else { 0.1 };
        Record {
            version: VERSION,
            origin: Origin { commit: "c0ffee".into(), machine: "a machine".into() },
            revision: None,
            scenario: scenario.into(),
            edit: "an edit".into(),
            site: slower,
            expected,
            began: 1_000_000,
            load: Load::default(),
            outcome: Outcome {
                verdict,
                exit_code: 0,
                seconds: Some(2.0),
                wall_seconds: 5.0,
                blocks: 10,
                voided: 0,
                void_reasons: Vec::new(),
                named,
                open: Vec::new(),
                p50_percent: BTreeMap::from([("a::f".into(), change)]),
                injected_percent: None,
                findings: Vec::new(),
                error: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::samples::record;
    use super::*;

    #[test]
    fn a_report_is_read() {
        let site = |name: &str, verdict: &str, p50: Value| json!({ "name": name, "verdict": verdict, "metrics": { "p50": p50 } });
        let report = json!({
            "verdict": "REJECT", "seconds": 2.5, "blocks": 12, "voided": 1, "error": null,
            "sites": [
                site("a::f", "REJECT", json!({ "verdict": "REJECT", "change_percent": 2.0 })),
                site("a::f", "REJECT", json!({ "verdict": "REJECT", "change_percent": 2.1 })),
                site("a::g", "APPROVE", json!({ "verdict": null, "change_percent": 7.0 })),
                site("a::h", "APPROVE", json!(null)),
                site("a::i", "INCONCLUSIVE", json!({ "verdict": "INCONCLUSIVE", "change_percent": 0.3 })),
                site("a::j", "INCONCLUSIVE", json!(null)),
            ],
        });
        let outcome = Outcome::of_report(&report, 1, 4.0).unwrap();
        assert_eq!((outcome.verdict, outcome.exit_code), (Verdict::Reject, 1));
        assert_eq!((outcome.seconds, outcome.blocks, outcome.voided), (Some(2.5), 12, 1));
        assert_eq!(outcome.named, ["a::f"]);
        assert_eq!(outcome.open, ["a::i p50", "a::j"]);
        let changes = [("a::f".to_owned(), 2.1), ("a::i".to_owned(), 0.3)];
        assert_eq!(outcome.p50_percent, BTreeMap::from(changes));
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for report in [json!({}), json!({ "verdict": "APPROVE" }), json!([])] {
            assert!(Outcome::of_report(&report, 0, 1.0).is_err(), "{report}");
        }
    }

    #[test]
    fn only_the_expected_verdict_is_right_and_a_reject_must_name_the_site() {
        let answer = |expected, verdict| record("a/b", expected, verdict).answer();
        assert_eq!(answer(Expected::Approve, Verdict::Approve), Answer::Right);
        assert_eq!(answer(Expected::Reject, Verdict::Reject), Answer::Right);
        assert_eq!(answer(Expected::Either, Verdict::Approve), Answer::Right);
        assert_eq!(answer(Expected::Either, Verdict::Reject), Answer::Right);
        for (expected, verdict) in [
            (Expected::Approve, Verdict::Reject),
            (Expected::Approve, Verdict::Inconclusive),
            (Expected::Reject, Verdict::Approve),
            (Expected::Reject, Verdict::Invalid),
            (Expected::Either, Verdict::Inconclusive),
        ] {
            assert_eq!(answer(expected, verdict), Answer::Wrong, "{expected:?} {verdict:?}");
        }
        let mut other = record("a/b", Expected::Reject, Verdict::Reject);
        other.outcome.named = vec!["a::g".to_owned()];
        assert_eq!(other.answer(), Answer::WrongSite);
    }

    #[test]
    fn a_verdict_misleads_that_says_the_opposite_or_blames_another() {
        let misleads = |expected, verdict| record("a/b", expected, verdict).misleads();
        assert!(misleads(Expected::Approve, Verdict::Reject) && misleads(Expected::Reject, Verdict::Approve));
        for verdict in [Verdict::Inconclusive, Verdict::Invalid] {
            assert!(!misleads(Expected::Approve, verdict) && !misleads(Expected::Reject, verdict));
        }
        assert!(
            !misleads(Expected::Approve, Verdict::Approve) && !misleads(Expected::Reject, Verdict::Reject)
        );
        let mut other = record("a/b", Expected::Reject, Verdict::Reject);
        other.outcome.named = vec!["a::g".to_owned()];
        assert!(other.misleads());
    }

    #[test]
    fn a_control_may_go_wrong_and_keeps_what_was_found() {
        let mut control = record("a/b~coin", Expected::Approve, Verdict::Reject);
        control.outcome.findings = vec!["a::f p50 +2 %".into()];
        assert_eq!(control.answer(), Answer::Right);
        assert_eq!(control.kept().outcome.findings.len(), 1);
        let mut right = record("a/b", Expected::Approve, Verdict::Approve);
        right.outcome.findings = vec!["a::f p50 +0 %".into()];
        assert!(right.kept().outcome.findings.is_empty());
    }

    #[test]
    fn a_line_of_the_first_version_is_still_read() {
        let line = r#"{"version":1,"commit":"a","machine":"m","scenario":"three/unchanged","edit":"unchanged","site":null,
            "expected":"APPROVE","verdict":"APPROVE","exit_code":0,"seconds":3.9,"wall_seconds":17.8,"blocks":42,"voided":0,
            "named":[],"open":[],"p50_percent":{"f":0.2},"error":null}"#;
        let record: Record = serde_json::from_str(line).unwrap();
        assert_eq!((record.began, record.outcome.blocks, record.load), (0, 42, Load::default()));
    }
}
