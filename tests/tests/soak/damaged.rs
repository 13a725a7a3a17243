//! Damage on the way from the map to the verdict, in one process: recorded maps of real runs go through reading, figures,
//! samples and the gate, with a fault somewhere. Nothing of what is damaged is ever approved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_darwin::gate::{
    self, BlockOutcome, BlockSamples, BudgetRequest, Plan, Probe, ProbeError, SiteRequest, Tolerances, sample,
};
use cargo_darwin::io::baseline_file::{self, BaselineFile};
use cargo_darwin::io::map::{ClockPair, Map};
use cargo_darwin::io::measure::Measured;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::io::{clock, figures};
use cargo_darwin::model::{
    Budget, BudgetMetric, Metric, Nanos, Percent, SiteKey, SiteRun, Usage, Verdict, VoidKind, VoidReason,
};
use darwin_tests::soak::{Random, size};
use darwin_tests::{Fixture, records};

use super::table::Table;
use super::workload;

const SEED: u64 = 13;

/// Recorded runs of each program; the blocks of a check take them in turn.
const RUNS: usize = 6;

/// Blocks of a check that comes to no verdict.
const MOST_BLOCKS: u32 = 24;

const SITE: &str = "hostile_fixture::step";

/// A run that was measured once.
struct Recorded {
    bytes: Vec<u8>,
    end: ClockPair,
    runs: Vec<SiteRun>,
}

/// Programs by what their measured function does.
struct Records {
    same: Vec<Recorded>,
    slower: Vec<Recorded>,
    /// A file for damaged maps.
    path: PathBuf,
    _folder: tempfile::TempDir,
}

/// What goes wrong in a check, and in which of its blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The workload fails.
    Failure {
        block: u32,
    },
    /// The machine is disturbed from then on.
    Disturbance {
        from: u32,
    },
    /// The time is over.
    Timeout {
        block: u32,
    },
    /// One side leaves no map.
    NoMap {
        block: u32,
        side: usize,
    },
    /// A map ends early.
    Cut {
        block: u32,
        side: usize,
        seed: u64,
    },
    /// A map ends early on both sides of every block.
    AlwaysCut {
        seed: u64,
    },
    /// Some bits of a map are others.
    Flips {
        block: u32,
        side: usize,
        seed: u64,
    },
    /// The same bits in every map of a side.
    AlwaysFlips {
        side: usize,
        seed: u64,
    },
}

/// Has every check of one kind the same truth?
struct Kind {
    name: &'static str,
    /// Is the candidate slower? What damages figures without a trace must not hide that; what leaves no figures is
    /// noticed in unchanged code too.
    is_slower: bool,
    fault: fn(&mut Random) -> Fault,
}

fn block(random: &mut Random) -> u32 {
    random.below(9) as u32
}

const KINDS: [Kind; 11] = [
    Kind { name: "workload fails", is_slower: false, fault: |r| Fault::Failure { block: block(r) } },
    Kind { name: "machine disturbed", is_slower: false, fault: |r| Fault::Disturbance { from: block(r) } },
    Kind { name: "time is over", is_slower: false, fault: |r| Fault::Timeout { block: block(r) } },
    Kind { name: "no map", is_slower: false, fault: |r| Fault::NoMap { block: block(r), side: side(r) } },
    Kind {
        name: "map cut",
        is_slower: false,
        fault: |r| Fault::Cut { block: block(r), side: side(r), seed: r.number() },
    },
    Kind {
        name: "map cut, slower",
        is_slower: true,
        fault: |r| Fault::Cut { block: block(r), side: side(r), seed: r.number() },
    },
    Kind { name: "all maps cut, slower", is_slower: true, fault: |r| Fault::AlwaysCut { seed: r.number() } },
    Kind {
        name: "bits flipped, slower",
        is_slower: true,
        fault: |r| Fault::Flips { block: block(r), side: side(r), seed: r.number() },
    },
    Kind {
        name: "baseline's bits always flipped, slower",
        is_slower: true,
        fault: |r| Fault::AlwaysFlips { side: 0, seed: r.number() },
    },
    Kind {
        name: "candidate's bits always flipped, slower",
        is_slower: true,
        fault: |r| Fault::AlwaysFlips { side: 1, seed: r.number() },
    },
    Kind { name: "nothing, slower", is_slower: true, fault: |_| Fault::None },
];

fn side(random: &mut Random) -> usize {
    random.below(2) as usize
}

impl Records {
    fn make() -> Records {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let fixture = Fixture::new("hostile");
        let same = record(&workload::built(&fixture, &[]));
        fixture.replace("src/lib.rs", "ROUNDS: u64 = 1000", "ROUNDS: u64 = 3000");
        let slower = record(&workload::built(&fixture, &[]));
        Records { same, slower, path: folder.path().join("damaged.map"), _folder: folder }
    }

    /// Baseline and candidate of a check.
    fn sides(&self, is_slower: bool) -> [&[Recorded]; 2] {
        [&self.same, if is_slower { &self.slower } else { &self.same }]
    }
}

fn record(program: &Path) -> Vec<Recorded> {
    let run = |_| {
        let folder = RunDir::new().expect("a run directory can be made");
        let status = workload::counting(program, &folder).status().expect("the program can be started");
        assert!(status.success());
        let end = clock::now();
        let entries = fs::read_dir(folder.path()).expect("the folder can be read").flatten();
        let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        let bytes = fs::read(&paths[0]).expect("the map can be read");
        let maps = folder.maps(0).expect("the map is whole");
        let measured = Measured { maps, seconds: 0.1, end, usage: Usage::default() };
        let runs = figures::site_runs("whole", &measured).expect("the map is whole");
        Recorded { bytes, end, runs }
    };
    (0..RUNS).map(run).collect()
}

/// A check of recorded blocks.
struct Replay<'a> {
    sides: [&'a [Recorded]; 2],
    path: &'a Path,
    fault: Fault,
    /// Figures of damaged maps that are not those of the whole ones, and maps that were refused.
    effects: u32,
}

impl Replay<'_> {
    fn runs(&mut self, block: u32, side: usize) -> Result<Vec<SiteRun>, ProbeError> {
        // The sides do not share a recording: that would be the same figures to the last bit.
        let recorded = &self.sides[side][(block as usize + side) % RUNS];
        let Some(bytes) = self.fault.damage(&recorded.bytes, block, side) else {
            return Ok(recorded.runs.clone());
        };
        let runs = read(self.path, &bytes, recorded.end);
        self.effects += u32::from(!runs.as_ref().is_ok_and(|runs| are_alike(runs, &recorded.runs)));
        runs
    }
}

/// The same figures, but for the rate of the clock, which is told again at each reading.
fn are_alike(one: &[SiteRun], other: &[SiteRun]) -> bool {
    let figures = |run: &SiteRun| run.timing.map_or([0.0; 2], |timing| [timing.p50_ns.0, timing.mean_ns.0]);
    let alike = |(a, b): (f64, f64)| (a - b).abs() <= 1e-3 * b.abs();
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            one.site.name == other.site.name
                && one.calls == other.calls
                && figures(one).into_iter().zip(figures(other)).all(alike)
        })
}

fn read(path: &Path, bytes: &[u8], end: ClockPair) -> Result<Vec<SiteRun>, ProbeError> {
    fs::write(path, bytes).expect("a file can be written");
    let map = Map::read(path).map_err(ProbeError::new)?;
    let maps: Vec<Map> = map.into_iter().collect();
    if maps.is_empty() {
        return Err(ProbeError::new("no map"));
    }
    figures::site_runs("whole", &Measured { maps, seconds: 0.1, end, usage: Usage::default() })
        .map_err(ProbeError::new)
}

impl Probe for Replay<'_> {
    fn block(&mut self, number: u32, _: &BTreeSet<String>) -> Result<BlockOutcome, ProbeError> {
        match self.fault {
            Fault::Failure { block } if block == number => {
                self.effects += 1;
                return Err(ProbeError::new("the workload was killed by signal 9"));
            }
            Fault::Disturbance { from } if number >= from => {
                self.effects += 1;
                return Ok(BlockOutcome::Void(VoidReason::new(
                    VoidKind::Steal,
                    "4 % of the processor was stolen",
                )));
            }
            _ => {}
        }
        let [before, after] = [self.runs(number, 0)?, self.runs(number, 1)?];
        Ok(BlockOutcome::Judged(samples(&before, &after)))
    }
}

/// As `cargo darwin check` does for whole runs.
fn samples(before: &[SiteRun], after: &[SiteRun]) -> BlockSamples {
    let mut sites = BTreeMap::new();
    for run in after {
        if let Some(other) = before.iter().find(|other| other.site.name == run.site.name && other.calls > 0) {
            sites.extend(sample::from_histograms(other, run).map(|both| (key(&run.site.name), both)));
        }
    }
    BlockSamples { sites, candidate_only: BTreeMap::new() }
}

fn key(site: &str) -> SiteKey {
    SiteKey { workload: "whole".to_owned(), site: site.to_owned() }
}

impl Fault {
    /// The bytes of a map that it damages.
    fn damage(self, bytes: &[u8], number: u32, own: usize) -> Option<Vec<u8>> {
        match self {
            Fault::NoMap { block, side } if (block, side) == (number, own) => Some(Vec::new()),
            Fault::Cut { block, side, seed } if (block, side) == (number, own) => Some(cut(bytes, seed)),
            Fault::AlwaysCut { seed } => Some(cut(bytes, seed)),
            Fault::Flips { block, side, seed } if (block, side) == (number, own) => {
                Some(flipped(bytes, seed))
            }
            Fault::AlwaysFlips { side, seed } if side == own => Some(flipped(bytes, seed)),
            _ => None,
        }
    }
}

/// What is in use ends where the rest is zero: half of the cuts are there.
fn cut(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let end = if random.below(2) == 0 { used } else { bytes.len() };
    bytes[..random.below(end as u64) as usize].to_vec()
}

/// Up to sixteen bits, half of them where everything is found from.
fn flipped(bytes: &[u8], seed: u64) -> Vec<u8> {
    let (mut random, mut damaged) = (Random::new(seed), bytes.to_vec());
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
    for _ in 0..=random.below(16) {
        let reach = if random.below(2) == 0 { used.min(1024) } else { used };
        damaged[random.below(reach as u64) as usize] ^= 1 << random.below(8);
    }
    damaged
}

/// The plan of a check of the one site, with a budget where there is a recorded value.
fn plan(recorded: Option<Nanos>) -> Plan {
    let budget = Budget { metric: BudgetMetric::P50, limit: 1e9 };
    Plan::freeze(vec![SiteRequest {
        nanos_per_block: None,
        key: key(SITE),
        baseline_calls: Some(2000),
        candidate_calls: Some(2000),
        metrics: BTreeSet::from([Metric::P50, Metric::Mean]),
        shown_only: BTreeSet::new(),
        tolerances: Tolerances { median: Percent(50.0), tail: None },
        placement_bias: std::collections::BTreeMap::new(),
        budgets: recorded
            .map(|recorded| BudgetRequest { budget, recorded: Some(recorded) })
            .into_iter()
            .collect(),
    }])
}

/// The verdict, and how often the fault had an effect.
fn check(records: &Records, is_slower: bool, fault: Fault, recorded: Option<Nanos>) -> (Verdict, u32) {
    let (sides, path) = (records.sides(is_slower), records.path.as_path());
    let mut replay = Replay { sides, path, fault, effects: 0 };
    let mut asked = 0;
    let mut is_time_up = || {
        asked += 1;
        let most = if let Fault::Timeout { block } = fault { block } else { MOST_BLOCKS };
        asked > most
    };
    let outcome = gate::measure(plan(recorded), &[], &mut replay, &mut (), &mut is_time_up, &mut ());
    let is_timeout = matches!(fault, Fault::Timeout { .. });
    (outcome.verdict(), replay.effects + u32::from(is_timeout))
}

#[test]
fn damage_between_the_map_and_the_verdict_is_never_approved() {
    let records = Records::make();
    assert_eq!(check(&records, false, Fault::None, None).0, Verdict::Approve, "without a fault");
    assert_eq!(check(&records, true, Fault::None, None).0, Verdict::Reject, "without a fault");
    let mut table = Table::new();
    let mut random = Random::new(SEED);
    for number in 0..size(220, 4400) {
        let kind = &KINDS[number % KINDS.len()];
        let fault = (kind.fault)(&mut random);
        let (verdict, effects) = check(&records, kind.is_slower, fault, None);
        // Cutting zeros off, or flipping what nobody reads, is no fault.
        let is_hit = effects > 0 || kind.is_slower;
        table.count(kind.name, is_hit.then_some(verdict));
        assert!(!is_hit || verdict != Verdict::Approve, "number {number} of seed {SEED}: {fault:?}");
    }
    table.show();
}

#[test]
fn a_damaged_baseline_file_hides_no_slower_code() {
    let records = Records::make();
    let whole = records::workload("whole", 1500.0);
    let text = baseline_file::render(&whole);
    let path = Path::new("darwin.baseline.toml");
    let mut table = Table::new();
    let mut random = Random::new(SEED);
    for number in 0..size(60, 1000) {
        let mut bytes = text.clone().into_bytes();
        let kind = if number % 2 == 0 { "baseline file cut" } else { "baseline file's bits flipped" };
        match number % 2 {
            0 => bytes.truncate(random.below(bytes.len() as u64) as usize),
            _ => bytes = flipped(&bytes, random.number()),
        }
        let read = String::from_utf8(bytes).ok().and_then(|text| baseline_file::parse(path, &text).ok());
        let verdict = read.map_or(Verdict::Invalid, |file| {
            check(&records, true, Fault::None, Some(recorded(&file).unwrap_or(Nanos(1.0)))).0
        });
        table.count(kind, Some(verdict));
        assert_ne!(verdict, Verdict::Approve, "number {number} of seed {SEED}");
    }
    table.show();
}

fn recorded(file: &BaselineFile) -> Option<Nanos> {
    let machine = file.workloads.get("whole")?.machines.values().next()?;
    machine.values().next()?.p50_ns
}
