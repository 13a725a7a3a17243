//! The `injected` of `darwin.check.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{self, Metric};

/// Work that one site of the candidate was asked to do beside its own: the verdict is none on the code.
#[derive(Serialize, JsonSchema)]
pub(super) struct Injected<'a> {
    /// The site's full name.
    site: &'a str,
    /// Name of the workload of which the rest tells: the first one that calls it.
    workload: &'a str,
    /// What it was to change: `p50`, `p99` or `allocs`.
    metric: &'static str,
    /// Of that metric of the baseline; null for allocations.
    percent_asked: Option<f64>,
    /// Median change that the blocks found; null where nothing was timed.
    percent_achieved: Option<f64>,
    /// Lower end of the 95 % interval of the change.
    low_percent: Option<f64>,
    /// Upper end of it.
    high_percent: Option<f64>,
    /// What the work takes, in each call that does it; zero for allocations.
    #[schemars(with = "Option<f64>")]
    nanoseconds: f64,
    /// Links of the chain of dependent operations that takes it.
    steps: u32,
    /// Allocations that each call was asked for.
    allocs: u32,
    /// Allocations that a call of the candidate was counted to make more; null without `darwin_runtime::Alloc`.
    allocs_achieved: Option<f64>,
    /// The metric of the baseline under the same conditions, of which the percentage was taken; null for allocations.
    baseline_ns: Option<f64>,
}

pub(super) fn injected(injected: &model::Injected) -> Injected<'_> {
    let resolved = &injected.resolved;
    let effect = resolved.injection.effect;
    let (metric, baseline) = match effect.metric() {
        Some(Metric::P50) => ("p50", resolved.p50),
        Some(Metric::P99) => ("p99", resolved.p99),
        Some(Metric::Mean) => ("mean", None),
        None => ("allocs", None),
    };
    Injected {
        site: &resolved.injection.site,
        workload: &resolved.workload,
        metric,
        percent_asked: effect.percent().map(|percent| percent.0),
        percent_achieved: injected.achieved.map(|achieved| achieved.change.0),
        low_percent: injected.achieved.map(|achieved| achieved.low.0),
        high_percent: injected.achieved.map(|achieved| achieved.high.0),
        nanoseconds: resolved.nanos.0,
        steps: resolved.work.steps,
        allocs: resolved.work.allocs,
        allocs_achieved: injected.allocs_per_call,
        baseline_ns: baseline.map(|nanos| nanos.0),
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::model::{Achieved, Nanos, Percent, Resolved, Work};
    use crate::render::json::document;

    fn resolved(text: &str, work: Work) -> Resolved {
        let (p50, p99) = (Some(Nanos(993.0)), Some(Nanos(4200.0)));
        let injection = text.parse().unwrap();
        Resolved { injection, workload: "replay".into(), work, nanos: Nanos(9.5), p50, p99 }
    }

    #[test]
    fn an_injection_has_the_fields_of_version_1() {
        let work = Work { steps: 17, ..Work::default() };
        let achieved = Achieved { change: Percent(1.03), low: Percent(0.9), high: Percent(1.2) };
        let slower = model::Injected {
            resolved: resolved("f=1%", work),
            achieved: Some(achieved),
            allocs_per_call: None,
        };
        assert_data_eq!(
            document(&injected(&slower)),
            str![[r#"
{
  "site": "f",
  "workload": "replay",
  "metric": "p50",
  "percent_asked": 1.0,
  "percent_achieved": 1.03,
  "low_percent": 0.9,
  "high_percent": 1.2,
  "nanoseconds": 9.5,
  "steps": 17,
  "allocs": 0,
  "allocs_achieved": null,
  "baseline_ns": 993.0
}

"#]]
            .raw()
        );
    }

    #[test]
    fn a_tail_is_told_by_p99_and_allocations_by_no_latency() {
        let of = |text: &str| {
            let resolved = resolved(text, Work::default());
            let report = model::Injected { resolved, achieved: None, allocs_per_call: Some(1.0) };
            let injected = injected(&report);
            (injected.metric, injected.percent_asked, injected.baseline_ns, injected.allocs_achieved)
        };
        assert_eq!(of("f=5%@p99"), ("p99", Some(5.0), Some(4200.0), Some(1.0)));
        assert_eq!(of("f=1alloc"), ("allocs", None, None, Some(1.0)));
    }
}
