//! Raw samples in the order of their ends, and the turns they belong to.

use std::collections::BTreeMap;
use std::mem::offset_of;

use darwin_runtime::layout::{Block, LOG_NO_TURN, LOG_TICK_BITS, LOG_TURN_MARK, LogChunk};

use super::bytes::Bytes;
use super::totals::blocks;

/// The samples of one turn, in the order in which the calls ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// Ticks of each call; the index is the site's id.
    pub samples: Vec<Vec<u64>>,
}

impl Turn {
    fn push(&mut self, site: u32, ticks: u64) {
        let site = site as usize;
        if self.samples.len() <= site {
            self.samples.resize_with(site + 1, Vec::new);
        }
        self.samples[site].push(ticks);
    }
}

/// The logs of all threads, oldest entry first.
pub(super) fn read(bytes: &Bytes) -> Result<Vec<Vec<u64>>, &'static str> {
    blocks(bytes)?
        .into_iter()
        .map(|block| read_one(bytes, block.u64(offset_of!(Block, log_at)).unwrap_or(0)))
        .filter(|log| log.as_ref().map_or(true, |entries| !entries.is_empty()))
        .collect()
}

fn read_one(bytes: &Bytes, newest: u64) -> Result<Vec<u64>, &'static str> {
    let mut chunks = Vec::new();
    let mut at = newest;
    while at != 0 {
        if chunks.len() as u64 > bytes.len() / size_of::<LogChunk>() as u64 {
            return Err("its log has no end");
        }
        let chunk = bytes.record(at, size_of::<LogChunk>()).ok_or("a log lies outside the file")?;
        chunks.push(chunk);
        at = chunk.u64(offset_of!(LogChunk, previous_at)).unwrap_or(0);
    }
    let entries = |chunk: super::bytes::Record<'_>| {
        chunk.words_u64(offset_of!(LogChunk, entries)).take_while(|entry| *entry != 0).collect::<Vec<_>>()
    };
    Ok(chunks.into_iter().rev().flat_map(entries).collect())
}

/// All samples of one site, whatever turn they belong to.
pub fn samples_of(logs: &[Vec<u64>], site: u32) -> impl Iterator<Item = u64> {
    logs.iter()
        .flatten()
        .map(|entry| split(*entry))
        .filter(move |(id, _)| *id == site)
        .map(|(_, ticks)| ticks)
}

/// An entry's site id and ticks.
fn split(entry: u64) -> (u32, u64) {
    ((entry >> LOG_TICK_BITS) as u32, entry & ((1 << LOG_TICK_BITS) - 1))
}

/// The turns of a process, by number, over the logs of all its threads. What stands between turns belongs to none.
pub fn turns(logs: &[Vec<u64>]) -> BTreeMap<u32, Turn> {
    let mut turns: BTreeMap<u32, Turn> = BTreeMap::new();
    for log in logs {
        // A million entries a block: the turn is looked up once per mark, not once per entry.
        let mut current: Option<&mut Turn> = None;
        for entry in log {
            match split(*entry) {
                (site, LOG_NO_TURN) if u64::from(site) == LOG_TURN_MARK => current = None,
                (site, number) if u64::from(site) == LOG_TURN_MARK => {
                    current = Some(turns.entry(number as u32).or_default());
                }
                (site, ticks) => current.iter_mut().for_each(|turn| turn.push(site, ticks)),
            }
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(site: u64, ticks: u64) -> u64 {
        site << LOG_TICK_BITS | ticks
    }

    #[test]
    fn samples_belong_to_the_turn_whose_mark_stands_before_them() {
        let log = vec![
            entry(7, 1),
            entry(LOG_TURN_MARK, 3),
            entry(7, 20),
            entry(8, 30),
            entry(LOG_TURN_MARK, LOG_NO_TURN),
            entry(7, 99),
            entry(LOG_TURN_MARK, 4),
            entry(7, 21),
        ];
        let turns = turns(&[log]);
        assert_eq!(turns.keys().copied().collect::<Vec<_>>(), [3, 4]);
        assert_eq!((&turns[&3].samples[7], &turns[&3].samples[8]), (&vec![20], &vec![30]));
        assert_eq!(turns[&4].samples[7], [21]);
    }
}
