//! Was a block disturbed? Decided on signs of the environment only, never on timings: throwing away what looks slow
//! would make every candidate look fast. The thresholds are proposals, to be calibrated on quiet machines; a block that
//! is thrown away for nothing costs its time and moves no verdict.
//!
//! What is only shown. Interrupts: a program that talks to itself over a socket makes its own. Heat: it slows both
//! sides alike within 10 ms, and a hot laptop would void every block. Involuntary switches and migrations: the two
//! sides push each other off the core while both set up.

use super::{FEWEST_TICKS, share, shown};
use crate::model::{Nanos, Percent, Signs, TICK, Usage, VoidKind, VoidReason};

/// Stolen share of the block's processors. In a block of 150 ms the two ticks that are needed besides are 13 % already:
/// less cannot be told from nothing in so short a time, and is left to the coin.
const MOST_STEAL: Percent = Percent(3.0);
/// Share of the block in which some task waited for a processor.
const MOST_PRESSURE: Percent = Percent(20.0);
/// Share of the block's processors that others used. Pressure alone says too little: our two processes wait for each
/// other while both set up, and the threads of one program for each other all the time. The share is off by two ticks
/// at most, which are 15 % of a block of 130 ms.
const MOST_OTHERS: Percent = Percent(15.0);

/// Blocks one after another that others at work may void. If it goes on, that is no disturbance any more but how this
/// machine is: turns share it out to both sides, the coin keeps it from favouring one, and with every block void there
/// would be no verdict at all.
const MOST_LOADED_VOIDS: u32 = 3;

/// Judges one block after another, and gets used to a load that stays. A block has several workloads, and a load need not
/// show in each of them: only a block in which it showed in none ends it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patience {
    loaded_in_a_row: u32,
    is_loaded: bool,
}

impl Patience {
    /// The signs that come now are of another block.
    pub fn begin_block(&mut self) {
        if !self.is_loaded {
            self.loaded_in_a_row = 0;
        }
        self.is_loaded = false;
    }

    /// Why the block does not count, with these signs of one of its workloads; `None`: it does.
    pub fn void_reason(&mut self, signs: &Signs) -> Option<VoidReason> {
        let reason = void_reason(signs);
        let shows_load = reason.as_ref().is_some_and(|reason| is_load(reason.kind));
        if shows_load && !self.is_loaded {
            self.is_loaded = true;
            self.loaded_in_a_row = self.loaded_in_a_row.saturating_add(1);
        }
        reason.filter(|_| !shows_load || self.loaded_in_a_row <= MOST_LOADED_VOIDS)
    }
}

/// Is it the work of others, which may go on?
fn is_load(kind: VoidKind) -> bool {
    match kind {
        VoidKind::Steal | VoidKind::Pressure => true,
        VoidKind::Turns | VoidKind::Throttling | VoidKind::Faults => false,
    }
}

/// Why a block with these signs was disturbed; `None`: it was not.
pub fn void_reason(signs: &Signs) -> Option<VoidReason> {
    stolen(signs).or_else(|| throttled(signs)).or_else(|| faulted(signs)).or_else(|| crowded(signs))
}

fn stolen(signs: &Signs) -> Option<VoidReason> {
    let ticks = signs.steal_ticks.filter(|ticks| *ticks >= FEWEST_TICKS)?;
    let stolen = share(ticks as f64 * TICK.0, capacity(signs).0);
    (stolen.0 > MOST_STEAL.0).then(|| {
        let words = format!("{} of the processor was given to other machines", shown(stolen));
        VoidReason::new(VoidKind::Steal, words)
    })
}

fn throttled(signs: &Signs) -> Option<VoidReason> {
    let periods = signs.throttled_periods.filter(|periods| *periods > 0)?;
    let times = if periods == 1 { "once".to_owned() } else { format!("{periods} times") };
    let words = format!("the cgroup had used up its processor quota {times}");
    Some(VoidReason::new(VoidKind::Throttling, words))
}

fn faulted(signs: &Signs) -> Option<VoidReason> {
    let faults = total(&signs.usages, |usage| usage.major_faults).filter(|faults| *faults > 0)?;
    let pages = if faults == 1 { "1 page".to_owned() } else { format!("{faults} pages") };
    Some(VoidReason::new(VoidKind::Faults, format!("{pages} of memory had to be read from a disk")))
}

fn crowded(signs: &Signs) -> Option<VoidReason> {
    let pressure = share(signs.pressure?.0, signs.length.0);
    let others = others_percent(signs)?;
    (pressure.0 > MOST_PRESSURE.0 && others.0 > MOST_OTHERS.0).then(|| {
        let words = format!(
            "programs waited for processors in {} of the time, and others used {} of ours",
            shown(pressure),
            shown(others)
        );
        VoidReason::new(VoidKind::Pressure, words)
    })
}

/// Share of the block's processors that neither the measured processes used, nor was idle or stolen; `None` where any of
/// these is not told.
pub fn others_percent(signs: &Signs) -> Option<Percent> {
    let own = signs.usages.iter().map(|usage| usage.cpu).sum::<Option<Nanos>>()?;
    let ticks = signs.idle_ticks? + signs.steal_ticks?;
    let rest = capacity(signs).0 - own.0 - ticks as f64 * TICK.0;
    Some(share(rest.max(0.0), capacity(signs).0))
}

/// Time of all processors of the block together.
fn capacity(signs: &Signs) -> Nanos {
    Nanos(signs.length.0 * signs.processors as f64)
}

fn total(usages: &[Usage], count: fn(&Usage) -> Option<u64>) -> Option<u64> {
    usages.iter().filter_map(count).reduce(|sum, count| sum + count)
}
