//! Taking over a new measurement without touching lines that only moved within noise.

use std::collections::BTreeMap;

use super::{BaselineFile, Counts, Latencies, Quantity, Row, WorkloadRecord};
use crate::model::Percent;

/// One line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryKey<'a> {
    /// Name of the workload.
    pub workload: &'a str,
    /// Name of the site.
    pub site: &'a str,
    /// What is recorded.
    pub quantity: Quantity,
}

/// What the file holds after the measurement `new`.
///
/// `noise` is the spread of an entry, in percent of its old value: a new value within it leaves the old one,
/// so that a second `cargo darwin baseline` of the same code changes no line. What was measured is replaced
/// whole: sites that are gone leave the counts and the tables of the machine classes in `new`. Other machine
/// classes and workloads that were not measured stay; dropping a workload is up to the caller.
pub fn merge(
    old: &BaselineFile,
    new: &BaselineFile,
    noise: impl Fn(EntryKey<'_>) -> Percent,
) -> BaselineFile {
    let mut merged = old.clone();
    for (workload, measured) in &new.workloads {
        let noise_at = |site: &str, quantity| noise(EntryKey { workload, site, quantity });
        let record = merged.workloads.entry(workload.clone()).or_default();
        merge_record(record, measured, &noise_at);
    }
    merged
}

type NoiseAt<'a> = dyn Fn(&str, Quantity) -> Percent + 'a;

fn merge_record(record: &mut WorkloadRecord, measured: &WorkloadRecord, noise_at: &NoiseAt<'_>) {
    record.counting = measured.counting.clone();
    record.counts = merge_rows::<Counts>(&record.counts, &measured.counts, noise_at);
    for (machine, latencies) in &measured.machines {
        let table = record.machines.entry(machine.clone()).or_default();
        *table = merge_rows::<Latencies>(table, latencies, noise_at);
    }
}

fn merge_rows<R: Row>(
    old: &BTreeMap<String, R>,
    new: &BTreeMap<String, R>,
    noise_at: &NoiseAt<'_>,
) -> BTreeMap<String, R> {
    let merged = |(site, measured): (&String, &R)| {
        let row = old.get(site).map_or(*measured, |old| merge_row(old, measured, |q| noise_at(site, q)));
        (site.clone(), row)
    };
    new.iter().map(merged).collect()
}

fn merge_row<R: Row>(old: &R, measured: &R, noise: impl Fn(Quantity) -> Percent) -> R {
    let mut row = *measured;
    for &quantity in R::QUANTITIES {
        if let (Some(old), Some(new)) = (old.get(quantity), measured.get(quantity))
            && within(old, new, noise(quantity))
        {
            row.set(quantity, old);
        }
    }
    row
}

fn within(old: f64, new: f64, noise: Percent) -> bool {
    (new - old).abs() <= old * noise.0 / 100.0
}
