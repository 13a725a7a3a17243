//! Measurement switched on. What runs per call is in `hot`; everything else is cold.

mod adaptive;
mod calibrate;
mod cold;
pub(crate) mod control;
mod cpu;
mod future;
mod graph;
mod heap;
mod home;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod hooks;
mod hot;
pub(crate) mod local;
mod log;
mod map;
mod mode;
mod place;
mod poll;
mod refusable;
mod sampling;
pub(crate) mod session;
pub(crate) mod sites;
mod special;
mod start;
mod steps;
mod thread;
mod turns;
mod waiting;

/// What [`steps`] is written against.
mod sync {
    pub(super) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
    pub(super) use std::thread::yield_now;
}

pub use future::{Timed, timed};
pub use hot::Guard;
pub use inventory;
pub use sites::Submitted;

#[cfg(test)]
mod tests;
