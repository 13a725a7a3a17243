use super::*;
use crate::gate::plan::Plan;
use crate::gate::testing::{Rng, request, site_sample};

const REJECT_AT: f64 = 100.0;

/// p50 with a tolerance of 2 % over blocks of the given shift and deviation.
fn series(blocks: usize, shift: f64, deviation: f64) -> Series {
    let mut series = Series::new(Plan::freeze(vec![request("a")]).sites()[0].metrics[0], false);
    let mut rng = Rng::new(7);
    for _ in 0..blocks {
        series.add(&site_sample(shift + deviation * rng.gaussian()).p50.unwrap());
    }
    series
}

#[test]
fn no_blocks_are_no_report_and_stay_open() {
    let series = series(0, 0.0, 0.0);
    assert_eq!(series.report(false, false, REJECT_AT), None);
    let open = series.open(REJECT_AT).unwrap();
    assert_eq!((open.low, open.blocks_missing, open.proven), (None, None, None));
}

#[test]
fn before_and_after_are_told_by_the_median_of_the_blocks() {
    let report = series(20, 0.25_f64.ln_1p(), 0.001).report(true, false, REJECT_AT).unwrap();
    assert_eq!(report.verdict, Some(Verdict::Reject));
    assert_eq!(report.delta.baseline, Nanos(1_000.0));
    assert!((report.delta.candidate.0 - 1_250.0).abs() < 2.0);
    assert!(report.delta.low.0 < report.delta.change.0 && report.delta.change.0 < report.delta.high.0);
}

#[test]
fn an_unchanged_metric_is_approved_after_eight_blocks_at_the_earliest() {
    assert!(!series(7, 0.0, 0.0001).is_approved());
    assert!(series(10, 0.0, 0.0001).is_approved());
}

#[test]
fn the_blocks_that_an_open_metric_misses_are_about_those_it_then_takes() {
    let young = series(8, 0.0, 0.02);
    let missing = young.open(REJECT_AT).unwrap().blocks_missing.unwrap() as usize;
    assert!((3..60).contains(&missing), "{missing}");
    assert_eq!(young.report(false, false, REJECT_AT).unwrap().blocks_missing, Some(missing as u32));
    assert!(series(8 + 2 * missing, 0.0, 0.02).is_approved());
}

#[test]
fn an_open_metric_names_a_tolerance_that_its_blocks_do_prove() {
    let series = series(20, 0.02, 0.004);
    let proven = series.open(REJECT_AT).unwrap().proven.unwrap();
    assert!(proven.0 > 2.0 && proven.0 < 4.0, "{proven:?}");
    assert!(series.proves(LogRatio::from(proven).0));
}

#[test]
fn an_approved_metric_needs_nothing_more() {
    let series = series(20, 0.0, 0.001);
    assert_eq!(series.open(REJECT_AT), None);
    assert_eq!(series.report(false, false, REJECT_AT).unwrap().blocks_missing, None);
}

#[test]
fn a_sample_that_is_no_number_is_no_block() {
    let mut series = series(3, 0.0, 0.01);
    let before = series.clone();
    series.add(&site_sample(f64::NAN).p50.unwrap());
    series.add(&site_sample(f64::INFINITY).p50.unwrap());
    assert_eq!(series, before);
}
