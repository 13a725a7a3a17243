//! What the baseline measured and the working tree does not: workloads that are gone, and where sites may have gone to.

use super::accepted::Accepted;
use crate::model::{CheckReport, CheckedSite, SiteKey, SiteRun, Verdict, likely};
use crate::session::blocks::PairedWorkload;
use crate::session::side::{BASELINE, CANDIDATE, Pace, Runnable};

/// The baseline's workloads that the working tree has no more.
#[derive(Debug)]
pub struct Gone(Vec<SiteKey>);

impl Gone {
    /// These.
    pub fn new(workloads: &[Runnable]) -> Gone {
        let key = |runnable: &Runnable| {
            let site = match &runnable.pace {
                Pace::Bench { bench } => bench.clone(),
                Pace::WholeRun => runnable.name.clone(),
            };
            SiteKey { workload: runnable.name.clone(), site }
        };
        Gone(workloads.iter().map(key).collect())
    }

    /// Adds them to a report, and to each site that is gone what it may be called now.
    pub fn added(
        &self,
        mut report: CheckReport,
        workloads: &[PairedWorkload],
        accepted: &Accepted,
    ) -> CheckReport {
        for workload in workloads {
            let sides = [BASELINE, CANDIDATE].map(|side| first_run(workload, side));
            offer(&mut report.sites, &workload.candidate.name, sides);
        }
        report.sites.extend(self.0.iter().map(|key| gone_workload(key, accepted)));
        if report.sites.iter().any(|site| site.verdict == Verdict::Inconclusive) {
            report.verdict = report.verdict.max(Verdict::Inconclusive);
        }
        report
    }
}

fn first_run(workload: &PairedWorkload, side: usize) -> &[SiteRun] {
    workload.counts.sides[side].runs.first().map_or(&[], Vec::as_slice)
}

fn gone_workload(key: &SiteKey, accepted: &Accepted) -> CheckedSite {
    let is_accepted = accepted.has_workload(&key.workload);
    let note = match is_accepted {
        true => "accepted by baseline change".to_owned(),
        false => format!(
            "its workload {} is no longer in the program; drop it with `cargo darwin baseline` if that is meant",
            key.workload
        ),
    };
    CheckedSite {
        key: key.clone(),
        place: String::new(),
        verdict: if is_accepted { Verdict::Approve } else { Verdict::Inconclusive },
        metrics: Vec::new(),
        throughput: None,
        allocs: None,
        bytes: None,
        budgets: Vec::new(),
        accepted: is_accepted,
        note: Some(note),
    }
}

/// Says at each open site that only the baseline has which new site it may have become.
fn offer(sites: &mut [CheckedSite], workload: &str, [before, after]: [&[SiteRun]; 2]) {
    let lacks = |runs: &[SiteRun], one: &SiteRun| !runs.iter().any(|run| run.site.name == one.site.name);
    let gone: Vec<&SiteRun> = before.iter().filter(|run| lacks(after, run)).collect();
    let new: Vec<&SiteRun> = after.iter().filter(|run| lacks(before, run)).collect();
    for (was, now) in likely(&gone, &new) {
        let is_it = |site: &&mut CheckedSite| site.key.workload == workload && site.key.site == was.site.name;
        let Some(site) = sites.iter_mut().find(is_it).filter(|site| site.verdict == Verdict::Inconclusive)
        else {
            continue;
        };
        let offer = format!(
            "if it is {} ({}:{}) now, write in darwin.toml: [[site]] match = {:?}, was = {:?}, each on a line",
            now.site.name, now.site.file, now.site.line, now.site.name, was.site.name
        );
        site.note = Some(site.note.take().map_or_else(|| offer.clone(), |note| format!("{note}; {offer}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Nanos, Site, SiteKind};

    fn run(name: &str, line: u32) -> SiteRun {
        let site = Site {
            name: name.into(),
            kind: SiteKind::Function,
            file: "src/lib.rs".into(),
            line,
            budgets: Vec::new(),
            items_per_call: 0,
            bytes_per_call: 0,
        };
        SiteRun {
            workload: "w".into(),
            site,
            calls: 7,
            panicked: 0,
            cancelled: 0,
            polling: None,
            timing: None,
            allocs: None,
            bytes: None,
            frees: None,
            freed_bytes: None,
            peak_bytes: None,
            call_cost_ns: Nanos(0.0),
            empty_cost_ns: Nanos(0.0),
            graph: None,
        }
    }

    fn gone(site: &str) -> CheckedSite {
        let key = SiteKey { workload: "w".into(), site: site.into() };
        gone_workload(&key, &Accepted::default())
    }

    #[test]
    fn a_site_that_is_gone_is_offered_what_it_may_have_become() {
        let mut sites = [gone("m::old"), gone("m::lost")];
        let before = [run("m::old", 10), run("m::stays", 30)];
        let after = [run("m::new", 11), run("m::stays", 31)];
        offer(&mut sites, "w", [&before, &after]);
        let note = sites[0].note.as_deref().unwrap();
        assert!(note.contains("if it is m::new (src/lib.rs:11) now"), "{note}");
        assert!(note.contains("match = \"m::new\", was = \"m::old\""), "{note}");
        assert!(!sites[1].note.as_deref().unwrap().contains("darwin.toml"));
    }

    #[test]
    fn a_workload_that_is_gone_leaves_nothing_to_approve() {
        let site = gone("w::bench");
        assert_eq!((site.verdict, site.accepted), (Verdict::Inconclusive, false));
        assert!(site.note.unwrap().contains("its workload w is no longer in the program"));
    }
}
