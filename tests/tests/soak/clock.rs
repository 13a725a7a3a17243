//! How long calls of known length took: by the reader's figures, and by the program's own `CLOCK_MONOTONIC`.

use std::time::{Duration, Instant};

use cargo_darwin::io::measure::Measured;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::io::{clock, figures};
use cargo_darwin::model::{SiteRun, Usage};
use darwin_tests::Fixture;
use darwin_tests::soak::{show, size};

use super::workload;

/// How far a length may be off.
const MOST_PPM: f64 = 50.0;

/// What the clock of an empty site is known to, taken off every length.
const UNCERTAIN_NANOS: f64 = 1000.0;

/// A call as the program saw it, in nanoseconds: what passed within it, and around it.
struct Seen {
    name: String,
    within: f64,
    around: f64,
}

fn seen(line: &str) -> Seen {
    let words: Vec<&str> = line.split(' ').collect();
    let nanos = |word: &str| word.parse().expect("nanoseconds are a number");
    Seen {
        name: format!("tasks_fixture::long::{}", words[0]),
        within: nanos(words[1]),
        around: nanos(words[2]),
    }
}

/// A plain call and an async one of so many milliseconds, as the program saw them and as they were measured.
fn long_calls(millis: u64) -> (Vec<Seen>, Vec<SiteRun>) {
    let fixture = Fixture::new("tasks");
    let program = workload::built(&fixture, &[]);
    let folder = RunDir::new().expect("a run directory can be made");
    let began = clock::read();
    let mut command = workload::counting(&program, &folder);
    let output = command.args(["long", &millis.to_string()]).output().expect("the program can be started");
    assert!(output.status.success(), "{output:?}");
    clock::expect_agreement(began).expect("the clocks of this machine agree");
    let maps = vec![workload::only_map(&folder)];
    let measured = Measured { maps, seconds: 1.0, end: clock::now(), usage: Usage::default() };
    let runs = figures::site_runs("long", &measured).expect("the map is whole");
    let text = String::from_utf8(output.stdout).expect("the program writes UTF-8");
    (text.lines().map(seen).collect(), runs)
}

#[test]
fn clock_of_measured_calls_keeps_to_that_of_the_system() {
    let (calls, runs) = long_calls(size(1000, 60_000));
    assert_eq!(calls.len(), 2);
    for Seen { name, within, around } in calls {
        let run = runs.iter().find(|run| run.site.name == name).expect("the call was measured");
        let told = run.timing.expect("the call has completed").max_ns.0;
        let [least, most] = [(within, -1.0), (around, 1.0)]
            .map(|(nanos, sign)| nanos * (1.0 + sign * MOST_PPM / 1e6) + sign * UNCERTAIN_NANOS);
        let ppm = |nanos: f64| (told - nanos) / nanos * 1e6;
        let off = [ppm(around), ppm(within)];
        show(&format!("{name}: {:.6} s, off by {:+.3} to {:+.3} ppm", told / 1e9, off[0], off[1]));
        assert!((least..=most).contains(&told), "{name}: {told} ns is not {within} to {around} ns");
    }
}

/// As short as measured runs are.
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn clock_readings_around_short_runs_do_not_disagree() {
    clock::start();
    let mut refused = Vec::new();
    let runs = size(500, 20_000);
    for number in 0..runs {
        let began = clock::read();
        let end = Instant::now() + SHORT;
        while Instant::now() < end {
            std::hint::spin_loop();
        }
        refused.extend(clock::expect_agreement(began).err().map(|error| format!("run {number}: {error}")));
    }
    show(&format!("{} of {runs} short runs refused", refused.len()));
    assert!(refused.is_empty(), "{refused:#?}");
}
