//! Which sites are made slower, and by how much.

use std::collections::BTreeMap;

use super::Asked;
use super::once::{Setup, Subject};
use crate::gate::Plan;
use crate::model::{Effect, InjectedReport, Injection, Metric, Percent, Resolved, SiteKey, SiteKind, Tally};
use crate::session::side::CANDIDATE;
use crate::session::{Failure, inject};

/// Sites that are tried where none was asked for: each takes a block or a few.
const MOST_TRIED: usize = 5;

/// Sites that an error lists.
const LISTED: usize = 30;

/// The sites that are made slower in turn, in order of name.
#[derive(Debug, Default)]
pub struct Targets {
    targets: Vec<Target>,
    /// Why a site cannot be made slower.
    refused: Vec<String>,
}

#[derive(Debug)]
struct Target {
    aim: Aim,
    resolved: Resolved,
}

/// A metric of a site that is to move.
#[derive(Debug, Clone, PartialEq)]
pub struct Aim {
    /// The site in its workload.
    pub key: SiteKey,
    /// The metric.
    pub metric: Metric,
    /// By so much.
    pub percent: Percent,
}

impl Targets {
    /// Those that were asked for, each resolved on this machine.
    ///
    /// # Errors
    /// `--site` that fits no gated site, or a slowdown that cannot be had where it was asked for by name.
    pub fn of(setup: &Setup<'_>, subject: &Subject, asked: &Asked<'_>) -> Result<Targets, Failure> {
        let mut targets = Targets::default();
        let one_is_enough = asked.asked.site.is_none();
        for aim in aims(subject, asked)? {
            if one_is_enough && !targets.is_empty() {
                targets.refused.clear();
                break;
            }
            let workload = subject.workloads.iter().find(|one| one.candidate.name == aim.key.workload);
            let Some(workload) = workload else { continue };
            let injection = Injection { site: aim.key.site.clone(), effect: effect(&aim) };
            match inject::resolve(workload, &injection, setup.project.limit()) {
                Ok(resolved) => targets.targets.push(Target { aim, resolved }),
                Err(error) => targets.refused.push(format!("{} is not made slower: {error}", aim.key.site)),
            }
        }
        let is_named = asked.asked.site.is_some() || asked.asked.inject.is_some();
        match targets.refused.first().filter(|_| targets.is_empty() && is_named) {
            Some(why) => Err(Failure::Usage(why.clone())),
            None => Ok(targets),
        }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.targets.len()
    }

    /// None.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// What is to be done for one of them.
    pub fn resolved(&self, target: usize) -> &Resolved {
        &self.targets[target].resolved
    }

    /// What one of them is to show.
    pub fn aim(&self, target: usize) -> &Aim {
        &self.targets[target].aim
    }

    /// What the reader should know.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.refused.iter().cloned()
    }

    /// A row for each, without a check yet.
    pub fn reports(&self) -> Vec<InjectedReport> {
        let report = |Target { aim, .. }: &Target| InjectedReport {
            key: aim.key.clone(),
            metric: aim.metric,
            percent: aim.percent,
            achieved: None,
            tally: Tally::default(),
            bound: Percent(100.0),
        };
        self.targets.iter().map(report).collect()
    }
}

fn effect(aim: &Aim) -> Effect {
    match aim.metric {
        Metric::P99 => Effect::SlowerTail(aim.percent),
        Metric::P50 | Metric::Mean => Effect::Slower(aim.percent),
    }
}

/// The sites that fit, or those in which most time is spent, of which the first that can be made slower is meant: of a
/// function of a few nanoseconds one percent is less than any work.
fn aims(subject: &Subject, asked: &Asked<'_>) -> Result<Vec<Aim>, Failure> {
    let metric = asked.asked.metric;
    let gated = gated(&subject.plan, metric);
    let fitting: Vec<&SiteKey> = match &asked.asked.site {
        Some(glob) => gated.keys().copied().filter(|key| glob.matches(&key.site)).collect(),
        None => heaviest(subject, &gated),
    };
    if let Some(glob) = asked.asked.site.as_ref().filter(|_| fitting.is_empty()) {
        return Err(Failure::Usage(unknown(&glob.to_string(), metric, &gated)));
    }
    let aim = |key: &SiteKey| Aim {
        key: key.clone(),
        metric,
        percent: asked.asked.inject.unwrap_or_else(|| gated[key]),
    };
    Ok(fitting.into_iter().map(aim).collect())
}

/// The sites that are gated by this metric, with its tolerance.
fn gated(plan: &Plan, metric: Metric) -> BTreeMap<&SiteKey, Percent> {
    let of_site = |site: &'_ crate::gate::plan::PlannedSite| {
        let planned = site.metrics.iter().find(|one| one.metric == metric && one.share.is_some());
        planned.map(|planned| planned.tolerance)
    };
    plan.gated().filter_map(|site| Some((&site.key, of_site(site)?))).collect()
}

/// The heaviest first. Functions go before benches, which are slower because of the functions in them.
fn heaviest<'a>(subject: &Subject, gated: &BTreeMap<&'a SiteKey, Percent>) -> Vec<&'a SiteKey> {
    let nanos = |key: &SiteKey| {
        let request = subject.requests.iter().find(|request| request.key == *key);
        request.and_then(|request| request.nanos_per_block).map_or(0.0, |nanos| nanos.0)
    };
    let is_function = |key: &SiteKey| {
        let workload = subject.workloads.iter().find(|one| one.candidate.name == key.workload);
        let site = workload.and_then(|one| one.counts.sides[CANDIDATE].site(&key.site));
        site.is_some_and(|site| site.site.kind != SiteKind::Bench)
    };
    let weight = |key: &SiteKey| (is_function(key), nanos(key));
    let mut keys: Vec<&SiteKey> = gated.keys().copied().collect();
    keys.sort_by(|one, other| {
        let (one, other) = (weight(one), weight(other));
        other.0.cmp(&one.0).then_with(|| other.1.total_cmp(&one.1))
    });
    keys.truncate(MOST_TRIED);
    keys
}

fn unknown(asked: &str, metric: Metric, gated: &BTreeMap<&SiteKey, Percent>) -> String {
    let metric = crate::render::metric_name(metric);
    if gated.is_empty() {
        return format!(
            "--site {asked}: {metric} is judged at no site of these workloads, so nothing can be caught by it"
        );
    }
    let mut names: Vec<&str> = gated.keys().map(|key| key.site.as_str()).collect();
    names.dedup();
    let more = names.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.truncate(LISTED);
    format!(
        "--site {asked}: no site of these workloads that is judged by {metric} has this name; write one of {}{more}, with `*` \
         for any text",
        names.join(", ")
    )
}
