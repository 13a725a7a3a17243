//! Allocations and bytes of the candidate beside the recorded ones: exact where the same build did the same work.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::gate::exact::{self, Counted as Run};
use crate::gate::record;
use crate::io::baseline_file::{Counting, Quantity, WorkloadRecord};
use crate::io::measure::MeasureError;
use crate::model::{Budget, BudgetFinding, BudgetMetric, CheckedSite, ExactCount, SiteKey, SiteRun, Verdict};
use crate::session::recount::{Recount, recount};
use crate::session::requests::is_count;
use crate::session::side::Runnable;

/// Where a site that is gone stood.
const NOWHERE: &str = "in the record only";

/// One workload of the working tree, counted, beside its record.
pub struct Counted<'a> {
    name: &'a str,
    record: &'a WorkloadRecord,
    recount: Recount,
    /// Why the counts are advice only; `None` where they may be compared exactly.
    obstacle: Option<String>,
}

impl<'a> Counted<'a> {
    /// Counts with as much work as the record did.
    ///
    /// # Errors
    /// When a run fails, hangs, or measured nothing.
    pub fn of(
        runnable: &'a Runnable,
        record: &'a WorkloadRecord,
        build: &str,
        limit: Duration,
    ) -> Result<Counted<'a>, MeasureError> {
        let recount = recount(runnable, record.counting.as_ref(), limit)?;
        let here = Counting { build: build.to_owned(), iterations: recount.iterations };
        let obstacle = obstacle(record.counting.as_ref(), &here);
        Ok(Counted { name: &runnable.name, record, recount, obstacle })
    }

    /// What must be said of the workload's counts; `None` where the record has none, or they may be compared exactly.
    pub fn remark(&self) -> Option<String> {
        let obstacle = self.obstacle.as_ref().filter(|_| !self.record.counts.is_empty())?;
        Some(format!("counts of {} are advisory: {obstacle}", self.name))
    }

    /// Every site that was called here or is in the record, by name.
    pub fn sites(&self) -> Vec<CheckedSite> {
        let called = self.recount.side.runs.first().into_iter().flatten().filter(|site| site.calls > 0);
        let times = self.record.machines.values().flat_map(|sites| sites.keys());
        let recorded = self.record.counts.keys().chain(times).map(String::as_str);
        let names: BTreeSet<&str> = called.map(|site| site.site.name.as_str()).chain(recorded).collect();
        names.into_iter().map(|name| self.site(name)).collect()
    }

    fn site(&self, name: &str) -> CheckedSite {
        let there = self.recount.side.site(name);
        let allocs = self.count(name, Quantity::AllocsPerCall);
        let bytes = self.count(name, Quantity::BytesPerCall);
        let budgets = there.map_or_else(Vec::new, |site| self.budgets(site));
        let verdict = record::verdict(allocs.iter().chain(&bytes), &budgets);
        CheckedSite {
            key: SiteKey { workload: self.name.to_owned(), site: name.to_owned() },
            place: there
                .map_or_else(|| NOWHERE.to_owned(), |site| format!("{}:{}", site.site.file, site.site.line)),
            verdict,
            metrics: Vec::new(),
            throughput: None,
            allocs,
            bytes,
            budgets,
            accepted: false,
            note: self.note(name),
        }
    }

    fn note(&self, name: &str) -> Option<String> {
        let is_recorded = self.record.counts.contains_key(name)
            || self.record.machines.values().any(|sites| sites.contains_key(name));
        let is_called = self.recount.side.site(name).is_some_and(|site| site.calls > 0);
        match (is_recorded, is_called) {
            (false, _) => Some("not in the record".to_owned()),
            (true, false) => Some("recorded, and gone or no longer called".to_owned()),
            (true, true) => None,
        }
    }

    fn runs(&self, name: &str, quantity: Quantity) -> Vec<Run> {
        let count =
            |site: &SiteRun| if quantity == Quantity::AllocsPerCall { site.allocs } else { site.bytes };
        self.recount.side.of(name, count)
    }

    fn recorded(&self, name: &str, quantity: Quantity) -> Option<f64> {
        let counts = self.record.counts.get(name)?;
        if quantity == Quantity::AllocsPerCall { counts.allocs_per_call } else { counts.bytes_per_call }
    }

    fn count(&self, name: &str, quantity: Quantity) -> Option<ExactCount> {
        let (recorded, runs) = (self.recorded(name, quantity)?, self.runs(name, quantity));
        let first = runs.first().filter(|run| run.calls > 0)?;
        let now = quantity.as_recorded(first.total as f64 / first.calls as f64);
        record::count(recorded, now, &runs, self.obstacle.is_none())
    }

    /// Budgets on counts need no baseline. One that is kept is nothing to approve, and left out.
    fn budgets(&self, site: &SiteRun) -> Vec<BudgetFinding> {
        let judge = |budget: &Budget| {
            let quantity = match budget.metric {
                BudgetMetric::Allocs => Quantity::AllocsPerCall,
                _ => Quantity::BytesPerCall,
            };
            let name = &site.site.name;
            let mut finding = exact::judge_budget(*budget, &[], &self.runs(name, quantity))?;
            finding.broken_before = self.recorded(name, quantity).is_some_and(|value| value > budget.limit);
            Some(finding)
        };
        let counts = site.site.budgets.iter().filter(|budget| is_count(budget.metric));
        counts.filter_map(judge).filter(|finding| finding.verdict != Verdict::Approve).collect()
    }
}

/// Why counts of `here` cannot be held against the record's.
fn obstacle(recorded: Option<&Counting>, here: &Counting) -> Option<String> {
    let Some(recorded) = recorded else {
        return Some(
            "the record does not say how it was counted; one that `cargo darwin baseline` writes now does"
                .to_owned(),
        );
    };
    if recorded.build != here.build {
        let (then, now) = (&recorded.build, &here.build);
        return Some(format!("the record was counted in another build ({then}) than this ({now})"));
    }
    let work =
        |iterations: Option<u64>| iterations.map_or("whole runs".to_owned(), |n| format!("{n} iterations"));
    let (then, now) = (work(recorded.iterations), work(here.iterations));
    (then != now).then(|| format!("the record was counted over {then}, which is too far from {now} of today"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(build: &str, iterations: Option<u64>) -> Counting {
        Counting { build: build.into(), iterations }
    }

    #[test]
    fn counts_are_exact_where_build_and_work_are_the_records() {
        let here = counting("rustc 2", Some(10));
        assert_eq!(obstacle(Some(&here.clone()), &here), None);
        let whole = counting("rustc 2", None);
        assert_eq!(obstacle(Some(&whole.clone()), &whole), None);
    }

    #[test]
    fn each_difference_is_named() {
        let here = counting("rustc 2", Some(10));
        let cases = [
            (None, "does not say how it was counted"),
            (Some(counting("rustc 1", Some(10))), "another build (rustc 1) than this (rustc 2)"),
            (
                Some(counting("rustc 2", Some(9000))),
                "over 9000 iterations, which is too far from 10 iterations",
            ),
            (Some(counting("rustc 2", None)), "over whole runs"),
        ];
        for (recorded, words) in cases {
            let obstacle = obstacle(recorded.as_ref(), &here).unwrap();
            assert!(obstacle.contains(words), "{obstacle}");
        }
    }
}
