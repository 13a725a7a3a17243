//! One check, as it is kept: a line of JSON.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use darwin_kept::{Line, Origin};
use serde::{Deserialize, Serialize};

use crate::peer::Peer;
use crate::scenario::Scenario;

/// Of the form below. A line of another version is refused.
pub const VERSION: u32 = 1;

/// The functions of the workload.
pub const FUNCTIONS: [&str; 3] = ["spin", "churn", "sort"];

/// A check and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`VERSION`].
    pub version: u32,
    /// What was measured, and where.
    #[serde(flatten)]
    pub origin: Origin,
    /// Who judged.
    pub peer: Peer,
    /// Which release of it.
    pub release: String,
    /// What had been done.
    pub scenario: Scenario,
    /// The edit; of `layout` and `neutral` this one of them.
    pub edit: String,
    /// The function that the edit makes slower.
    pub slower: Option<String>,
    /// Counted from 0; in each round each peer judges each scenario once.
    pub round: u32,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Line for Record {
    const VERSIONS: RangeInclusive<u32> = VERSION..=VERSION;

    fn version(&self) -> u32 {
        self.version
    }

    fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// What a peer says of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// It has become slower.
    Slower,
    /// It has become faster.
    Faster,
    /// It has not changed, or not by as much as matters.
    Same,
    /// That it cannot tell.
    Open,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Of each function.
    pub said: BTreeMap<String, Said>,
    /// The change that it saw, in percent of the baseline, where it tells.
    pub percent: BTreeMap<String, f64>,
    /// Building the candidate; `None` where the tool builds by itself and does not tell.
    pub building_seconds: Option<f64>,
    /// All else that a check takes: measuring both sides and judging.
    pub measuring_seconds: f64,
    /// Why there is no verdict.
    pub failed: Option<String>,
}

impl Outcome {
    /// What a tool said, function by function: verdict and change in percent.
    ///
    /// # Errors
    /// When a function of the workload is missing: then it was not read as it was meant.
    pub fn of(said: impl IntoIterator<Item = (String, Said, Option<f64>)>) -> Result<Outcome, String> {
        let mut outcome = Outcome::default();
        for (function, said, percent) in said {
            outcome.percent.extend(percent.map(|percent| (function.clone(), percent)));
            outcome.said.insert(function, said);
        }
        let missing = FUNCTIONS.iter().find(|function| !outcome.said.contains_key(**function));
        missing.map_or(Ok(outcome), |function| Err(format!("it says nothing of `{function}`")))
    }

    /// A check without a verdict.
    pub fn failed(reason: String) -> Outcome {
        Outcome { failed: Some(reason), ..Outcome::default() }
    }
}

impl Record {
    /// Functions that are said to be slower and are not.
    pub fn wrongly_slower(&self) -> bool {
        self.others().any(|(_, said)| *said == Said::Slower)
    }

    /// A function is said to be faster. No edit of ours makes one faster.
    pub fn faster(&self) -> bool {
        self.outcome.said.values().any(|said| *said == Said::Faster)
    }

    /// The function that is slower is said to be faster.
    pub fn reversed(&self) -> bool {
        self.of_the_slower() == Some(Said::Faster)
    }

    /// The function that is slower is said to be slower.
    pub fn caught(&self) -> bool {
        self.of_the_slower() == Some(Said::Slower)
    }

    /// Nothing wrong was said, but not what was asked either: the check failed, or a function stayed open on which the
    /// answer depends.
    pub fn unanswered(&self) -> bool {
        if self.outcome.failed.is_some() {
            return true;
        }
        match &self.slower {
            Some(_) => self.of_the_slower() == Some(Said::Open),
            None => !self.wrongly_slower() && self.outcome.said.values().any(|said| *said == Said::Open),
        }
    }

    /// A slower function that went through.
    pub fn missed(&self) -> bool {
        self.slower.is_some() && !self.caught() && !self.unanswered()
    }

    /// Not what it should be, unless it is no answer.
    pub fn wrong(&self) -> bool {
        match self.slower {
            Some(_) => self.missed(),
            None => self.wrongly_slower(),
        }
    }

    fn of_the_slower(&self) -> Option<Said> {
        self.outcome.said.get(self.slower.as_deref()?).copied()
    }

    fn others(&self) -> impl Iterator<Item = (&String, &Said)> {
        self.outcome.said.iter().filter(|(function, _)| self.slower.as_ref() != Some(*function))
    }
}

/// Records for tests.
#[cfg(test)]
pub mod samples {
    use super::*;

    /// A check that took 2 s to build and 3 s to measure; whatever is not named stays the same.
    pub fn record(peer: Peer, scenario: Scenario, slower: Option<&str>, said: &[(&str, Said)]) -> Record {
        let all = FUNCTIONS.iter().map(|function| ((*function).to_owned(), Said::Same));
        let named = said.iter().map(|(function, said)| ((*function).to_owned(), *said));
        Record {
            version: VERSION,
            origin: Origin { commit: "c0ffee".into(), machine: "a machine".into() },
            peer,
            release: "1.2.3".into(),
            scenario,
            edit: scenario.name().into(),
            slower: slower.map(str::to_owned),
            round: 0,
            outcome: Outcome {
                said: all.chain(named).collect(),
                building_seconds: Some(2.0),
                measuring_seconds: 3.0,
                ..Outcome::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::record;
    use super::*;

    fn unchanged(said: &[(&str, Said)]) -> Record {
        record(Peer::Tango, Scenario::Unchanged, None, said)
    }

    fn slower(said: &[(&str, Said)]) -> Record {
        record(Peer::Tango, Scenario::Slower2, Some("spin"), said)
    }

    #[test]
    fn of_what_is_unchanged_any_slower_function_is_a_false_alarm() {
        assert!(!unchanged(&[]).wrong());
        assert!(unchanged(&[("churn", Said::Slower)]).wrong());
        let faster = unchanged(&[("churn", Said::Faster)]);
        assert!(!faster.wrong() && faster.faster() && !faster.reversed());
    }

    #[test]
    fn a_slower_function_must_be_named_itself() {
        let caught = slower(&[("spin", Said::Slower)]);
        assert!(caught.caught() && !caught.wrong() && !caught.wrongly_slower());
        let other = slower(&[("sort", Said::Slower)]);
        assert!(other.wrong() && other.missed() && other.wrongly_slower());
        let reversed = slower(&[("spin", Said::Faster)]);
        assert!(reversed.reversed() && reversed.missed());
    }

    #[test]
    fn what_stays_open_is_no_answer_and_no_miss() {
        let open = slower(&[("spin", Said::Open)]);
        assert!(open.unanswered() && !open.missed() && !open.wrong());
        assert!(!slower(&[("spin", Said::Slower), ("sort", Said::Open)]).unanswered());
        assert!(unchanged(&[("sort", Said::Open)]).unanswered());
        let alarm = unchanged(&[("sort", Said::Open), ("spin", Said::Slower)]);
        assert!(alarm.wrong() && !alarm.unanswered());
    }

    #[test]
    fn a_check_that_failed_is_no_answer() {
        let mut failed = slower(&[]);
        failed.outcome = Outcome::failed("killed".into());
        assert!(failed.unanswered() && !failed.wrong() && !failed.caught());
    }

    #[test]
    fn a_function_that_a_tool_does_not_name_is_noticed() {
        let said = |functions: &[&str]| {
            Outcome::of(functions.iter().map(|function| ((*function).to_owned(), Said::Same, Some(1.0))))
        };
        assert!(said(&FUNCTIONS).is_ok());
        assert!(said(&["spin", "sort"]).unwrap_err().contains("churn"));
    }

    #[test]
    fn a_record_is_one_line_and_comes_back_whole() {
        let line = serde_json::to_string(&slower(&[("spin", Said::Slower)])).unwrap();
        assert!(
            !line.contains('\n')
                && line.contains(r#""commit":"c0ffee""#)
                && line.contains(r#""spin":"slower""#)
        );
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), slower(&[("spin", Said::Slower)]));
    }
}
