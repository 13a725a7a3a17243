//! What a calibration has found so far: the report of one that ends, and of one that is interrupted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Asked;
use super::injected::Aim;
use super::neutral::Biases;
use super::once::Ended;
use super::schedule::Done;
use crate::cli::Format;
use crate::exit_code::ExitCode;
use crate::gate::BlockSamples;
use crate::gate::calibrate::limit;
use crate::io::interrupt::{self, LastWords};
use crate::model::{
    CalibrateReport, CheckedSite, InjectedReport, Metric, Percent, RejectedSite, SystemReport, Tally,
    UnchangedReport, Verdict,
};
use crate::render;
use crate::session::console::Console;

/// What is known before the first check.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// What was asked for.
    pub asked: &'a Asked<'a>,
    /// The class of this machine.
    pub machine: String,
    /// The machine.
    pub system: SystemReport,
    /// When it began.
    pub begin: Instant,
}

/// Shared with the handler of interrupts.
#[derive(Debug, Clone)]
pub struct Sofar(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    begin: Instant,
    report: CalibrateReport,
    unchanged: Counted,
    injected: Vec<Counted>,
    /// What each slower check found at its site.
    achieved: Vec<Vec<f64>>,
    blocks: Vec<BlockSamples>,
    measuring_seconds: f64,
    measured_blocks: usize,
}

/// Checks of one truth.
#[derive(Debug, Clone, Default)]
struct Counted {
    tally: Tally,
    seconds: Vec<f64>,
}

impl Counted {
    fn add(&mut self, verdict: Verdict, seconds: f64) {
        let tally = &mut self.tally;
        tally.checks += 1;
        match verdict {
            Verdict::Reject => tally.rejected += 1,
            Verdict::Approve => tally.approved += 1,
            Verdict::Inconclusive | Verdict::Invalid => tally.inconclusive += 1,
        }
        self.seconds.push(seconds);
        tally.median_seconds = middle(&self.seconds);
    }
}

impl Sofar {
    /// Nothing yet.
    pub fn new(circumstances: Circumstances<'_>) -> Sofar {
        let Circumstances { asked, machine, system, begin } = circumstances;
        let report = CalibrateReport {
            machine,
            seconds: 0.0,
            max_seconds: asked.asked.max_time.as_secs_f64(),
            check_seconds: asked.limits.max_time.duration().as_secs_f64(),
            interrupted: false,
            unchanged: UnchangedReport { bound: Percent(100.0), ..UnchangedReport::default() },
            injected: Vec::new(),
            resolution: Vec::new(),
            bias: Vec::new(),
            no_bias: None,
            system,
            notes: Vec::new(),
            next_step: String::new(),
        };
        let state = State {
            begin,
            report,
            unchanged: Counted::default(),
            injected: Vec::new(),
            achieved: Vec::new(),
            blocks: Vec::new(),
            measuring_seconds: 0.0,
            measured_blocks: 0,
        };
        Sofar(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an interrupt prints, until this is dropped: what is there, in `format`.
    pub fn last_words(&self, format: Format, console: Console) -> LastWords {
        let sofar = self.clone();
        interrupt::last_words(move || {
            let report = CalibrateReport { interrupted: true, ..sofar.report() };
            // Nobody is left to be told that it cannot be written.
            let _ = console.result(&text(&report, ExitCode::Success, format, &console));
        })
    }

    /// Something that the reader should know.
    pub fn note(&self, notes: impl IntoIterator<Item = String>) {
        self.state().report.notes.extend(notes);
    }

    /// The sites that will be made slower.
    pub fn aims(&self, rows: Vec<InjectedReport>) {
        let mut state = self.state();
        state.injected = vec![Counted::default(); rows.len()];
        state.achieved = vec![Vec::new(); rows.len()];
        state.report.injected = rows;
    }

    /// A check of unchanged code.
    pub fn unchanged(&self, ended: Ended) {
        let mut state = self.state();
        state.unchanged.add(ended.verdict, ended.seconds);
        // The block that warms up took its time too.
        state.measuring_seconds += ended.measuring_seconds;
        state.measured_blocks += ended.blocks.len() + usize::from(ended.measuring_seconds > 0.0);
        state.blocks.extend(ended.blocks);
        let tally = state.unchanged.tally;
        state.report.unchanged.tally = tally;
        state.report.unchanged.bound = Percent(100.0 * limit::upper(tally.rejected, tally.checks));
        for site in ended.sites.iter().filter(|site| site.verdict == Verdict::Reject) {
            blame(&mut state.report.unchanged.rejected, site);
        }
    }

    /// A check in which `aim`, which is number `target` of them, was really slower.
    pub fn injected(&self, target: usize, aim: &Aim, ended: &Ended) {
        let mut state = self.state();
        state.injected[target].add(ended.verdict, ended.seconds);
        if let Some(change) = change(&ended.sites, aim) {
            state.achieved[target].push(change);
        }
        let (tally, achieved) = (state.injected[target].tally, middle(&state.achieved[target]));
        let row = &mut state.report.injected[target];
        row.tally = tally;
        row.achieved = achieved.map(Percent);
        row.bound = Percent(100.0 * limit::upper(tally.checks - tally.rejected, tally.checks));
    }

    /// Blocks of unchanged code beside the checks.
    pub fn blocks(&self, blocks: Vec<BlockSamples>) {
        self.state().blocks.extend(blocks);
    }

    /// What neutral edits left.
    pub fn bias(&self, biases: &Biases) {
        let mut state = self.state();
        state.report.bias.clone_from(&biases.reports);
        state.report.no_bias.clone_from(&biases.why_not);
    }

    /// How much is done.
    pub fn done(&self) -> Done {
        let state = self.state();
        let all = || std::iter::once(&state.unchanged).chain(&state.injected);
        let seconds: Vec<f64> = all().flat_map(|counted| counted.seconds.iter().copied()).collect();
        let sum = |of: fn(&Tally) -> u32| state.injected.iter().map(|counted| of(&counted.tally)).sum();
        Done {
            unchanged: state.unchanged.tally.checks,
            alarms: state.unchanged.tally.rejected,
            injected: sum(|tally| tally.checks),
            caught: sum(|tally| tally.rejected),
            median_seconds: middle(&seconds).unwrap_or(0.0),
        }
    }

    /// Blocks of the site that has fewest.
    pub fn fewest_blocks(&self) -> usize {
        let state = self.state();
        let mut counts = std::collections::BTreeMap::new();
        for key in state.blocks.iter().flat_map(|block| block.sites.keys()) {
            *counts.entry(key).or_insert(0) += 1;
        }
        counts.into_values().min().unwrap_or(0)
    }

    /// All unchanged blocks, and the seconds of one.
    pub fn unchanged_blocks(&self) -> (Vec<BlockSamples>, f64) {
        let state = self.state();
        (state.blocks.clone(), state.measuring_seconds / state.measured_blocks.max(1) as f64)
    }

    /// As it stands.
    pub fn report(&self) -> CalibrateReport {
        let mut state = self.state();
        state.report.seconds = state.begin.elapsed().as_secs_f64();
        state.report.unchanged.blocks = u32::try_from(state.blocks.len()).unwrap_or(u32::MAX);
        state.report.clone()
    }
}

/// The report in the format that was asked for.
pub fn text(report: &CalibrateReport, code: ExitCode, format: Format, console: &Console) -> String {
    match format {
        Format::Human => render::calibrate::human(report, &console.look()),
        Format::Markdown => render::calibrate::markdown(report),
        Format::Json => render::json::calibrate(report, code.code()),
    }
}

/// The change that a check found where it was made.
fn change(sites: &[CheckedSite], aim: &Aim) -> Option<f64> {
    let site = sites.iter().find(|site| site.key == aim.key)?;
    let metric = |wanted: Metric| site.metrics.iter().find(|metric| metric.metric == wanted);
    metric(aim.metric).map(|metric| metric.delta.change.0)
}

fn blame(rejected: &mut Vec<RejectedSite>, site: &CheckedSite) {
    match rejected.iter_mut().find(|known| known.key == site.key) {
        Some(known) => known.checks += 1,
        None => {
            rejected.push(RejectedSite { key: site.key.clone(), place: site.place.clone(), checks: 1 });
        }
    }
}

/// The upper median; `None` of nothing.
fn middle(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted_with_the_middle_of_their_seconds() {
        let mut counted = Counted::default();
        let verdicts = [Verdict::Approve, Verdict::Reject, Verdict::Approve, Verdict::Inconclusive];
        for (verdict, seconds) in verdicts.into_iter().zip([3.0, 1.0, 2.0, 9.0]) {
            counted.add(verdict, seconds);
        }
        let expected =
            Tally { checks: 4, rejected: 1, approved: 2, inconclusive: 1, median_seconds: Some(3.0) };
        assert_eq!(counted.tally, expected);
    }
}
