//! Which checks come next.

use std::ops::Range;

use crate::scenario::Scenario;
use crate::sets::Wanted;

/// Checks of a scenario in a row. Some, because each change of scenario costs a build; not all, because a machine's
/// weather changes from hour to hour and every scenario should see it. A multiple of 3, which is how often an edit is
/// checked where edits differ.
pub const BATCH: u32 = 24;

/// Some checks of one scenario, numbered from 0 over all of its checks.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The scenario.
    pub scenario: Scenario,
    /// The numbers of the checks.
    pub numbers: Range<u32>,
    /// How many checks in a row have the same edit, where edits differ.
    pub each: u32,
}

impl Batch {
    /// Which of so many edits a check has.
    pub fn edit_of(&self, number: u32, edits: usize) -> usize {
        (number / self.each) as usize % edits
    }
}

/// The next checks: of the scenario that has been checked in the fewest batches, the first one if there are several.
/// `None` when all are done.
pub fn next(wanted: &[Wanted], done: impl Fn(&Scenario) -> u32) -> Option<Batch> {
    let open = wanted.iter().map(|wanted| (wanted, done(&wanted.scenario)));
    let (wanted, done) =
        open.filter(|(wanted, done)| *done < wanted.checks).min_by_key(|(_, done)| done / BATCH)?;
    let end = (done / BATCH + 1) * BATCH;
    Some(Batch {
        scenario: wanted.scenario.clone(),
        numbers: done..end.min(wanted.checks),
        each: wanted.each,
    })
}

/// How many checks are still to come.
pub fn left(wanted: &[Wanted], done: impl Fn(&Scenario) -> u32) -> u32 {
    wanted.iter().map(|wanted| wanted.checks.saturating_sub(done(&wanted.scenario))).sum()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn wanted() -> Vec<Wanted> {
        let wanted = |name: &str, checks| Wanted { scenario: name.parse().unwrap(), checks, each: 1 };
        vec![wanted("a/unchanged", 29), wanted("b/unchanged", 2), wanted("c/unchanged", 49)]
    }

    /// Everything that comes, stopped and continued after every `stop` checks.
    fn all(stop: usize) -> Vec<(String, u32)> {
        let mut checks = Vec::new();
        let mut done: BTreeMap<String, u32> = BTreeMap::new();
        while let Some(batch) =
            next(&wanted(), |scenario| done.get(&scenario.to_string()).copied().unwrap_or(0))
        {
            for number in batch.numbers.take(stop) {
                *done.entry(batch.scenario.to_string()).or_default() += 1;
                checks.push((batch.scenario.workload.clone(), number));
            }
        }
        checks
    }

    #[test]
    fn scenarios_take_turns_until_each_has_its_checks() {
        let workloads: String = all(24).into_iter().map(|(workload, _)| workload).collect();
        assert_eq!(
            workloads,
            ["a".repeat(24), "bb".into(), "c".repeat(24), "a".repeat(5), "c".repeat(25)].concat()
        );
    }

    #[test]
    fn stopped_anywhere_it_goes_on_with_the_same_checks() {
        for stop in 1..24 {
            assert_eq!(all(stop), all(24));
        }
    }

    #[test]
    fn nothing_is_left_in_the_end() {
        assert_eq!(left(&wanted(), |_| 0), 80);
        assert_eq!(left(&wanted(), |_| 100), 0);
        assert_eq!(next(&wanted(), |_| 100), None);
    }

    #[test]
    fn an_edit_stays_for_as_many_checks_as_are_wanted_of_each() {
        let batch = Batch { scenario: "a/neutral".parse().unwrap(), numbers: 0..12, each: 3 };
        let edits: Vec<usize> = (0..14).map(|number| batch.edit_of(number, 4)).collect();
        assert_eq!(edits, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0]);
    }
}
