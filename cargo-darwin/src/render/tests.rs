//! What a check looks like, whole screens at a time.

use snapbox::{IntoData, assert_data_eq, str};

use super::check::{human, invalid};
use super::*;
use crate::model::{
    BaselineSource, Budget, BudgetFinding, BudgetMetric, CheckReport, CheckedSite, ExactCount, Metric,
    Percent, SystemCheck, SystemStatus, ThroughputUnit, Verdict,
};

const INSERT: &str = "order_book::book::Book::insert";

/// What a file or a pull request gets.
const PLAIN: Look = Look { paint: Paint::Plain, width: 110, verbose: false };

fn at(width: usize) -> Look {
    Look { width, ..PLAIN }
}

/// What is seen on a coloured terminal: figures are bold, without asterisks.
fn seen(report: &CheckReport, width: usize) -> String {
    safe::text(&human(report, &Look { paint: Paint::Ansi, ..at(width) }))
}

/// The widest line with an interval: sentences are left to the terminal to wrap.
fn widest(text: &str) -> usize {
    let columns = text.lines().filter(|line| line.contains("  ["));
    columns.map(|line| line.chars().count()).max().unwrap_or(0)
}

fn allocs(baseline: u64, candidate: u64, verdict: Verdict) -> Option<ExactCount> {
    Some(ExactCount { calls: 4000, baseline_calls: 4000, baseline, candidate, verdict: Some(verdict) })
}

fn budget(metric: BudgetMetric, limit: f64, value: f64, verdict: Verdict) -> BudgetFinding {
    BudgetFinding { budget: Budget { metric, limit }, value, verdict, broken_before: false }
}

fn slower() -> CheckedSite {
    let mut site = samples::timed_site(INSERT, 11.4, Verdict::Reject);
    site.metrics[1] = samples::metric(Metric::P99, 4000.0, 1.0, Some(Verdict::Inconclusive));
    site
}

fn same(name: &str) -> CheckedSite {
    samples::timed_site(name, 0.1, Verdict::Approve)
}

fn open() -> CheckedSite {
    let mut site = samples::timed_site("order_book::book::Book::match_incoming", 0.2, Verdict::Inconclusive);
    site.metrics[0].blocks_missing = Some(30);
    site.metrics[0].proven_tolerance = Some(Percent(1.4));
    site.metrics[1] = samples::metric(Metric::P99, 4000.0, 0.2, None);
    site.metrics[2].resolution = None;
    site
}

fn removed() -> CheckedSite {
    let mut site = samples::site("order_book::book::Book::gone", Verdict::Inconclusive);
    site.note =
        Some("no longer in the program; drop it with `cargo darwin baseline` if that is meant".into());
    site
}

/// Fifty sites of two workloads; every seventh is slower, every eleventh faster.
fn fifty() -> CheckReport {
    let site = |n: usize| {
        let (change, verdict) = match n {
            n if n % 7 == 0 => (2.0 + n as f64, Verdict::Reject),
            n if n % 11 == 0 => (-3.0 - n as f64, Verdict::Approve),
            _ => (0.1, Verdict::Approve),
        };
        let mut site = samples::timed_site(&format!("storage::pages::Page{n}::read"), change, verdict);
        site.metrics.truncate(1);
        site.metrics[0].resolution = Some(Percent(0.3 + 0.01 * n as f64));
        site.key.workload = if n < 25 { "scan".into() } else { "lookup".into() };
        site
    };
    samples::report((0..50).map(site).collect())
}

#[test]
fn nothing_changed() {
    let mut sites = vec![same(INSERT), same("order_book::book::Book::cancel")];
    sites[1].metrics[0].resolution = Some(Percent(0.4));
    sites[0].budgets.push(budget(BudgetMetric::P50, 2000.0, 1200.0, Verdict::Approve));
    sites[0].allocs = allocs(0, 0, Verdict::Approve);
    assert_data_eq!(
        human(&samples::report(sites), &PLAIN),
        str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

2 sites within tolerance (p50 resolves 0.4% to 0.7%)
budgets: 1 kept
allocations a call: 1 unchanged
APPROVE: every judged site is proven equal within its tolerance

"#]]
        .raw()
    );
}

#[test]
fn one_site_is_slower() {
    let mut report = samples::report(vec![slower(), same("order_book::book::Book::cancel")]);
    report.next_step = "mend it, or accept it".into();
    assert_data_eq!(
        human(&report, &PLAIN),
        str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

+ order_book::book::Book::insert  REJECT  Latency: 1.2us -> 1.34us (**+11.4%**)  [+10.7, +12.1]  ##########
                                          Mean: 1.25us -> 1.39us (**+11.4%**)    [+10.7, +12.1]  ##########

1 site within tolerance (p50 resolves 0.7%)
REJECT: order_book::book::Book::insert is slower (p50 +11.4%) in src/book.rs:42
next: mend it, or accept it

"#]]
        .raw()
    );
}

#[test]
fn one_site_is_slower_on_a_terminal_of_80_columns() {
    let report = samples::report(vec![slower(), same("order_book::book::Book::cancel")]);
    let screen = seen(&report, 80);
    assert!(widest(&screen) <= 80, "{screen}");
    assert_data_eq!(
        screen,
        str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

+ …::Book::insert       Latency: 1.2us -> 1.34us (+11.4%)  [+10.7, +12.1]  #####
                        Mean: 1.25us -> 1.39us (+11.4%)    [+10.7, +12.1]  #####

1 site within tolerance (p50 resolves 0.7%)
REJECT: order_book::book::Book::insert is slower (p50 +11.4%) in src/book.rs:42

"#]]
        .raw()
    );
}

#[test]
fn one_site_is_slower_on_a_wide_terminal() {
    let report = samples::report(vec![slower()]);
    assert_data_eq!(seen(&report, 160), str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

+ order_book::book::Book::insert  REJECT  Latency: 1.2us -> 1.34us (+11.4%)  [+10.7, +12.1]  ##########  allowed 1%, resolves 0.7%
                                          Mean: 1.25us -> 1.39us (+11.4%)    [+10.7, +12.1]  ##########  allowed 1%, resolves 0.7%

REJECT: order_book::book::Book::insert is slower (p50 +11.4%) in src/book.rs:42

"#]].raw());
}

#[test]
fn one_site_is_faster() {
    let mut site = samples::timed_site("parse::line", -20.0, Verdict::Approve);
    site.throughput = Some((10_000.0, 12_500.0, ThroughputUnit::Items));
    let mut report = samples::report(vec![site]);
    report.next_step = "`cargo darwin baseline` makes the improvement the measure of later checks".into();
    assert_data_eq!(
        human(&report, &PLAIN),
        str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

- parse::line  APPROVE  Latency: 1.2us -> 960ns (**-20%**)         [-20.7, -19.3]  ##########
                        p99: 4us -> 3.2us (**-20%**)               [-20.7, -19.3]  ########
                        Throughput: 10k -> 12.5k ops/s (**+25%**)  [+23.9, +26.1]

APPROVE: 1 site is faster, none is slower than allowed
next: `cargo darwin baseline` makes the improvement the measure of later checks

"#]]
        .raw()
    );
}

#[test]
fn a_site_is_open_with_the_blocks_that_are_missing() {
    let mut report = samples::report(vec![open(), same(INSERT)]);
    report.voided = 2;
    report.system.checks.push(SystemCheck {
        name: "steal".into(),
        status: SystemStatus::Noisy,
        value: "2 %".into(),
        advice: "close other machines".into(),
    });
    report.notes = ["replay", "parse", "load"].map(|name| format!("{name} is judged by whole runs")).into();
    report.notes.push("counts repeat exactly".into());
    report.next_step = "allow more time with --max-time".into();
    assert_data_eq!(
        human(&report, &PLAIN),
        str![[r#"
22 blocks, 2 voided in 7.9 s against 0123456789ab (built for this check)
machine noisy: steal: 2 %; close other machines

? order_book::book::Book::match_incoming  INCONCLUSIVE  Latency: 1.2us -> 1.202us (**+0.2%**)  [-0.50, +0.90]
    not proven within 1% (within 1.4% it is); resolves 0.7%; about 30 more blocks needed
                                                        Mean: 1.25us -> 1.253us (**+0.2%**)    [-0.50, +0.90]
    not proven within 1%; too few blocks for a resolution; more blocks like these would not tell

1 site within tolerance (p50 resolves 0.7%)
note: replay is judged by whole runs (also: parse, load)
note: counts repeat exactly
INCONCLUSIVE: not proven either way: order_book::book::Book::match_incoming
next: allow more time with --max-time

"#]]
        .raw()
    );
}

#[test]
fn counts_alone_reject_whatever_the_machine_does() {
    let mut site = samples::site(INSERT, Verdict::Reject);
    site.allocs = allocs(0, 4000, Verdict::Reject);
    site.bytes = allocs(0, 96_000, Verdict::Reject);
    site.budgets.push(budget(BudgetMetric::Allocs, 0.0, 1.0, Verdict::Reject));
    let mut outer = samples::site("order_book::book::Book::submit", Verdict::Reject);
    outer.allocs = allocs(0, 1708, Verdict::Reject);
    let mut report = samples::report(vec![outer, site]);
    report.blocks = 0;
    report.system.checks[0].status = SystemStatus::Noisy;
    assert_data_eq!(
        human(&report, &PLAIN),
        str![[r#"
0 blocks in 7.9 s against 0123456789ab (built for this check)

+ order_book::book::Book::submit  REJECT  Allocations: 0 -> 427 per 1000 calls (**+427**), exact
+ order_book::book::Book::insert  REJECT  Allocations: 0 -> 1 a call (**+1**), exact
                                          Bytes allocated: 0 B -> 24 B a call (**+24 B**), exact
                                          Budget: allocs <= 0 a call **broken**, it is 1 a call

budgets: 1 broken
allocations a call: 2 higher
REJECT: order_book::book::Book::submit allocates more in src/book.rs:42
        order_book::book::Book::insert allocates more, breaks its budget allocs in src/book.rs:42

"#]]
        .raw()
    );
}

#[test]
fn budgets_are_kept_broken_and_not_to_be_told() {
    let mut site = same(INSERT);
    site.verdict = Verdict::Reject;
    site.budgets = vec![
        budget(BudgetMetric::P50, 2000.0, 1200.0, Verdict::Approve),
        BudgetFinding { broken_before: true, ..budget(BudgetMetric::P99, 3000.0, 4004.0, Verdict::Reject) },
        budget(BudgetMetric::Max, 9000.0, 9100.0, Verdict::Inconclusive),
    ];
    assert_data_eq!(human(&samples::report(vec![site]), &PLAIN), str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

! order_book::book::Book::insert  REJECT  Budget: p99 <= 3us **broken**, it is 4us, the baseline breaks it already
                                          Budget: max <= 9us **not to be told**, it is 9.1us

budgets: 1 kept, 1 broken, 1 not to be told
REJECT: order_book::book::Book::insert breaks its budget p99 in src/book.rs:42

"#]].raw());
}

#[test]
fn sites_that_are_not_judged_are_told_together() {
    let with_note = |name: &str, note: &str| CheckedSite {
        note: Some(note.into()),
        ..samples::site(name, Verdict::Approve)
    };
    let few = |name, calls| {
        with_note(name, &format!("too few calls to judge its latency: {calls} a block, 60 are needed"))
    };
    let new = with_note("fresh", "new: only its budgets are judged until `cargo darwin baseline`");
    let report = samples::report(vec![removed(), few("a", 3), few("b", 12), new, same(INSERT)]);
    assert_data_eq!(human(&report, &PLAIN), str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

1 site within tolerance (p50 resolves 0.7%)
1 site not judged: order_book::book::Book::gone (no longer in the program; drop it with `cargo darwin baseline` if that is meant)
2 sites not judged: a, b (too few calls to judge its latency: 3 a block, 60 are needed)
1 site not judged: fresh (new: only its budgets are judged until `cargo darwin baseline`)
INCONCLUSIVE: measured in the baseline and no more: order_book::book::Book::gone

"#]].raw());
}

#[test]
fn what_a_change_of_the_baseline_accepts_is_shown_and_not_rejected() {
    let mut accepted = slower();
    (accepted.accepted, accepted.verdict) = (true, Verdict::Approve);
    accepted.note = Some("accepted by baseline change".into());
    accepted.metrics[1].verdict = None;
    let shown = human(&samples::report(vec![accepted, same("f")]), &PLAIN);
    assert!(shown.contains("APPROVE") && shown.contains("(**+11.4%**)"), "{shown}");
    assert!(shown.contains("note: accepted by baseline change"), "{shown}");
    assert!(shown.ends_with("but for 1 accepted by baseline change\n"), "{shown}");
}

#[test]
fn fifty_sites_of_two_workloads() {
    assert_data_eq!(
        human(&fifty(), &PLAIN),
        str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

workload lookup
+ storage::pages::Page49::read  REJECT   Latency: 1.2us -> 1.81us (**+51%**)  [+50.3, +51.7]  ##########
+ storage::pages::Page42::read  REJECT   Latency: 1.2us -> 1.73us (**+44%**)  [+43.3, +44.7]  ##########
+ storage::pages::Page35::read  REJECT   Latency: 1.2us -> 1.64us (**+37%**)  [+36.3, +37.7]  ##########
+ storage::pages::Page28::read  REJECT   Latency: 1.2us -> 1.56us (**+30%**)  [+29.3, +30.7]  ##########
- storage::pages::Page44::read  APPROVE  Latency: 1.2us -> 636ns (**-47%**)   [-47.7, -46.3]  ##########
- storage::pages::Page33::read  APPROVE  Latency: 1.2us -> 768ns (**-36%**)   [-36.7, -35.3]  ##########
workload scan
+ storage::pages::Page21::read  REJECT   Latency: 1.2us -> 1.48us (**+23%**)  [+22.3, +23.7]  ##########
+ storage::pages::Page14::read  REJECT   Latency: 1.2us -> 1.39us (**+16%**)  [+15.3, +16.7]  ##########
+ storage::pages::Page7::read   REJECT   Latency: 1.2us -> 1.31us (**+9%**)   [+8.3, +9.7]    ##########
+ storage::pages::Page0::read   REJECT   Latency: 1.2us -> 1.22us (**+2%**)   [+1.3, +2.7]    ####
- storage::pages::Page22::read  APPROVE  Latency: 1.2us -> 900ns (**-25%**)   [-25.7, -24.3]  ##########
- storage::pages::Page11::read  APPROVE  Latency: 1.2us -> 1.03us (**-14%**)  [-14.7, -13.3]  ##########

38 sites within tolerance (p50 resolves 0.31% to 0.78%)
REJECT: storage::pages::Page49::read is slower (p50 +51%) in src/book.rs:42
        storage::pages::Page42::read is slower (p50 +44%) in src/book.rs:42
        storage::pages::Page35::read is slower (p50 +37%) in src/book.rs:42
        and 5 more

"#]]
        .raw()
    );
}

#[test]
fn long_names_are_cut_in_the_middle_or_stand_alone() {
    let long = |middle: &str, change| {
        let name = format!("warehouse::{middle}::inventory::reservations::Allocator::reserve_for_customer");
        CheckedSite { metrics: slower().metrics, ..samples::timed_site(&name, change, Verdict::Reject) }
    };
    let wordy =
        samples::timed_site("warehouse::prices::discounts::seasonal::Table::find", 9.0, Verdict::Reject);
    let report = samples::report(vec![long("north", 3.0), long("south", 4.0), wordy]);
    assert_data_eq!(human(&report, &PLAIN), str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

+ warehouse::north::inventory::reservations::Allocator::reserve_for_customer
                                     REJECT  Latency: 1.2us -> 1.34us (**+11.4%**)  [+10.7, +12.1]  ##########
                                             Mean: 1.25us -> 1.39us (**+11.4%**)    [+10.7, +12.1]  ##########
+ warehouse::south::inventory::reservations::Allocator::reserve_for_customer
                                     REJECT  Latency: 1.2us -> 1.34us (**+11.4%**)  [+10.7, +12.1]  ##########
                                             Mean: 1.25us -> 1.39us (**+11.4%**)    [+10.7, +12.1]  ##########
+ warehouse::…::Table::find          REJECT  Latency: 1.2us -> 1.31us (**+9%**)     [+8.3, +9.7]    ##########
                                             p99: 4us -> 4.36us (**+9%**)           [+8.3, +9.7]    ####
                                             Mean: 1.25us -> 1.36us (**+9%**)       [+8.3, +9.7]    ##########

REJECT: warehouse::north::inventory::reservations::Allocator::reserve_for_customer is slower (p50 +11.4%) in src/book.rs:42
        warehouse::south::inventory::reservations::Allocator::reserve_for_customer is slower (p50 +11.4%) in src/book.rs:42
        warehouse::prices::discounts::seasonal::Table::find is slower (p50 +9%) in src/book.rs:42

"#]].raw());
}

#[test]
fn a_narrow_terminal_has_names_on_lines_of_their_own() {
    let faster = samples::timed_site("order_book::parse", -3.0, Verdict::Approve);
    let report = samples::report(vec![open(), faster]);
    assert_data_eq!(
        seen(&report, 60),
        str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

? order_book::book::Book::match_incoming  INCONCLUSIVE
    Latency: 1.2us -> 1.202us (+0.2%)       [-0.50, +0.90]
      not proven within 1% (within 1.4% it is); resolves 0.7%; about 30 more blocks needed
    Mean: 1.25us -> 1.253us (+0.2%)         [-0.50, +0.90]
      not proven within 1%; too few blocks for a resolution; more blocks like these would not tell
- order_book::parse  APPROVE
    Latency: 1.2us -> 1.16us (-3%)          [-3.7, -2.3]
    Throughput: 800k -> 825k ops/s (+3.1%)  [+2.4, +3.8]

INCONCLUSIVE: not proven either way: order_book::book::Book::match_incoming

"#]]
        .raw()
    );
}

#[test]
fn every_metric_of_every_site() {
    let mut first = same(INSERT);
    first.allocs = allocs(8000, 8000, Verdict::Approve);
    first.bytes = allocs(100, 100, Verdict::Approve);
    first.budgets.push(budget(BudgetMetric::P50, 2000.0, 1200.0, Verdict::Approve));
    let report = samples::report(vec![first, open(), removed()]);
    assert_data_eq!(human(&report, &Look { verbose: true, ..at(80) }), str![[r#"
22 blocks in 7.9 s against 0123456789ab (built for this check)

? …::Book::match_incoming  Latency: 1.2us -> 1.202us (**+0.2%**)  [-0.50, +0.90]
    not proven within 1% (within 1.4% it is); resolves 0.7%; about 30 more blocks needed
                           Mean: 1.25us -> 1.253us (**+0.2%**)    [-0.50, +0.90]
    not proven within 1%; too few blocks for a resolution; more blocks like these would not tell

    metric  baseline -> now    change  95 % interval   allowed  resolves
order_book::book::Book::insert  APPROVE  (replay, src/book.rs:42)
    p50     1.2us -> 1.201us   +0.1%   [-0.60, +0.80]  1%       0.7%      APPROVE
    p99     4us -> 4.004us     +0.1%   [-0.60, +0.80]  5%       0.7%      APPROVE
    mean    1.25us -> 1.251us  +0.1%   [-0.60, +0.80]  1%       0.7%      APPROVE
    throughput: 800k -> 799k ops/s, -0.1% [-0.79, +0.60]
    allocations: 2 a call, exact
    bytes: 25 B per 1000 calls, exact
    budget p50 <= 2us: kept, it is 1.2us
order_book::book::Book::match_incoming  INCONCLUSIVE  (replay, src/book.rs:42)
    p50     1.2us -> 1.202us   +0.2%   [-0.50, +0.90]  1%       0.7%      INCONCLUSIVE
    p99     4us -> 4.01us      +0.2%   [-0.50, +0.90]  5%       0.7%      shown only
    mean    1.25us -> 1.253us  +0.2%   [-0.50, +0.90]  1%       -         INCONCLUSIVE
    throughput: 800k -> 798k ops/s, -0.2% [-0.89, +0.50]
order_book::book::Book::gone  INCONCLUSIVE  (replay, src/book.rs:42)
    note: no longer in the program; drop it with `cargo darwin baseline` if that is meant

1 site within tolerance (p50 resolves 0.7%)
1 site not judged: order_book::book::Book::gone (no longer in the program; drop it with `cargo darwin baseline` if that is meant)
budgets: 1 kept
allocations a call: 1 unchanged
INCONCLUSIVE: not proven either way: order_book::book::Book::match_incoming; measured no more: order_book::book::Book::gone

"#]].raw());
}

#[test]
fn a_pull_request() {
    let mut report = samples::report(vec![slower(), open(), same("f"), removed()]);
    report.notes.push("workload *replay*: judged by whole runs".into());
    report.next_step = "mend it, or accept it: run `cargo darwin baseline`".into();
    assert_data_eq!(markdown::check(&report), str![[r#"
## REJECT: `order_book::book::Book::insert` is slower (p50 +11.4%) in `src/book.rs:42`

| | Function | Change | 95 % interval | |
| --- | --- | --- | --- | --- |
| + | `order_book::book::Book::insert`<br>`replay`, `src/book.rs:42` | Latency: 1.2us -> 1.34us (**+11.4%**) | [+10.7, +12.1] ########## | REJECT |
| | | Mean: 1.25us -> 1.39us (**+11.4%**) | [+10.7, +12.1] ########## |  |

- 1 site within tolerance (p50 resolves 0.7%)
- 1 site not judged: `order_book::book::Book::gone` (no longer in the program; drop it with `cargo darwin baseline` if that is meant)
- 1 site not told before the verdict fell
- workload \*replay\*: judged by whole runs

next: mend it, or accept it: run `cargo darwin baseline`

22 blocks in 7.9 s against 0123456789ab (built for this check)

"#]].raw());
}

#[test]
fn no_colour_is_no_escape_and_colour_changes_no_word() {
    let report = samples::report(vec![slower(), open()]);
    let plain = human(&report, &at(160));
    assert!(!plain.contains('\x1b') && plain.contains("(**+11.4%**)"), "{plain}");
    let coloured = human(&report, &Look { paint: Paint::Ansi, ..at(160) });
    assert!(coloured.contains("\x1b[1;31m+11.4%\x1b[0m") && !coloured.contains("**"), "{coloured:?}");
    let words = |text: &str| {
        let text = safe::text(text).replace("**", "");
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(words(&coloured), words(&plain));
}

#[test]
fn no_width_breaks_the_columns() {
    for (width, look) in (40..200).map(|width| (width, Look { paint: Paint::Ansi, ..at(width) })) {
        let screen = safe::text(&human(&fifty(), &look));
        let deltas: Vec<usize> = screen
            .lines()
            .filter_map(|line| line.find("Latency: ").map(|at| line[..at].chars().count()))
            .collect();
        assert!(deltas.len() > 8 && deltas.iter().all(|&at| at == deltas[0]), "{width}\n{screen}");
        assert!(width < 54 || widest(&screen) <= width, "{width}\n{screen}");
    }
}

#[test]
fn identical_code_is_approved_in_two_lines_whatever_the_machine_does() {
    let mut report = samples::report(Vec::new());
    (report.baseline_source, report.blocks, report.seconds) = (BaselineSource::Identical, 0, 0.04);
    report.system.checks[0].status = SystemStatus::Noisy;
    assert_data_eq!(
        human(&report, &PLAIN),
        str![[r#"
0 blocks in 0.04 s against 0123456789ab (same machine code)

APPROVE: the machine code is the baseline's, nothing had to be timed

"#]]
    );
}

#[test]
fn a_failed_build_shows_its_message_and_approves_nothing() {
    let failure = check::Invalid {
        reason: "the candidate did not build:\nerror[E0308]: \x1b[31mmismatched types\x1b[0m",
        advice: "mend the build",
    };
    assert_data_eq!(
        invalid(&failure, Paint::Plain),
        str![[r#"
the candidate did not build:
error[E0308]: mismatched types

INVALID: nothing was measured, so nothing is approved
next: mend the build

"#]]
    );
}

#[test]
fn a_machine_that_is_unfit_is_named_even_if_nothing_was_timed() {
    let mut report = samples::report(Vec::new());
    report.blocks = 0;
    report.system.checks[0].status = SystemStatus::Unfit;
    report.system.status = SystemStatus::Unfit;
    assert!(human(&report, &PLAIN).contains("machine unfit: governor"));
}

#[test]
fn the_largest_change_is_named_first_and_a_site_of_two_workloads_once() {
    let rejected = |name, change| samples::timed_site(name, change, Verdict::Reject);
    let report = samples::report(vec![rejected("bench", 3.0), rejected("f", 12.0), rejected("f", 13.0)]);
    let text = human(&report, &PLAIN);
    assert!(
        text.contains("REJECT: f is slower (p50 +13%) in src/book.rs:42\n        bench is slower"),
        "{text}"
    );
    assert_eq!(text.matches("f is slower").count(), 1, "{text}");
}

#[test]
fn many_rejected_sites_are_counted_in_the_verdict() {
    let site = |n| samples::timed_site(&format!("f{n}"), 9.0, Verdict::Reject);
    let text = human(&samples::report((0..5).map(site).collect()), &PLAIN);
    let verdict = "\
REJECT: f0 is slower (p50 +9%) in src/book.rs:42
        f1 is slower (p50 +9%) in src/book.rs:42
        f2 is slower (p50 +9%) in src/book.rs:42
        and 2 more
";
    assert!(text.ends_with(verdict), "{text}");
}

#[test]
fn a_rejected_check_only_counts_what_was_not_told_in_time() {
    let open = samples::timed_site("g", 0.1, Verdict::Inconclusive);
    let text = human(&samples::report(vec![slower(), open]), &PLAIN);
    assert!(text.contains("\n1 site not told before the verdict fell\n"), "{text}");
    assert!(!text.contains("? g"), "{text}");
}

#[test]
fn an_approved_change_beyond_half_the_tolerance_says_that_either_verdict_was_possible() {
    let mut site = same("f");
    site.metrics[0] = samples::metric(Metric::P50, 1200.0, 0.7, Some(Verdict::Approve));
    let text = human(&samples::report(vec![site, same("g")]), &PLAIN);
    let remark = "between half of the tolerance and all of it, where either verdict is possible: f +0.7%\n";
    assert!(text.contains(remark), "{text}");
}

#[test]
fn an_infinite_change_is_a_dash() {
    let mut site = samples::timed_site("f", 20.0, Verdict::Reject);
    site.metrics[0].delta.change = Percent(f64::NAN);
    assert!(human(&samples::report(vec![site]), &PLAIN).contains("(**-**)"));
}
