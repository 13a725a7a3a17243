//! Turns at the entries of sites, between two processes of real programs: both do the same work in each pair of turns,
//! nobody waits for ever, and what cannot be trusted is said.

#[allow(dead_code, reason = "this test starts pairs of processes itself")]
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use cargo_darwin::gate::turns::void_reason;
use cargo_darwin::io::control::{Fair, TurnPlan, TurnsAt};
use cargo_darwin::io::map::{self, Map};
use cargo_darwin::io::measure::{self, Measured, Pair, PairPlan};
use cargo_darwin::io::process::Program;
use cargo_darwin::model::Broken;
use darwin_tests::Fixture;

/// Far more than any of the programs takes: whoever needs it hangs.
const LIMIT: Duration = Duration::from_secs(120);

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| workload::built(&Fixture::new("turns"), &["--release"]))
}

/// Both sides run the program `how`, with a warm-up of `warm_up` at the start of each turn.
fn pair(how: &str, warm_up: Duration, stride: u32) -> Pair {
    let at = TurnsAt::Sites { stride };
    paired([how; 2], TurnPlan { turn: Duration::from_millis(5), warm_up, coin: 1, at, fair: Fair::FULLY })
}

/// Each side runs the program as it is told.
fn paired(hows: [&str; 2], turns: TurnPlan) -> Pair {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let [baseline, candidate] = hows.map(|how| Program {
        path: program().to_owned(),
        args: vec![how.into(), folder.path().into()],
        directory: folder.path().to_owned(),
        variables: Vec::new(),
        processor: None,
    });
    let paces =
        ["short", "slow", "outer", "suspended"].map(|name| format!("turns_fixture::computing::{name}"));
    let plan = PairPlan { turns, pacing: &paces, seeds: [1, 2] };
    measure::pair([&baseline, &candidate], &plan, LIMIT).expect("both sides end well")
}

fn warm(how: &str) -> Pair {
    pair(how, Duration::from_micros(500), 1)
}

/// Completed calls by pair of turns, over all processes and threads of a side.
fn calls_by_pair(side: &Measured) -> BTreeMap<u32, usize> {
    let mut calls = BTreeMap::new();
    for map in &side.maps {
        for (number, turn) in map::turns(&map.logs().expect("the log is whole")) {
            *calls.entry(number / 2).or_default() += named(map, &turn).sum::<usize>();
        }
    }
    calls
}

fn named<'a>(map: &'a Map, turn: &'a map::Turn) -> impl Iterator<Item = usize> + 'a {
    let ids = map.sites.iter().filter(|raw| raw.site.is_some()).map(|raw| raw.id as usize);
    ids.filter_map(|id| turn.samples.get(id)).map(Vec::len)
}

/// Pairs that both sides made, with the calls of each side.
fn common(pair: &Pair) -> Vec<[usize; 2]> {
    let [before, after] = pair.sides.each_ref().map(calls_by_pair);
    before.iter().filter_map(|(number, calls)| Some([*calls, *after.get(number)?])).collect()
}

#[test]
fn one_thread_makes_exactly_as_many_calls_in_the_second_turn_of_a_pair_as_in_the_first() {
    let pair = warm("short-calls");
    assert_eq!(void_reason(&pair.turns), None, "{:?}", pair.turns);
    let pairs = common(&pair);
    assert!(pairs.len() >= 2, "20 ms of work are several turns: {pairs:?}");
    assert!(pairs.iter().all(|[before, after]| before == after && *before > 0), "{pairs:?}");
}

#[test]
fn slow_calls_change_hands_one_by_one() {
    let pair = pair("slow-calls", Duration::ZERO, 1);
    assert_eq!(void_reason(&pair.turns), None, "{:?}", pair.turns);
    assert_eq!(common(&pair), [[1, 1]; 6]);
}

#[test]
fn a_program_of_one_call_is_a_pair_of_one_call_each() {
    let pair = pair("one-call", Duration::ZERO, 1);
    assert_eq!(void_reason(&pair.turns), None, "{:?}", pair.turns);
    assert_eq!(common(&pair), [[1, 1]]);
}

#[test]
fn only_every_so_many_pairs_are_kept_of_a_long_run() {
    let every = common(&pair("slow-calls", Duration::ZERO, 3));
    assert_eq!(every, [[1, 1]; 2]);
}

/// The turns that a side made.
fn numbers(side: &Measured) -> Vec<u32> {
    let logs = |map: &Map| map.logs().expect("the log is whole");
    side.maps.iter().flat_map(|map| map::turns(&logs(map)).into_keys()).collect()
}

/// No warm-up, every pair kept, and side 1 goes first.
const BARE: TurnPlan = TurnPlan {
    turn: Duration::from_millis(5),
    warm_up: Duration::ZERO,
    coin: 1,
    at: TurnsAt::Sites { stride: 1 },
    fair: Fair::FULLY,
};

#[test]
fn chance_decides_who_goes_first_and_pairs_alternate_unless_that_is_left_out_for_an_experiment() {
    let made = |fair| paired(["slow-calls"; 2], TurnPlan { fair, ..BARE }).sides.each_ref().map(numbers);
    assert_eq!(made(Fair::FULLY), [[1, 2, 5, 6, 9, 10], [0, 3, 4, 7, 8, 11]]);
    let fixed = Fair { order: false, ..Fair::FULLY };
    assert_eq!(made(fixed), [[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]]);
}

#[test]
fn the_second_mover_does_as_much_as_the_first_unless_that_is_left_out_for_an_experiment() {
    let hows = ["slow-calls", "short-calls"];
    let first_turns = |fair| common(&paired(hows, TurnPlan { coin: 0, fair, ..BARE }))[0];
    let [slow, short] = first_turns(Fair::FULLY);
    assert!(slow == 1 && short <= 1, "one entry was repeated, and {short} calls of 1 us were made");
    let [slow, short] = first_turns(Fair { work: false, ..Fair::FULLY });
    assert!(slow == 1 && short > 1, "a turn of 5 ms holds {slow} calls of 10 ms and {short} of 1 us");
}

#[test]
fn threads_of_a_side_run_and_rest_together() {
    let pair = warm("threads");
    assert_eq!(void_reason(&pair.turns), None, "{:?}", pair.turns);
    // What a thread had begun when the turn was closed, it ends later: a few calls of the four threads.
    for [before, after] in common(&pair) {
        assert!(before.abs_diff(after) <= 64, "{before} and {after} calls");
    }
}

#[test]
fn futures_wait_at_every_poll() {
    let pair = warm("futures");
    assert_eq!(void_reason(&pair.turns), None, "{:?}", pair.turns);
    let pairs = common(&pair);
    assert!(!pairs.is_empty());
    // Futures that were begun in one turn and ended in a later one.
    assert!(pairs.iter().all(|[before, after]| before.abs_diff(*after) <= 80), "{pairs:?}");
}

#[test]
fn three_processes_of_a_side_run_and_rest_together() {
    let pair = warm("processes");
    assert_eq!(void_reason(&pair.turns), None, "{:?}", pair.turns);
    assert!(pair.sides.iter().all(|side| side.maps.len() == 3));
    assert!(!common(&pair).is_empty());
}

#[test]
fn a_mutex_held_across_calls_hangs_nobody() {
    assert_eq!(void_reason(&warm("mutex").turns), None);
}

#[test]
fn a_side_that_ends_early_leaves_nobody_waiting() {
    let pair = warm("ends-early");
    let [before, after] = pair.sides.each_ref().map(calls_by_pair);
    assert!(before.len() <= after.len(), "{before:?} {after:?}");
}

#[test]
fn a_lock_that_both_sides_want_breaks_the_turns_off() {
    let pair = warm("lock-across-calls");
    assert_eq!(pair.turns.broken, Some(Broken::Idle));
}

#[test]
fn a_lock_that_one_side_holds_before_its_first_call_breaks_the_turns_off() {
    let pair = warm("lock-around-all");
    assert_eq!(pair.turns.broken, Some(Broken::NoStart));
}

#[test]
fn a_side_that_sleeps_in_its_turn_breaks_the_turns_off() {
    assert_eq!(warm("sleeps").turns.broken, Some(Broken::Idle));
}

#[test]
fn a_thread_that_computes_while_its_side_waits_is_found_out_and_named() {
    let why = void_reason(&warm("computes-beside").turns).expect("the pair does not count");
    assert!(why.contains("`restless` kept computing"), "{why}");
}
