//! Faults of a measured program: rows R1 to R8 of docs/runtime-faults.md, in each mode where it could matter. The programs
//! are built as they are when they are measured.

mod detached;
mod ends;
mod ordered;
mod recursion;
mod reentrant;
mod successive;
mod teardown;
mod torn;
mod unwinds;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::map::{Map, SiteTotals};
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::model::Mode;
use darwin_runtime::layout::LONGEST_STRETCH;
use darwin_tests::Fixture;

use super::workload;

const MODES: [Mode; 3] = [Mode::Exact, Mode::Graph, Mode::Adaptive];

/// One of the fixture's programs, all built once.
fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let fixture = Fixture::new("runtime-faults");
        let first = workload::built(&fixture, &["--release"]);
        let features = ["--features", "darwin-runtime/enabled,aborts"];
        let words = ["rustc", "--quiet", "--release", "--bin", "aborts"].into_iter().chain(features);
        fixture.cargo(words.chain(["--", "-C", "panic=abort"])).expect_code(0);
        first.parent().expect("a program is in a folder").to_owned()
    });
    folder.join(name)
}

/// A run directory whose processes count in `mode`.
fn folder(mode: Mode) -> RunDir {
    let folder = RunDir::new().expect("a run directory can be made");
    let control = ControlPage::create(&folder.control(), Plan::Fixed { iterations: 1 }, [0; 2]);
    control.expect("a control page can be made").count_in(mode);
    folder
}

/// A program of the fixture that counts into `folder`, with these words after its name.
fn counting(name: &str, folder: &RunDir, words: &[&str]) -> Command {
    let mut command = workload::counting(&program(name), folder);
    command.args(words).stdin(Stdio::null());
    command
}

/// What each site of one process counted.
struct Counted {
    map: Map,
    totals: BTreeMap<String, SiteTotals>,
}

impl Counted {
    fn of(map: Map, mode: Mode) -> Counted {
        assert_eq!(map.mode, mode);
        Counted { totals: workload::totals(&map), map }
    }

    /// The site of a name, whatever module it is in.
    fn site(&self, name: &str) -> &SiteTotals {
        let is_it = |path: &str| path.rsplit("::").next() == Some(name);
        let found = self.totals.iter().find(|(path, _)| is_it(path));
        found.unwrap_or_else(|| panic!("there is no site {name}")).1
    }

    /// Calls of `site` by `caller`, and those that were primitive; without a name: by nobody.
    fn calls_by(&self, caller: Option<&str>, site: &str) -> (u64, u64) {
        let is_it = |path: &str| path.rsplit("::").next() == caller;
        let raw = self.map.sites.iter().find(|raw| raw.site.as_ref().is_some_and(|site| is_it(&site.name)));
        let id = raw.map_or(0, |raw| raw.id);
        let edge = self.site(site).callers.get(&id).copied().unwrap_or_default();
        (edge.calls, edge.primitive_calls)
    }

    /// To the tick: all time within calls that nobody called is the self time of some site.
    fn assert_selves_sum_to_the_roots(&self) {
        let edges = || self.totals.values().flat_map(|site| &site.callers);
        let selves: u64 = edges().map(|(_, edge)| edge.self_ticks).sum();
        let roots = edges().filter(|(caller, _)| **caller == 0);
        assert!(selves > 0);
        assert_eq!(selves, roots.map(|(_, edge)| edge.cumulative_ticks).sum::<u64>());
    }
}

/// Runs a program of one process to its good end; what it said and counted. No call is lost.
fn counted(name: &str, mode: Mode, words: &[&str]) -> (Output, Counted) {
    let folder = folder(mode);
    let output = counting(name, &folder, words).output().expect("the program can be started");
    assert!(output.status.success() && output.stderr.is_empty(), "{mode:?} {words:?}: {output:?}");
    let map = workload::only_map(&folder);
    assert_eq!(map.lost, 0, "{mode:?} {words:?}");
    (output, Counted::of(map, mode))
}

/// Calls that programs have begun and ended, kept in a file that outlives them.
struct Tally {
    file: PathBuf,
}

/// As the fixture writes it: two numbers in a cache line for each thread.
const TALLY_BYTES: usize = 64;

impl Tally {
    /// An empty one in the run directory.
    fn new(folder: &RunDir) -> Tally {
        let file = folder.path().join("tally");
        std::fs::write(&file, []).expect("the run directory can be written");
        Tally { file }
    }

    fn path(&self) -> &str {
        as_text(&self.file)
    }

    /// Calls that were begun and that have ended, over all threads.
    fn sums(&self) -> [u64; 2] {
        let bytes = std::fs::read(&self.file).expect("the tally can be read");
        let number = |at: &[u8]| u64::from_le_bytes(at.try_into().expect("eight bytes"));
        let cells = bytes.chunks_exact(TALLY_BYTES);
        cells.fold([0; 2], |[begun, ended], cell| [begun + number(&cell[..8]), ended + number(&cell[8..16])])
    }

    /// All calls that have ended were counted, and none that was not begun. What is in flight in adaptive mode may be one
    /// stretch per thread: its calls are noted when it begins.
    fn assert_holds(&self, counted: u64, threads: u64, mode: Mode, what: &str) {
        let [begun, ended] = self.sums();
        let in_flight = if mode == Mode::Adaptive { threads * u64::from(LONGEST_STRETCH) } else { 0 };
        let holds = (ended.saturating_sub(in_flight)..=begun + in_flight).contains(&counted);
        assert!(holds, "{what}: counted {counted}, begun {begun}, ended {ended}");
        assert!(begun - ended <= threads, "{what}: begun {begun}, ended {ended}");
    }
}

fn as_text(path: &Path) -> &str {
    path.to_str().expect("a run directory has a plain name")
}
