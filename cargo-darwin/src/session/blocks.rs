//! One block: a fresh pair of processes per workload, and one number per site and metric out of it.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::counting::{self, Counts};
use super::iterations;
use super::layouts::Layouts;
use super::pairing::Pairing;
use super::random::Random;
use super::raw::Raw;
use super::side::{BASELINE, CANDIDATE, Runnable};
use super::spent::Spent;
use super::watcher::Watcher;
use crate::gate::{BlockOutcome, BlockSamples, Probe, ProbeError};
use crate::io::control::{Fair, Plan, TurnPlan, TurnsAt};
use crate::io::measure::{MeasureError, PairPlan};
use crate::model::{VoidKind, VoidReason};
use crate::options::Measures;

/// The pair in front of those that count, for warming up.
pub const WARM_UP_PAIRS: u32 = 1;

/// A workload on both sides, with what its counting runs said.
#[derive(Debug, Clone)]
pub struct PairedWorkload {
    /// The baseline's.
    pub baseline: Runnable,
    /// The candidate's.
    pub candidate: Runnable,
    /// What was counted.
    pub counts: Counts,
    /// How the sides are set against each other.
    pub pairing: Pairing,
}

impl PairedWorkload {
    /// Counts a workload on both sides and settles how it is measured.
    ///
    /// # Errors
    /// When either side fails, hangs, or measured nothing.
    pub fn prepare(
        baseline: Runnable,
        candidate: Runnable,
        random: &mut Random,
        limit: Duration,
    ) -> Result<PairedWorkload, MeasureError> {
        let counts = counting::count(&baseline, &candidate, limit)?;
        let mut workload = PairedWorkload::new(baseline, candidate, counts, Pairing::Iterations);
        let PairedWorkload { baseline, candidate, counts, .. } = &workload;
        workload.pairing = Pairing::settle(baseline, candidate, counts, random, limit)?;
        Ok(workload)
    }

    /// A workload that was counted and settled before.
    pub fn new(baseline: Runnable, candidate: Runnable, counts: Counts, pairing: Pairing) -> PairedWorkload {
        let (baseline, candidate) = match counts.threads {
            0 | 1 => (baseline.on_one_processor(), candidate.on_one_processor()),
            _ => (baseline, candidate),
        };
        PairedWorkload { baseline, candidate, counts, pairing }
    }

    /// Threads of one side must be able to run at the same time; a single one is bound.
    pub fn is_on_one_processor(&self) -> bool {
        self.counts.threads <= 1
    }

    /// Pairs of turns of a bench.
    fn pairs(&self) -> u32 {
        iterations::pairs(self.counts.setup_seconds, self.counts.iteration_seconds)
    }

    fn turn_seconds(&self) -> f64 {
        iterations::turn_seconds(self.counts.iteration_seconds)
    }

    /// What the turns of a bench take in a block; a program's take as long as it runs.
    fn in_turns(&self) -> Option<Duration> {
        let pairs = f64::from(self.pairs() + WARM_UP_PAIRS);
        (self.pairing == Pairing::Iterations)
            .then(|| Duration::from_secs_f64(2.0 * pairs * self.turn_seconds()))
    }

    /// Counting runs times this are the calls of a block.
    pub fn block_share(&self) -> f64 {
        match (self.counts.iterations, &self.pairing) {
            (None, Pairing::Sites(pacing)) => pacing.counted_share(),
            (None, _) => 1.0,
            (Some(iterations), _) => {
                let per_turn = (self.turn_seconds() / self.counts.iteration_seconds).floor().max(1.0);
                f64::from(self.pairs()) * per_turn / iterations as f64
            }
        }
    }
}

/// The layouts of the next block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// They are to be drawn and linked.
    ToBeLinked,
    /// That was done while the last block was analysed.
    Linked,
    /// Those of the last one: an experiment.
    Same,
}

/// Measures blocks of real processes.
#[derive(Debug)]
pub struct Blocks<'a> {
    workloads: &'a [PairedWorkload],
    layouts: &'a Layouts,
    random: Random,
    limit: Duration,
    watcher: Watcher,
    measures: Measures,
    /// Samples of a block that was taken for several: an experiment.
    pending: VecDeque<BlockSamples>,
    next: Next,
    spent: Spent,
}

impl<'a> Blocks<'a> {
    /// Blocks of these workloads; each process is killed after `limit`.
    pub fn new(
        workloads: &'a [PairedWorkload],
        layouts: &'a Layouts,
        random: Random,
        limit: Duration,
        watcher: Watcher,
    ) -> Blocks<'a> {
        Blocks {
            workloads,
            layouts,
            random,
            limit,
            watcher,
            measures: Measures::ALL,
            pending: VecDeque::new(),
            next: Next::ToBeLinked,
            spent: Spent::default(),
        }
    }

    /// Where the time of the blocks so far went.
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// With these measures: what is left out is an experiment.
    pub fn with_measures(self, measures: Measures) -> Blocks<'a> {
        Blocks { measures, ..self }
    }

    /// Who goes first.
    fn coin(&mut self) -> usize {
        let coin = self.random.coin();
        if self.measures.coin { coin } else { BASELINE }
    }

    /// The turns of a plan, as fair as the measures make them.
    fn turns(&mut self, turns: TurnPlan) -> TurnPlan {
        let fair = Fair { order: self.measures.coin, work: self.measures.equal_work };
        TurnPlan { coin: self.coin(), fair, ..turns }
    }

    /// The workload of `side` in the layout of this block.
    fn runnable(&self, workload: &PairedWorkload, side: usize) -> Runnable {
        let runnable = if side == BASELINE { &workload.baseline } else { &workload.candidate };
        runnable.in_layout(self.layouts.of(side, runnable.executable()))
    }

    /// Runs both sides once, to their ends.
    ///
    /// # Errors
    /// When either side fails, hangs, or measured nothing.
    pub fn run(&mut self, workload: &PairedWorkload) -> Result<Raw, MeasureError> {
        let begin = Instant::now();
        let raw = match &workload.pairing {
            Pairing::WholeRuns { .. } => {
                let coin = self.coin();
                self.whole_runs(workload, coin)?
            }
            Pairing::Iterations => {
                let plan = self.iterations(workload);
                self.pair(workload, plan)?
            }
            Pairing::Sites(pacing) => {
                let plan = pacing.plan(&mut self.random);
                let turns = self.turns(plan.turns);
                self.pair(workload, PairPlan { turns, ..plan })?
            }
        };
        self.watcher.end(raw.sides());
        self.spent.ran(begin.elapsed(), workload.in_turns());
        Ok(raw)
    }

    fn iterations(&mut self, workload: &PairedWorkload) -> PairPlan<'static> {
        let pairs = match self.measures.one_sample {
            true => workload.pairs(),
            false => iterations::most_pairs(workload.counts.iteration_seconds),
        };
        let at = TurnsAt::Iterations { pairs: pairs + WARM_UP_PAIRS };
        let turns = TurnPlan {
            turn: iterations::TURN,
            warm_up: iterations::WARM_UP,
            coin: BASELINE,
            at,
            fair: Fair::FULLY,
        };
        PairPlan { turns: self.turns(turns), pacing: &[], seeds: [self.random.seed(), self.random.seed()] }
    }

    fn pair(&self, workload: &PairedWorkload, plan: PairPlan<'_>) -> Result<Raw, MeasureError> {
        let seeds = if self.measures.random_heap { plan.seeds } else { [0; 2] };
        let plan = PairPlan { seeds, ..plan };
        let pair = self.runnable(workload, CANDIDATE).against(
            &self.runnable(workload, BASELINE),
            &plan,
            self.limit,
        )?;
        Ok(Raw::Turns(pair))
    }

    fn whole_runs(&mut self, workload: &PairedWorkload, coin: usize) -> Result<Raw, MeasureError> {
        let plan = Plan::Fixed { iterations: 0 };
        let run = |side: usize| self.runnable(workload, side).alone(side, plan, self.limit);
        let (first, second) = (run(coin)?, run(1 - coin)?);
        Ok(Raw::WholeRuns(if coin == BASELINE { [first, second] } else { [second, first] }))
    }

    /// Links the layouts of this block, unless that was done while the last one was analysed.
    fn lay_out(&mut self) -> Result<(), ProbeError> {
        let begin = Instant::now();
        match self.next {
            Next::ToBeLinked => self.layouts.renew(&mut self.random).map_err(ProbeError::new)?,
            Next::Linked => self.layouts.advance(),
            Next::Same => {}
        }
        self.next = if self.measures.many_layouts { Next::ToBeLinked } else { Next::Same };
        self.spent.began(begin.elapsed());
        Ok(())
    }

    /// What the workloads of a block say, while the next layouts are linked: nothing is measured meanwhile.
    fn samples(&mut self, raw: &[(&PairedWorkload, Raw)]) -> Result<BlockSamples, ProbeError> {
        if !self.measures.many_layouts {
            return all_samples(raw).map_err(ProbeError::new);
        }
        let begin = Instant::now();
        let seeds = self.layouts.draw(&mut self.random);
        let (samples, linked) = std::thread::scope(|scope| {
            let links = scope.spawn(|| self.layouts.prepare(&seeds));
            let samples = all_samples(raw);
            (samples, links.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        linked.map_err(ProbeError::new)?;
        self.next = Next::Linked;
        self.spent.read_since(begin);
        samples.map_err(ProbeError::new)
    }

    /// What a block says: one sample, unless each pair of its turns is to be one.
    fn judged(&mut self, raw: &[(&PairedWorkload, Raw)]) -> Result<BlockSamples, ProbeError> {
        if self.measures.one_sample {
            return self.samples(raw);
        }
        for (workload, raw) in raw {
            let pairs = raw.samples_by_pair(&workload.candidate.name).map_err(ProbeError::new)?;
            self.pending.resize_with(pairs.len().max(self.pending.len()), BlockSamples::default);
            self.pending.iter_mut().zip(pairs).for_each(|(all, pair)| all.add(pair));
        }
        self.pending.pop_front().ok_or_else(|| ProbeError::new("no turns were made"))
    }
}

fn all_samples(raw: &[(&PairedWorkload, Raw)]) -> Result<BlockSamples, MeasureError> {
    let mut all = BlockSamples::default();
    for (workload, raw) in raw {
        all.add(raw.samples(&workload.candidate.name)?);
    }
    Ok(all)
}

impl Probe for Blocks<'_> {
    fn block(&mut self, number: u32, open: &BTreeSet<String>) -> Result<BlockOutcome, ProbeError> {
        if let Some(samples) = self.pending.pop_front() {
            return Ok(BlockOutcome::Judged(samples));
        }
        self.lay_out()?;
        self.watcher.begin_block(number);
        let mut all = Vec::new();
        for workload in self.workloads.iter().filter(|workload| open.contains(&workload.candidate.name)) {
            self.watcher.begin(workload);
            let raw = self.run(workload).map_err(ProbeError::new)?;
            if let Some(disturbed) = self.watcher.disturbed() {
                return Ok(BlockOutcome::Void(disturbed));
            }
            if let Some(why) = raw.void_reason().map_err(ProbeError::new)? {
                let words = format!("{}: {why}", workload.candidate.name);
                return Ok(BlockOutcome::Void(VoidReason::new(VoidKind::Turns, words)));
            }
            all.push((workload, raw));
        }
        self.judged(&all).map(BlockOutcome::Judged)
    }
}
