//! `darwin.calibrate.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document;
use crate::model::{
    BiasReport, CalibrateReport, How, InjectedReport, Metric, RejectedSite, ResolutionReport, SystemReport,
    Tally,
};

const SCHEMA: &str = "darwin.calibrate.v1";

/// The report as `darwin.calibrate.v1`; `exit_code` is what the process will exit with, unless it was interrupted.
pub fn calibrate(report: &CalibrateReport, exit_code: u8) -> String {
    let Tally { checks, rejected, approved, inconclusive, median_seconds } = report.unchanged.tally;
    document(&Calibrate {
        schema: SCHEMA,
        exit_code: (!report.interrupted).then_some(exit_code),
        interrupted: report.interrupted,
        machine: &report.machine,
        seconds: report.seconds,
        max_seconds: report.max_seconds,
        check_seconds: report.check_seconds,
        unchanged: Unchanged {
            checks,
            rejected,
            inconclusive,
            approved,
            median_seconds,
            bound_percent: report.unchanged.bound.0,
            blocks: report.unchanged.blocks,
            rejected_sites: report.unchanged.rejected.iter().map(rejected_site).collect(),
            how: How::Measured,
        },
        injected: report.injected.iter().map(injected).collect(),
        resolution: report.resolution.iter().map(resolution).collect(),
        placement_bias: report.bias.iter().map(bias).collect(),
        no_placement_bias: report.no_bias.as_deref(),
        system: &report.system,
        notes: &report.notes,
        next_step: &report.next_step,
    })
}

/// What `cargo darwin calibrate` found.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "darwin.calibrate.v1")]
pub(super) struct Calibrate<'a> {
    /// Which document this is.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// What the process exits with; null where it was interrupted, which ends with 130.
    exit_code: Option<u8>,
    /// Ended by Ctrl-C: what stands here was done by then, and nothing is kept.
    interrupted: bool,
    /// Class of this machine.
    machine: &'a str,
    /// From the end of the build.
    seconds: f64,
    /// What it was allowed (`--max-time`).
    max_seconds: f64,
    /// What a check may measure.
    check_seconds: f64,
    /// Checks of the working tree against itself.
    unchanged: Unchanged<'a>,
    /// Checks in which a site was really made slower, by site.
    injected: Vec<Injected<'a>>,
    /// The smallest slowdown that is caught, by site and metric.
    resolution: Vec<Resolution<'a>>,
    /// What neutral edits leave, by workload and metric.
    placement_bias: Vec<Bias<'a>>,
    /// Why there is no placement bias; null where there is one.
    no_placement_bias: Option<&'a str>,
    /// The machine.
    system: &'a SystemReport,
    /// What the reader should know.
    notes: &'a [String],
    /// What to do next.
    next_step: &'a str,
}

/// Whole checks of unchanged code.
#[derive(Serialize, JsonSchema)]
struct Unchanged<'a> {
    /// How many.
    checks: u32,
    /// REJECT: false alarms.
    rejected: u32,
    /// INCONCLUSIVE.
    inconclusive: u32,
    /// APPROVE.
    approved: u32,
    /// Half of them took no longer, counting included; null without a check.
    median_seconds: Option<f64>,
    /// Upper 95 % limit (Clopper and Pearson) of the share of false alarms.
    bound_percent: f64,
    /// Unchanged blocks, those beside the checks among them.
    blocks: u32,
    /// Which sites were rejected.
    rejected_sites: Vec<Rejected<'a>>,
    /// `measured`.
    how: How,
}

/// A false alarm.
#[derive(Serialize, JsonSchema)]
struct Rejected<'a> {
    /// Name of the site.
    site: &'a str,
    /// Its workload.
    workload: &'a str,
    /// `file:line`.
    place: &'a str,
    /// In so many checks.
    checks: u32,
}

/// Whole checks of slower code.
#[derive(Serialize, JsonSchema)]
struct Injected<'a> {
    /// Name of the site that was slower.
    site: &'a str,
    /// Its workload.
    workload: &'a str,
    /// What of it: `p50`, or `p99` for the slowest calls alone.
    metric: Metric,
    /// By so much.
    percent: f64,
    /// What the checks found in the median; null without a check.
    achieved_percent: Option<f64>,
    /// How many.
    checks: u32,
    /// REJECT: caught.
    rejected: u32,
    /// INCONCLUSIVE.
    inconclusive: u32,
    /// APPROVE: missed.
    approved: u32,
    /// Half of them took no longer, counting included; null without a check.
    median_seconds: Option<f64>,
    /// Upper 95 % limit (Clopper and Pearson) of the share that is not rejected.
    bound_percent: f64,
    /// `measured`.
    how: How,
}

/// What one metric of one site can be told by.
#[derive(Serialize, JsonSchema)]
struct Resolution<'a> {
    /// Name of the site.
    site: &'a str,
    /// Its workload.
    workload: &'a str,
    /// The metric.
    metric: Metric,
    /// What checks allow it.
    tolerance_percent: f64,
    /// Standard deviation of an unchanged block; measured.
    spread_percent: f64,
    /// Unchanged blocks that told it.
    blocks: u32,
    /// The smallest slowdown that checks with this tolerance reject in 95 of 100 cases; null: none within reach.
    caught_percent: Option<f64>,
    /// Blocks until half of those checks have rejected it.
    caught_blocks: Option<u32>,
    /// Seconds of these blocks.
    caught_seconds: Option<f64>,
    /// The smallest tolerance at which a slowdown by just that is rejected in 95 of 100 cases; null: none within reach.
    resolution_percent: Option<f64>,
    /// What a REJECT has to prove more than, because neutral edits shift it so far; measured; null: not told.
    placement_bias_percent: Option<f64>,
    /// `modelled`: the judge gave it for measured unchanged blocks, made slower by arithmetic.
    how: How,
}

/// What neutral edits leave.
#[derive(Serialize, JsonSchema)]
struct Bias<'a> {
    /// The workload.
    workload: &'a str,
    /// The metric.
    metric: Metric,
    /// 95 of 100 neutral edits shift it by less, with 95 % confidence.
    placement_bias_percent: f64,
    /// The largest shift of a site that was seen.
    largest_percent: f64,
    /// Edits that changed the machine code.
    edits: u32,
    /// `measured`.
    how: How,
}

fn rejected_site(site: &RejectedSite) -> Rejected<'_> {
    Rejected { site: &site.key.site, workload: &site.key.workload, place: &site.place, checks: site.checks }
}

fn injected(row: &InjectedReport) -> Injected<'_> {
    let Tally { checks, rejected, approved, inconclusive, median_seconds } = row.tally;
    Injected {
        site: &row.key.site,
        workload: &row.key.workload,
        metric: row.metric,
        percent: row.percent.0,
        achieved_percent: row.achieved.map(|percent| percent.0),
        checks,
        rejected,
        inconclusive,
        approved,
        median_seconds,
        bound_percent: row.bound.0,
        how: How::Measured,
    }
}

fn resolution(row: &ResolutionReport) -> Resolution<'_> {
    Resolution {
        site: &row.key.site,
        workload: &row.key.workload,
        metric: row.metric,
        tolerance_percent: row.tolerance.0,
        spread_percent: row.spread.0,
        blocks: row.blocks,
        caught_percent: row.caught.map(|caught| caught.slowdown.0),
        caught_blocks: row.caught.map(|caught| caught.blocks),
        caught_seconds: row.caught.map(|caught| caught.seconds),
        resolution_percent: row.resolution.map(|percent| percent.0),
        placement_bias_percent: row.bias.map(|percent| percent.0),
        how: How::Modelled,
    }
}

fn bias(bias: &BiasReport) -> Bias<'_> {
    Bias {
        workload: &bias.workload,
        metric: bias.metric,
        placement_bias_percent: bias.bias.0,
        largest_percent: bias.largest.0,
        edits: bias.edits,
        how: How::Measured,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Percent, SiteKey, UnchangedReport};

    fn report() -> CalibrateReport {
        let key = SiteKey { workload: "replay".into(), site: "f".into() };
        let tally = Tally { checks: 59, rejected: 59, ..Tally::default() };
        let injected = InjectedReport {
            key: key.clone(),
            metric: Metric::P50,
            percent: Percent(1.0),
            achieved: None,
            tally,
            bound: Percent(4.95),
        };
        let resolution = ResolutionReport {
            key,
            metric: Metric::P99,
            tolerance: Percent(5.0),
            spread: Percent(0.4),
            blocks: 150,
            caught: None,
            resolution: Some(Percent(f64::NAN)),
            bias: None,
        };
        CalibrateReport {
            machine: "cpu".into(),
            seconds: 1.0,
            max_seconds: 600.0,
            check_seconds: 30.0,
            interrupted: false,
            unchanged: UnchangedReport::default(),
            injected: vec![injected],
            resolution: vec![resolution],
            bias: Vec::new(),
            no_bias: Some("no time".into()),
            system: SystemReport::NOT_ASKED,
            notes: Vec::new(),
            next_step: String::new(),
        }
    }

    #[test]
    fn measured_and_modelled_figures_are_told_apart() {
        let document: serde_json::Value = serde_json::from_str(&calibrate(&report(), 0)).unwrap();
        assert_eq!(document["schema"], SCHEMA);
        assert_eq!(document["unchanged"]["how"], "measured");
        assert_eq!(document["injected"][0]["how"], "measured");
        assert_eq!(document["resolution"][0]["how"], "modelled");
        assert_eq!((&document["injected"][0]["rejected"], &document["exit_code"]), (&59.into(), &0.into()));
        assert!(document["resolution"][0]["resolution_percent"].is_null(), "not finite");
        assert_eq!(document["no_placement_bias"], "no time");
    }

    #[test]
    fn what_was_interrupted_has_no_exit_code_of_ours() {
        let report = CalibrateReport { interrupted: true, ..report() };
        let document: serde_json::Value = serde_json::from_str(&calibrate(&report, 0)).unwrap();
        assert!(document["exit_code"].is_null() && document["interrupted"] == true);
    }
}
