//! `--inject`: one site of the candidate is made slower by a known amount of work, to see whether the gate tells.
//!
//! From a workload that is counted and paired to one whose blocks are injected, without another build:
//!
//! ```ignore
//! let resolved = inject::resolve(&workload, &"book::insert=1%".parse()?, limit)?;
//! let injected = [workload.injected(&resolved)];
//! let mut blocks = Blocks::new(&injected, &layouts, random, limit, watcher);
//! ```
//!
//! Both sides of `injected` go the same way, and the work is all that differs. Allocations are seen by counting runs, so for
//! them it is `workload.injected(&resolved).recounted(limit)?`.

use std::time::Duration;

use darwin_runtime::injection::{Asked, MOST_TICKS};

use super::Failure;
use super::blocks::{Blocks, PairedWorkload};
use super::counting;
use super::layouts::Layouts;
use super::pairing::Pairing;
use super::random::Random;
use super::raw::Raw;
use super::side::{BASELINE, CANDIDATE};
use super::watcher::Watcher;
use crate::gate::quantile::median;
use crate::io::measure::MeasureError;
use crate::io::{affinity, inject};
use crate::model::{
    Achieved, CheckReport, Cost, Effect, Injected, Injection, Metric, Nanos, Own, Resolved, SiteKey, USUAL,
    Work,
};

/// Blocks of a bench that tell how long its sites and links take, the middle one of which counts: they are short. A whole
/// run of a program tells it once.
const SOUNDINGS: usize = 3;

/// One disturbed run may be chance.
const TRIES: u32 = 3;

/// Sites that are named where the one that was asked for is none of them.
const MOST_NAMED: usize = 30;

/// Injects what was asked for, if anything was.
///
/// # Errors
/// As [`into`].
pub fn if_asked(
    workloads: &mut [PairedWorkload],
    asked: Option<&Injection>,
    limit: Duration,
) -> Result<Option<Resolved>, Failure> {
    asked.map(|injection| into(workloads, injection, limit)).transpose()
}

/// Injects into every workload that calls the site, and says what was done in the first of them.
///
/// # Errors
/// No such site, an effect that cannot be had here, or a workload that fails.
pub fn into(
    workloads: &mut [PairedWorkload],
    injection: &Injection,
    limit: Duration,
) -> Result<Resolved, Failure> {
    let mut first = None;
    for workload in workloads.iter_mut().filter(|workload| is_called(workload, &injection.site)) {
        let resolved = resolve(workload, injection, limit)?;
        *workload = workload.injected(&resolved);
        if resolved.work.allocs > 0 {
            *workload = workload.recounted(limit)?;
        }
        first.get_or_insert(resolved);
    }
    first.ok_or_else(|| unknown(workloads, &injection.site))
}

/// An injection in the units of this workload on this machine. Runs one block with an injection of nothing, by whose
/// latencies of the baseline a percentage becomes a time.
///
/// # Errors
/// No such site, an effect that cannot be had here, or a workload that fails.
pub fn resolve(
    workload: &PairedWorkload,
    injection: &Injection,
    limit: Duration,
) -> Result<Resolved, Failure> {
    if !is_called(workload, &injection.site) {
        return Err(unknown(std::slice::from_ref(workload), &injection.site));
    }
    let resolved = Resolved {
        injection: injection.clone(),
        workload: workload.candidate.name.clone(),
        work: Work::default(),
        nanos: Nanos(0.0),
        p50: None,
        p99: None,
    };
    match injection.effect {
        Effect::Allocates(allocs) => {
            expect_counted(workload, injection)?;
            Ok(Resolved { work: Work { allocs, ..Work::default() }, ..resolved })
        }
        Effect::Slower(_) | Effect::SlowerTail(_) => timed(workload, resolved, limit),
    }
}

/// The same for work that takes time.
fn timed(workload: &PairedWorkload, resolved: Resolved, limit: Duration) -> Result<Resolved, Failure> {
    let Injection { site, effect } = &resolved.injection;
    let Sounding { own, cost } = sound(workload, &resolved.injection, limit)?;
    let work = effect.work(&own, &cost).map_err(|why| {
        let (name, of) =
            if effect.metric() == Some(Metric::P99) { ("p99", own.p99) } else { ("p50", own.p50) };
        let percent = effect.percent().map_or(0.0, |percent| percent.0);
        Failure::Usage(format!("{percent}% of the {name} of {site}, which is {:.1} ns, {why}", of.0))
    })?;
    let nanos = Nanos(f64::from(work.steps) * cost.link.0);
    Ok(Resolved { work, nanos, p50: Some(own.p50), p99: Some(own.p99), ..resolved })
}

/// Do both sides call it?
fn is_called(workload: &PairedWorkload, site: &str) -> bool {
    let calls = |side: usize| workload.counts.sides[side].site(site).map_or(0, |site| site.calls);
    calls(BASELINE) > 0 && calls(CANDIDATE) > 0
}

fn unknown(workloads: &[PairedWorkload], site: &str) -> Failure {
    let runs = workloads.iter().flat_map(|workload| {
        let run = workload.counts.sides[CANDIDATE].runs.first();
        run.into_iter().flatten().map(|site| site.site.name.as_str()).filter(|name| is_called(workload, name))
    });
    let mut names: Vec<&str> = runs.collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names[..names.len() - more].join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Failure::Usage(format!("there is no site {site} that both sides call; name one of {named}{more}"))
}

/// Only an allocator that counts shows what an injected allocation does.
fn expect_counted(workload: &PairedWorkload, injection: &Injection) -> Result<(), Failure> {
    let site = workload.counts.sides[CANDIDATE].site(&injection.site);
    match site.is_some_and(|site| site.allocs.is_some()) {
        true => Ok(()),
        false => Err(Failure::Usage(format!(
            "{} counts no allocations, so none that is injected would be seen: make darwin_runtime::Alloc its global allocator",
            workload.candidate.name
        ))),
    }
}

/// What blocks with an injection of nothing show of the baseline, and what work costs right behind each: the processor's speed
/// changes, and a moment in which links were timed a tenth too slow made the injected work a tenth too little.
#[derive(Debug, Clone, Copy)]
struct Sounding {
    own: Own,
    cost: Cost,
}

fn sound(workload: &PairedWorkload, injection: &Injection, limit: Duration) -> Result<Sounding, Failure> {
    let is_tail = matches!(injection.effect, Effect::SlowerTail(_));
    // Where the tail is told by a reading of the clock of its own, these have one too.
    let nothing = Work { over_ticks: if is_tail { MOST_TICKS } else { 0 }, ..Work::default() };
    let workload = workload.asked([nothing; 2], &injection.site);
    let blocks = if workload.pairing == Pairing::Iterations { SOUNDINGS } else { 1 };
    let failed = |source| Failure::Workload { name: workload.candidate.name.clone(), side: "", source };
    let mut soundings = Vec::new();
    for _ in 0..blocks {
        let raw = undisturbed(&workload, limit)?;
        let sounding = sounding(&raw, &workload.candidate.name, &injection.site, is_tail).map_err(failed)?;
        soundings.extend(sounding);
    }
    middle(&soundings).ok_or_else(|| {
        Failure::Usage(format!(
            "{} makes too few calls in a block of {} to tell how long they take; let the workload call it more often",
            injection.site, workload.candidate.name
        ))
    })
}

/// What one block says, and right behind it what links take on the processor that it ran on; `None` where there were too
/// few calls. Without p99 a percentage of p50 can be had all the same.
fn sounding(raw: &Raw, workload: &str, site: &str, is_tail: bool) -> Result<Option<Sounding>, MeasureError> {
    let key = SiteKey { workload: workload.to_owned(), site: site.to_owned() };
    let sample = raw.samples(workload)?.sites.get(&key).copied().unwrap_or_default();
    let p99 = sample.p99.or(sample.p50.filter(|_| !is_tail));
    let usual = raw.baseline_quantile(site, USUAL)?;
    Ok(sample.p50.zip(p99).zip(usual).map(|((p50, p99), (slowest_usual, tick))| Sounding {
        own: Own {
            p50: p50.baseline,
            p99: p99.baseline,
            tail_from: geometric_mean(slowest_usual, p99.baseline),
        },
        cost: inject::cost(tick),
    }))
}

/// Half the way from the one to the other, as ratios go: where few calls are slow, this is far from both, and what the next
/// blocks find a little slower is still on the side where it was.
fn geometric_mean(a: Nanos, b: Nanos) -> Nanos {
    Nanos((a.0 * b.0).sqrt())
}

/// The median of each figure.
fn middle(soundings: &[Sounding]) -> Option<Sounding> {
    let of = |figure: fn(&Sounding) -> Nanos| {
        median(&mut soundings.iter().map(|one| figure(one).0).collect::<Vec<f64>>()).map(Nanos)
    };
    Some(Sounding {
        own: Own {
            p50: of(|one| one.own.p50)?,
            p99: of(|one| one.own.p99)?,
            tail_from: of(|one| one.own.tail_from)?,
        },
        cost: Cost {
            link: of(|one| one.cost.link)?,
            after_reading: of(|one| one.cost.after_reading)?,
            tick: of(|one| one.cost.tick)?,
        },
    })
}

/// A block whose turns were not broken off.
fn undisturbed(workload: &PairedWorkload, limit: Duration) -> Result<Raw, Failure> {
    let name = &workload.candidate.name;
    let failed = |source| Failure::Workload { name: name.clone(), side: "", source };
    let (layouts, random) = (Layouts::as_built(), Random::from_the_system());
    let one = std::slice::from_ref(workload);
    let mut blocks = Blocks::new(one, &layouts, random, limit, Watcher::new(None));
    let _clear = affinity::keep_clear();
    let mut why = String::new();
    for _ in 0..TRIES {
        let raw = blocks.run(workload).map_err(failed)?;
        match raw.void_reason()? {
            None => return Ok(raw),
            Some(reason) => why = reason,
        }
    }
    Err(Failure::Blocks(format!(
        "the block of {name} that tells how long its sites take was disturbed {TRIES} times, the last one because {why}"
    )))
}

impl PairedWorkload {
    /// The same, its candidate with the work, its baseline with as long a request for none. The counts are those without it.
    #[must_use]
    pub fn injected(&self, resolved: &Resolved) -> PairedWorkload {
        self.asked([resolved.work.neutral(), resolved.work], &resolved.injection.site)
    }

    /// Both sides with a request to do this work at `site`.
    fn asked(&self, work: [Work; 2], site: &str) -> PairedWorkload {
        let mut names = vec![site.to_owned()];
        names.extend(self.baseline.renames().old_names(site));
        let [baseline, candidate] = work.map(|Work { steps, over_ticks: over, allocs }| {
            Asked { steps, over, allocs, names: names.clone() }.variable()
        });
        PairedWorkload {
            baseline: self.baseline.injected(&baseline),
            candidate: self.candidate.injected(&candidate),
            counts: self.counts.clone(),
            pairing: self.pairing.clone(),
        }
    }

    /// The same, counted anew: for allocations that were injected.
    ///
    /// # Errors
    /// When either side fails, hangs, or measured nothing.
    pub fn recounted(&self, limit: Duration) -> Result<PairedWorkload, Failure> {
        let name = self.candidate.name.clone();
        let failed = |source| Failure::Workload { name, side: "", source };
        let counts = counting::count(&self.baseline, &self.candidate, limit).map_err(failed)?;
        Ok(PairedWorkload { counts, ..self.clone() })
    }
}

/// What an injection did, as `report` has it.
pub fn achieved(resolved: Resolved, report: &CheckReport) -> Injected {
    let Resolved { injection, workload, .. } = &resolved;
    let is_it = |key: &SiteKey| key.workload == *workload && key.site == injection.site;
    let site = report.sites.iter().find(|site| is_it(&site.key));
    let metric = injection.effect.metric();
    let delta = site.and_then(|site| site.metrics.iter().find(|one| Some(one.metric) == metric));
    let achieved = delta.map(|metric| {
        let delta = metric.delta;
        Achieved { change: delta.change, low: delta.low, high: delta.high }
    });
    let per_call = |total: u64, calls: u64| total as f64 / calls.max(1) as f64;
    let allocs_per_call = site
        .and_then(|site| site.allocs)
        .map(|count| per_call(count.candidate, count.calls) - per_call(count.baseline, count.baseline_calls));
    Injected { achieved, allocs_per_call, resolved }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounding(p50: f64) -> Sounding {
        let own = Own { p50: Nanos(p50), p99: Nanos(10.0 * p50), tail_from: Nanos(8.0 * p50) };
        let cost = Cost { link: Nanos(p50 / 1000.0), after_reading: Nanos(p50 / 100.0), tick: Nanos(0.5) };
        Sounding { own, cost }
    }

    #[test]
    fn the_middle_one_of_several_blocks_counts() {
        let middle = middle(&[sounding(900.0), sounding(100.0), sounding(101.0)]).unwrap();
        assert_eq!((middle.own.p50, middle.own.p99), (Nanos(101.0), Nanos(1010.0)));
        let cost = Cost { link: Nanos(0.101), after_reading: Nanos(1.01), tick: Nanos(0.5) };
        assert_eq!(middle.cost, cost, "a moment in which the processor was slow counts for nothing");
        assert!(super::middle(&[]).is_none());
    }

    #[test]
    fn the_tail_begins_half_the_way_from_usual_calls_to_slow_ones() {
        let from = geometric_mean(Nanos(500.0), Nanos(4500.0)).0;
        assert!((from - 1500.0).abs() < 1e-9, "{from}");
    }
}
