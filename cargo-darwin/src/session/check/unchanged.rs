//! The code is the baseline's own: nothing is timed, and its budgets are judged by what is recorded of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::report::identical_report;
use crate::gate::exact::{self, Counted};
use crate::gate::unchanged::judge_latency;
use crate::io::baseline::Layout;
use crate::io::baseline_file::{BaselineFile, Latencies};
use crate::io::store::{Origin, Store};
use crate::model::{Budget, BudgetFinding, BudgetMetric, CheckReport, CheckedSite, Nanos, SiteRun, Verdict};
use crate::session::code::{self, Codes};
use crate::session::console::Console;
use crate::session::project::Project;
use crate::session::requests::{is_count, recorded_value};
use crate::session::side::Runnable;
use crate::session::{Failure, run};

/// A look at a bench: enough to learn its sites, their budgets and what they allocate.
const LOOK: Duration = Duration::from_millis(20);

/// Stored runs that are looked through for those of this code, the newest first.
const LOOKED_THROUGH: usize = 20;

/// What is known of the code of one workload.
#[derive(Debug, Default)]
struct Known {
    /// The newest run, which may have been a mere look.
    newest: Vec<SiteRun>,
    /// Runs that were timed.
    timed: Vec<Vec<SiteRun>>,
}

/// Judges the budgets of unchanged code. `recorded` is the committed record, if it is of this very code.
///
/// # Errors
/// When a workload of which nothing is known yet fails, or stored runs cannot be listed.
pub fn unchanged(
    project: &Project,
    after: &[Runnable],
    codes: &Codes,
    recorded: Option<&BaselineFile>,
    require_faster: bool,
    console: &Console,
) -> Result<CheckReport, Failure> {
    let origin = code::origin(project, codes, after)?;
    let root = Layout::of(&project.workspace).root();
    let mut known = known(&root, &origin)?;
    let unknown: Vec<Runnable> =
        after.iter().filter(|runnable| !known.contains_key(&runnable.name)).cloned().collect();
    if !unknown.is_empty() {
        console.progress("nothing is known of this code yet: looking at each workload briefly, once");
        look(project, &root, &unknown, &origin, &mut known, console)?;
    }
    let latencies = |workload: &str, site: &str| {
        recorded?.workloads.get(workload)?.machines.get(&origin.machine)?.get(site)
    };
    let mut sites = Vec::new();
    for (workload, known) in &known {
        let with_budgets = known.newest.iter().filter(|site| !site.site.budgets.is_empty());
        sites.extend(with_budgets.map(|site| judged(site, known, latencies(workload, &site.site.name))));
    }
    let verdict = sites.iter().map(|site| site.verdict).max().unwrap_or(Verdict::Approve);
    Ok(CheckReport { sites, ..identical_report(verdict, require_faster) })
}

/// What stored runs know of this code, by workload.
fn known(root: &Path, origin: &Origin) -> Result<BTreeMap<String, Known>, Failure> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for store in [Store::of_code(root), Store::new(root)] {
        for stored in store.newest(LOOKED_THROUGH)? {
            let Some(from) = stored.origin.filter(|from| from.machine == origin.machine) else { continue };
            for (workload, code) in &origin.code {
                if from.code.get(workload) == Some(code) {
                    let sites = sites_of(&stored.run.sites, workload);
                    known.entry(workload.clone()).or_default().add(sites, from.is_look);
                }
            }
        }
    }
    Ok(known)
}

/// Runs what is not known, and keeps what is seen, so that the next check knows.
fn look(
    project: &Project,
    root: &Path,
    unknown: &[Runnable],
    origin: &Origin,
    known: &mut BTreeMap<String, Known>,
    console: &Console,
) -> Result<(), Failure> {
    let mut steps = console.steps("looking at", unknown.len());
    let run = run::measure(unknown, project.limit(), LOOK, &mut steps)?;
    drop(steps);
    let is_unknown = |name: &String| unknown.iter().any(|runnable| runnable.name == *name);
    let code = origin.code.iter().filter(|(name, _)| is_unknown(name));
    let code = code.map(|(name, code)| (name.clone(), code.clone())).collect();
    let from = Origin { machine: origin.machine.clone(), code, is_look: true };
    for runnable in unknown {
        known.entry(runnable.name.clone()).or_default().add(sites_of(&run.sites, &runnable.name), true);
    }
    Store::of_code(root).save(&run, Some(&from))?;
    Ok(())
}

fn sites_of(sites: &[SiteRun], workload: &str) -> Vec<SiteRun> {
    sites.iter().filter(|site| site.workload == workload).cloned().collect()
}

impl Known {
    fn add(&mut self, sites: Vec<SiteRun>, is_look: bool) {
        if self.newest.is_empty() {
            self.newest.clone_from(&sites);
        }
        if !is_look {
            self.timed.push(sites);
        }
    }

    /// What the timed runs saw of a metric at a site.
    fn values(&self, site: &str, metric: BudgetMetric) -> Vec<Nanos> {
        let find = |run: &Vec<SiteRun>| run.iter().find(|seen| seen.site.name == site)?.timing;
        self.timed.iter().filter_map(find).filter_map(|timing| timing.budgeted(metric)).collect()
    }
}

/// The site with its budgets; those that cannot be judged here are named in its note.
fn judged(site: &SiteRun, known: &Known, recorded: Option<&Latencies>) -> CheckedSite {
    let (mut budgets, mut open) = (Vec::new(), Vec::new());
    for &budget in &site.site.budgets {
        let finding = match is_count(budget.metric) {
            true => count_budget(budget, site),
            false => {
                let recorded = recorded.and_then(|latencies| recorded_value(latencies, budget.metric));
                judge_latency(budget, recorded, &known.values(&site.site.name, budget.metric))
            }
        };
        match finding {
            Some(finding) => budgets.push(finding),
            None => open.push(format!("{:?}", budget.metric).to_lowercase()),
        }
    }
    let note = format!(
        "not judged here: budget {}; no record of this code on this class of machine tells it: `cargo darwin baseline` makes one",
        open.join(", ")
    );
    CheckedSite {
        key: site.key(),
        place: format!("{}:{}", site.site.file, site.site.line),
        verdict: budgets.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Approve),
        metrics: Vec::new(),
        throughput: None,
        allocs: None,
        bytes: None,
        budgets,
        accepted: false,
        note: (!open.is_empty()).then_some(note),
    }
}

/// Exact: the same code allocates the same again.
fn count_budget(budget: Budget, site: &SiteRun) -> Option<BudgetFinding> {
    let total = if budget.metric == BudgetMetric::Allocs { site.allocs } else { site.bytes };
    let counted = [Counted { calls: site.calls, total: total? }];
    exact::judge_budget(budget, &counted, &counted)
}
