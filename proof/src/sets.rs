//! What is measured together: `proof/sets.toml`, and what of it was asked for.

use std::fs;

use cargo_darwin::model::{Glob, MaxTime, Tolerance};
use darwin_tests::repository;
use serde::Deserialize;

use crate::error::{At, Error};
use crate::scenario::{Condition, Scenario};

/// Where the sets are described, in this repository.
pub const SETS: &str = "proof/sets.toml";

/// Checks of a scenario that no set counts.
const UNCOUNTED_CHECKS: u32 = 20;

/// A scenario and how many checks of it there shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The scenario.
    pub scenario: Scenario,
    /// So many.
    pub checks: u32,
    /// Of edits that differ, each is checked so many times in a row: it is built once for them.
    pub each: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sets {
    set: Vec<Set>,
}

/// All of some workloads with all of some edits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Set {
    /// Several entries of one name make one set.
    name: String,
    /// The larger set that it is a part of.
    part_of: Option<String>,
    workloads: Vec<String>,
    edits: Vec<String>,
    /// Of each workload with each edit.
    checks: u32,
    #[serde(default = "once")]
    each: u32,
    tolerance: Option<Tolerance>,
    max_time: Option<MaxTime>,
    #[serde(default)]
    conditions: Vec<Condition>,
    /// As on the command line; of an experiment.
    #[serde(default)]
    without: Vec<String>,
}

fn once() -> u32 {
    1
}

impl Set {
    fn is_in(&self, name: &str) -> bool {
        self.name == name || self.part_of.as_deref() == Some(name)
    }

    fn wanted(&self) -> impl Iterator<Item = Wanted> + '_ {
        let edits = |workload| self.edits.iter().map(move |edit| (workload, edit));
        self.workloads.iter().flat_map(edits).map(|(workload, edit)| Wanted {
            scenario: Scenario {
                workload: workload.clone(),
                edit: edit.clone(),
                tolerance: self.tolerance,
                max_time: self.max_time,
                conditions: self.conditions.clone(),
                without: self.without.clone(),
            },
            checks: self.checks,
            each: self.each,
        })
    }
}

fn read() -> Result<Vec<Set>, Error> {
    let path = repository().join(SETS);
    let text = fs::read_to_string(&path).at("read", &path)?;
    let sets: Result<Sets, _> = toml::from_str(&text);
    sets.map(|sets| sets.set).map_err(|error| Error::Data { path, reason: error.to_string() })
}

/// The names of all sets, in the order of the file.
///
/// # Errors
/// When the file is wrong.
pub fn names() -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::new();
    for set in read()? {
        for name in set.part_of.into_iter().chain([set.name]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// The scenarios of a set, each once.
///
/// # Errors
/// When there is none of that name, or the file is wrong.
pub fn set(name: &str) -> Result<Vec<Wanted>, Error> {
    let mut all: Vec<Wanted> = Vec::new();
    for wanted in read()?.iter().filter(|set| set.is_in(name)).flat_map(Set::wanted) {
        match all.iter_mut().find(|known| known.scenario == wanted.scenario) {
            Some(known) => known.checks = known.checks.max(wanted.checks),
            None => all.push(wanted),
        }
    }
    match all.is_empty() {
        true => Err(Error::Unknown { what: "set", name: name.to_owned(), known: names()?.join(", ") }),
        false => Ok(all),
    }
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
    Ok(Wanted { scenario, checks: UNCOUNTED_CHECKS, each: once() })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::scenario::Expected;
    use crate::workload::Workload;

    #[test]
    fn scenarios_are_selected_by_workload_by_pattern_or_in_full() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            let selected = select(set("first").unwrap(), &only)?;
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
        for name in names().unwrap() {
            for Wanted { scenario, checks, each } in set(&name).unwrap() {
                let workload = Workload::load(&scenario.workload).unwrap();
                assert!(checks > 0 && each > 0);
                assert!(!workload.edits(&scenario.edit).unwrap().is_empty(), "{scenario}");
                assert_eq!(scenario.to_string().parse::<Scenario>(), Ok(scenario));
            }
        }
        assert!(set("nothing").unwrap_err().to_string().contains("first"));
    }

    /// The checks of a set by what they have in common, whatever the workload.
    fn counted(name: &str) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        for wanted in set(name).unwrap() {
            *counts.entry(wanted.scenario.whatever_the_workload()).or_default() += wanted.checks;
        }
        counts
    }

    #[test]
    fn a_thousand_checks_are_planned_for_each_condition_over_three_workloads_and_a_hundred_edits() {
        for (name, what) in [("unchanged", "unchanged"), ("neutral", "neutral"), ("busy", "unchanged+busy")] {
            assert!(counted(name)[what] >= 1000, "{name}");
            let wanted = set(name).unwrap();
            let workloads: BTreeSet<&str> = wanted.iter().map(|one| one.scenario.workload.as_str()).collect();
            let asked = BTreeSet::from(["order-book", "threads", "three"]);
            assert!(workloads.is_superset(&asked), "{name}: {workloads:?}");
            let of_asked = wanted.iter().filter(|one| asked.contains(one.scenario.workload.as_str()));
            assert!(of_asked.map(|one| one.checks).sum::<u32>() >= 700, "{name}: the others are quicker");
        }
        let different = |one: &Wanted| (one.checks / one.each).min(all_edits(one)) as usize;
        assert!(set("neutral").unwrap().iter().map(different).sum::<usize>() >= 300);
    }

    fn all_edits(wanted: &Wanted) -> u32 {
        let workload = Workload::load(&wanted.scenario.workload).unwrap();
        workload.edits(&wanted.scenario.edit).unwrap().len() as u32
    }

    #[test]
    fn a_hundred_checks_are_planned_of_each_slowdown() {
        for name in ["slower", "half", "tail", "allocations", "load"] {
            for (what, checks) in counted(name) {
                assert!(checks >= 100, "{name} {what}");
            }
        }
        let rejects = |wanted: &Wanted| {
            let workload = Workload::load(&wanted.scenario.workload).unwrap();
            let edits = workload.edits(&wanted.scenario.edit).unwrap();
            edits.iter().all(|edit| Expected::of(edit, &wanted.scenario) == Expected::Reject)
        };
        for name in ["slower", "tail", "allocations", "load"] {
            assert!(set(name).unwrap().iter().all(rejects), "{name}");
        }
    }

    /// The whole, and sets of their own.
    const NO_PARTS: [&str; 3] = ["all", "first", "placement"];

    #[test]
    fn the_parts_make_up_the_whole() {
        let parts = names().unwrap().into_iter().filter(|name| !NO_PARTS.contains(&name.as_str()));
        let of_parts: BTreeSet<String> =
            parts.flat_map(|part| set(&part).unwrap()).map(|one| one.scenario.to_string()).collect();
        let whole = set("all").unwrap();
        assert_eq!(whole.iter().map(|one| one.scenario.to_string()).collect::<BTreeSet<_>>(), of_parts);
        assert_eq!(whole.len(), of_parts.len());
    }
}
