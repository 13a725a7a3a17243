//! What is checked again and again: a workload, a kind of edit, limits, conditions, and what is left out for an
//! experiment. The name says it all: results of one name add up.

use std::fmt;
use std::str::FromStr;

use cargo_darwin::cli::Measure;
use cargo_darwin::model::{MaxTime, TAIL_FACTOR, Tolerance};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::edit::Edit;
use crate::error::Error;

/// A scenario; written `WORKLOAD/EDIT`, and behind it, in this order: `@TOLERANCE` and `:TIME` where they are not the
/// workload's own, `+CONDITION` for each condition, and `~MEASURE+MEASURE` where the check leaves measures out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// Name of a workload.
    pub workload: String,
    /// `unchanged`, `neutral`, `comments` (another one each few checks), `injected-…`, or the name of an edit by hand.
    pub edit: String,
    /// Of the check; `None` for the workload's own.
    pub tolerance: Option<Tolerance>,
    /// Of the check; `None` for the workload's own.
    pub max_time: Option<MaxTime>,
    /// Under what circumstances.
    pub conditions: Vec<Condition>,
    /// What `check` is to leave out, by the names of its option `--without`.
    pub without: Vec<String>,
}

/// Under what circumstances a check is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Another process is busy all the time.
    Busy,
    /// As users have it: identical code is not measured, and a check goes on from what the last one of the same code
    /// has found.
    Free,
}

/// The verdict that an edit asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Expected {
    /// It changes nothing, or less than is told from nothing.
    Approve,
    /// It is as slow as is not let through.
    Reject,
    /// Between half the tolerance and the tolerance either is right (GATE.md, section 3).
    Either,
    /// In results of the first version: an experiment without a measure.
    Any,
}

impl Expected {
    /// Of an edit in a scenario.
    pub fn of(edit: &Edit, scenario: &Scenario) -> Expected {
        let allowed = scenario.tolerance.unwrap_or(Tolerance::DEFAULT).percent().0;
        let slower = edit.slower.map(|slower| (slower, allowed));
        let tail = edit.slower_tail.map(|slower| (slower, allowed * TAIL_FACTOR));
        let of = |(slower, allowed): (Tolerance, f64)| match slower.percent().0 {
            slower if slower >= allowed => Expected::Reject,
            slower if slower > allowed / 2.0 => Expected::Either,
            _ => Expected::Approve,
        };
        match slower.or(tail) {
            Some(slower) => of(slower),
            None if edit.allocates => Expected::Reject,
            None => Expected::Approve,
        }
    }
}

impl Scenario {
    /// Is it made to see the verdicts go wrong?
    pub fn is_control(&self) -> bool {
        !self.without.is_empty()
    }

    /// Does this condition hold?
    pub fn is(&self, condition: Condition) -> bool {
        self.conditions.contains(&condition)
    }

    /// Its name without the workload: what is added up over workloads.
    pub fn whatever_the_workload(&self) -> String {
        let name = self.to_string();
        name.split_once('/').map_or(name.clone(), |(_, rest)| rest.to_owned())
    }

    /// Are there all the measures that it leaves out?
    ///
    /// # Errors
    /// When `check` has none of that name.
    pub fn known_measures(&self) -> Result<(), Error> {
        let all: Vec<String> = Measure::value_variants().iter().map(measure_name).collect();
        match self.without.iter().find(|name| !all.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Error::Unknown { what: "measure", name: name.clone(), known: all.join(", ") }),
        }
    }
}

/// As on the command line.
fn measure_name(measure: &Measure) -> String {
    measure.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.workload, self.edit)?;
        self.tolerance.map_or(Ok(()), |tolerance| write!(f, "@{tolerance}"))?;
        self.max_time.map_or(Ok(()), |max_time| write!(f, ":{max_time}"))?;
        self.conditions.iter().try_for_each(|condition| write!(f, "+{condition}"))?;
        if self.without.is_empty() { Ok(()) } else { write!(f, "~{}", self.without.join("+")) }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Condition::Busy => "busy",
            Condition::Free => "free",
        })
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        match text {
            "busy" => Ok(Condition::Busy),
            "free" => Ok(Condition::Free),
            other => Err(format!("`{other}` is no condition: busy and free are")),
        }
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Scenario, String> {
        let of_text = |reason: &dyn fmt::Display| format!("{text}: {reason}");
        let (rest, without) = cut(text, '~');
        let (rest, conditions) = cut(rest, '+');
        let (rest, max_time) = cut(rest, ':');
        let (name, tolerance) = cut(rest, '@');
        let (workload, edit) = name.split_once('/').ok_or_else(|| {
            format!("`{text}` is not WORKLOAD/EDIT[@TOLERANCE][:TIME][+CONDITION][~MEASURE+MEASURE]")
        })?;
        let conditions =
            conditions.map_or(Ok(Vec::new()), |names| names.split('+').map(str::parse).collect());
        let names = |names: &str| names.split('+').map(str::to_owned).collect();
        Ok(Scenario {
            workload: workload.to_owned(),
            edit: edit.to_owned(),
            tolerance: tolerance.map(str::parse).transpose().map_err(|error| of_text(&error))?,
            max_time: max_time.map(str::parse).transpose().map_err(|error| of_text(&error))?,
            conditions: conditions.map_err(|error: String| of_text(&error))?,
            without: without.map_or_else(Vec::new, names),
        })
    }
}

/// What is before the character, and behind it if it is there.
fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slower(percent: &str) -> Edit {
        Edit { slower: Some(percent.parse().unwrap()), ..Edit::none() }
    }

    fn of(edit: &Edit, scenario: &str) -> Expected {
        Expected::of(edit, &scenario.parse().unwrap())
    }

    #[test]
    fn a_slowdown_of_the_tolerance_is_to_be_rejected_and_one_of_half_of_it_approved() {
        assert_eq!(of(&slower("2%"), "a/b@2%"), Expected::Reject);
        assert_eq!(of(&slower("1.5%"), "a/b@2%"), Expected::Either);
        assert_eq!(of(&slower("1%"), "a/b@2%"), Expected::Approve);
        assert_eq!(of(&Edit::none(), "a/b@2%"), Expected::Approve);
        assert_eq!(of(&slower("1%"), "a/b"), Expected::Reject);
    }

    #[test]
    fn the_tail_has_five_times_the_tolerance_and_an_allocation_none() {
        let tail = |percent: &str| Edit { slower_tail: percent.parse().ok(), ..Edit::none() };
        assert_eq!(of(&tail("5%"), "a/b"), Expected::Reject);
        assert_eq!(of(&tail("5%"), "a/b@1.5%"), Expected::Either);
        assert_eq!(of(&tail("2%"), "a/b"), Expected::Approve);
        assert_eq!(of(&Edit { allocates: true, ..Edit::none() }, "a/b@9%"), Expected::Reject);
        assert_eq!(of(&Edit { faster: true, ..Edit::none() }, "a/b~equal-work"), Expected::Approve);
    }

    #[test]
    fn a_scenario_is_read_as_it_is_written() {
        for text in [
            "three/unchanged",
            "order-book/slower-2@0.5%",
            "three/injected-p99-5:30s",
            "three/just-slower@0.5%:20s+busy+free",
            "three/neutral@1%~fresh-layouts+random-heap",
            "drifting/faster+busy~equal-work",
        ] {
            assert_eq!(text.parse::<Scenario>().unwrap().to_string(), text);
        }
        for text in ["three", "three/neutral@1", "three/neutral:soon", "three/neutral+cold", ""] {
            assert!(text.parse::<Scenario>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_measure_that_is_not_there_is_answered_with_those_that_are() {
        let known = |text: &str| text.parse::<Scenario>().unwrap().known_measures();
        assert!(known("a/b~fresh-layouts+random-heap").is_ok() && known("a/b").is_ok());
        let error = known("a/b~random-heap+care").unwrap_err().to_string();
        assert!(error.contains("`care`") && error.contains("fresh-layouts"), "{error}");
    }
}
