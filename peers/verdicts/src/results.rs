//! The file of results: one line a judged check.

use darwin_kept::{Lines, Origin};

use crate::peer::Peer;
use crate::record::Record;
use crate::scenario::Scenario;

/// Results that more are added to.
pub type Results = Lines<Record>;

/// Whether a check has been made.
pub fn has(results: &Results, origin: &Origin, peer: Peer, scenario: Scenario, round: u32) -> bool {
    let is_it = |one: &Record| (one.peer, one.scenario, one.round) == (peer, scenario, round);
    results.of(origin).any(is_it)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use darwin_kept::lines;

    use super::*;
    use crate::record::samples::record;

    fn of(peer: Peer) -> Record {
        record(peer, Scenario::Unchanged, None, &[])
    }

    #[test]
    fn a_check_is_known_by_origin_peer_scenario_and_round() {
        let folder = tempfile::tempdir().unwrap();
        let mut results = Results::open(&folder.path().join("results.jsonl")).unwrap();
        results.add([of(Peer::Criterion), of(Peer::Threshold)]).unwrap();
        let origin = of(Peer::Criterion).origin;
        let is_there = |peer, round| has(&results, &origin, peer, Scenario::Unchanged, round);
        assert!(is_there(Peer::Criterion, 0) && is_there(Peer::Threshold, 0));
        assert!(!is_there(Peer::Criterion, 1) && !is_there(Peer::Tango, 0));
        assert!(!has(&results, &origin, Peer::Criterion, Scenario::Tail, 0));
        let other = Origin { commit: "other".into(), ..origin };
        assert!(!has(&results, &other, Peer::Criterion, Scenario::Unchanged, 0));
    }

    #[test]
    fn a_line_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        let line = |version| serde_json::to_string(&Record { version, ..of(Peer::Tango) }).unwrap();
        fs::write(&path, format!("{}\n{}\n", line(1), line(99))).unwrap();
        let error = lines::read::<Record>(&path).unwrap_err().to_string();
        assert!(error.contains(":2: version 99 in place of 1; "), "{error}");
    }
}
