use super::*;
use crate::exit_code::ExitCode;
use crate::gate::plan::SiteRequest;
use crate::gate::testing::{Rng, block, request};

/// A world without processes: block `n` is what the function says.
struct Fake<F>(F);

impl<F: FnMut(u32) -> Result<BlockOutcome, ProbeError>> Probe for Fake<F> {
    fn block(&mut self, number: u32, _: &BTreeSet<String>) -> Result<BlockOutcome, ProbeError> {
        (self.0)(number)
    }
}

/// Runs a check of two sites within 2 %, at most 60 blocks.
fn check(world: impl FnMut(u32) -> Result<BlockOutcome, ProbeError>) -> Outcome {
    planned(Plan::freeze(vec![request("a"), request("b")]), world)
}

/// The same where a site must become faster.
fn challenged(world: impl FnMut(u32) -> Result<BlockOutcome, ProbeError>) -> Outcome {
    planned(Plan::freeze(vec![request("a"), request("b")]).require_faster(true), world)
}

fn planned(plan: Plan, world: impl FnMut(u32) -> Result<BlockOutcome, ProbeError>) -> Outcome {
    let mut asked = 0;
    let mut limit = || {
        asked += 1;
        asked > 60
    };
    measure(plan, &[], &mut Fake(world), &mut (), &mut limit, &mut ())
}

/// A quiet world in which site `a` is slower by `shift`, with a deviation of `deviation`.
fn shifted(shift: f64, deviation: f64) -> impl FnMut(u32) -> Result<BlockOutcome, ProbeError> {
    let mut rng = Rng::new(8);
    move |_| {
        let mut y = |shift: f64| shift + deviation * rng.gaussian();
        Ok(BlockOutcome::Judged(block([("a", y(shift)), ("b", y(0.0))])))
    }
}

fn void() -> Result<BlockOutcome, ProbeError> {
    void_for(VoidKind::Steal)
}

fn void_for(kind: VoidKind) -> Result<BlockOutcome, ProbeError> {
    Ok(BlockOutcome::Void(VoidReason::new(kind, "4.1 % of the pinned CPU was stolen")))
}

/// Fails as a killed workload does, at block `at`.
fn killed(at: u32) -> impl FnMut(u32) -> Result<BlockOutcome, ProbeError> {
    let mut quiet = shifted(-0.5, 0.001);
    move |number| {
        if number == at { Err(ProbeError::new("the candidate was killed by SIGKILL")) } else { quiet(number) }
    }
}

/// Remembers what progress was told.
struct Seen(Vec<Standing>);

impl Progress for Seen {
    fn step(&mut self, standing: Standing) {
        self.0.push(standing);
    }
}

#[test]
fn every_verdict_and_its_exit_code_can_be_reached() {
    let mut quiet = shifted(0.0, 0.001);
    let every_second_void = move |number: u32| if number % 2 == 1 { void() } else { quiet(number) };
    let cases = [
        ("unchanged", check(shifted(0.0, 0.005)), Verdict::Approve),
        ("much faster", check(shifted(-0.3, 0.005)), Verdict::Approve),
        ("slower by 5 %", check(shifted(0.05, 0.005)), Verdict::Reject),
        ("much slower", check(shifted(1.0, 0.005)), Verdict::Reject),
        ("too noisy to tell", check(shifted(0.0, 0.3)), Verdict::Inconclusive),
        ("half of the blocks void", check(every_second_void), Verdict::Approve),
        ("all blocks void", check(|_| void()), Verdict::Invalid),
        ("killed in the first block", check(killed(0)), Verdict::Invalid),
        ("killed just before the verdict", check(killed(8)), Verdict::Invalid),
        ("blocks without data", check(|_| Ok(BlockOutcome::Judged(block([])))), Verdict::Inconclusive),
        ("a challenger that is faster", challenged(shifted(-0.3, 0.005)), Verdict::Approve),
        ("a challenger that is the same", challenged(shifted(0.0, 0.005)), Verdict::Reject),
        ("a challenger that is slower", challenged(shifted(0.05, 0.005)), Verdict::Reject),
        ("a challenger in noise", challenged(shifted(-0.3, 2.0)), Verdict::Inconclusive),
        ("a challenger that was killed", challenged(killed(8)), Verdict::Invalid),
    ];
    for (case, outcome, expected) in cases {
        assert_eq!(outcome.verdict(), expected, "{case}");
        let code = match expected {
            Verdict::Approve => 0,
            Verdict::Reject => 1,
            Verdict::Inconclusive => 3,
            Verdict::Invalid => 4,
        };
        assert_eq!(ExitCode::from(outcome.verdict()).code(), code, "{case}");
    }
}

#[test]
fn a_challenger_that_is_approved_and_has_not_won_when_the_time_is_up_is_inconclusive() {
    // Two blocks of five 4 % faster, the others 0.5 % slower: within the tolerance, but neither a win nor proven to be none.
    let mut world = |number: u32| {
        let y = if [1, 3].contains(&(number % 5)) { -0.04 } else { 0.005 };
        Ok(BlockOutcome::Judged(block([("a", y), ("b", 0.0)])))
    };
    let Outcome::Judged(findings) = challenged(&mut world) else { panic!() };
    assert_eq!((findings.verdict, findings.challenge), (Verdict::Inconclusive, Challenge::Open));
    assert!(findings.sites.iter().all(|site| site.timed == Some(Verdict::Approve)));
    assert_eq!(check(&mut world).verdict(), Verdict::Approve, "without being asked for a win");
}

#[test]
fn a_killed_run_is_never_approved_and_has_no_delta_whenever_it_happens() {
    for at in 0..9 {
        let Outcome::Failed(error) = check(killed(at)) else { panic!("block {at}") };
        assert_eq!(error.to_string(), "the candidate was killed by SIGKILL");
    }
}

#[test]
fn the_first_block_is_thrown_away() {
    let mut numbers = Vec::new();
    let mut quiet = shifted(0.0, 0.001);
    let outcome = check(|number| {
        numbers.push(number);
        if number == 0 { Ok(BlockOutcome::Judged(block([("a", 9.0), ("b", 9.0)]))) } else { quiet(number) }
    });
    let Outcome::Judged(findings) = outcome else { panic!() };
    assert_eq!(findings.verdict, Verdict::Approve);
    assert_eq!(numbers, (0..=findings.blocks).collect::<Vec<_>>());
}

#[test]
fn a_machine_that_voids_ten_blocks_in_a_row_is_unfit_and_says_why() {
    let mut asked = 0;
    let outcome = check(|_| {
        asked += 1;
        void()
    });
    let Outcome::Unfit { voided, reason } = outcome else { panic!() };
    assert_eq!((voided, asked), (10, 11));
    assert!(reason.contains("stolen"));
}

#[test]
fn reasons_of_void_blocks_are_counted_the_commonest_first() {
    let mut quiet = shifted(0.0, 0.001);
    let outcome = check(|number| match number {
        2 => void_for(VoidKind::Steal),
        3 | 5 => void_for(VoidKind::Pressure),
        _ => quiet(number),
    });
    let Outcome::Judged(findings) = outcome else { panic!() };
    let count = |kind, count| VoidCount { kind, count };
    assert_eq!(findings.void_reasons, [count(VoidKind::Pressure, 2), count(VoidKind::Steal, 1)]);
    assert_eq!(findings.voided, 3);
}

#[test]
fn time_that_is_up_before_the_first_block_is_inconclusive_and_names_the_open_sites() {
    let plan = Plan::freeze(vec![request("a")]);
    let outcome = measure(plan, &[], &mut Fake(shifted(0.0, 0.001)), &mut (), &mut || true, &mut ());
    let Outcome::Judged(findings) = outcome else { panic!() };
    assert_eq!((findings.verdict, findings.blocks), (Verdict::Inconclusive, 0));
    assert_eq!(findings.sites[0].note.as_deref(), Some("p50 has no sample yet"));
}

#[test]
fn a_plan_that_gates_nothing_is_not_approved_and_runs_nothing() {
    let plan = Plan::freeze(vec![SiteRequest { baseline_calls: None, ..request("a") }]);
    let outcome =
        measure(plan, &[], &mut Fake(|_| panic!("no block is needed")), &mut (), &mut || false, &mut ());
    assert_eq!(outcome.verdict(), Verdict::Inconclusive);
}

#[test]
fn progress_is_told_after_each_block() {
    let mut seen = Seen(Vec::new());
    let mut quiet = shifted(0.0, 0.001);
    let mut world = Fake(|number| if number == 1 { void() } else { quiet(number) });
    let plan = Plan::freeze(vec![request("a"), request("b")]);
    measure(plan, &[], &mut world, &mut (), &mut || false, &mut seen);
    assert_eq!(seen.0[0], Standing { blocks: 0, voided: 0, gated: 2, open: 2 });
    assert_eq!(seen.0[1], Standing { blocks: 0, voided: 1, gated: 2, open: 2 });
    assert_eq!(seen.0.last().unwrap().open, 0);
}

/// Keeps the blocks in memory, as they would be stored.
#[derive(Default)]
struct Kept(Vec<String>);

impl Recorder for Kept {
    fn record(&mut self, block: &BlockSamples) -> Result<(), ProbeError> {
        self.0.push(serde_json::to_string(block).map_err(ProbeError::new)?);
        Ok(())
    }
}

impl Kept {
    fn blocks(&self) -> Vec<BlockSamples> {
        self.0.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A check of one site on `earlier` blocks that may judge `most` more.
fn continued(
    earlier: &[BlockSamples],
    most: u32,
    kept: &mut Kept,
    world: &mut impl FnMut(u32) -> Result<BlockOutcome, ProbeError>,
) -> Outcome {
    let mut asked = 0;
    let mut limit = || {
        asked += 1;
        asked > most + 1
    };
    measure(Plan::freeze(vec![request("a")]), earlier, &mut Fake(world), kept, &mut limit, &mut ())
}

#[test]
fn a_check_in_pieces_ends_as_one_in_a_row_does() {
    for shift in [0.0, 0.02] {
        let mut whole = shifted(shift, 0.02);
        let Outcome::Judged(whole) = continued(&[], 500, &mut Kept::default(), &mut whole) else { panic!() };
        let (mut pieces, mut kept) = (shifted(shift, 0.02), Kept::default());
        // Each piece throws its first block away, so the pieces are given one that the whole does not have.
        let mut without_the_first = |number| if number == 0 { void() } else { pieces(number) };
        without_the_first(1).unwrap();
        let last = loop {
            let earlier = kept.blocks();
            let outcome = continued(&earlier, 5, &mut kept, &mut without_the_first);
            let Outcome::Judged(findings) = outcome else { panic!() };
            if findings.verdict != Verdict::Inconclusive {
                break findings;
            }
        };
        assert_eq!(last, whole, "shift {shift}");
        assert!(whole.blocks > 10, "several pieces, not {} blocks", whole.blocks);
    }
}

#[test]
fn a_verdict_that_earlier_blocks_gave_is_repeated_without_a_run() {
    let mut kept = Kept::default();
    let first = continued(&[], 60, &mut kept, &mut shifted(0.2, 0.001));
    let again = continued(&kept.blocks(), 60, &mut Kept::default(), &mut |_| panic!("no block is needed"));
    let (Outcome::Judged(first), Outcome::Judged(again)) = (first, again) else { panic!() };
    assert_eq!((again.verdict, &again), (Verdict::Reject, &first));
}

#[test]
fn the_block_that_is_thrown_away_and_void_ones_are_not_kept() {
    let (mut kept, mut quiet) = (Kept::default(), shifted(0.0, 0.001));
    let mut world = |number: u32| if number == 3 { void() } else { quiet(number) };
    let Outcome::Judged(findings) = continued(&[], 60, &mut kept, &mut world) else { panic!() };
    assert_eq!((kept.0.len() as u32, findings.voided), (findings.blocks, 1));
}

#[test]
fn nothing_is_shown_of_a_block_that_could_not_be_kept() {
    struct Full;
    impl Recorder for Full {
        fn record(&mut self, _: &BlockSamples) -> Result<(), ProbeError> {
            Err(ProbeError::new("no space left on device"))
        }
    }
    let mut seen = Seen(Vec::new());
    let plan = Plan::freeze(vec![request("a")]);
    let outcome = measure(plan, &[], &mut Fake(shifted(0.5, 0.001)), &mut Full, &mut || false, &mut seen);
    let Outcome::Failed(error) = outcome else { panic!() };
    assert_eq!(error.to_string(), "no space left on device");
    assert!(seen.0.iter().all(|standing| standing.blocks == 0));
}
