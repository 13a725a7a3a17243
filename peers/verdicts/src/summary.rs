//! What a peer's checks come to.

use crate::peer::Peer;
use crate::record::Record;
use crate::scenario::Scenario;
use crate::tools::by_hand::median;

/// Counts of one peer in one scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Checks.
    pub checks: u32,
    /// False alarms where nothing is slower, misses where something is.
    pub wrong: u32,
    /// Checks without an answer.
    pub unanswered: u32,
}

/// All of one peer.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Who.
    pub peer: Peer,
    /// Which release.
    pub release: String,
    /// Counts, in the order of [`Scenario::ALL`].
    pub counts: Vec<Counts>,
    /// Checks in which some function is said to be faster. None is.
    pub faster: u32,
    /// Checks in which the slower function is said to be faster.
    pub reversed: u32,
    /// Checks with a slower function in which another one is blamed.
    pub blamed: u32,
    /// Checks with a slower function.
    pub slower_checks: u32,
    /// Median of what building took, where it is told.
    pub building_seconds: Option<f64>,
    /// Median of all else.
    pub measuring_seconds: f64,
}

impl Summary {
    /// Everything of one peer; `None` without a check.
    pub fn of(peer: Peer, records: &[Record]) -> Option<Summary> {
        let of_peer: Vec<&Record> = records.iter().filter(|record| record.peer == peer).collect();
        let count = |holds: fn(&Record) -> bool| of_peer.iter().filter(|record| holds(record)).count() as u32;
        let answered = of_peer.iter().filter(|record| record.outcome.failed.is_none());
        let outcomes: Vec<_> = answered.map(|record| &record.outcome).collect();
        let building: Vec<f64> = outcomes.iter().filter_map(|outcome| outcome.building_seconds).collect();
        let measuring: Vec<f64> = outcomes.iter().map(|outcome| outcome.measuring_seconds).collect();
        Some(Summary {
            peer,
            release: of_peer.last()?.release.clone(),
            counts: Scenario::ALL.map(|scenario| counts(&of_peer, scenario)).to_vec(),
            faster: count(Record::faster),
            reversed: count(Record::reversed),
            blamed: count(|record| record.slower.is_some() && record.wrongly_slower()),
            slower_checks: count(|record| record.slower.is_some()),
            building_seconds: (!building.is_empty()).then(|| median(&building)),
            measuring_seconds: median(&measuring),
        })
    }

    /// Checks of all scenarios.
    pub fn checks(&self) -> u32 {
        self.counts.iter().map(|counts| counts.checks).sum()
    }

    /// Checks of all scenarios without an answer.
    pub fn unanswered(&self) -> u32 {
        self.counts.iter().map(|counts| counts.unanswered).sum()
    }
}

fn counts(records: &[&Record], scenario: Scenario) -> Counts {
    let of_scenario: Vec<&&Record> = records.iter().filter(|record| record.scenario == scenario).collect();
    let count = |holds: fn(&Record) -> bool| of_scenario.iter().filter(|record| holds(record)).count() as u32;
    Counts {
        checks: of_scenario.len() as u32,
        wrong: count(Record::wrong),
        unanswered: count(Record::unanswered),
    }
}

/// Of everyone who has a check, in the order of the table.
pub fn summaries(records: &[Record]) -> Vec<Summary> {
    Peer::ALL.into_iter().filter_map(|peer| Summary::of(peer, records)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::samples::record;
    use crate::record::{Outcome, Said};

    #[test]
    fn errors_are_counted_by_scenario_and_kind() {
        let tango = |scenario, slower, said: &[(&str, Said)]| record(Peer::Tango, scenario, slower, said);
        let mut failed = tango(Scenario::Slower2, Some("spin"), &[]);
        failed.outcome = Outcome::failed("killed".into());
        let records = [
            tango(Scenario::Unchanged, None, &[("churn", Said::Slower)]),
            tango(Scenario::Unchanged, None, &[("churn", Said::Faster)]),
            tango(Scenario::Slower2, Some("spin"), &[("spin", Said::Faster), ("sort", Said::Slower)]),
            failed,
            record(Peer::Darwin, Scenario::Unchanged, None, &[]),
        ];
        let summary = Summary::of(Peer::Tango, &records).unwrap();
        assert_eq!(summary.counts[0], Counts { checks: 2, wrong: 1, unanswered: 0 });
        assert_eq!(summary.counts[4], Counts { checks: 2, wrong: 1, unanswered: 1 });
        assert_eq!((summary.faster, summary.reversed, summary.blamed, summary.slower_checks), (2, 1, 1, 2));
        assert_eq!((summary.checks(), summary.unanswered()), (4, 1));
        assert_eq!((summary.building_seconds, summary.measuring_seconds), (Some(2.0), 3.0));
        let peers: Vec<Peer> = summaries(&records).iter().map(|summary| summary.peer).collect();
        assert_eq!(peers, [Peer::Darwin, Peer::Tango]);
    }
}
