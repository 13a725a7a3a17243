//! From what the processes of a block left to one number per site and metric.

use std::collections::BTreeMap;

use super::blocks::WARM_UP_PAIRS;
use super::side::{BASELINE, CANDIDATE};
use crate::gate;
use crate::gate::quantile::Tally;
use crate::gate::sample::{self, BlockSamples, Clock, SideTurns, Turn};
use crate::io::map::MapError;
use crate::io::measure::{MeasureError, Measured, Pair};
use crate::io::{clock, figures, map};
use crate::model::{Nanos, SiteKey, SiteRun};

/// A short program has few pairs of turns, and not one to spare.
const FEWEST_PAIRS_TO_WARM_UP: u32 = 4;

/// Calls may be lost where a signal handler interrupts the runtime; where more are, the shared memory is full, and what is
/// left is the beginning of the run.
const MOST_LOST_SHARE: f64 = 0.01;

/// What the processes of one workload left in a block.
#[derive(Debug)]
pub enum Raw {
    /// They took turns.
    Turns(Pair),
    /// One ran after the other: baseline and candidate.
    WholeRuns([Measured; 2]),
}

impl Raw {
    /// Baseline and candidate.
    pub fn sides(&self) -> &[Measured; 2] {
        match self {
            Raw::Turns(pair) => &pair.sides,
            Raw::WholeRuns(sides) => sides,
        }
    }

    /// Why it does not count; nothing that the timings say has a part in it.
    ///
    /// # Errors
    /// When a map is damaged.
    pub fn void_reason(&self) -> Result<Option<String>, MapError> {
        for side in self.sides() {
            for map in &side.maps {
                let calls = map.totals()?.iter().fold(0_u64, |sum, totals| sum.saturating_add(totals.calls));
                if map.lost as f64 > MOST_LOST_SHARE * calls as f64 {
                    return Ok(Some(format!(
                        "{} calls were not counted, because the shared memory is full or a signal handler makes them",
                        map.lost
                    )));
                }
            }
        }
        Ok(match self {
            Raw::Turns(pair) => gate::turns::void_reason(&pair.turns),
            Raw::WholeRuns(_) => None,
        })
    }

    /// The `q` quantile of the baseline's calls of `site`, with what measuring shows in it, and its tick; `None` where it was
    /// not called.
    ///
    /// # Errors
    /// When a map is damaged.
    pub fn baseline_quantile(&self, site: &str, q: f64) -> Result<Option<(Nanos, Nanos)>, MeasureError> {
        let measured = &self.sides()[BASELINE];
        let (ticks, tick) = match self {
            Raw::Turns(_) => logged_quantile(measured, site, q)?,
            Raw::WholeRuns(_) => counted_quantile(measured, site, q)?,
        };
        Ok(ticks.map(|ticks| (Nanos(ticks * tick), Nanos(tick))))
    }

    /// One number per site and metric.
    ///
    /// # Errors
    /// When a map is damaged.
    pub fn samples(&self, workload: &str) -> Result<BlockSamples, MeasureError> {
        match self {
            Raw::Turns(pair) => Ok(BothTurns::read(pair)?.samples(workload)),
            Raw::WholeRuns(sides) => {
                let runs = |side: usize| figures::site_runs(workload, &sides[side]);
                Ok(of_whole_runs(&[runs(BASELINE)?, runs(CANDIDATE)?]))
            }
        }
    }

    /// The same for each pair of turns by itself, as if those of one process were independent: an experiment.
    ///
    /// # Errors
    /// When a map is damaged.
    pub fn samples_by_pair(&self, workload: &str) -> Result<Vec<BlockSamples>, MeasureError> {
        match self {
            Raw::Turns(pair) => {
                let both = BothTurns::read(pair)?;
                Ok(both.pairs().map(|pair| pair.samples(workload)).collect())
            }
            Raw::WholeRuns(_) => Ok(vec![self.samples(workload)?]),
        }
    }
}

/// A quantile of the calls that were logged, in ticks, and a tick's nanoseconds.
fn logged_quantile(measured: &Measured, site: &str, q: f64) -> Result<(Option<f64>, f64), MeasureError> {
    let mut numbers = BTreeMap::new();
    let side = read_side(measured, &mut numbers)?;
    let number = numbers.get(site);
    let of_turn = |turn: &Turn| number.and_then(|number| turn.sites.get(number)).cloned().unwrap_or_default();
    let ticks: Vec<u64> = side.pairs.values().flat_map(of_turn).collect();
    Ok((Tally::of(&ticks).quantile(q, clock::step_ticks()), side.nanos_per_tick))
}

/// The same of the calls that were counted.
fn counted_quantile(measured: &Measured, site: &str, q: f64) -> Result<(Option<f64>, f64), MeasureError> {
    let (mut all, mut tick) = (None::<map::SiteTotals>, 1.0);
    for map in &measured.maps {
        tick = map.clock.nanos_per_tick(measured.end);
        for (raw, totals) in map.sites.iter().zip(map.totals()?) {
            match &mut all {
                _ if raw.site.as_ref().is_none_or(|own| own.name != site) => {}
                Some(all) => all.merge(&totals),
                None => all = Some(totals),
            }
        }
    }
    let histogram = all.map(|totals| totals.histogram).filter(|histogram| !histogram.is_empty());
    Ok((histogram.map(|histogram| figures::quantile_ticks(&histogram, q) as f64), tick))
}

fn of_whole_runs(runs: &[Vec<SiteRun>; 2]) -> BlockSamples {
    let mut samples = BlockSamples::default();
    for after in &runs[CANDIDATE] {
        match runs[BASELINE].iter().find(|before| before.site.name == after.site.name && before.calls > 0) {
            Some(before) => {
                samples.sites.extend(sample::from_histograms(before, after).map(|both| (after.key(), both)))
            }
            None => drop(samples.candidate_only.insert(after.key(), sample::levels_from_histogram(after))),
        }
    }
    samples
}

/// The pairs of turns of one side with sites numbered alike on both sides.
struct Side {
    pairs: BTreeMap<u32, Turn>,
    empty_ticks: f64,
    nanos_per_tick: f64,
}

/// The turns of a pair of processes, with sites numbered alike on both sides.
struct BothTurns {
    numbers: BTreeMap<String, u32>,
    baseline: SideTurns,
    candidate: SideTurns,
    clock: Clock,
}

impl BothTurns {
    fn read(pair: &Pair) -> Result<BothTurns, MeasureError> {
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut baseline = read_side(&pair.sides[BASELINE], &mut numbers)?;
        let mut candidate = read_side(&pair.sides[CANDIDATE], &mut numbers)?;
        keep_common(&mut baseline.pairs, &mut candidate.pairs);
        let clock = Clock {
            tick: Nanos((baseline.nanos_per_tick + candidate.nanos_per_tick) / 2.0),
            step_ticks: clock::step_ticks(),
            baseline_empty_ticks: baseline.empty_ticks,
            candidate_empty_ticks: candidate.empty_ticks,
        };
        let turns = |side: Side| SideTurns(side.pairs.into_values().collect());
        Ok(BothTurns { numbers, baseline: turns(baseline), candidate: turns(candidate), clock })
    }

    fn samples(&self, workload: &str) -> BlockSamples {
        let key = |site: &str| SiteKey { workload: workload.to_owned(), site: site.to_owned() };
        let both = sample::from_turns(&self.baseline, &self.candidate, &self.clock);
        let mut samples = BlockSamples::default();
        for (site, number) in &self.numbers {
            match both.get(number) {
                Some(sample) => drop(samples.sites.insert(key(site), *sample)),
                None if self.candidate.0.iter().any(|turn| turn.sites.contains_key(number)) => {
                    let levels = sample::levels(&self.candidate, *number, &self.clock);
                    samples.candidate_only.insert(key(site), levels);
                }
                None => {}
            }
        }
        samples
    }

    /// Each pair of turns as if it were all.
    fn pairs(&self) -> impl Iterator<Item = BothTurns> {
        self.baseline.0.iter().zip(&self.candidate.0).map(|(before, after)| BothTurns {
            numbers: self.numbers.clone(),
            baseline: SideTurns(vec![before.clone()]),
            candidate: SideTurns(vec![after.clone()]),
            clock: self.clock,
        })
    }
}

/// Leaves the pairs of turns that both sides made, without the first, which warms up, where there are enough of them, and
/// without the last if a side ended in the middle of it: that one did less work. Settled on counts of both sides.
fn keep_common(before: &mut BTreeMap<u32, Turn>, after: &mut BTreeMap<u32, Turn>) {
    let work = |turn: &Turn| turn.sites.values().map(Vec::len).sum::<usize>();
    let mut kept: Vec<u32> = before.keys().copied().filter(|pair| after.contains_key(pair)).collect();
    if kept.len() as u32 > FEWEST_PAIRS_TO_WARM_UP {
        kept.drain(..WARM_UP_PAIRS as usize);
    }
    if kept.len() > 1 {
        kept.pop_if(|last| work(&before[last]) != work(&after[last]));
    }
    before.retain(|pair, _| kept.contains(pair));
    after.retain(|pair, _| kept.contains(pair));
}

/// Puts the turns of all processes of a side together, by their pairs.
fn read_side(measured: &Measured, numbers: &mut BTreeMap<String, u32>) -> Result<Side, MeasureError> {
    let mut pairs: BTreeMap<u32, Turn> = BTreeMap::new();
    let (mut empty_ticks, mut nanos_per_tick) = (0.0, 0.0);
    let share = 1.0 / measured.maps.len().max(1) as f64;
    for map in &measured.maps {
        let logs = map.logs()?;
        empty_ticks += share * figures::logged_empty_ticks(map, &logs);
        nanos_per_tick += share * map.clock.nanos_per_tick(measured.end);
        for (number, turn) in map::turns(&logs) {
            let pair = number / 2;
            let into = pairs.entry(pair).or_insert_with(|| Turn { pair, ..Turn::default() });
            add_turn(into, turn, map, numbers);
        }
    }
    Ok(Side { pairs, empty_ticks, nanos_per_tick })
}

fn add_turn(into: &mut Turn, turn: map::Turn, map: &map::Map, numbers: &mut BTreeMap<String, u32>) {
    for (id, samples) in turn.samples.into_iter().enumerate().filter(|(_, samples)| !samples.is_empty()) {
        let raw = id.checked_sub(1).and_then(|index| map.sites.get(index));
        let Some(site) = raw.and_then(|raw| raw.site.as_ref()) else { continue };
        let next = numbers.len() as u32;
        let number = *numbers.entry(site.name.clone()).or_insert(next);
        into.sites.entry(number).or_default().extend(samples);
    }
}
