//! Graph mode: who called a site, from the lists at its slots.

use std::mem::offset_of;

use darwin_runtime::layout::{Edge, Slot};

use super::bytes::{Bytes, Record};
use super::totals::{SiteTotals, TOO_MUCH};

/// The calls that one site made of another, in ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EdgeTotals {
    /// Completed calls.
    pub calls: u64,
    /// Those of them that were not made from within another one of the two.
    pub primitive_calls: u64,
    /// Their ticks, and those of such that panicked.
    pub cumulative_ticks: u64,
    /// Ticks of all of them without those of the measured calls in them.
    pub self_ticks: u64,
}

impl EdgeTotals {
    /// Adds what another thread or process counted.
    pub fn merge(&mut self, other: &EdgeTotals) {
        for (sum, part) in [
            (&mut self.calls, other.calls),
            (&mut self.primitive_calls, other.primitive_calls),
            (&mut self.cumulative_ticks, other.cumulative_ticks),
            (&mut self.self_ticks, other.self_ticks),
        ] {
            *sum = sum.saturating_add(part);
        }
    }
}

/// Reads the lists of one map.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a Bytes,
    sites: usize,
    /// Edges that the file can still hold: each stands in one list, once.
    left: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a Bytes, sites: usize) -> Reader<'a> {
        Reader { bytes, sites, left: bytes.len() / size_of::<Edge>() as u64 }
    }

    /// Adds the callers of one slot to its site's, and what they make of its primitive calls and cumulative time.
    pub(super) fn add(&mut self, slot: Record<'_>, site: &mut SiteTotals) -> Result<(), &'static str> {
        let field = |offset| slot.u64(offset).unwrap_or(0);
        let (mut calls, mut ticks) = (0_u64, 0_u64);
        let mut next = slot.follow(slot.u32(offset_of!(Slot, edges_cells)).unwrap_or(0));
        while let Some(at) = next {
            self.left = self.left.checked_sub(1).ok_or("its list of callers has no end")?;
            let edge = self.bytes.record(at, size_of::<Edge>()).ok_or("a caller lies outside the file")?;
            let caller = edge.u32(offset_of!(Edge, caller)).unwrap_or(0);
            if caller as usize > self.sites {
                return Err("a caller is no site");
            }
            let (all, totals) = totals(edge);
            site.has_run_over |= all.nested_calls.max(all.nested_ticks) >= TOO_MUCH;
            (calls, ticks) = (calls.saturating_add(all.calls), ticks.saturating_add(all.ticks));
            site.callers.entry(caller).or_default().merge(&totals);
            next = edge.follow(edge.u32(offset_of!(Edge, next_cells)).unwrap_or(0));
        }
        let nested = [field(offset_of!(Slot, nested_calls)), field(offset_of!(Slot, nested_ticks))];
        site.primitive_calls = site.primitive_calls.saturating_add(calls.saturating_sub(nested[0]));
        site.cumulative_ticks = site.cumulative_ticks.saturating_add(ticks.saturating_sub(nested[1]));
        site.has_run_over |= nested.into_iter().chain([calls, ticks]).any(|count| count >= TOO_MUCH);
        Ok(())
    }
}

/// Calls and ticks, and what of both is nested.
struct All {
    calls: u64,
    ticks: u64,
    nested_calls: u64,
    nested_ticks: u64,
}

fn totals(edge: Record<'_>) -> (All, EdgeTotals) {
    let field = |offset| edge.u64(offset).unwrap_or(0);
    let all = All {
        calls: field(offset_of!(Edge, calls)),
        ticks: field(offset_of!(Edge, ticks)),
        nested_calls: field(offset_of!(Edge, nested_calls)),
        nested_ticks: field(offset_of!(Edge, nested_ticks)),
    };
    let self_ticks = field(offset_of!(Edge, self_ticks));
    let totals = EdgeTotals {
        calls: all.calls,
        primitive_calls: all.calls.saturating_sub(all.nested_calls),
        cumulative_ticks: all.ticks.saturating_sub(all.nested_ticks),
        // Below zero where the clock went back within a call.
        self_ticks: if self_ticks.cast_signed() < 0 { 0 } else { self_ticks },
    };
    (all, totals)
}
