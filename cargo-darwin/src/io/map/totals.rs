//! Counts and histograms of each site, summed over threads.

use std::mem::offset_of;

use darwin_runtime::bucket::{self, Bucket};
use darwin_runtime::layout::{Block, CHUNK_COUNTERS, CHUNKS, Header, Slot};
use hdrhistogram::Histogram;

use super::bytes::{Bytes, Record, header};

/// Most blocks of a map: one per thread that ran at the same time.
const MOST_BLOCKS: usize = 1 << 20;
/// Significant digits of the buckets, as in `layout`.
const DIGITS: u8 = 3;

/// What one site counted, in ticks.
#[derive(Debug, Clone)]
pub struct SiteTotals {
    /// Completed calls.
    pub calls: u64,
    /// Sum of their ticks.
    pub ticks: u64,
    /// The slowest.
    pub max: u64,
    /// Allocations.
    pub allocs: u64,
    /// Bytes allocated.
    pub bytes: u64,
    /// Calls that panicked.
    pub panicked: u64,
    /// Futures dropped before they were ready.
    pub cancelled: u64,
    /// Polls of completed futures.
    pub polls: u64,
    /// Ticks of those polls.
    pub busy_ticks: u64,
    /// Latencies in ticks; empty where samples went to a log.
    pub histogram: Histogram<u64>,
}

impl SiteTotals {
    /// Nothing counted yet.
    pub fn new() -> Result<SiteTotals, &'static str> {
        let histogram = Histogram::new(DIGITS).map_err(|_| "no histogram")?;
        Ok(SiteTotals {
            calls: 0,
            ticks: 0,
            max: 0,
            allocs: 0,
            bytes: 0,
            panicked: 0,
            cancelled: 0,
            polls: 0,
            busy_ticks: 0,
            histogram,
        })
    }

    /// Adds what another thread or process counted at the same site.
    pub fn merge(&mut self, other: &SiteTotals) {
        for (sum, part) in [
            (&mut self.calls, other.calls),
            (&mut self.ticks, other.ticks),
            (&mut self.allocs, other.allocs),
            (&mut self.bytes, other.bytes),
            (&mut self.panicked, other.panicked),
            (&mut self.cancelled, other.cancelled),
            (&mut self.polls, other.polls),
            (&mut self.busy_ticks, other.busy_ticks),
        ] {
            *sum = sum.saturating_add(part);
        }
        self.max = self.max.max(other.max);
        // Both have three digits and resize themselves, so this cannot fail.
        let _ = self.histogram.add(&other.histogram);
    }

    fn add_slot(&mut self, bytes: &Bytes, slot: Record<'_>) -> Option<()> {
        let field = |offset| slot.u64(offset);
        let mut part = SiteTotals { histogram: read_histogram(bytes, slot)?, ..SiteTotals::new().ok()? };
        part.calls = field(offset_of!(Slot, calls))?;
        part.ticks = field(offset_of!(Slot, ticks))?;
        part.max = field(offset_of!(Slot, max))?;
        part.allocs = field(offset_of!(Slot, allocs))?;
        part.bytes = field(offset_of!(Slot, bytes))?;
        part.panicked = field(offset_of!(Slot, panicked))?;
        part.cancelled = field(offset_of!(Slot, cancelled))?;
        part.polls = field(offset_of!(Slot, polls))?;
        part.busy_ticks = field(offset_of!(Slot, busy_ticks))?;
        self.merge(&part);
        Some(())
    }
}

/// Sums over all blocks; one entry per site id, from 1.
pub(super) fn read(bytes: &Bytes, sites: usize) -> Result<Vec<SiteTotals>, &'static str> {
    let mut totals = (0..sites).map(|_| SiteTotals::new()).collect::<Result<Vec<_>, _>>()?;
    for block in blocks(bytes)? {
        for (total, cells) in
            totals.iter_mut().zip(table(bytes, block).ok_or("a block lies outside the file")?)
        {
            let Some(at) = block.follow(cells) else { continue };
            let slot = bytes.record(at, size_of::<Slot>()).ok_or("a slot lies outside the file")?;
            total.add_slot(bytes, slot).ok_or("a histogram lies outside the file")?;
        }
    }
    Ok(totals)
}

/// The blocks of a map, newest first.
pub(super) fn blocks(bytes: &Bytes) -> Result<Vec<Record<'_>>, &'static str> {
    let mut blocks = Vec::new();
    let mut at = header(bytes).u64(offset_of!(Header, blocks_at)).unwrap_or(0);
    while at != 0 {
        if blocks.len() >= MOST_BLOCKS {
            return Err("its list of threads has no end");
        }
        let block = bytes.record(at, size_of::<Block>()).ok_or("a thread's block lies outside the file")?;
        blocks.push(block);
        at = block.u64(offset_of!(Block, next_at)).unwrap_or(0);
    }
    Ok(blocks)
}

/// The block's table of slots, from site id 1.
fn table<'a>(bytes: &'a Bytes, block: Record<'a>) -> Option<impl Iterator<Item = u32> + use<'a>> {
    let count = block.u32(offset_of!(Block, slot_count))? as usize;
    let behind = block.at.checked_add(size_of::<Block>() as u64)?;
    let entries = bytes.record(behind, count.checked_mul(4)?)?;
    Some(entries.words_u32(0).skip(1))
}

fn read_histogram(bytes: &Bytes, slot: Record<'_>) -> Option<Histogram<u64>> {
    let mut histogram = Histogram::new(DIGITS).ok()?;
    let chunks = slot.words_u32(offset_of!(Slot, chunks_cells)).take(CHUNKS);
    let carries: Vec<u32> = slot.words_u32(offset_of!(Slot, carries_cells)).take(CHUNKS).collect();
    for (chunk, cells) in chunks.enumerate() {
        let Some(at) = slot.follow(cells) else { continue };
        let low = bytes.record(at, CHUNK_COUNTERS * 4)?.words_u32(0);
        let high = match slot.follow(*carries.get(chunk)?) {
            Some(at) => bytes.record(at, CHUNK_COUNTERS * 4)?.words_u32(0).collect(),
            None => Vec::new(),
        };
        for (place, count) in low.enumerate() {
            let count = u64::from(count) | u64::from(*high.get(place).unwrap_or(&0)) << 32;
            if count > 0 {
                histogram.record_n(bucket::lowest(Bucket { chunk, place }).max(1), count).ok()?;
            }
        }
    }
    Some(histogram)
}
