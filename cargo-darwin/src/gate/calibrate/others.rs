//! When the other sites of a check are proven. Until then it goes on, so a slowdown that one site alone would have got away
//! with can still be caught: APPROVE needs all of them.

use std::collections::BTreeMap;

use super::track::Track;
use super::{REPLAYS, Replays};
use crate::gate::judge::Status;
use crate::gate::plan::Plan;
use crate::model::{SiteKey, Verdict};

/// After how many blocks each gated site is proven, replay by replay. What is proven once counts as proven from then on:
/// its evidence seldom falls again.
#[derive(Debug)]
pub struct Others {
    proven: BTreeMap<SiteKey, Vec<Option<u32>>>,
}

impl Others {
    /// Of all sites that are gated, with the tolerances that are asked for.
    pub fn of(replays: Replays<'_>) -> Others {
        let plan = replays.plan(1.0);
        let proven = plan.gated().map(|site| (site.key.clone(), proven(replays, &plan, &site.key)));
        Others { proven: proven.collect() }
    }

    /// After how many blocks everything but `key` is proven in a replay; `None`: not in the time of a check.
    pub fn without(&self, key: &SiteKey, replay: u32) -> Option<u32> {
        let others = self.proven.iter().filter(|(other, _)| *other != key);
        others.map(|(_, proven)| proven[replay as usize]).try_fold(0, |last, proven| Some(last.max(proven?)))
    }
}

fn proven(replays: Replays<'_>, plan: &Plan, key: &SiteKey) -> Vec<Option<u32>> {
    let plan = plan.clone().only(key);
    let track = Track::of(replays, key);
    let is_proven = |status: Status| status == Status::Decided(Verdict::Approve);
    let after = |replay| {
        let mut numbered = (1..).zip(track.statuses(&plan, None, replay));
        numbered.find(|(_, status)| is_proven(*status)).map(|(block, _)| block)
    };
    (0..REPLAYS).map(after).collect()
}
