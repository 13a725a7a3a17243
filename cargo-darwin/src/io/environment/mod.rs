//! The signs of the environment: what else went on while a block was measured. Read here, judged in
//! `gate::environment`. A file that is missing (another system, an older kernel, a container) is a sign that is not
//! told, never an error.

pub mod cgroup;
pub mod ended;
pub mod pressure;
pub mod ticks;

#[cfg(test)]
pub(crate) mod testing;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::model::{Nanos, Signs, Usage};
use cgroup::Groups;
use ticks::Ticks;

/// Where the kernel tells about itself: an argument, so that recorded files can be read in place of it.
#[derive(Debug, Clone)]
pub struct Roots {
    /// `/proc`.
    pub proc: PathBuf,
    /// `/sys`.
    pub sys: PathBuf,
}

impl Roots {
    /// Those of this machine.
    pub fn of_this_machine() -> Roots {
        Roots { proc: "/proc".into(), sys: "/sys".into() }
    }

    /// A file of `/proc`, as text.
    pub(super) fn proc(&self, path: &str) -> Option<String> {
        text(&self.proc.join(path))
    }

    /// A file of `/sys`, as text without the line break at its end.
    pub(super) fn sys(&self, path: &str) -> Option<String> {
        text(&self.sys.join(path)).map(|text| text.trim().to_owned())
    }
}

pub(super) fn text(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// Watches the environment from [`Watch::begin`] to [`Watch::end`].
#[derive(Debug)]
pub struct Watch {
    roots: Roots,
    groups: Groups,
    processors: Vec<usize>,
    begin: Snapshot,
}

/// Counters that only ever rise.
#[derive(Debug)]
struct Snapshot {
    at: Instant,
    ticks: Option<Ticks>,
    pressure: Option<Nanos>,
    throttled_periods: Option<u64>,
    thermal_throttles: Option<u64>,
}

impl Watch {
    /// Begins to watch these processors, and our own cgroup.
    pub fn begin(processors: &[usize]) -> Watch {
        Watch::begin_in(Roots::of_this_machine(), processors)
    }

    fn begin_in(roots: Roots, processors: &[usize]) -> Watch {
        let groups = Groups::find(&roots);
        let begin = Snapshot::take(&roots, &groups, processors);
        Watch { roots, groups, processors: processors.to_vec(), begin }
    }

    /// What was to be seen since then; `usages` are those of the processes that were measured meanwhile.
    pub fn end(self, usages: &[Usage]) -> Signs {
        let end = Snapshot::take(&self.roots, &self.groups, &self.processors);
        let ticks = |count: fn(&Ticks) -> u64| {
            rise(self.begin.ticks.as_ref().map(count), end.ticks.as_ref().map(count))
        };
        let pressure = self.begin.pressure.zip(end.pressure);
        Signs {
            length: Nanos((end.at - self.begin.at).as_nanos() as f64),
            processors: self.processors.len(),
            steal_ticks: ticks(|ticks| ticks.steal),
            interrupt_ticks: ticks(|ticks| ticks.interrupt),
            idle_ticks: ticks(|ticks| ticks.idle),
            pressure: pressure.map(|(before, after)| Nanos((after.0 - before.0).max(0.0))),
            throttled_periods: rise(self.begin.throttled_periods, end.throttled_periods),
            thermal_throttles: rise(self.begin.thermal_throttles, end.thermal_throttles),
            usages: usages.to_vec(),
        }
    }
}

impl Snapshot {
    fn take(roots: &Roots, groups: &Groups, processors: &[usize]) -> Snapshot {
        Snapshot {
            at: Instant::now(),
            ticks: roots.proc("stat").and_then(|stat| ticks::of(&stat, processors)),
            pressure: groups.pressure().or_else(|| pressure::of_machine(roots)),
            throttled_periods: groups.throttled_periods(),
            thermal_throttles: thermal_throttles(roots, processors),
        }
    }
}

/// By how much a counter rose. One that fell was reset (a processor went off line): it tells nothing.
fn rise(before: Option<u64>, after: Option<u64>) -> Option<u64> {
    after?.checked_sub(before?)
}

/// How often these cores have slowed down for heat; `None` where no core counts it.
fn thermal_throttles(roots: &Roots, processors: &[usize]) -> Option<u64> {
    let count = |processor: &usize| {
        let path = format!("devices/system/cpu/cpu{processor}/thermal_throttle/core_throttle_count");
        roots.sys(&path)?.parse::<u64>().ok()
    };
    processors.iter().filter_map(count).reduce(|sum, count| sum + count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::environment::testing::Machine;

    const CORE_1: &str = "devices/system/cpu/cpu1/thermal_throttle/core_throttle_count";

    /// A container in a cgroup of version 2, before and after a block.
    fn container() -> Machine {
        let machine = Machine::new();
        machine.proc(
            "stat",
            "cpu  20 0 0 40 0 0 0 4 0 0\ncpu0 9 0 0 20 0 0 0 1 0 0\ncpu1 11 0 0 20 0 0 0 3 0 0\n",
        );
        machine.proc("pressure/cpu", "some avg10=9.00 avg60=0.00 avg300=0.00 total=9000\n");
        machine.proc("self/cgroup", "0::/box\n");
        machine.sys("fs/cgroup/box/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5000\n");
        machine
            .sys("fs/cgroup/box/cpu.stat", "usage_usec 1\nnr_periods 10\nnr_throttled 2\nthrottled_usec 9\n");
        machine.sys(CORE_1, "7\n");
        machine
    }

    #[test]
    fn signs_are_what_rose_on_the_watched_processor_and_in_our_own_group() {
        let machine = container();
        let watch = Watch::begin_in(machine.roots(), &[1]);
        machine.proc(
            "stat",
            "cpu  40 0 0 60 2 3 4 9 0 0\ncpu0 19 0 0 35 0 0 0 1 0 0\ncpu1 21 0 0 25 2 3 4 8 0 0\n",
        );
        machine.proc("pressure/cpu", "some avg10=9.00 avg60=0.00 avg300=0.00 total=99000\n");
        machine.sys("fs/cgroup/box/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5250\n");
        machine
            .sys("fs/cgroup/box/cpu.stat", "usage_usec 1\nnr_periods 12\nnr_throttled 3\nthrottled_usec 9\n");
        machine.sys(CORE_1, "9\n");
        let usage = Usage { major_faults: Some(2), ..Usage::default() };
        let signs = watch.end(&[usage]);
        assert_eq!((signs.steal_ticks, signs.interrupt_ticks, signs.idle_ticks), (Some(5), Some(7), Some(7)));
        assert_eq!(signs.pressure, Some(Nanos(250_000.0)));
        assert_eq!((signs.throttled_periods, signs.thermal_throttles), (Some(1), Some(2)));
        assert_eq!((signs.processors, signs.usages), (1, vec![usage]));
    }

    #[test]
    fn without_a_group_of_our_own_the_pressure_is_the_machines() {
        let machine = container();
        machine.proc("self/cgroup", "4:memory:/box\n");
        let watch = Watch::begin_in(machine.roots(), &[0, 1]);
        machine.proc("pressure/cpu", "some avg10=9.00 avg60=0.00 avg300=0.00 total=9001\n");
        let signs = watch.end(&[]);
        assert_eq!((signs.pressure, signs.throttled_periods), (Some(Nanos(1000.0)), None));
    }

    #[test]
    fn a_system_that_tells_nothing_has_no_signs() {
        let watch = Watch::begin_in(Machine::new().roots(), &[0]);
        let signs = watch.end(&[]);
        let length = signs.length;
        assert_eq!(signs, Signs { length, processors: 1, ..Signs::default() });
    }

    #[test]
    fn a_counter_that_was_reset_tells_nothing() {
        assert_eq!(
            (rise(Some(7), Some(9)), rise(Some(9), Some(7)), rise(None, Some(7))),
            (Some(2), None, None)
        );
    }
}
