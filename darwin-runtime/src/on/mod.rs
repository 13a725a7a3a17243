//! Measurement switched on. What runs per call is in `hot`; everything else is cold.

mod adaptive;
mod calibrate;
mod cold;
pub(crate) mod control;
mod count;
mod cpu;
mod ending;
mod future;
mod graph;
mod guard;
mod heap;
mod home;
mod hot;
mod inject;
mod libc;
pub(crate) mod local;
mod log;
mod map;
pub(crate) mod memory;
mod mode;
mod place;
mod poll;
mod recent;
mod sampling;
pub(crate) mod session;
pub(crate) mod sites;
mod special;
mod start;
mod steps;
mod stream;
mod thread;
mod turns;
mod unload;
mod waiting;

/// What [`steps`] is written against.
mod sync {
    pub(super) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
    pub(super) use std::thread::yield_now;
}

pub use future::{Timed, timed};
pub use guard::Guard;
pub use inventory;
pub use sites::Submitted;

#[cfg(test)]
mod tests;
