//! The smallest slowdown that is caught, for every metric of every site: modelled from the unchanged blocks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::neutral::Biases;
use super::once::Subject;
use super::sofar::Sofar;
use crate::gate::SiteRequest;
use crate::gate::calibrate::{self, Others, Prediction, Replays};
use crate::model::{CaughtReport, Metric, Percent, ResolutionReport, SiteKey};
use crate::session::random::Random;

/// Unchanged blocks that a prediction comes from, at least, where there is the time: GATE.md section 7.
pub const ENOUGH_BLOCKS: usize = 150;

/// What was predicted.
#[derive(Debug, Default)]
pub struct Predicted {
    /// By site and metric, in the order of the plan.
    pub rows: Vec<ResolutionReport>,
    /// What was left out, if anything.
    pub note: Option<String>,
}

/// A metric of a site that is to be predicted.
struct Wanted {
    /// In the order of the plan.
    number: usize,
    key: SiteKey,
    metric: Metric,
    tolerance: Percent,
}

/// Predicts every gated metric, p50 first; those with too few blocks are left out, and those for which there is no time.
pub fn predict(
    subject: &Subject,
    biases: &Biases,
    sofar: &Sofar,
    check_time: Duration,
    until: Instant,
) -> Predicted {
    let (unchanged, block_seconds) = sofar.unchanged_blocks();
    let requests = with_biases(&subject.requests, biases);
    let limit_blocks = limit_blocks(check_time, block_seconds);
    let seed = Random::from_the_system().seed();
    let replays = Replays { requests: &requests, unchanged: &unchanged, limit_blocks, seed };
    let others = Others::of(replays);
    let wanted = wanted(subject);
    let one = |wanted: &Wanted| {
        if Instant::now() >= until {
            return None;
        }
        let prediction = calibrate::predict(replays, &others, &wanted.key, wanted.metric)?;
        let bias = biases.of(&wanted.key, wanted.metric);
        Some((wanted.number, report(wanted, prediction, block_seconds, bias)))
    };
    let mut rows = in_parallel(&wanted, &one);
    let is_late = Instant::now() >= until && rows.len() < wanted.len();
    let note = is_late.then(|| {
        let missing = wanted.len() - rows.len();
        format!("{missing} of {} metrics are not predicted: the time was up (see --max-time)", wanted.len())
    });
    rows.sort_by_key(|(number, _)| *number);
    Predicted { rows: rows.into_iter().map(|(_, row)| row).collect(), note }
}

/// Every gated metric: the medians first, which matter most.
fn wanted(subject: &Subject) -> Vec<Wanted> {
    let gated = subject.plan.gated().flat_map(|site| {
        let metrics = site.metrics.iter().filter(|metric| metric.share.is_some());
        metrics.map(|metric| (site.key.clone(), metric.metric, metric.tolerance))
    });
    let wanted = gated.enumerate();
    let mut wanted: Vec<Wanted> =
        wanted.map(|(number, (key, metric, tolerance))| Wanted { number, key, metric, tolerance }).collect();
    wanted.sort_by_key(|wanted| (wanted.metric, wanted.number));
    wanted
}

fn with_biases(requests: &[SiteRequest], biases: &Biases) -> Vec<SiteRequest> {
    let with = |request: &SiteRequest| SiteRequest {
        placement_bias: biases.of_site(&request.key),
        ..request.clone()
    };
    requests.iter().map(with).collect()
}

/// Blocks for which a check has the time, the first of which warms up.
fn limit_blocks(max_time: Duration, block_seconds: f64) -> u32 {
    let blocks = max_time.as_secs_f64() / block_seconds.max(f64::MIN_POSITIVE);
    (blocks.min(f64::from(u32::MAX)) as u32).saturating_sub(1).max(1)
}

fn report(
    wanted: &Wanted,
    prediction: Prediction,
    block_seconds: f64,
    bias: Option<Percent>,
) -> ResolutionReport {
    let Wanted { key, metric, tolerance, .. } = wanted;
    let caught = prediction.caught.map(|caught| CaughtReport {
        slowdown: caught.slowdown,
        blocks: caught.blocks,
        seconds: f64::from(caught.blocks + 1) * block_seconds,
    });
    let Prediction { blocks, spread, resolution, .. } = prediction;
    let (key, metric, tolerance) = (key.clone(), *metric, *tolerance);
    ResolutionReport { key, metric, tolerance, spread, blocks, caught, resolution, bias }
}

/// What `one` makes of each, in any order, begun in theirs, on all processors.
fn in_parallel<T: Sync, R: Send>(all: &[T], one: &(dyn Fn(&T) -> Option<R> + Sync)) -> Vec<R> {
    let (next, threads) = (AtomicUsize::new(0), std::thread::available_parallelism().map_or(1, usize::from));
    let work = || {
        let mut made = Vec::new();
        while let Some(next) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            made.extend(one(next));
        }
        made
    };
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        ended.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_the_time_for_so_many_blocks_and_one_that_warms_up() {
        assert_eq!(limit_blocks(Duration::from_secs(30), 0.1), 299);
        assert_eq!(limit_blocks(Duration::from_secs(30), 60.0), 1);
    }

    #[test]
    fn everything_is_done_once_and_what_is_none_is_left_out() {
        let all: Vec<u32> = (0..7).collect();
        let odd = |number: &u32| (number % 2 == 1).then_some(number * 10);
        let mut made = in_parallel(&all, &odd);
        made.sort_unstable();
        assert_eq!(made, [10, 30, 50]);
        assert_eq!(in_parallel(&[], &odd), [] as [u32; 0]);
    }
}
