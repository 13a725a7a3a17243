//! Limits as the command line has them, whichever command it is.

use crate::cli::{CalibrateArgs, CheckArgs};
use crate::model::{MaxTime, TailTolerance, Tolerance};

/// Limits as the command line has them.
#[derive(Default)]
pub(super) struct TypedLimits {
    pub(super) tolerance: Option<Tolerance>,
    pub(super) tail_tolerance: Option<TailTolerance>,
    pub(super) max_time: Option<MaxTime>,
    /// `None`: nobody can ask for it, whatever variable and file say.
    pub(super) require_faster: Option<bool>,
}

impl TypedLimits {
    pub(super) fn of_check(args: &CheckArgs) -> TypedLimits {
        let CheckArgs { tolerance, tail_tolerance, max_time, require_faster, .. } = *args;
        TypedLimits { tolerance, tail_tolerance, max_time, require_faster: Some(require_faster) }
    }

    /// Its own `--max-time` is for all checks together.
    pub(super) fn of_calibrate(args: &CalibrateArgs) -> TypedLimits {
        let CalibrateArgs { tolerance, tail_tolerance, .. } = *args;
        TypedLimits { tolerance, tail_tolerance, ..TypedLimits::default() }
    }
}
