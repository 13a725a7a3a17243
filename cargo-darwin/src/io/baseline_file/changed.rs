//! What of two records is not the same, site by site; and a record under the names that its sites have now.

use std::collections::{BTreeMap, BTreeSet};

use super::{BaselineFile, Row, WorkloadRecord};
use crate::model::{Renames, SiteKey};

impl BaselineFile {
    /// The same record, its sites under the names that they have now.
    pub fn renamed(mut self, renames: &Renames) -> BaselineFile {
        for record in self.workloads.values_mut() {
            rename_keys(&mut record.counts, renames);
            record.machines.values_mut().for_each(|sites| rename_keys(sites, renames));
        }
        rename_keys(&mut self.workloads, renames);
        self
    }

    /// Sites of this record with a line that `later` has not, or has with another value. What `later` has more is no change:
    /// another machine's table, a site that is new.
    pub fn changed_sites(&self, later: &BaselineFile) -> BTreeSet<SiteKey> {
        let nothing = WorkloadRecord::default();
        let of_workload = |(workload, record): (&String, &WorkloadRecord)| {
            let later = later.workloads.get(workload).unwrap_or(&nothing);
            let key = |site: String| SiteKey { workload: workload.clone(), site };
            changed_in(record, later).into_iter().map(key).collect::<Vec<_>>()
        };
        self.workloads.iter().flat_map(of_workload).collect()
    }
}

fn rename_keys<T>(rows: &mut BTreeMap<String, T>, renames: &Renames) {
    for (was, now) in renames.of_all(rows.keys().map(String::as_str)) {
        if let Some(row) = rows.remove(&was) {
            rows.insert(now, row);
        }
    }
}

fn changed_in(record: &WorkloadRecord, later: &WorkloadRecord) -> BTreeSet<String> {
    let mut changed = changed_rows(&record.counts, &later.counts);
    for (machine, sites) in &record.machines {
        let nothing = BTreeMap::new();
        changed.extend(changed_rows(sites, later.machines.get(machine).unwrap_or(&nothing)));
    }
    changed
}

fn changed_rows<R: Row>(rows: &BTreeMap<String, R>, later: &BTreeMap<String, R>) -> BTreeSet<String> {
    let is_same = |site: &str, row: &R| {
        let later = later.get(site).copied().unwrap_or_default();
        R::QUANTITIES.iter().all(|&q| row.get(q).is_none_or(|value| later.get(q) == Some(value)))
    };
    rows.iter().filter(|(site, row)| !is_same(site, row)).map(|(site, _)| site.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Counts, Latencies};
    use super::*;
    use crate::model::{Nanos, Rename};

    fn record(sites: &[(&str, f64, f64)]) -> BaselineFile {
        let mut record = WorkloadRecord::default();
        let machine = record.machines.entry("m".into()).or_default();
        for &(site, p50, _) in sites {
            machine.insert(site.into(), Latencies { p50_ns: Some(Nanos(p50)), ..Latencies::default() });
        }
        for &(site, _, allocs) in sites {
            let counts = Counts { allocs_per_call: Some(allocs), bytes_per_call: None };
            record.counts.insert(site.into(), counts);
        }
        BaselineFile { workloads: [("w".into(), record)].into() }
    }

    fn changed(from: &BaselineFile, to: &BaselineFile) -> Vec<String> {
        from.changed_sites(to).into_iter().map(|key| format!("{}/{}", key.workload, key.site)).collect()
    }

    #[test]
    fn another_time_another_count_and_a_dropped_line_are_changes() {
        let before = record(&[("calm", 1.0, 0.0), ("slow", 1.0, 0.0), ("fat", 1.0, 0.0), ("gone", 1.0, 0.0)]);
        let after = record(&[("calm", 1.0, 0.0), ("slow", 2.0, 0.0), ("fat", 1.0, 1.0)]);
        assert_eq!(changed(&before, &after), ["w/fat", "w/gone", "w/slow"]);
        assert_eq!(changed(&before, &before), Vec::<String>::new());
        assert_eq!(changed(&before, &BaselineFile::default()).len(), 4);
    }

    #[test]
    fn what_is_added_accepts_nothing() {
        let before = record(&[("a", 1.0, 0.0)]);
        let mut after = record(&[("a", 1.0, 0.0), ("new", 5.0, 9.0)]);
        let other = after.workloads["w"].machines["m"].clone();
        after.workloads.get_mut("w").unwrap().machines.insert("another".into(), other);
        assert_eq!(changed(&before, &after), Vec::<String>::new());
    }

    #[test]
    fn a_record_is_found_under_the_new_names() {
        let renames = Renames::new(vec![Rename::new("b", "a").unwrap()]);
        let renamed = record(&[("a", 1.0, 2.0), ("x", 3.0, 4.0)]).renamed(&renames);
        assert_eq!(renamed, record(&[("b", 1.0, 2.0), ("x", 3.0, 4.0)]));
        let both = record(&[("a", 1.0, 2.0), ("b", 3.0, 4.0)]);
        assert_eq!(both.clone().renamed(&renames), both, "it has a site of the new name as well");
    }
}
