//! The loop of a check, with the world behind a trait: every verdict can be reached without a process or a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use super::judge::{Judge, SiteFinding, Status};
use super::plan::Plan;
use super::sample::BlockSamples;
use crate::model::{Verdict, VoidCount, VoidKind, VoidReason};

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

/// Why a block could not be run, in the words of whoever ran it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ProbeError(Box<dyn Error + Send + Sync>);

impl ProbeError {
    /// Wraps an error or a message.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> ProbeError {
        ProbeError(cause.into())
    }
}

/// Is told how a check gets on.
pub trait Progress {
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
    /// Blocks that were judged.
    pub blocks: u32,
    /// Blocks thrown away on environment signs.
    pub voided: u32,
    /// Why, the commonest kind of reason first.
    pub void_reasons: Vec<VoidCount>,
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
pub fn measure(
    plan: Plan,
    probe: &mut dyn Probe,
    is_time_up: &mut dyn FnMut() -> bool,
    progress: &mut dyn Progress,
) -> Outcome {
    let mut judge = Judge::new(plan);
    let (mut voided, mut voided_in_a_row) = (0, 0);
    let mut void_kinds: BTreeMap<VoidKind, u32> = BTreeMap::new();
    let mut number = 0;
    while judge.status() == Status::Open && !is_time_up() {
        match probe.block(number, &judge.open_workloads()) {
            Err(error) => return Outcome::Failed(error),
            Ok(_) if number == 0 => {}
            Ok(BlockOutcome::Judged(samples)) => {
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
        progress.step(standing(&judge, voided));
    }
    let (verdict, blocks, sites) = (judge.finish(), judge.blocks(), judge.findings());
    Outcome::Judged(Findings { verdict, blocks, voided, void_reasons: commonest_first(&void_kinds), sites })
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
mod tests {
    use super::*;
    use crate::gate::plan::SiteRequest;
    use crate::gate::testing::{Rng, block, request};

    /// A world without processes: block `n` is what the function says.
    struct Fake<F>(F);

    impl<F: FnMut(u32) -> Result<BlockOutcome, ProbeError>> Probe for Fake<F> {
        fn block(&mut self, number: u32, _: &BTreeSet<String>) -> Result<BlockOutcome, ProbeError> {
            (self.0)(number)
        }
    }

    /// Runs a check of two sites within 2 %, at most 60 blocks.
    fn check(world: impl FnMut(u32) -> Result<BlockOutcome, ProbeError>) -> Outcome {
        let mut asked = 0;
        let mut limit = || {
            asked += 1;
            asked > 60
        };
        measure(Plan::freeze(vec![request("a"), request("b")]), &mut Fake(world), &mut limit, &mut ())
    }

    /// A quiet world in which site `a` is slower by `shift`, with a deviation of `deviation`.
    fn shifted(shift: f64, deviation: f64) -> impl FnMut(u32) -> Result<BlockOutcome, ProbeError> {
        let mut rng = Rng::new(8);
        move |_| {
            let mut y = |shift: f64| shift + deviation * rng.gaussian();
            Ok(BlockOutcome::Judged(block([("a", y(shift)), ("b", y(0.0))])))
        }
    }

    fn void() -> Result<BlockOutcome, ProbeError> {
        void_for(VoidKind::Steal)
    }

    fn void_for(kind: VoidKind) -> Result<BlockOutcome, ProbeError> {
        Ok(BlockOutcome::Void(VoidReason::new(kind, "4.1 % of the pinned CPU was stolen")))
    }

    /// Fails as a killed workload does, at block `at`.
    fn killed(at: u32) -> impl FnMut(u32) -> Result<BlockOutcome, ProbeError> {
        let mut quiet = shifted(-0.5, 0.001);
        move |number| {
            if number == at {
                Err(ProbeError::new("the candidate was killed by SIGKILL"))
            } else {
                quiet(number)
            }
        }
    }

    #[test]
    fn every_verdict_can_be_reached() {
        let mut quiet = shifted(0.0, 0.001);
        let every_second_void = move |number: u32| if number % 2 == 1 { void() } else { quiet(number) };
        let cases = [
            ("unchanged", check(shifted(0.0, 0.005)), Verdict::Approve),
            ("much faster", check(shifted(-0.3, 0.005)), Verdict::Approve),
            ("slower by 5 %", check(shifted(0.05, 0.005)), Verdict::Reject),
            ("much slower", check(shifted(1.0, 0.005)), Verdict::Reject),
            ("too noisy to tell", check(shifted(0.0, 0.3)), Verdict::Inconclusive),
            ("half of the blocks void", check(every_second_void), Verdict::Approve),
            ("all blocks void", check(|_| void()), Verdict::Invalid),
            ("killed in the first block", check(killed(0)), Verdict::Invalid),
            ("killed just before the verdict", check(killed(8)), Verdict::Invalid),
            ("blocks without data", check(|_| Ok(BlockOutcome::Judged(block([])))), Verdict::Inconclusive),
        ];
        for (case, outcome, expected) in cases {
            assert_eq!(outcome.verdict(), expected, "{case}");
        }
    }

    #[test]
    fn a_killed_run_is_never_approved_and_has_no_delta_whenever_it_happens() {
        for at in 0..9 {
            let Outcome::Failed(error) = check(killed(at)) else { panic!("block {at}") };
            assert_eq!(error.to_string(), "the candidate was killed by SIGKILL");
        }
    }

    #[test]
    fn the_first_block_is_thrown_away() {
        let mut numbers = Vec::new();
        let mut quiet = shifted(0.0, 0.001);
        let outcome = check(|number| {
            numbers.push(number);
            if number == 0 {
                Ok(BlockOutcome::Judged(block([("a", 9.0), ("b", 9.0)])))
            } else {
                quiet(number)
            }
        });
        let Outcome::Judged(findings) = outcome else { panic!() };
        assert_eq!(findings.verdict, Verdict::Approve);
        assert_eq!(numbers, (0..=findings.blocks).collect::<Vec<_>>());
    }

    #[test]
    fn a_machine_that_voids_ten_blocks_in_a_row_is_unfit_and_says_why() {
        let mut asked = 0;
        let outcome = check(|_| {
            asked += 1;
            void()
        });
        let Outcome::Unfit { voided, reason } = outcome else { panic!() };
        assert_eq!((voided, asked), (10, 11));
        assert!(reason.contains("stolen"));
    }

    #[test]
    fn reasons_of_void_blocks_are_counted_the_commonest_first() {
        let mut quiet = shifted(0.0, 0.001);
        let outcome = check(|number| match number {
            2 => void_for(VoidKind::Steal),
            3 | 5 => void_for(VoidKind::Pressure),
            _ => quiet(number),
        });
        let Outcome::Judged(findings) = outcome else { panic!() };
        let count = |kind, count| VoidCount { kind, count };
        assert_eq!(findings.void_reasons, [count(VoidKind::Pressure, 2), count(VoidKind::Steal, 1)]);
        assert_eq!(findings.voided, 3);
    }

    #[test]
    fn time_that_is_up_before_the_first_block_is_inconclusive_and_names_the_open_sites() {
        let plan = Plan::freeze(vec![request("a")]);
        let outcome = measure(plan, &mut Fake(shifted(0.0, 0.001)), &mut || true, &mut ());
        let Outcome::Judged(findings) = outcome else { panic!() };
        assert_eq!((findings.verdict, findings.blocks), (Verdict::Inconclusive, 0));
        assert_eq!(findings.sites[0].note.as_deref(), Some("p50 has no sample yet"));
    }

    #[test]
    fn a_plan_that_gates_nothing_is_not_approved_and_runs_nothing() {
        let plan = Plan::freeze(vec![SiteRequest { baseline_calls: None, ..request("a") }]);
        let outcome = measure(plan, &mut Fake(|_| panic!("no block is needed")), &mut || false, &mut ());
        assert_eq!(outcome.verdict(), Verdict::Inconclusive);
    }

    #[test]
    fn progress_is_told_after_each_block() {
        struct Seen(Vec<Standing>);
        impl Progress for Seen {
            fn step(&mut self, standing: Standing) {
                self.0.push(standing);
            }
        }
        let mut seen = Seen(Vec::new());
        let mut quiet = shifted(0.0, 0.001);
        let mut world = Fake(|number| if number == 1 { void() } else { quiet(number) });
        measure(Plan::freeze(vec![request("a"), request("b")]), &mut world, &mut || false, &mut seen);
        assert_eq!(seen.0[0], Standing { blocks: 0, voided: 0, gated: 2, open: 2 });
        assert_eq!(seen.0[1], Standing { blocks: 0, voided: 1, gated: 2, open: 2 });
        assert_eq!(seen.0.last().unwrap().open, 0);
    }
}
