//! `cargo darwin baseline --accept SITE`: the record of these sites alone is made anew.

use std::collections::BTreeSet;

use super::project::Project;
use super::side::Runnable;
use super::{Failure, fallback};
use crate::io::baseline_file::{self, BaselineFile, Updated};
use crate::io::position::nearest;
use crate::model::{Glob, SiteKey};
use crate::render::baseline::Recorded;

/// Names that are listed where none is close.
const LISTED: usize = 8;

/// Rewrites the lines of the sites that fit, and says what was done.
///
/// # Errors
/// When a pattern fits no site of the record or of the measurement, or the file cannot be rewritten so.
pub fn accept(
    project: &Project,
    accept: &[Glob],
    measured: &BaselineFile,
    runnables: &[Runnable],
) -> Result<Recorded, Failure> {
    let path = &project.baseline_file;
    let old = baseline_file::load(path)?;
    let mut measured = measured.clone();
    for gone in fallback::gone_workloads(project, &old, runnables) {
        measured.workloads.entry(gone).or_default();
    }
    let known = known(&old, &measured);
    require_known(accept, &known)?;
    let fits = |site: &str| accept.iter().any(|glob| glob.matches(site));
    let (updated, not_counted) = baseline_file::update_accepted(path, &measured, &|_, site| fits(site))?;
    let accepted: Vec<SiteKey> = known.into_iter().filter(|key| fits(&key.site)).collect();
    Ok(Recorded {
        is_written: updated == Updated::Written,
        accepted: Some(accepted),
        counts_left: not_counted,
        ..super::baseline::recorded(project, &measured)?
    })
}

/// The sites that a pattern may mean: those of the measured workloads, recorded or measured.
fn known(old: &BaselineFile, measured: &BaselineFile) -> BTreeSet<SiteKey> {
    let recorded = measured.workloads.keys().filter_map(|name| Some((name, old.workloads.get(name)?)));
    let all = recorded.chain(&measured.workloads);
    all.flat_map(|(workload, record)| {
        let sites = record.machines.values().flat_map(|sites| sites.keys()).chain(record.counts.keys());
        sites.map(|site| SiteKey { workload: workload.clone(), site: site.clone() }).collect::<Vec<_>>()
    })
    .collect()
}

fn require_known(accept: &[Glob], known: &BTreeSet<SiteKey>) -> Result<(), Failure> {
    let names: BTreeSet<&str> = known.iter().map(|key| key.site.as_str()).collect();
    match accept.iter().find(|glob| !names.iter().any(|name| glob.matches(name))) {
        None => Ok(()),
        Some(glob) => Err(Failure::Usage(unknown(&glob.to_string(), &names))),
    }
}

/// What to write instead of a name that no site has.
fn unknown(wanted: &str, names: &BTreeSet<&str>) -> String {
    let close = close_names(wanted, names);
    let listed = |names: Vec<&str>| names.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
    let remedy = match (close.is_empty(), names.is_empty()) {
        (false, _) => format!("did you mean {}?", listed(close)),
        (true, false) => format!("there are {}.", listed(names.iter().copied().collect())),
        (true, true) => "no measured workload has a site.".to_owned(),
    };
    format!(
        "--accept {wanted}: no site of the measured workloads has this name, and nothing was written; {remedy} Write the full name, with `*` for any text"
    )
}

/// Names that end like the wanted one, hold it, or differ by a typing error.
fn close_names<'a>(wanted: &str, names: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let last = |name: &'_ str| name.rsplit("::").next().unwrap_or_default().to_lowercase();
    let plain = wanted.trim_matches('*').to_lowercase();
    let is_close = |name: &&str| {
        let own = last(name);
        let holds = !plain.is_empty() && name.to_lowercase().contains(&plain);
        holds || nearest(&last(&plain), [own.as_str()]).is_some() || nearest(&plain, [*name]).is_some()
    };
    names.iter().copied().filter(is_close).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["book::Book::cancel", "book::Book::insert", "feed::parse"];

    fn close(wanted: &str) -> Vec<&'static str> {
        close_names(wanted, &NAMES.into())
    }

    #[test]
    fn the_last_part_a_piece_and_a_typing_error_lead_to_the_name() {
        assert_eq!(close("insert"), ["book::Book::insert"]);
        assert_eq!(close("Book::inser"), ["book::Book::insert"]);
        assert_eq!(close("book::book::cancle"), ["book::Book::cancel"]);
        assert_eq!(close("*parser*"), ["feed::parse"]);
        assert_eq!(close("nothing_like_it"), Vec::<&str>::new());
    }

    #[test]
    fn what_is_wrong_comes_with_what_to_write() {
        let text = unknown("insert", &NAMES.into());
        assert!(
            text.starts_with("--accept insert: ") && text.contains("did you mean book::Book::insert?"),
            "{text}"
        );
        let text = unknown("xyz_xyz", &NAMES.into());
        assert!(text.contains("there are book::Book::cancel, book::Book::insert, feed::parse"), "{text}");
        assert!(unknown("x", &BTreeSet::new()).contains("no measured workload"));
    }
}
