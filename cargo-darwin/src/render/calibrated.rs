//! What a check says of an earlier calibration, as notes.

use std::path::Path;

use super::{metric_name, units};
use crate::gate::Plan;
use crate::gate::calibrate::kept::Stale;
use crate::model::{CalibratedSite, Calibration, Metric, Percent, SiteKey};

/// Sites that a note names; the coarsest say what can be missed.
const NAMED: usize = 3;

/// `this machine resolves 0.8% on book::insert (p50; calibrated 3 days ago, modelled)`; `None` where no gated site was
/// calibrated.
pub fn resolution(kept: &Calibration, is_gated: &dyn Fn(&str, Metric) -> bool, days: u64) -> Option<String> {
    let of_site = |site: &CalibratedSite| {
        let p50 = site.metrics.iter().find(|metric| metric.metric == Metric::P50)?;
        let gated = is_gated(&site.site, Metric::P50);
        gated.then(|| p50.resolution.map(|resolution| (site.site.clone(), resolution)))?
    };
    let mut sites: Vec<(String, Percent)> = kept.sites.iter().filter_map(of_site).collect();
    sites.sort_by(|one, other| other.1.0.total_cmp(&one.1.0).then_with(|| one.0.cmp(&other.0)));
    if sites.is_empty() {
        return None;
    }
    let shown = sites.iter().take(NAMED);
    let shown: Vec<String> =
        shown.map(|(site, percent)| format!("{} on {site}", units::percent_amount(*percent))).collect();
    let more = sites.len() - shown.len();
    let more = if more > 0 { format!(" and less on {more} more") } else { String::new() };
    let listed = shown.join(", ");
    Some(format!("this machine resolves {listed}{more} (p50; calibrated {}, modelled)", ago(days)))
}

/// Why a calibration is stale, and what to run.
pub fn stale(stale: Stale, kept: &Calibration, days: u64, command: &str) -> String {
    let workload = &kept.workload;
    match stale {
        Stale::Machine => format!(
            "the calibration of {workload} is of another class of machines ({}) and is not used: run `{command}` here",
            kept.machine
        ),
        Stale::Toolchain => format!(
            "the calibration of {workload} is of another toolchain ({}) and is not used: run `{command}` again",
            kept.machine
        ),
        Stale::Age => {
            format!(
                "the calibration of {workload} is {days} days old and may no longer hold: run `{command}` again"
            )
        }
        Stale::Code => format!(
            "the calibration of {workload} is of other functions, or of other latencies, and is not used: run \
             `{command}` again"
        ),
    }
}

/// Where placement leaves more than half the tolerance: what a REJECT has to prove, and what tolerance could be proven.
pub fn raised(plan: &Plan, resolution: &dyn Fn(&SiteKey, Metric) -> Option<Percent>) -> Vec<String> {
    let metrics = plan.gated().flat_map(|site| site.metrics.iter().map(move |metric| (site, metric)));
    let raised = metrics.filter(|(_, metric)| metric.share.is_some() && metric.is_raised());
    raised
        .map(|(site, metric)| {
            let (name, which) = (&site.key.site, metric_name(metric.metric));
            let asked = units::percent_amount(metric.tolerance);
            let d0 = units::percent_amount(Percent::from(metric.d0));
            match metric.d0.0 >= metric.d1.0 {
                true => format!(
                    "a tolerance of {asked} for {which} of {name} is below what placement alone leaves here (measured by \
                     calibrate): only what is proven slower by more than that is rejected{}",
                    provable(resolution(&site.key, metric.metric))
                ),
                false => format!(
                    "placement alone shifts {which} of {name} by up to {d0} here (measured by calibrate): a REJECT has to \
                     prove more than that"
                ),
            }
        })
        .collect()
}

fn provable(resolution: Option<Percent>) -> String {
    resolution.map_or_else(String::new, |percent| {
        format!("; a tolerance of {} can be told from it (modelled)", units::percent_amount(percent))
    })
}

/// A kept file that cannot be used.
pub fn refused(path: &Path, what: &str) -> String {
    format!("{}: {what}; it is not used, and `cargo darwin calibrate` writes a new one", path.display())
}

fn ago(days: u64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::gate::{SiteRequest, Tolerances};
    use crate::model::{CalibratedMetric, LogRatio};

    fn kept(sites: &[(&str, f64)]) -> Calibration {
        let site = |(site, resolution): &(&str, f64)| CalibratedSite {
            site: (*site).to_owned(),
            p50: None,
            metrics: vec![CalibratedMetric {
                metric: Metric::P50,
                resolution: Some(Percent(*resolution)),
                bias: None,
            }],
        };
        Calibration {
            machine: "Some CPU, x86_64-linux, rustc 1.95.0".to_owned(),
            package: "app".to_owned(),
            workload: "replay".to_owned(),
            taken_unix_seconds: 0,
            unchanged_checks: 200,
            edits: 6,
            sites: sites.iter().map(site).collect(),
        }
    }

    fn plan(bias: f64) -> Plan {
        Plan::freeze(vec![SiteRequest {
            key: SiteKey { workload: "replay".into(), site: "insert".into() },
            baseline_calls: Some(100),
            candidate_calls: Some(100),
            nanos_per_block: None,
            metrics: [Metric::P50].into(),
            shown_only: [].into(),
            tolerances: Tolerances { median: Percent(1.0), tail: None },
            placement_bias: BTreeMap::from([(Metric::P50, LogRatio::from(Percent(bias)))]),
            budgets: Vec::new(),
        }])
    }

    #[test]
    fn the_resolution_is_told_with_its_age_and_that_it_is_modelled() {
        let told = |sites: &[(&str, f64)], days| resolution(&kept(sites), &|_, _| true, days);
        assert_eq!(
            told(&[("insert", 0.8)], 3).unwrap(),
            "this machine resolves 0.8% on insert (p50; calibrated 3 days ago, modelled)"
        );
        let many = [("a", 0.1), ("b", 0.4), ("c", 0.3), ("d", 0.2)];
        assert_eq!(
            told(&many, 0).unwrap(),
            "this machine resolves 0.4% on b, 0.3% on c, 0.2% on d and less on 1 more (p50; calibrated today, modelled)"
        );
        assert_eq!(told(&[], 0), None);
        assert_eq!(resolution(&kept(&many), &|site, _| site == "e", 0), None);
    }

    #[test]
    fn what_is_stale_says_why_and_what_to_run() {
        for (why, words) in [
            (Stale::Machine, "another class of machines (Some CPU"),
            (Stale::Toolchain, "another toolchain"),
            (Stale::Age, "41 days old"),
            (Stale::Code, "other functions"),
        ] {
            let said = stale(why, &kept(&[]), 41, "cargo darwin calibrate -p app");
            assert!(said.contains(words) && said.contains("run `cargo darwin calibrate -p app`"), "{said}");
        }
    }

    #[test]
    fn a_tolerance_below_what_placement_leaves_is_said() {
        let raised = |bias| raised(&plan(bias), &|_, _| Some(Percent(6.1)));
        assert_eq!(raised(0.4), [] as [String; 0]);
        let some = raised(0.7);
        assert!(some[0].starts_with("placement alone shifts p50 of insert by up to 0.7% here"), "{some:?}");
        let much = raised(3.0);
        assert!(
            much[0].starts_with("a tolerance of 1% for p50 of insert is below what placement"),
            "{much:?}"
        );
        assert!(much[0].ends_with("a tolerance of 6.1% can be told from it (modelled)"), "{much:?}");
    }
}
