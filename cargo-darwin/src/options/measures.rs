//! What `check` does so that its verdict is right, each of which can be left out for an experiment.

use crate::cli::Measure;

/// Which measures are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// Loops begin at the same place of a cache line in both builds: a flag of ours for rustc.
    pub aligned_loops: bool,
    /// Both sides are linked anew, with their functions in another order.
    pub fresh_layouts: bool,
    /// That is done for each block, not once.
    pub many_layouts: bool,
    /// The heap of each process begins elsewhere.
    pub random_heap: bool,
    /// Chance decides which side goes first, and pairs of turns alternate.
    pub coin: bool,
    /// The second mover of a pair of turns does as much as the first, not for as long.
    pub equal_work: bool,
    /// A block is one sample; else each pair of turns is one, as if those of one process were independent.
    pub one_sample: bool,
}

impl Measures {
    /// All of them.
    pub const ALL: Measures = Measures {
        aligned_loops: true,
        fresh_layouts: true,
        many_layouts: true,
        random_heap: true,
        coin: true,
        equal_work: true,
        one_sample: true,
    };

    /// What the reader must know of a check without some of them. Loops that are not aligned are the user's own choice, too.
    pub fn note(&self) -> Option<String> {
        let taken = [
            (self.fresh_layouts, "as it was built"),
            (self.many_layouts, "in one layout of each side"),
            (self.random_heap, "with the heap as it comes"),
            (self.coin, "in a fixed order"),
            (self.equal_work, "in turns of equal time"),
            (self.one_sample, "with each pair of turns as a sample of its own"),
        ];
        let ways: Vec<&str> = taken.iter().filter(|(is_taken, _)| !is_taken).map(|(_, way)| *way).collect();
        (!ways.is_empty()).then(|| format!("measured {}: an experiment", ways.join(", ")))
    }

    /// All but those in `left_out`; `as_shipped` leaves out what changes the user's build.
    pub fn without(left_out: &[Measure], as_shipped: bool) -> Measures {
        let is_taken = |measure: Measure| !left_out.contains(&measure);
        Measures {
            aligned_loops: !as_shipped && is_taken(Measure::AlignedLoops),
            fresh_layouts: is_taken(Measure::FreshLayouts),
            many_layouts: is_taken(Measure::ManyLayouts),
            random_heap: is_taken(Measure::RandomHeap),
            coin: is_taken(Measure::Coin),
            equal_work: is_taken(Measure::EqualWork),
            one_sample: is_taken(Measure::OneSample),
        }
    }
}
