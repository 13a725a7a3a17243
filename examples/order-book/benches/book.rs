//! The two markets that the book is gated on. `cargo darwin check -p order-book` runs them, and so does
//! `cargo bench -p order-book`.

use darwin_runtime::Bencher;
use order_book::{Mix, Replay};

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

const SEED: u64 = 1;

/// One iteration: short beside a turn of 5 ms, long beside the reading of a clock.
const SLICE: usize = 2_000;

/// The stream goes round after so many slices: with the book it is some 700 KB, which a turn warms up to in a fifth of
/// its time, so that the shared third-level cache has little part in the times.
const ROUND: usize = 6 * SLICE;

/// A lively market: resting orders are entered, replaced, cancelled, and traded against.
#[darwin_runtime::bench]
fn replay(b: &mut Bencher) {
    measure(b, Mix::LIVELY);
}

/// Market makers at work: nearly every order is cancelled before it trades.
#[darwin_runtime::bench]
fn cancel_heavy(b: &mut Bencher) {
    measure(b, Mix::CANCEL_HEAVY);
}

/// Replays slice after slice through a book in its steady state, so that no iteration differs from the others
/// but by the part of the round that it replays.
fn measure(b: &mut Bencher, mix: Mix) {
    let mut replay = Replay::new(SEED, mix, ROUND);
    replay.advance(2 * ROUND);
    b.items(SLICE as u64).iter(|| replay.advance(SLICE));
}

darwin_runtime::main!();
