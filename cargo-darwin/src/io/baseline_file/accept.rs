//! Rewriting the lines of a few sites and no other byte.

use std::collections::BTreeMap;
use std::path::Path;

use super::form::Form;
use super::{BaselineFile, Row, Updated, WorkloadRecord, parse, render, write_if_readable};
use crate::io::atomic::{lock_for_update, read_text};
use crate::io::position::{FileError, Source};

/// A site of a workload that is to be rewritten: `(workload, site)`.
pub type IsAccepted<'a> = dyn Fn(&str, &str) -> bool + 'a;

/// What the record holds once the accepted sites are as in `measured`; a site that `measured` has no more leaves it. Counts
/// stay as they are where they were counted in another build or over other work than the recorded ones beside them:
/// those workloads are returned too.
pub fn accepted(
    old: &BaselineFile,
    measured: &BaselineFile,
    is_accepted: &IsAccepted<'_>,
) -> (BaselineFile, Vec<String>) {
    let (mut new, mut not_counted) = (old.clone(), Vec::new());
    for (workload, measurement) in &measured.workloads {
        let accepts = |site: &str| is_accepted(workload, site);
        if !sites_of(measurement)
            .chain(old.workloads.get(workload).into_iter().flat_map(sites_of))
            .any(&accepts)
        {
            continue;
        }
        let record = new.workloads.entry(workload.clone()).or_default();
        if !accept_record(record, measurement, &accepts) {
            not_counted.push(workload.clone());
        }
        if sites_of(record).next().is_none() {
            new.workloads.remove(workload);
        }
    }
    (new, not_counted)
}

fn sites_of(record: &WorkloadRecord) -> impl Iterator<Item = &str> {
    record.machines.values().flat_map(BTreeMap::keys).chain(record.counts.keys()).map(String::as_str)
}

/// False where counts had to be left as they are.
fn accept_record(
    record: &mut WorkloadRecord,
    measured: &WorkloadRecord,
    accepts: &dyn Fn(&str) -> bool,
) -> bool {
    // Gone from the program is gone on every machine.
    let is_gone = |site: &str| accepts(site) && !sites_of(measured).any(|there| there == site);
    record.machines.retain(|_, sites| drop_gone(sites, &is_gone));
    drop_gone(&mut record.counts, &is_gone);
    for (machine, sites) in &measured.machines {
        if sites.keys().any(|site| accepts(site)) {
            accept_rows(record.machines.entry(machine.clone()).or_default(), sites, accepts);
        }
    }
    let has_accepted_counts = measured.counts.keys().any(|site| accepts(site));
    if record.counts.is_empty() && has_accepted_counts {
        record.counting.clone_from(&measured.counting);
    }
    let is_comparable = record.counting == measured.counting;
    if is_comparable {
        accept_rows(&mut record.counts, &measured.counts, accepts);
    }
    is_comparable || !(has_accepted_counts || record.counts.keys().any(|site| accepts(site)))
}

/// False where that has left nothing.
fn drop_gone<R>(rows: &mut BTreeMap<String, R>, is_gone: &dyn Fn(&str) -> bool) -> bool {
    let before = rows.len();
    rows.retain(|site, _| !is_gone(site));
    rows.len() == before || !rows.is_empty()
}

fn accept_rows<R: Row>(
    rows: &mut BTreeMap<String, R>,
    measured: &BTreeMap<String, R>,
    accepts: &dyn Fn(&str) -> bool,
) {
    rows.retain(|site, _| !accepts(site));
    let wanted = measured.iter().filter(|(site, _)| accepts(site));
    rows.extend(wanted.map(|(site, row)| (site.clone(), *row)));
}

/// Writes [`accepted`] to the file. Returns whether a line changed, and the workloads whose counts were left.
///
/// # Errors
/// A file that is missing or cannot be read, and one in which other lines would change too, because it was not written by
/// this version of `cargo darwin` or was edited since: with its line. It is then left as it is.
pub fn update_accepted(
    path: &Path,
    measured: &BaselineFile,
    is_accepted: &IsAccepted<'_>,
) -> Result<(Updated, Vec<String>), FileError> {
    let _lock = lock_for_update(path)?;
    let text = read_text(path, super::CAP_BYTES)?.unwrap_or_default();
    let old = parse(path, &text)?;
    let form = Form::of(&text);
    require_own_form(path, &text, &form.given_to(render(&old)))?;
    let (new, not_counted) = accepted(&old, measured, is_accepted);
    let new = form.given_to(render(&new));
    if new == text {
        return Ok((Updated::Unchanged, not_counted));
    }
    write_if_readable(path, &new).map(|()| (Updated::Written, not_counted))
}

fn require_own_form(path: &Path, text: &str, own: &str) -> Result<(), FileError> {
    if text == own {
        return Ok(());
    }
    let same = text.split('\n').zip(own.split('\n')).take_while(|(line, own)| line == own).count();
    Err(Source { path, text }.error_at_line(
        same + 1,
        "not as this cargo darwin writes it, so that other lines would change too",
        "run `cargo darwin baseline` without --accept on the code of the last commit, commit the file, and accept then",
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{Counting, Counts, FILE_NAME, Latencies, load};
    use super::*;
    use crate::model::Nanos;

    /// Each site's name, median and allocations in workload `w` on machine `m`.
    fn record(build: &str, sites: &[(&str, f64, f64)]) -> BaselineFile {
        let counting = Some(Counting { build: build.into(), iterations: Some(10) });
        let mut record = WorkloadRecord { counting, ..WorkloadRecord::default() };
        for &(site, p50, allocs) in sites {
            let latencies = Latencies { p50_ns: Some(Nanos(p50)), ..Latencies::default() };
            record.machines.entry("m".into()).or_default().insert(site.into(), latencies);
            let counts = Counts { allocs_per_call: Some(allocs), bytes_per_call: Some(0.0) };
            record.counts.insert(site.into(), counts);
        }
        BaselineFile { workloads: [("w".into(), record)].into() }
    }

    fn only_slow(_: &str, site: &str) -> bool {
        site == "slow"
    }

    /// Lines of the one text that the other has not.
    fn lacking<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
        text.lines().filter(|line| !other.lines().any(|known| known == *line)).collect()
    }

    #[test]
    fn only_the_lines_of_accepted_sites_change() {
        for form in ["\n", "\r\n"].map(Form::of) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(FILE_NAME);
            let old = form.given_to(render(&record("b", &[("calm", 10.0, 0.0), ("slow", 10.0, 0.0)])));
            fs::write(&path, &old).unwrap();
            let measured = record("b", &[("calm", 99.0, 9.0), ("slow", 10.01, 1.0), ("new", 1.0, 1.0)]);
            let done = update_accepted(&path, &measured, &only_slow).unwrap();
            assert_eq!(done, (Updated::Written, Vec::new()));
            let new = fs::read_to_string(&path).unwrap();
            assert_eq!(lacking(&new, &old), ["\"slow\".allocs_per_call = 1.000", "\"slow\".p50_ns = 10.01"]);
            assert_eq!(lacking(&old, &new), ["\"slow\".allocs_per_call = 0.000", "\"slow\".p50_ns = 10.00"]);
            assert_eq!(old.lines().count(), new.lines().count());
            assert_eq!(new.contains("\r\n"), form == Form::of("\r\n"));
        }
    }

    #[test]
    fn a_site_that_is_gone_leaves_every_machine() {
        let mut old = record("b", &[("calm", 10.0, 0.0), ("slow", 10.0, 0.0)]);
        let other = old.workloads["w"].machines["m"].clone();
        old.workloads.get_mut("w").unwrap().machines.insert("another".into(), other);
        let (new, _) = accepted(&old, &record("b", &[("calm", 11.0, 1.0)]), &only_slow);
        assert!(!render(&new).contains("slow"), "{}", render(&new));
        assert_eq!(
            new.workloads["w"].machines["m"],
            record("b", &[("calm", 10.0, 0.0)]).workloads["w"].machines["m"]
        );
    }

    #[test]
    fn counts_of_another_build_are_left_and_said() {
        let old = record("rustc 1", &[("calm", 10.0, 0.0), ("slow", 10.0, 0.0)]);
        let (new, left) =
            accepted(&old, &record("rustc 2", &[("calm", 10.0, 0.0), ("slow", 20.0, 5.0)]), &only_slow);
        assert_eq!(left, ["w"]);
        let workload = &new.workloads["w"];
        assert_eq!((workload.counting.clone(), workload.counts.clone()), {
            let old = &old.workloads["w"];
            (old.counting.clone(), old.counts.clone())
        });
        assert_eq!(workload.machines["m"]["slow"].p50_ns, Some(Nanos(20.0)));
    }

    #[test]
    fn an_accepted_site_of_an_unrecorded_workload_is_recorded_alone() {
        let measured = record("b", &[("calm", 10.0, 0.0), ("slow", 20.0, 5.0)]);
        let (new, left) = accepted(&BaselineFile::default(), &measured, &only_slow);
        assert_eq!((new, left), (record("b", &[("slow", 20.0, 5.0)]), Vec::new()));
        let (nothing, _) = accepted(&BaselineFile::default(), &measured, &|_, _| false);
        assert_eq!(nothing, BaselineFile::default());
    }

    #[test]
    fn a_file_that_was_edited_is_refused_with_the_line_and_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let text = render(&record("b", &[("slow", 10.0, 0.0)]))
            .replace("[workload.\"w\"]", "# mine\n[workload.\"w\"]");
        fs::write(&path, &text).unwrap();
        let error = update_accepted(&path, &record("b", &[("slow", 20.0, 0.0)]), &only_slow).unwrap_err();
        assert_eq!((error.line, error.excerpt.as_str()), (Some(5), "# mine"));
        assert!(error.remedy.contains("without --accept"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(load(&path).is_ok());
    }
}
