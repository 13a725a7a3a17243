//! How good the gate is on one machine and workload: what counted checks prove, what unchanged blocks predict, and what
//! neutral edits leave (docs/calibrate.md, GATE.md sections 3 and 7).
//!
//! - [`limit`]: what a number of checks proves of a rate;
//! - [`predict()`]: the smallest slowdown that the judge catches, from unchanged blocks with the sign flipped and a shift
//!   added. A model, and never evidence of false alarms: flipped signs are symmetric by construction;
//! - [`bias`]: the shift that edits leave which change nothing, beyond what noise explains;
//! - [`kept`]: whether a kept calibration still speaks of this machine, toolchain and code.

pub mod bias;
mod coins;
pub mod kept;
pub mod limit;
mod others;
mod predict;
#[cfg(test)]
mod tests;
mod track;

use predict::REPLAYS;

pub use others::Others;
pub use predict::{Caught, LEAST_BLOCKS, Prediction, Replays, predict};
