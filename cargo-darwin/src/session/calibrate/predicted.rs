//! The smallest slowdown that is caught, for every metric of every site: modelled from the unchanged blocks.

use std::time::Duration;

use super::neutral::Biases;
use super::once::Subject;
use super::sofar::Sofar;
use crate::gate::SiteRequest;
use crate::gate::calibrate::{self, Prediction, Replays};
use crate::model::{CaughtReport, Metric, Percent, ResolutionReport, SiteKey};
use crate::session::random::Random;

/// Unchanged blocks that a prediction comes from, at least, where there is the time: GATE.md section 7.
pub const ENOUGH_BLOCKS: usize = 150;

/// Predicts every gated metric; those with too few blocks are left out.
pub fn predict(
    subject: &Subject,
    biases: &Biases,
    sofar: &Sofar,
    max_time: Duration,
) -> Vec<ResolutionReport> {
    let (unchanged, block_seconds) = sofar.unchanged_blocks();
    let requests = with_biases(&subject.requests, biases);
    let limit_blocks = limit_blocks(max_time, block_seconds);
    let seed = Random::from_the_system().seed();
    let replays = Replays { requests: &requests, unchanged: &unchanged, limit_blocks, seed };
    let all = subject.plan.gated().flat_map(|site| {
        let metrics = site.metrics.iter().filter(|metric| metric.share.is_some());
        metrics.map(|metric| (site.key.clone(), metric.metric, metric.tolerance))
    });
    let all: Vec<(SiteKey, Metric, Percent)> = all.collect();
    let one = |(key, metric, tolerance): &(SiteKey, Metric, Percent)| {
        let prediction = calibrate::predict(replays, key, *metric)?;
        let bias = biases.of(key, *metric);
        Some(report(key.clone(), (*metric, *tolerance), prediction, block_seconds, bias))
    };
    in_parallel(&all, &one)
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
    key: SiteKey,
    (metric, tolerance): (Metric, Percent),
    prediction: Prediction,
    block_seconds: f64,
    bias: Option<Percent>,
) -> ResolutionReport {
    let caught = prediction.caught.map(|caught| CaughtReport {
        slowdown: caught.slowdown,
        blocks: caught.blocks,
        seconds: f64::from(caught.blocks + 1) * block_seconds,
    });
    let Prediction { blocks, spread, resolution, .. } = prediction;
    ResolutionReport { key, metric, tolerance, spread, blocks, caught, resolution, bias }
}

/// What `one` makes of each, in their order, on all processors.
fn in_parallel<T: Sync, R: Send>(all: &[T], one: &(dyn Fn(&T) -> Option<R> + Sync)) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let chunks = all.chunks(all.len().div_ceil(threads).max(1));
        let started: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || chunk.iter().filter_map(one).collect::<Vec<R>>()))
            .collect();
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
    fn what_is_done_in_parallel_keeps_its_order_and_what_is_none_is_left_out() {
        let all: Vec<u32> = (0..7).collect();
        let odd = |number: &u32| (number % 2 == 1).then_some(number * 10);
        assert_eq!(in_parallel(&all, &odd), [10, 30, 50]);
        assert_eq!(in_parallel(&[], &odd), [] as [u32; 0]);
    }
}
