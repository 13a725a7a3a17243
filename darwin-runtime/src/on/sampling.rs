//! Which calls adaptive mode times: the arithmetic, without clock or map.
//!
//! The calls of a site are cut into stretches. One call of each, any with equal chance, is timed and stands for all of them.
//! A stretch's length is settled before its place is drawn, so sums over the timed calls times their lengths are right on
//! average whatever the lengths follow: quantiles too, with phases of another call rate and with periods of any length.

use crate::layout::LONGEST_STRETCH;

/// A stretch in which one call is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drawn {
    /// Calls from now on that are not timed.
    pub(super) left: u32,
    /// Calls of the stretch behind the timed one.
    pub(super) rest: u32,
}

/// Draws the timed call of a stretch of `length` calls, which begins when `rest` calls of the one before are over.
pub(super) fn draw(length: u32, rest: u32, random: u32) -> Drawn {
    let place = ((u64::from(random) * u64::from(length)) >> u32::BITS) as u32;
    Drawn { left: rest.saturating_add(place), rest: length.saturating_sub(1).saturating_sub(place) }
}

/// How many calls make up `gap` ticks, when the last `span` calls took `elapsed`: at most twice as many as `before`, because
/// two calls close together tell little.
pub(super) fn length(before: u32, span: u32, elapsed: u64, gap: u64) -> u32 {
    let wanted = gap.saturating_mul(u64::from(span.max(1))) / elapsed.max(1);
    let most = u64::from(before.max(1)) * 2;
    wanted.min(most).clamp(1, u64::from(LONGEST_STRETCH)) as u32
}

/// One part in so many of the time may go into timing calls.
pub(super) const SHARE: u64 = 100;
/// Timed calls of a thread between two looks at how long they took.
pub(super) const TIMED_PER_LOOK: u32 = 64;
/// The longest gap in ticks: minutes.
const LONGEST_GAP: u64 = 1 << 38;

/// The gap between two timed calls of a site, when a thread's last [`TIMED_PER_LOOK`] took `elapsed` ticks and a timed call
/// costs `cost`: all sites of the thread together stay within their share. At most half or twice of what it was `before`.
pub(super) fn gap(before: u64, cost: u64, elapsed: u64) -> u64 {
    // A cost of minutes is none: the clock has jumped while it was calibrated.
    let shortest = cost.max(1).saturating_mul(SHARE).min(LONGEST_GAP);
    let before = before.clamp(shortest, LONGEST_GAP);
    let allowed = shortest * u64::from(TIMED_PER_LOOK);
    let scaled = before as f64 * allowed as f64 / elapsed.max(1) as f64;
    (scaled as u64).clamp(before / 2, before * 2).clamp(shortest, LONGEST_GAP)
}

/// The next number of Marsaglia's xorshift64, of which the upper half is used.
pub(super) fn random(state: &mut u64) -> u32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> u32::BITS) as u32
}

#[cfg(test)]
mod tests;
