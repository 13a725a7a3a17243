//! What is checked again and again: a workload, a kind of edit, a tolerance, and what is left out for an experiment.

use std::fmt;
use std::fs;
use std::str::FromStr;

use cargo_darwin::cli::Measure;
use cargo_darwin::model::{Glob, Tolerance};
use clap::ValueEnum;
use darwin_tests::repository;
use serde::{Deserialize, Serialize};

use crate::edit::Edit;
use crate::error::{At, Error};

/// Where the sets are described, in this repository.
pub const SETS: &str = "proof/sets.toml";

/// Checks of a scenario that no set counts.
const UNCOUNTED_CHECKS: u32 = 20;

/// A scenario; written `WORKLOAD/EDIT`, with `@TOLERANCE` behind it where it is not the workload's own, and
/// `~MEASURE+MEASURE` where measures against placement are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Name of a workload.
    pub workload: String,
    /// `unchanged`, `neutral` (another one in each check), or the name of an edit by hand.
    pub edit: String,
    /// Of the check; `None` for the workload's own.
    pub tolerance: Option<Tolerance>,
    /// What `check` is to leave out of what it does against placement.
    pub without: Vec<Measure>,
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
    /// An experiment, which shows what is seen without some measure.
    Any,
}

impl Expected {
    /// Of an edit in a scenario.
    pub fn of(edit: &Edit, scenario: &Scenario) -> Expected {
        if !scenario.without.is_empty() {
            return Expected::Any;
        }
        let allowed = scenario.tolerance.unwrap_or(Tolerance::DEFAULT).percent().0;
        match edit.slower.map(|slower| slower.percent().0) {
            Some(slower) if slower >= allowed => Expected::Reject,
            Some(slower) if slower > allowed / 2.0 => Expected::Either,
            _ => Expected::Approve,
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.workload, self.edit)?;
        self.tolerance.map_or(Ok(()), |tolerance| write!(f, "@{tolerance}"))?;
        let left_out: Vec<String> = self.without.iter().map(measure_name).collect();
        if left_out.is_empty() { Ok(()) } else { write!(f, "~{}", left_out.join("+")) }
    }
}

/// As on the command line.
pub fn measure_name(measure: &Measure) -> String {
    measure.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn measures(text: &str) -> Result<Vec<Measure>, String> {
    text.split('+').map(|name| Measure::from_str(name, false)).collect()
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Scenario, String> {
        let (rest, without) = match text.split_once('~') {
            Some((rest, left_out)) => (rest, measures(left_out).map_err(|error| format!("{text}: {error}"))?),
            None => (text, Vec::new()),
        };
        let (name, tolerance) = match rest.split_once('@') {
            Some((name, tolerance)) => {
                (name, Some(tolerance.parse().map_err(|error| format!("{text}: {error}"))?))
            }
            None => (rest, None),
        };
        let (workload, edit) = name
            .split_once('/')
            .ok_or_else(|| format!("`{text}` is not WORKLOAD/EDIT[@TOLERANCE][~MEASURE+MEASURE]"))?;
        Ok(Scenario { workload: workload.to_owned(), edit: edit.to_owned(), tolerance, without })
    }
}

/// A scenario and how many checks of it there shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The scenario.
    pub scenario: Scenario,
    /// So many.
    pub checks: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sets {
    set: Vec<Set>,
}

/// All of some workloads with all of some edits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    /// Several entries of one name make one set.
    name: String,
    workloads: Vec<String>,
    edits: Vec<String>,
    checks: u32,
    tolerance: Option<Tolerance>,
    /// As on the command line; of an experiment.
    #[serde(default)]
    without: Vec<String>,
}

impl Set {
    fn wanted(&self) -> Result<Vec<Wanted>, String> {
        let without = match self.without.as_slice() {
            [] => Vec::new(),
            names => measures(&names.join("+"))?,
        };
        let edits = |workload| self.edits.iter().map(move |edit| (workload, edit));
        let wanted = |(workload, edit): (&String, &String)| Wanted {
            scenario: Scenario {
                workload: workload.clone(),
                edit: edit.clone(),
                tolerance: self.tolerance,
                without: without.clone(),
            },
            checks: self.checks,
        };
        Ok(self.workloads.iter().flat_map(edits).map(wanted).collect())
    }
}

/// The scenarios of a set.
///
/// # Errors
/// When there is none of that name, or the file is wrong.
pub fn set(name: &str) -> Result<Vec<Wanted>, Error> {
    let path = repository().join(SETS);
    let text = fs::read_to_string(&path).at("read", &path)?;
    let sets: Sets =
        toml::from_str(&text).map_err(|error| Error::Data { path, reason: error.to_string() })?;
    let mut known: Vec<&str> = sets.set.iter().map(|set| set.name.as_str()).collect();
    known.dedup();
    if !known.contains(&name) {
        return Err(Error::Unknown { what: "set", name: name.to_owned(), known: known.join(", ") });
    }
    let wanted = sets.set.iter().filter(|set| set.name == name).map(Set::wanted);
    let wanted = wanted.collect::<Result<Vec<_>, _>>();
    Ok(wanted.map_err(|reason| Error::Data { path: repository().join(SETS), reason })?.concat())
}

/// Of these scenarios those that one of the names fits, and besides every scenario that is named in full.
///
/// # Errors
/// When a name fits nothing.
pub fn select(all: Vec<Wanted>, names: &[String]) -> Result<Vec<Wanted>, Error> {
    if names.is_empty() {
        return Ok(all);
    }
    let mut selected: Vec<Wanted> = Vec::new();
    for name in names {
        let fitting: Vec<Wanted> =
            all.iter().filter(|wanted| fits(name, &wanted.scenario)).cloned().collect();
        let found = if fitting.is_empty() { vec![in_full(name, &all)?] } else { fitting };
        selected.extend(found.into_iter().filter(|wanted| !selected.contains(wanted)).collect::<Vec<_>>());
    }
    Ok(selected)
}

fn fits(name: &str, scenario: &Scenario) -> bool {
    let glob = || name.parse::<Glob>().is_ok_and(|glob| glob.matches(&scenario.to_string()));
    scenario.workload == name || glob()
}

fn in_full(name: &str, all: &[Wanted]) -> Result<Wanted, Error> {
    let known = || all.iter().map(|wanted| wanted.scenario.to_string()).collect::<Vec<_>>().join(", ");
    let scenario = name
        .parse()
        .ok()
        .filter(|_| !name.contains(['*', '?']))
        .ok_or_else(|| Error::Unknown { what: "scenario", name: name.to_owned(), known: known() })?;
    Ok(Wanted { scenario, checks: UNCOUNTED_CHECKS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Workload;

    fn slower(percent: &str) -> Edit {
        Edit { slower: Some(percent.parse().unwrap()), ..Edit::none() }
    }

    #[test]
    fn a_slowdown_of_the_tolerance_is_to_be_rejected_and_one_of_half_of_it_approved() {
        let of = |edit: &Edit, scenario: &str| Expected::of(edit, &scenario.parse().unwrap());
        assert_eq!(of(&slower("2%"), "a/b@2%"), Expected::Reject);
        assert_eq!(of(&slower("1.5%"), "a/b@2%"), Expected::Either);
        assert_eq!(of(&slower("1%"), "a/b@2%"), Expected::Approve);
        assert_eq!(of(&Edit::none(), "a/b@2%"), Expected::Approve);
        assert_eq!(of(&slower("1%"), "a/b"), Expected::Reject);
        assert_eq!(of(&Edit::none(), "a/b~random-heap"), Expected::Any);
    }

    #[test]
    fn a_scenario_is_read_as_it_is_written() {
        for text in
            ["three/unchanged", "order-book/slower-2@0.5%", "three/neutral@1%~fresh-layouts+random-heap"]
        {
            assert_eq!(text.parse::<Scenario>().unwrap().to_string(), text);
        }
        for text in ["three", "three/neutral@1", "three/neutral~care", ""] {
            assert!(text.parse::<Scenario>().is_err(), "{text}");
        }
    }

    #[test]
    fn scenarios_are_selected_by_workload_by_pattern_or_in_full() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            let selected = select(set("issue-b").unwrap(), &only)?;
            Ok::<_, Error>(selected.iter().map(|wanted| wanted.scenario.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(names(&["plain"]).unwrap(), ["plain/unchanged@3%", "plain/slower-5@3%"]);
        assert_eq!(
            names(&["th*/unchanged*"]).unwrap(),
            ["three/unchanged", "threads/unchanged@3%", "three-of-fifty/unchanged"]
        );
        assert_eq!(names(&["three/slower-3@2%"]).unwrap(), ["three/slower-3@2%"]);
        assert_eq!(names(&["plain", "plain/unchanged@3%"]).unwrap().len(), 2);
        assert!(names(&["nothing*"]).is_err());
        assert!(names(&["nothing"]).is_err());
    }

    #[test]
    fn every_scenario_of_every_set_has_its_workload_and_edit() {
        for name in ["issue-b", "placement"] {
            for Wanted { scenario, checks } in set(name).unwrap() {
                let workload = Workload::load(&scenario.workload).unwrap();
                assert!(checks > 0);
                match scenario.edit.as_str() {
                    "unchanged" => {}
                    "neutral" => assert!(!workload.neutral().unwrap().is_empty()),
                    edit => drop(workload.edit(edit).unwrap()),
                }
            }
        }
        assert!(set("nothing").unwrap_err().to_string().contains("issue-b"));
    }
}
