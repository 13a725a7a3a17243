use snapbox::{IntoData, assert_data_eq, str};

use super::*;
use crate::model::{
    CaughtReport, Metric, RejectedSite, ResolutionReport, SiteKey, SystemReport, UnchangedReport,
};

const LOOK: Look = Look { paint: Paint::Plain, width: 110, verbose: false };

fn key(site: &str) -> SiteKey {
    SiteKey { workload: "book::replay".into(), site: site.into() }
}

fn row(site: &str, metric: Metric, tolerance: f64, caught: Option<f64>) -> ResolutionReport {
    ResolutionReport {
        key: key(site),
        metric,
        tolerance: Percent(tolerance),
        spread: Percent(0.4),
        blocks: 150,
        caught: caught.map(|percent| CaughtReport { slowdown: Percent(percent), blocks: 18, seconds: 1.9 }),
        resolution: caught.map(|percent| Percent(percent / 2.0)),
        bias: Some(Percent(0.21)),
    }
}

fn tally(checks: u32, rejected: u32) -> Tally {
    Tally { checks, rejected, approved: checks - rejected, inconclusive: 0, median_seconds: Some(1.9) }
}

fn report() -> CalibrateReport {
    CalibrateReport {
        machine: "Some(R) CPU, x86_64-linux, rustc 1.95.0".into(),
        seconds: 581.2,
        max_seconds: 600.0,
        check_seconds: 30.0,
        interrupted: false,
        unchanged: UnchangedReport {
            tally: tally(212, 0),
            bound: Percent(1.4032),
            blocks: 2_100,
            rejected: Vec::new(),
        },
        injected: vec![InjectedReport {
            key: key("book::Book::insert"),
            metric: Metric::P50,
            percent: Percent(1.0),
            achieved: Some(Percent(1.04)),
            tally: tally(59, 59),
            bound: Percent(4.951),
        }],
        resolution: vec![
            row("book::Book::insert", Metric::P50, 1.0, Some(0.84)),
            row("book::Book::insert", Metric::P99, 5.0, None),
        ],
        bias: vec![BiasReport {
            workload: "book::replay".into(),
            metric: Metric::P50,
            bias: Percent(0.21),
            largest: Percent(-0.12),
            edits: 6,
        }],
        no_bias: None,
        system: SystemReport::NOT_ASKED,
        notes: vec!["a remark".into()],
        next_step: String::new(),
    }
}

#[test]
fn every_figure_stands_below_a_word_that_says_how_it_came_about() {
    assert_data_eq!(
        human(&report(), &LOOK),
        str![[r#"
calibrated in 581.2 s on Some(R) CPU, x86_64-linux, rustc 1.95.0

Unchanged code, checked against itself (measured)
  212 checks: 0 REJECT, 212 APPROVE, 0 INCONCLUSIVE; median 1.9 s
  proven: at most 1.41 % of checks of unchanged code are rejected here (95 % confidence)

Code that was really made slower (measured)
  p50 of book::Book::insert slower by 1%: 59 checks: 59 REJECT, 0 APPROVE, 0 INCONCLUSIVE; median 1.9 s
  proven: at most 4.96 % of them are missed here (95 % confidence); the checks found +1% in the median

What placement leaves after neutral edits (measured)
  p50 in book::replay: 95 of 100 edits shift it by at most 0.21% (6 edits; the largest shift seen was -0.12%)

Smallest slowdown caught in 95 of 100 checks of at most 30.0 s (modelled from 150 or more unchanged blocks)
  Function            Metric  Tolerance  Caught from             After  Resolves
  book::Book::insert  p50            1%        0.84%  18 blocks, 1.9 s     0.42%
  book::Book::insert  p99            5%            -                 -         -

note: a remark
calibrated: later checks use what was found here

"#]]
        .raw()
    );
}

#[test]
fn a_false_alarm_is_the_last_line_with_the_site_to_blame() {
    let mut report = report();
    report.unchanged.tally = tally(212, 2);
    report.unchanged.bound = Percent(2.94);
    let rejected = RejectedSite { key: key("book::Book::insert"), place: "src/book.rs:42".into(), checks: 2 };
    report.unchanged.rejected = vec![rejected];
    report.next_step = "see the machine".into();
    let shown = human(&report, &LOOK);
    assert!(shown.contains("book::Book::insert in src/book.rs:42 was rejected 2 times"), "{shown}");
    assert!(
        shown.ends_with("FALSE ALARM: 2 checks of unchanged code ended in REJECT\nnext: see the machine\n")
    );
}

#[test]
fn what_was_interrupted_says_so_and_what_was_not_done_is_not_claimed() {
    let mut report =
        CalibrateReport { interrupted: true, bias: Vec::new(), resolution: Vec::new(), ..report() };
    report.injected[0].tally = Tally::default();
    report.unchanged.tally = Tally::default();
    let shown = human(&report, &LOOK);
    assert!(shown.starts_with("interrupted after 581.2 s on "), "{shown}");
    assert!(shown.contains("no check came to its end") && !shown.contains("proven:"), "{shown}");
    assert!(!shown.contains("modelled"), "{shown}");
    assert!(shown.ends_with("interrupted: nothing is kept for later checks\n"), "{shown}");
}

#[test]
fn markdown_says_the_same_in_lists_and_a_table() {
    assert_data_eq!(
        markdown(&report()),
        str![[r#"
## Calibration

calibrated in 581.2 s on Some(R) CPU, x86\_64-linux, rustc 1.95.0.

- 212 checks: 0 REJECT, 212 APPROVE, 0 INCONCLUSIVE; median 1.9 s (measured)
- proven: at most 1.41 % of checks of unchanged code are rejected here (95 % confidence) (measured)
- p50 of book::Book::insert slower by 1%: 59 checks: 59 REJECT, 0 APPROVE, 0 INCONCLUSIVE; median 1.9 s (measured)
- proven: at most 4.96 % of them are missed here (95 % confidence); the checks found +1% in the median (measured)
- p50 in book::replay: 95 of 100 edits shift it by at most 0.21% (6 edits; the largest shift seen was -0.12%) (measured)

Smallest slowdown caught in 95 of 100 checks of at most 30.0 s (modelled from 150 or more unchanged blocks)

| Workload | Function | Metric | Tolerance | Caught from | After | Resolves |
| --- | --- | --- | ---: | ---: | ---: | ---: |
| book::replay | book::Book::insert | p50 | 1% | 0.84% | 18 blocks, 1.9 s | 0.42% |
| book::replay | book::Book::insert | p99 | 5% | - | - | - |

- note: a remark

calibrated: later checks use what was found here

"#]]
        .raw()
    );
}

#[test]
fn a_limit_is_rounded_up() {
    assert_eq!(
        [0.2992, 4.95, 9.999, 77.64, 95.000_000_03, 100.0].map(|limit| rate(Percent(limit))),
        ["0.30 %", "4.95 %", "10.00 %", "78 %", "95 %", "100 %"]
    );
}

#[test]
fn several_workloads_stand_above_their_sites_and_names_give_way() {
    let mut rows = vec![row("book::Book::insert", Metric::P50, 1.0, Some(0.84)); 2];
    rows[1].key.workload = "book::other".into();
    let lines = table::lines(&rows, 110);
    assert_eq!((lines[1].as_str(), lines[3].as_str()), ("workload book::replay", "workload book::other"));
    let long = [row(&"a_long_name::".repeat(12), Metric::P50, 1.0, None)];
    assert!(table::lines(&long, 80).iter().all(|line| line.chars().count() <= 80));
}
