//! Work that a site of the candidate is asked to do beside its own: `--inject` (docs/injection.md).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Metric, Nanos, Percent};

/// What is asked for: `SITE=1%`, `SITE=5%@p99` or `SITE=1alloc`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Injection {
    /// The site's full name, as reports have it.
    pub site: String,
    /// What each of its calls does more.
    pub effect: Effect,
}

/// What each call of a site does more than its own work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Every call takes this much of the baseline's p50 longer.
    Slower(Percent),
    /// The slowest calls take this much of the baseline's p99 longer, all others nothing.
    SlowerTail(Percent),
    /// Every call allocates so often, and frees it again.
    Allocates(u32),
}

/// An effect in the units of the measured process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Work {
    /// Links of the chain.
    pub steps: u32,
    /// Only calls that have taken more ticks than this; zero: every call.
    pub over_ticks: u64,
    /// Allocations.
    pub allocs: u32,
}

/// An injection that can be run: for one workload on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    /// What was asked for.
    pub injection: Injection,
    /// The workload whose process does it.
    pub workload: String,
    /// What each call does.
    pub work: Work,
    /// What that takes; zero for allocations.
    pub nanos: Nanos,
    /// p50 of the site's calls on the baseline's side, under the same conditions; `None` where it has no latencies.
    pub p50: Option<Nanos>,
    /// p99 likewise.
    pub p99: Option<Nanos>,
}

/// What an injection did, as the blocks have found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Injected {
    /// What was injected.
    pub resolved: Resolved,
    /// Change of the metric that was aimed at, and its interval; `None` for allocations, and where nothing was timed.
    pub achieved: Option<Achieved>,
    /// Allocations that a call of the candidate makes more, where they were counted.
    pub allocs_per_call: Option<f64>,
}

/// A change as the blocks have found it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Achieved {
    /// Median over the blocks.
    pub change: Percent,
    /// Lower end of its interval.
    pub low: Percent,
    /// Upper end.
    pub high: Percent,
}

/// How long the calls of a site take on the baseline's side, with an injection of nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Own {
    /// Median.
    pub p50: Nanos,
    /// The 99 % quantile.
    pub p99: Nanos,
    /// Only calls above this are of the tail that is made slower: between p99 and [`USUAL`].
    pub tail_from: Nanos,
}

/// What the injected work costs on this machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// One link of the chain.
    pub link: Nanos,
    /// From the reading of the clock by which the tail is told to that which ends the call, with an empty chain.
    pub after_reading: Nanos,
    /// A tick of the measured process's clock.
    pub tick: Nanos,
}

/// Share of the calls that are surely not of the tail: what is made slower lies above them, and p99 with it.
pub const USUAL: f64 = 0.97;

/// What eight digits hold: some 30 ms a call.
const MOST_STEPS: f64 = 99_999_999.0;

/// What one digit holds.
const MOST_ALLOCS: u32 = 9;

/// A site more than a hundred times slower is a mistyped number.
const MOST_PERCENT: f64 = 10_000.0;

/// Text that names no injection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAnInjection {
    /// No `=`, or nothing in front of it.
    #[error("write SITE=1%, SITE=5%@p99 or SITE=1alloc, with the site's full name")]
    NoSite,
    /// What stands behind the `=`.
    #[error(
        "behind the `=` write a percentage above 0% and at most 10000% (1%, or 5%@p99 for the tail), or 1alloc to 9alloc"
    )]
    NoEffect,
}

/// An effect that cannot be had here.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum OutOfReach {
    /// Less than a link of the chain.
    #[error("is less than the {:.2} ns that can be added here; ask for {least}% or more", .link.0)]
    TooLittle {
        /// One link.
        link: Nanos,
        /// The smallest percentage that is one link.
        least: f64,
    },
    /// More than the variable holds.
    #[error("is more than the {:.0} ms a call that can be added; ask for {most}% or less", .longest.0 / 1e6)]
    TooMuch {
        /// The longest chain.
        longest: Nanos,
        /// The largest percentage.
        most: f64,
    },
}

impl Effect {
    /// The metric that it is to move; `None`: a count.
    pub fn metric(self) -> Option<Metric> {
        match self {
            Effect::Slower(_) => Some(Metric::P50),
            Effect::SlowerTail(_) => Some(Metric::P99),
            Effect::Allocates(_) => None,
        }
    }

    /// The percentage that was asked for, if it is one.
    pub fn percent(self) -> Option<Percent> {
        match self {
            Effect::Slower(percent) | Effect::SlowerTail(percent) => Some(percent),
            Effect::Allocates(_) => None,
        }
    }

    /// In the units of the measured process, for a site of these latencies.
    ///
    /// # Errors
    /// Less than a link of the chain, or more of them than the variable holds.
    pub fn work(self, own: &Own, cost: &Cost) -> Result<Work, OutOfReach> {
        match self {
            Effect::Slower(percent) => {
                Ok(Work { steps: steps(percent, own.p50, cost.link)?, ..Work::default() })
            }
            Effect::SlowerTail(percent) => {
                let before_reading = (own.tail_from.0 - cost.after_reading.0).max(0.0);
                let over_ticks = ((before_reading / cost.tick.0).round() as u64).max(1);
                Ok(Work { steps: steps(percent, own.p99, cost.link)?, over_ticks, allocs: 0 })
            }
            Effect::Allocates(allocs) => Ok(Work { allocs, ..Work::default() }),
        }
    }
}

/// A link is left out for less than this share of it: a percentage that the refusal of a smaller one has named fits.
const NEGLIGIBLE: f64 = 0.05;

/// Links that take `percent` of `of` at least: who asks for 1 % wants to see a gate of 1 % close.
fn steps(percent: Percent, of: Nanos, link: Nanos) -> Result<u32, OutOfReach> {
    let percent_per_link = 100.0 * link.0 / of.0;
    let steps = (percent.0 / percent_per_link - NEGLIGIBLE).ceil();
    if percent.0 < percent_per_link * (1.0 - NEGLIGIBLE) || steps.is_nan() {
        // Rounded up to two digits, so that who asks for it gets it.
        let least = (percent_per_link * 100.0).ceil() / 100.0;
        Err(OutOfReach::TooLittle { link, least })
    } else if steps > MOST_STEPS {
        let most = (percent_per_link * MOST_STEPS).floor();
        Err(OutOfReach::TooMuch { longest: Nanos(MOST_STEPS * link.0), most })
    } else {
        Ok(steps as u32)
    }
}

impl Work {
    /// What the baseline does in its place: the same way, to no effect.
    pub fn neutral(self) -> Work {
        Work { steps: 0, allocs: 0, ..self }
    }
}

impl FromStr for Injection {
    type Err = NotAnInjection;

    /// The last `=` counts: names of generic sites have some of their own.
    fn from_str(text: &str) -> Result<Injection, NotAnInjection> {
        let (site, effect) = text.rsplit_once('=').ok_or(NotAnInjection::NoSite)?;
        let site = site.trim();
        if site.is_empty() || site.contains(char::is_control) {
            return Err(NotAnInjection::NoSite);
        }
        Ok(Injection { site: site.to_owned(), effect: effect.parse()? })
    }
}

impl FromStr for Effect {
    type Err = NotAnInjection;

    fn from_str(text: &str) -> Result<Effect, NotAnInjection> {
        let text = text.trim();
        let effect = match (text.strip_suffix("alloc"), text.strip_suffix("@p99")) {
            (Some(count), _) => allocations(count).map(Effect::Allocates),
            (None, Some(tail)) => percentage(tail).map(Effect::SlowerTail),
            (None, None) => percentage(text).map(Effect::Slower),
        };
        effect.ok_or(NotAnInjection::NoEffect)
    }
}

fn allocations(text: &str) -> Option<u32> {
    text.parse().ok().filter(|count| (1..=MOST_ALLOCS).contains(count))
}

fn percentage(text: &str) -> Option<Percent> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    (percent > 0.0 && percent <= MOST_PERCENT).then_some(Percent(percent))
}

impl fmt::Display for Injection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.site, self.effect)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Slower(percent) => write!(formatter, "{}%", percent.0),
            Effect::SlowerTail(percent) => write!(formatter, "{}%@p99", percent.0),
            Effect::Allocates(count) => write!(formatter, "{count}alloc"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Own = Own { p50: Nanos(100.0), p99: Nanos(400.0), tail_from: Nanos(300.0) };
    const COST: Cost = Cost { link: Nanos(0.5), after_reading: Nanos(20.0), tick: Nanos(0.4) };

    #[test]
    fn an_injection_is_a_site_and_an_effect() {
        for (text, effect) in [
            ("a::f=1%", Effect::Slower(Percent(1.0))),
            ("a::f = 5%@p99", Effect::SlowerTail(Percent(5.0))),
            ("a::f=1alloc", Effect::Allocates(1)),
        ] {
            assert_eq!(text.parse(), Ok(Injection { site: "a::f".into(), effect }), "{text}");
        }
    }

    #[test]
    fn the_name_of_a_generic_site_may_have_an_equals_sign() {
        let injection: Injection = "<a::F<dyn Iterator<Item = u8>>>::f#2=0.5%".parse().unwrap();
        assert_eq!(injection.site, "<a::F<dyn Iterator<Item = u8>>>::f#2");
        assert_eq!(injection.to_string().parse(), Ok(injection));
    }

    #[test]
    fn what_names_no_site_or_no_effect_is_refused() {
        for text in ["a::f", "=1%", " =1%", "a\nb=1%"] {
            assert_eq!(text.parse::<Injection>(), Err(NotAnInjection::NoSite), "{text}");
        }
        for text in ["a=", "a=1", "a=0%", "a=-1%", "a=NaN%", "a=inf%", "a=0alloc", "a=10alloc", "a=5%@p50"] {
            assert_eq!(text.parse::<Injection>(), Err(NotAnInjection::NoEffect), "{text}");
        }
    }

    #[test]
    fn a_percentage_becomes_as_many_links_as_it_takes() {
        let slower = |percent| Effect::Slower(Percent(percent)).work(&OWN, &COST).map(|work| work.steps);
        assert_eq!(slower(1.0), Ok(2));
        assert_eq!((slower(1.01), slower(1.1), slower(1.5)), (Ok(2), Ok(3), Ok(3)));
        assert_eq!(slower(900.0), Ok(1800));
    }

    #[test]
    fn the_tail_is_told_at_the_reading_before_the_chain_and_grows_by_a_part_of_p99() {
        let work = Effect::SlowerTail(Percent(5.0)).work(&OWN, &COST);
        assert_eq!(work, Ok(Work { steps: 40, over_ticks: 700, allocs: 0 }));
    }

    #[test]
    fn less_than_a_link_is_refused_with_what_would_be_one() {
        let refused = Effect::Slower(Percent(0.2)).work(&OWN, &COST).unwrap_err();
        assert_eq!(refused, OutOfReach::TooLittle { link: Nanos(0.5), least: 0.5 });
        assert!(refused.to_string().ends_with("ask for 0.5% or more"), "{refused}");
        assert!(Effect::Slower(Percent(0.5)).work(&OWN, &COST).is_ok());
    }

    #[test]
    fn more_than_the_variable_holds_is_refused() {
        let own = Own { p50: Nanos(1e9), ..OWN };
        let refused = Effect::Slower(Percent(50.0)).work(&own, &COST).unwrap_err();
        assert!(matches!(refused, OutOfReach::TooMuch { most: 4.0, .. }), "{refused:?}");
        assert!(Effect::Slower(Percent(4.0)).work(&own, &COST).is_ok());
    }

    #[test]
    fn the_baseline_tells_the_same_calls_apart_and_does_nothing() {
        let work = Work { steps: 7, over_ticks: 90, allocs: 1 };
        assert_eq!(work.neutral(), Work { steps: 0, over_ticks: 90, allocs: 0 });
    }
}
