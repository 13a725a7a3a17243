//! A change of the baseline file since the revision that is judged against: what became of its sites is accepted, and shown
//! as "accepted by baseline change".

use std::collections::BTreeSet;

use crate::gate::{BlockSamples, Judge, Plan, ProbeError, Recorder, SiteFinding, SiteRequest};
use crate::io::baseline_file::{self, BaselineFile};
use crate::io::git::{Commit, FileState, Repository};
use crate::model::{SiteKey, Verdict};
use crate::session::Failure;
use crate::session::findings::CountFindings;
use crate::session::project::Project;

/// Characters of a commit's hash that are shown.
const SHORT_REV: usize = 12;

/// Sites that a note names before "and N more".
const NAMED: usize = 8;

/// The sites whose recorded lines have changed.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    sites: BTreeSet<SiteKey>,
    /// Nobody but the user has the change yet.
    is_uncommitted: bool,
}

impl Accepted {
    /// Compares the file of `commit` with `recorded`, that of the working tree. A commit that has none, or one that cannot be
    /// read, accepts nothing.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn since(
        project: &Project,
        repository: &Repository,
        commit: &Commit,
        recorded: &BaselineFile,
    ) -> Result<Accepted, Failure> {
        let path = &project.in_users_tree(&project.baseline_file);
        let text = repository.text_at(commit, path)?;
        let before = text.and_then(|text| baseline_file::parse(path, &text).ok());
        let before = before.unwrap_or_default().renamed(&project.options.renames);
        // Where the working tree is judged its file is a part of it: a change that is not committed yet accepts as well. What
        // is exported is staged or committed, whatever lies in the tree.
        let is_changed = || repository.file_state(path).is_ok_and(|state| state == FileState::Changed);
        let is_uncommitted = project.exported.is_none() && is_changed();
        Ok(Accepted { sites: before.changed_sites(recorded), is_uncommitted })
    }

    /// What a report has to say of it, beside the revision `rev`.
    pub fn note(&self, rev: &str) -> Option<String> {
        // Keys are sorted by workload, and several may have the same site.
        let names: BTreeSet<&str> = self.sites.iter().map(|key| key.site.as_str()).collect();
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names: Vec<&str> = names.into_iter().take(NAMED).collect();
        let rev: String = rev.chars().take(SHORT_REV).collect();
        let not_yet =
            if self.is_uncommitted { "; it is not committed yet: commit it with the code" } else { "" };
        (!names.is_empty()).then(|| {
            format!(
                "{} has changed since {rev}: accepted by that change is what became of {}{more}{not_yet}",
                baseline_file::FILE_NAME,
                names.join(", ")
            )
        })
    }

    /// The plan of what is judged. Accepted sites keep their budgets, and lose what would hold them to the baseline; where
    /// that leaves nothing to judge they are measured like any others.
    pub fn plan(&self, requests: Vec<SiteRequest>) -> Plan {
        let there = |request: &SiteRequest| {
            let is_gone = request.candidate_calls.unwrap_or(0) == 0;
            !(is_gone && self.has(&request.key))
        };
        let requests: Vec<SiteRequest> = requests.into_iter().filter(there).collect();
        let mut judged = requests.clone();
        for request in judged.iter_mut().filter(|request| self.has(&request.key)) {
            request.metrics.clear();
        }
        let plan = Plan::freeze(judged);
        if plan.gated().next().is_none() { Plan::freeze(requests) } else { plan }
    }

    /// Adds to the findings how the accepted sites compare.
    pub fn show(&self, requests: &[SiteRequest], blocks: &[BlockSamples], findings: &mut [SiteFinding]) {
        let requests = requests.iter().filter(|request| self.has(&request.key)).cloned();
        let mut judge = Judge::new(Plan::freeze(requests.collect()));
        blocks.iter().for_each(|block| judge.add(block));
        let compared = judge.findings();
        for finding in findings.iter_mut().filter(|finding| self.has(&finding.key)) {
            if let Some(compared) = compared.iter().find(|compared| compared.key == finding.key) {
                finding.metrics.clone_from(&compared.metrics);
                settle(finding);
            }
        }
    }

    /// Takes the accepted sites' counts for allowed.
    pub fn apply(&self, counts: &mut [CountFindings]) {
        counts.iter_mut().filter(|count| self.has(count.key())).for_each(CountFindings::accept);
    }

    /// Has a line of this workload changed?
    pub fn has_workload(&self, name: &str) -> bool {
        self.sites.iter().any(|key| key.workload == name)
    }

    fn has(&self, key: &SiteKey) -> bool {
        self.sites.contains(key)
    }
}

/// Whatever was found is allowed, and nothing is open any more.
fn settle(finding: &mut SiteFinding) {
    finding.timed = (!finding.metrics.is_empty()).then_some(Verdict::Approve);
    finding.note = None;
    finding.open.clear();
    for metric in finding.metrics.iter_mut().filter(|metric| metric.verdict.is_some()) {
        (metric.verdict, metric.blocks_missing, metric.proven_tolerance) =
            (Some(Verdict::Approve), None, None);
    }
}

/// Hands blocks on, and has them all in the end.
pub struct Kept<'a> {
    recorder: &'a mut dyn Recorder,
    blocks: Vec<BlockSamples>,
}

impl<'a> Kept<'a> {
    /// In front of another recorder; with the blocks of `earlier` checks.
    pub fn new(recorder: &'a mut dyn Recorder, earlier: &[BlockSamples]) -> Kept<'a> {
        Kept { recorder, blocks: earlier.to_vec() }
    }

    /// All of them, in order.
    pub fn blocks(self) -> Vec<BlockSamples> {
        self.blocks
    }
}

impl Recorder for Kept<'_> {
    fn record(&mut self, block: &BlockSamples) -> Result<(), ProbeError> {
        self.recorder.record(block)?;
        self.blocks.push(block.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(keys: &[(&str, &str)]) -> Accepted {
        let key =
            |(workload, site): &(&str, &str)| SiteKey { workload: (*workload).into(), site: (*site).into() };
        Accepted { sites: keys.iter().map(key).collect(), is_uncommitted: false }
    }

    #[test]
    fn a_site_of_several_workloads_is_named_once() {
        let note =
            accepted(&[("one", "f"), ("one", "g"), ("two", "f"), ("two", "g")]).note("0123456789abcdef");
        assert!(note.as_deref().is_some_and(|note| note.ends_with("what became of f, g")), "{note:?}");
        assert!(note.is_some_and(|note| note.contains("since 0123456789ab:")));
        assert_eq!(accepted(&[]).note("0"), None);
    }

    #[test]
    fn of_many_sites_the_first_are_named_and_the_others_counted() {
        let names: Vec<String> = (0..=NAMED).map(|at| format!("s{at}")).collect();
        let twice = ["one", "two"]
            .iter()
            .flat_map(|workload| names.iter().map(move |name| (*workload, name.as_str())));
        let note = accepted(&twice.collect::<Vec<_>>()).note("0").unwrap();
        assert!(note.ends_with("s6, s7 and 1 more"), "{note}");
    }
}
