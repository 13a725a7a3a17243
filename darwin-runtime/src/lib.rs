//! Put `#[hotpath]` on the functions that matter, and `cargo darwin` measures them, finds where the time goes, and tells
//! of every change whether it made them slower.
//!
//! ```
//! #[darwin_runtime::hotpath(p99 = "50us", allocs = 0)]
//! fn checksum(bytes: &[u8]) -> u32 {
//!     bytes.iter().fold(0, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
//! }
//! # assert_eq!(checksum(&[1]), 1);
//! ```
//!
//! Without the feature `enabled` the attributes check their arguments and give the function back token for token; this
//! crate then brings in no other one than `darwin-macros`. `cargo darwin` switches the feature on, on cargo's command line:
//! do not write it into a manifest. A program built with the feature records nothing and prints nothing unless `cargo darwin`
//! started it.
//!
//! * [`hotpath`] measures a function, every function of an `impl` block, or of an inline `mod`; [`scope!`] a part of one.
//! * [`bench`], [`Bencher`] and [`main!`] make a bench target that `cargo darwin`, `cargo bench` and `cargo test` run.
//! * [`Alloc`] counts allocations per measured call.

mod alloc;
#[doc(hidden)]
pub mod bucket;
#[doc(hidden)]
pub mod clock;
mod expansion;
mod harness;
#[doc(hidden)]
pub mod injection;
#[doc(hidden)]
pub mod layout;
#[cfg(not(feature = "enabled"))]
mod off;
#[cfg(feature = "enabled")]
mod on;
#[doc(hidden)]
pub mod pacing;
mod site;

pub use alloc::Alloc;
pub use darwin_macros::{bench, hotpath};
pub use harness::Bencher;

/// How `cargo darwin` asks a bench target for its benches, and the answer's form.
#[doc(hidden)]
pub mod listing {
    pub use crate::harness::{LIST_FOR_DARWIN, LISTED};
}

/// What the attributes expand to. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "enabled")]
    pub use crate::__darwin_submit as submit;
    pub use crate::harness::{Bench, run as run_benches};
    #[cfg(not(feature = "enabled"))]
    pub use crate::off::{Off, timed};
    #[cfg(feature = "enabled")]
    pub use crate::on::{Guard, Submitted, Timed, inventory, timed};
    pub use crate::site::{Kind, Metric, Place, Site, path_of};
    pub use crate::{__darwin_enter as enter, __darwin_site as site};
    pub use crate::{__darwin_on_start as on_start, __darwin_register_bench as register_bench};
}
