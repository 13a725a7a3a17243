//! What `check` does against placement, each of which can be left out for an experiment.

use crate::cli::Measure;

/// Which measures are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// Loops begin at the same place of a cache line in both builds: a flag of ours for rustc.
    pub aligned_loops: bool,
    /// Both sides are linked anew for each block.
    pub fresh_layouts: bool,
    /// The heap of each process begins elsewhere.
    pub random_heap: bool,
}

impl Measures {
    /// All but those in `left_out`; `as_shipped` leaves out what changes the user's build.
    pub fn without(left_out: &[Measure], as_shipped: bool) -> Measures {
        Measures {
            aligned_loops: !as_shipped && !left_out.contains(&Measure::AlignedLoops),
            fresh_layouts: !left_out.contains(&Measure::FreshLayouts),
            random_heap: !left_out.contains(&Measure::RandomHeap),
        }
    }
}
