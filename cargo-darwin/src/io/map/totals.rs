//! Counts and histograms of each site, summed over threads.

use std::collections::BTreeMap;
use std::mem::offset_of;

use darwin_runtime::bucket::{self, Bucket};
use darwin_runtime::layout::{Block, CHUNK_COUNTERS, CHUNKS, Entry, Header, LONGEST_STRETCH, Slot};
use hdrhistogram::Histogram;

use super::bytes::{Bytes, Record, header};
use super::edges::{self, EdgeTotals};
use crate::model::Mode;

/// Most blocks of a map: one per thread that ran at the same time.
const MOST_BLOCKS: usize = 1 << 20;
/// No counter comes so far: a thousand million a second take three hundred years. One that is there has run over, or has
/// been damaged; so have those that add up to it.
pub(super) const TOO_MUCH: u64 = 1 << 63;
/// Significant digits of the buckets, as in `layout`.
const DIGITS: u8 = 3;

/// What one site counted, in ticks.
#[derive(Debug, Clone, PartialEq)]
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
    /// Frees.
    pub frees: u64,
    /// Bytes freed.
    pub freed_bytes: u64,
    /// Most bytes that one call held at once.
    pub peak_bytes: u64,
    /// Calls that panicked.
    pub panicked: u64,
    /// Futures dropped before they were ready.
    pub cancelled: u64,
    /// Polls of completed futures.
    pub polls: u64,
    /// Ticks of those polls.
    pub busy_ticks: u64,
    /// Latencies in ticks; empty where samples went to a log. In adaptive mode each counts as often as it stands for calls.
    pub histogram: Histogram<u64>,
    /// Calls that the histogram should have.
    pub timed: u64,
    /// Calls that it may have besides or lack, because those that stood for them did not end.
    pub untold: u64,
    /// Graph mode: completed calls that were not made from within the site ...
    pub primitive_calls: u64,
    /// ... their ticks, and those of such that panicked ...
    pub cumulative_ticks: u64,
    /// ... and its callers by their ids; zero: none that is measured.
    pub callers: BTreeMap<u32, EdgeTotals>,
    /// One of the counters has run over: none of the figures can be believed.
    pub has_run_over: bool,
    /// Calls in `calls` that were not made yet, or did not complete.
    not_made: u64,
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
            frees: 0,
            freed_bytes: 0,
            peak_bytes: 0,
            panicked: 0,
            cancelled: 0,
            polls: 0,
            busy_ticks: 0,
            histogram,
            timed: 0,
            untold: 0,
            primitive_calls: 0,
            cumulative_ticks: 0,
            callers: BTreeMap::new(),
            has_run_over: false,
            not_made: 0,
        })
    }

    /// Adds what another thread or process counted at the same site.
    pub fn merge(&mut self, other: &SiteTotals) {
        for (sum, part) in [
            (&mut self.calls, other.calls),
            (&mut self.ticks, other.ticks),
            (&mut self.allocs, other.allocs),
            (&mut self.bytes, other.bytes),
            (&mut self.frees, other.frees),
            (&mut self.freed_bytes, other.freed_bytes),
            (&mut self.panicked, other.panicked),
            (&mut self.cancelled, other.cancelled),
            (&mut self.polls, other.polls),
            (&mut self.busy_ticks, other.busy_ticks),
            (&mut self.timed, other.timed),
            (&mut self.untold, other.untold),
            (&mut self.primitive_calls, other.primitive_calls),
            (&mut self.cumulative_ticks, other.cumulative_ticks),
            (&mut self.not_made, other.not_made),
        ] {
            *sum = sum.saturating_add(part);
        }
        self.max = self.max.max(other.max);
        self.peak_bytes = self.peak_bytes.max(other.peak_bytes);
        for (caller, edge) in &other.callers {
            self.callers.entry(*caller).or_default().merge(edge);
        }
        let is_too_long = self.histogram.len().saturating_add(other.histogram.len()) >= TOO_MUCH;
        if !is_too_long {
            // Both have three digits and resize themselves, so this cannot fail.
            let _ = self.histogram.add(&other.histogram);
        }
        self.has_run_over |= other.has_run_over || is_too_long || self.is_too_much();
    }

    fn is_too_much(&self) -> bool {
        let own = [
            self.calls,
            self.ticks,
            self.allocs,
            self.bytes,
            self.frees,
            self.freed_bytes,
            self.peak_bytes,
            self.panicked,
            self.cancelled,
            self.polls,
            self.busy_ticks,
            self.primitive_calls,
            self.cumulative_ticks,
            self.not_made,
        ];
        let of_callers = |edge: &EdgeTotals| edge.calls.max(edge.primitive_calls).max(edge.cumulative_ticks);
        own.into_iter().chain(self.callers.values().map(of_callers)).any(|count| count >= TOO_MUCH)
    }

    fn add_slot(&mut self, bytes: &Bytes, slot: Record<'_>, left: u32) -> Option<()> {
        let field = |offset| slot.u64(offset);
        let read = read_histogram(bytes, slot)?;
        let mut part = SiteTotals {
            histogram: read.histogram,
            has_run_over: read.has_run_over,
            ..SiteTotals::new().ok()?
        };
        part.calls = field(offset_of!(Slot, calls))?;
        part.ticks = field(offset_of!(Slot, ticks))?;
        part.max = field(offset_of!(Slot, max))?;
        part.allocs = field(offset_of!(Slot, allocs))?;
        // Before the bytes, of which it is a part, where the process goes on counting.
        part.peak_bytes = field(offset_of!(Slot, peak_bytes))?;
        part.bytes = field(offset_of!(Slot, bytes))?;
        part.frees = field(offset_of!(Slot, frees))?;
        part.freed_bytes = field(offset_of!(Slot, freed_bytes))?;
        part.panicked = field(offset_of!(Slot, panicked))?;
        part.cancelled = field(offset_of!(Slot, cancelled))?;
        part.polls = field(offset_of!(Slot, polls))?;
        part.busy_ticks = field(offset_of!(Slot, busy_ticks))?;
        part.not_made = u64::from(left).saturating_add(field(offset_of!(Slot, unfinished))?);
        part.note_stretch(slot)?;
        self.merge(&part);
        Some(())
    }
}

impl SiteTotals {
    /// One call stands for its whole stretch. Of the one that has begun, none was timed yet; the calls up to the one that
    /// will be are in `calls`.
    fn note_stretch(&mut self, slot: Record<'_>) -> Option<()> {
        let stretch = slot.u32(offset_of!(Slot, stretch))?;
        let rest = slot.u32(offset_of!(Slot, rest))?;
        let place = stretch.saturating_sub(1).saturating_sub(rest);
        self.timed = self.calls.saturating_sub(u64::from(place));
        if stretch > 0 {
            let ended_otherwise = self.panicked.saturating_add(self.cancelled).saturating_add(1);
            self.untold = ended_otherwise.saturating_mul(u64::from(LONGEST_STRETCH));
        }
        Some(())
    }
}

/// Sums over all blocks; one entry per site id, from 1.
pub(super) fn read(bytes: &Bytes, sites: usize, mode: Mode) -> Result<Vec<SiteTotals>, &'static str> {
    let mut totals = (0..sites).map(|_| SiteTotals::new()).collect::<Result<Vec<_>, _>>()?;
    let mut edges = edges::Reader::new(bytes, sites);
    for block in blocks(bytes)? {
        for (total, (cells, left)) in
            totals.iter_mut().zip(table(bytes, block).ok_or("a block lies outside the file")?)
        {
            let Some(at) = block.follow(cells) else { continue };
            let slot = bytes.record(at, size_of::<Slot>()).ok_or("a slot lies outside the file")?;
            if !may_leave_out(slot, left, mode).ok_or("a slot is cut off")? {
                return Err("it leaves out calls that were to be timed");
            }
            total.add_slot(bytes, slot, left).ok_or("a histogram lies outside the file")?;
            edges.add(slot, total)?;
        }
    }
    for total in &mut totals {
        // The one that cancels a call may be another thread than the one that counted it.
        total.calls = total.calls.saturating_sub(total.not_made);
        total.has_run_over |= total.is_too_much();
    }
    Ok(totals)
}

/// Only adaptive mode leaves calls out, and then at most up to the one that is timed next.
fn may_leave_out(slot: Record<'_>, left: u32, mode: Mode) -> Option<bool> {
    let span = slot.u32(offset_of!(Slot, span))?;
    let stretch = slot.u32(offset_of!(Slot, stretch))?;
    let unfinished = slot.u64(offset_of!(Slot, unfinished))?;
    Some(match mode {
        Mode::Adaptive => left < span.max(1) && stretch <= LONGEST_STRETCH,
        Mode::Exact | Mode::Graph => left == 0 && stretch == 0 && unfinished == 0,
    })
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

/// The block's table from site id 1: distances to slots, and calls left out of the timing.
fn table<'a>(bytes: &'a Bytes, block: Record<'a>) -> Option<impl Iterator<Item = (u32, u32)> + use<'a>> {
    let count = block.u32(offset_of!(Block, slot_count))? as usize;
    let behind = block.at.checked_add(size_of::<Block>() as u64)?;
    let entries = bytes.record(behind, count.checked_mul(size_of::<Entry>())?)?;
    let field = |offset: usize| entries.words_u32(offset).step_by(size_of::<Entry>() / size_of::<u32>());
    Some(field(offset_of!(Entry, slot_cells)).zip(field(offset_of!(Entry, left))).skip(1))
}

/// A slot's histogram. One with [`TOO_MUCH`] in it, or whose latencies add up to that, has run over.
struct ReadHistogram {
    histogram: Histogram<u64>,
    has_run_over: bool,
}

fn read_histogram(bytes: &Bytes, slot: Record<'_>) -> Option<ReadHistogram> {
    let mut histogram = Histogram::new(DIGITS).ok()?;
    let (mut ticks, mut has_run_over) = (0_u128, false);
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
            let lowest = bucket::lowest(Bucket { chunk, place });
            ticks = ticks.saturating_add(u128::from(lowest) * u128::from(count));
            if histogram.len().saturating_add(count) >= TOO_MUCH {
                // Its own sums would run over too.
                has_run_over = true;
            } else if count > 0 {
                histogram.record_n(lowest.max(1), count).ok()?;
            }
        }
    }
    has_run_over |= ticks >= u128::from(TOO_MUCH);
    Some(ReadHistogram { histogram, has_run_over })
}
