//! The loop of a check, with the world behind a trait: every verdict can be reached without a process or a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use super::challenge::Challenge;
use super::judge::{Judge, SiteFinding, Status};
use super::plan::Plan;
use super::sample::BlockSamples;
use crate::model::{Metric, SiteKey, Verdict, VoidCount, VoidKind, VoidReason};

/// Void blocks one after another at which the machine counts as unfit. At the 3 % of void blocks of a merely busy
/// machine that is a chance of 1 in 10^15; at three quarters, where nothing can be measured in time, 1 in 18.
const MAX_VOID_BLOCKS_IN_A_ROW: u32 = 10;

/// Measures one block after another.
pub trait Probe {
    /// Runs block `number`, counted from 0; block 0 warms up and is thrown away. Workloads that are not among `open` have
    /// nothing left to tell and need not be run.
    ///
    /// # Errors
    /// When a workload failed, was killed, hung or left no data: the check ends INVALID, without a delta.
    fn block(&mut self, number: u32, open: &BTreeSet<String>) -> Result<BlockOutcome, ProbeError>;
}

/// What became of a block that ran to its end on both sides.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockOutcome {
    /// It counts.
    Judged(BlockSamples),
    /// It does not: the environment disturbed it. Never decided on the timings themselves.
    Void(VoidReason),
}

/// Why a block could not be run or kept, in the words of whoever ran it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ProbeError(Box<dyn Error + Send + Sync>);

impl ProbeError {
    /// Wraps an error or a message.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> ProbeError {
        ProbeError(cause.into())
    }
}

/// Keeps the blocks of a check, so that a later one of the same pair goes on where this one ended. Starting anew each time
/// would turn a false alarm of 0.2 % into one of 4.5 % after 20 checks; carried on, it stays below 1 % (GATE.md section 3).
pub trait Recorder {
    /// Takes one block that counts, before it is judged and shown.
    ///
    /// # Errors
    /// When it cannot be kept: the check ends INVALID, for what nobody kept may not be looked at.
    fn record(&mut self, block: &BlockSamples) -> Result<(), ProbeError>;
}

impl Recorder for () {
    fn record(&mut self, _: &BlockSamples) -> Result<(), ProbeError> {
        Ok(())
    }
}

/// Is told how a check gets on.
pub trait Progress {
    /// After each block, before [`Progress::step`]: the open sites and which of their metrics are open.
    fn open(&mut self, _sites: &[(SiteKey, Vec<Metric>)]) {}

    /// After each block, also a void one.
    fn step(&mut self, standing: Standing);
}

impl Progress for () {
    fn step(&mut self, _: Standing) {}
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Blocks that were judged.
    pub blocks: u32,
    /// Blocks thrown away.
    pub voided: u32,
    /// Gated sites.
    pub gated: usize,
    /// Those that are still open.
    pub open: usize,
}

/// How a check ended. Only what was measured to the end has findings, so a failed run cannot yield a delta.
#[derive(Debug)]
pub enum Outcome {
    /// With a verdict.
    Judged(Findings),
    /// A workload failed.
    Failed(ProbeError),
    /// The environment disturbed block after block.
    Unfit {
        /// Blocks voided in a row.
        voided: u32,
        /// Why the last one was.
        reason: String,
    },
}

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// APPROVE, REJECT or INCONCLUSIVE over all latencies and latency budgets.
    pub verdict: Verdict,
    /// Blocks that were judged, those of earlier checks among them.
    pub blocks: u32,
    /// Blocks thrown away on environment signs.
    pub voided: u32,
    /// Why, the commonest kind of reason first.
    pub void_reasons: Vec<VoidCount>,
    /// Whether a site is proven faster, if one must be.
    pub challenge: Challenge,
    /// Per site, in the order of the plan.
    pub sites: Vec<SiteFinding>,
}

impl Outcome {
    /// The verdict: INVALID unless something was judged.
    pub fn verdict(&self) -> Verdict {
        match self {
            Outcome::Judged(findings) => findings.verdict,
            Outcome::Failed(_) | Outcome::Unfit { .. } => Verdict::Invalid,
        }
    }
}

/// Measures block by block until there is a verdict or `is_time_up` says so, which is asked before each block.
///
/// `earlier` holds the blocks of checks of the same pair that went before, in their order: what they say counts as if it had
/// been measured now, and where they have a verdict already, nothing is run. `recorder` is given each block that counts
/// before anything of it is shown, so that no look at it goes unpaid.
pub fn measure(
    plan: Plan,
    earlier: &[BlockSamples],
    probe: &mut dyn Probe,
    recorder: &mut dyn Recorder,
    is_time_up: &mut dyn FnMut() -> bool,
    progress: &mut dyn Progress,
) -> Outcome {
    let mut judge = Judge::replayed(plan, earlier);
    let (mut voided, mut voided_in_a_row) = (0, 0);
    let mut void_kinds: BTreeMap<VoidKind, u32> = BTreeMap::new();
    let mut number = 0;
    while judge.status() == Status::Open && !is_time_up() {
        match probe.block(number, &judge.open_workloads()) {
            Err(error) => return Outcome::Failed(error),
            Ok(_) if number == 0 => {}
            Ok(BlockOutcome::Judged(samples)) => {
                if let Err(error) = recorder.record(&samples) {
                    return Outcome::Failed(error);
                }
                judge.add(&samples);
                voided_in_a_row = 0;
            }
            Ok(BlockOutcome::Void(reason)) => {
                voided += 1;
                voided_in_a_row += 1;
                *void_kinds.entry(reason.kind).or_default() += 1;
                if voided_in_a_row >= MAX_VOID_BLOCKS_IN_A_ROW {
                    return Outcome::Unfit { voided: voided_in_a_row, reason: reason.words };
                }
            }
        }
        number += 1;
        progress.open(&judge.open_sites());
        progress.step(standing(&judge, voided));
    }
    let (verdict, challenge, sites) = (judge.finish(), judge.challenge(), judge.findings());
    let void_reasons = commonest_first(&void_kinds);
    Outcome::Judged(Findings { verdict, blocks: judge.blocks(), voided, void_reasons, challenge, sites })
}

fn commonest_first(kinds: &BTreeMap<VoidKind, u32>) -> Vec<VoidCount> {
    let mut counts: Vec<VoidCount> =
        kinds.iter().map(|(kind, count)| VoidCount { kind: *kind, count: *count }).collect();
    counts.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    counts
}

fn standing(judge: &Judge, voided: u32) -> Standing {
    let (gated, open) = judge.gated_and_open();
    Standing { blocks: judge.blocks(), voided, gated, open }
}

#[cfg(test)]
mod tests;
