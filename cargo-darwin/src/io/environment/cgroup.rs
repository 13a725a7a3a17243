//! Our own control groups, in version 1 and 2: how much processor they may use, and how often they had to stop.
//!
//! A limit of any group above holds as well, so quotas and throttled periods are looked up along the whole way to the
//! root.

use std::path::{Path, PathBuf};

use super::{Roots, pressure, text};
use crate::model::Nanos;

/// Where version 2 is mounted: alone, or beside version 1.
const UNIFIED: [&str; 2] = ["fs/cgroup", "fs/cgroup/unified"];
/// The folder of all hierarchies of version 1.
const LEGACY: &str = "fs/cgroup";

/// Folders of our group and those above it, our own first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    /// Of version 2.
    unified: Vec<PathBuf>,
    /// Of the processor controller of version 1.
    legacy: Vec<PathBuf>,
}

impl Groups {
    /// Looks up the groups of this process; empty where there are none.
    pub fn find(roots: &Roots) -> Groups {
        let list = roots.proc("self/cgroup").unwrap_or_default();
        let mut groups = Groups::default();
        for line in list.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
            if controllers.is_empty() {
                groups.unified = chain(UNIFIED.iter().map(|mount| roots.sys.join(mount)), path);
            } else if controllers.split(',').any(|name| name == "cpu") {
                let mounts = [controllers, "cpu"].map(|name| roots.sys.join(LEGACY).join(name));
                groups.legacy = chain(mounts.into_iter(), path);
            }
        }
        groups
    }

    /// Processors that the narrowest quota amounts to; `None` without one.
    pub fn quota_processors(&self) -> Option<f64> {
        let unified = self.unified.iter().filter_map(|folder| unified_quota(&text(&folder.join("cpu.max"))?));
        let legacy = self.legacy.iter().filter_map(|folder| {
            let read = |name| text(&folder.join(name));
            legacy_quota(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?)
        });
        unified.chain(legacy).reduce(f64::min)
    }

    /// Periods in which a quota was used up, since the groups were made; `None` where nothing counts them.
    pub fn throttled_periods(&self) -> Option<u64> {
        let folders = self.unified.iter().chain(&self.legacy);
        let counts = folders.filter_map(|folder| throttled(&text(&folder.join("cpu.stat"))?));
        counts.reduce(|sum, count| sum + count)
    }

    /// Time in which a task of our own group waited for a processor; only version 2 tells.
    pub fn pressure(&self) -> Option<Nanos> {
        pressure::waited(&text(&self.unified.first()?.join("cpu.pressure"))?)
    }
}

/// The folder of group `path` below the first of `mounts` that has it, and those above it up to the mount. A container
/// may be told a path that only its host can see: its own mount then begins at its group.
fn chain(mounts: impl Iterator<Item = PathBuf>, path: &str) -> Vec<PathBuf> {
    let mounts: Vec<PathBuf> = mounts.filter(|mount| mount.is_dir()).collect();
    let inside = path.trim_start_matches('/');
    let full = mounts.iter().map(|mount| (mount, mount.join(inside))).find(|(_, group)| group.is_dir());
    let (mount, group) = match (full, mounts.first()) {
        (Some(found), _) => found,
        (None, Some(mount)) => (mount, mount.clone()),
        (None, None) => return Vec::new(),
    };
    group.ancestors().take_while(|folder| folder.starts_with(mount)).map(Path::to_owned).collect()
}

/// `max 100000` or `50000 100000`: microseconds of processor time, of each period.
fn unified_quota(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    ratio(quota.parse().ok()?, period.parse().ok()?)
}

/// The same in two files; a quota of -1 is none.
fn legacy_quota(quota: &str, period: &str) -> Option<f64> {
    ratio(quota.trim().parse().ok()?, period.trim().parse().ok()?)
}

fn ratio(quota: i64, period: i64) -> Option<f64> {
    (quota > 0 && period > 0).then(|| quota as f64 / period as f64)
}

fn throttled(stat: &str) -> Option<u64> {
    stat.lines().find_map(|line| line.strip_prefix("nr_throttled "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::environment::testing::Machine;

    #[test]
    fn a_container_with_half_a_processor_in_version_2() {
        let machine = Machine::new();
        machine.proc("self/cgroup", "0::/\n");
        machine.sys("fs/cgroup/cpu.max", "50000 100000\n");
        machine.sys("fs/cgroup/cpu.stat", "usage_usec 12\nnr_periods 4\nnr_throttled 3\nthrottled_usec 1\n");
        machine.sys("fs/cgroup/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=8\n");
        let groups = Groups::find(&machine.roots());
        assert_eq!(groups.quota_processors(), Some(0.5));
        assert_eq!((groups.throttled_periods(), groups.pressure()), (Some(3), Some(Nanos(8000.0))));
    }

    #[test]
    fn the_narrowest_quota_on_the_way_to_the_root_counts() {
        let machine = Machine::new();
        machine.proc("self/cgroup", "0::/user/job\n");
        machine.sys("fs/cgroup/user/cpu.max", "150000 100000\n");
        machine.sys("fs/cgroup/user/job/cpu.max", "max 100000\n");
        assert_eq!(Groups::find(&machine.roots()).quota_processors(), Some(1.5));
    }

    #[test]
    fn a_quota_of_version_1_is_found_under_both_names_of_its_mount() {
        for mount in ["cpu,cpuacct", "cpu"] {
            let machine = Machine::new();
            machine.proc("self/cgroup", "9:name=systemd:/\n4:cpu,cpuacct:/job\n0::/\n");
            machine.sys(&format!("fs/cgroup/{mount}/job/cpu.cfs_quota_us"), "25000\n");
            machine.sys(&format!("fs/cgroup/{mount}/job/cpu.cfs_period_us"), "100000\n");
            machine.sys(&format!("fs/cgroup/{mount}/job/cpu.stat"), "nr_periods 9\nnr_throttled 5\n");
            let groups = Groups::find(&machine.roots());
            assert_eq!(
                (groups.quota_processors(), groups.throttled_periods()),
                (Some(0.25), Some(5)),
                "{mount}"
            );
        }
    }

    #[test]
    fn a_quota_of_minus_one_is_none() {
        assert_eq!(legacy_quota("-1\n", "100000\n"), None);
        assert_eq!(unified_quota("max 100000\n"), None);
    }

    #[test]
    fn a_path_that_only_the_host_sees_is_looked_up_at_the_mount() {
        let machine = Machine::new();
        machine.proc("self/cgroup", "0::/docker/0123\n");
        machine.sys("fs/cgroup/cpu.max", "200000 100000\n");
        assert_eq!(Groups::find(&machine.roots()).quota_processors(), Some(2.0));
    }

    #[test]
    fn without_groups_there_is_no_quota() {
        let groups = Groups::find(&Machine::new().roots());
        assert_eq!(
            (groups.quota_processors(), groups.throttled_periods(), groups.pressure()),
            (None, None, None)
        );
    }
}
