//! What earlier checks of the same pair of programs have measured, and what this one adds to it. A new start at every check
//! would take the permitted error anew each time; carried on, all checks of a pair together keep within it (GATE.md
//! section 3).

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Failure;
use super::blocks::PairedWorkload;
use super::code::Codes;
use super::counting::{Counts, SideCounts};
use super::pairing::Pairing;
use super::side::{BASELINE, CANDIDATE, Runnable};
use crate::gate::{BlockSamples, MetricSample, Plan, ProbeError, Recorder, SiteStanding};
use crate::io::digest::Digest;
use crate::io::evidence::{self, Folder, Stored, Writer};
use crate::io::position::FileError;
use crate::model::{Metric, SiteKey, SiteRun};

/// A workload that both sides have, not counted yet.
#[derive(Debug, Clone)]
pub struct Opponents {
    /// The baseline's.
    pub baseline: Runnable,
    /// The candidate's.
    pub candidate: Runnable,
}

/// What evidence is about: it holds for no other code, work or class of machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    machine: String,
    workloads: Vec<PairedCode>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PairedCode {
    workload: String,
    baseline: String,
    candidate: String,
}

/// The first line of a file of evidence.
#[derive(Debug, Serialize, Deserialize)]
struct Subject {
    pair: Pair,
    /// What was gated, with which weight: frozen before the first block.
    gated: Vec<Gated>,
    /// What the counting runs saw, in the order of the pair's workloads.
    counts: Vec<StoredCounts>,
    /// What was said of the layouts.
    notes: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Gated {
    site: SiteKey,
    weight: f64,
    shares: Vec<(Metric, f64)>,
}

/// [`Counts`] in the form in which they are kept.
#[derive(Debug, Serialize, Deserialize)]
struct StoredCounts {
    baseline: Vec<Vec<SiteRun>>,
    candidate: Vec<Vec<SiteRun>>,
    iterations: Option<u64>,
    iteration_seconds: f64,
    setup_seconds: f64,
    threads: usize,
    pairing: Pairing,
}

/// What earlier checks found.
#[derive(Debug)]
pub struct Earlier {
    /// The workloads with their counting runs.
    pub workloads: Vec<PairedWorkload>,
    /// The blocks, in the order of measuring.
    pub blocks: Vec<BlockSamples>,
    /// What was said of the layouts.
    pub notes: Vec<String>,
}

/// Where a check keeps its blocks.
#[derive(Debug)]
pub struct Evidence {
    /// `None`: nothing stored is used, and nothing is stored.
    about: Option<(Folder, Pair)>,
    writer: Option<Writer>,
}

impl Pair {
    /// The code of these workloads on this class of machines.
    ///
    /// # Errors
    /// When an executable is none.
    pub fn of(machine: &str, pairings: &[Opponents], codes: &Codes) -> Result<Pair, Failure> {
        let code = |pairing: &Opponents| {
            let (baseline, candidate) = (codes.of(&pairing.baseline)?, codes.of(&pairing.candidate)?);
            Ok(PairedCode { workload: pairing.candidate.name.clone(), baseline, candidate })
        };
        let workloads: Result<_, Failure> = pairings.iter().map(code).collect();
        Ok(Pair { machine: machine.to_owned(), workloads: workloads? })
    }

    fn digest(&self) -> String {
        let mut digest = Digest::default();
        digest.part(&self.machine);
        for workload in &self.workloads {
            digest.part(&workload.workload).part(&workload.baseline).part(&workload.candidate);
        }
        digest.hex()
    }
}

impl Evidence {
    /// Neither used nor written: for proofs, in which each check must stand for itself.
    pub fn left_aside() -> Evidence {
        Evidence { about: None, writer: None }
    }

    /// That of a pair, below the folder of a workspace.
    pub fn about(root: &Path, pair: Pair) -> Evidence {
        Evidence { about: Some((Folder::new(root), pair)), writer: None }
    }

    /// What earlier checks of this pair found that gated the same sites with the same weights; a tolerance may have changed
    /// since. A file that cannot be used is removed, and said in `notes`.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn earlier(
        &mut self,
        pairings: &[Opponents],
        plan: &dyn Fn(&[PairedWorkload]) -> Plan,
        notes: &mut Vec<String>,
    ) -> Result<Option<Earlier>, Failure> {
        let Some((folder, pair)) = &self.about else { return Ok(None) };
        for path in folder.named(&pair.digest()).map_err(Failure::Evidence)? {
            let opened = evidence::open(&path).and_then(|stored| believed(&path, stored, pair));
            let stored = match opened {
                Ok(stored) => stored,
                Err(why) => {
                    notes.push(format!("stored evidence is not used: {}", one_line(&why)));
                    evidence::discard(&path).map_err(Failure::Evidence)?;
                    continue;
                }
            };
            let workloads = counted(pairings, stored.subject.counts);
            if gated(&plan(&workloads)) == stored.subject.gated {
                stored.writer.touch().map_err(Failure::Evidence)?;
                self.writer = Some(stored.writer);
                return Ok(Some(Earlier { workloads, blocks: stored.blocks, notes: stored.subject.notes }));
            }
        }
        Ok(None)
    }

    /// Writes down what blocks are measured for, before the first of them; nothing where earlier ones are there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(
        &mut self,
        workloads: &[PairedWorkload],
        plan: &Plan,
        notes: &[String],
    ) -> Result<(), Failure> {
        let Some((folder, pair)) = self.about.as_ref().filter(|_| self.writer.is_none()) else {
            return Ok(());
        };
        let subject = Subject {
            pair: pair.clone(),
            gated: gated(plan),
            counts: workloads.iter().map(StoredCounts::of).collect(),
            notes: notes.to_vec(),
        };
        let name = format!("{}-{}", pair.digest(), digest_of(&subject.gated));
        self.writer = Some(folder.begin(&name, &subject).map_err(Failure::Evidence)?);
        Ok(())
    }
}

impl Recorder for Evidence {
    fn record(&mut self, block: &BlockSamples) -> Result<(), ProbeError> {
        match &mut self.writer {
            Some(writer) => writer.append(block).map_err(ProbeError::new),
            None => Ok(()),
        }
    }
}

/// Refuses what was not measured: another pair under the same name, values that no clock gives.
fn believed(
    path: &Path,
    stored: Stored<Subject, BlockSamples>,
    pair: &Pair,
) -> Result<Stored<Subject, BlockSamples>, FileError> {
    let is_right = stored.subject.pair == *pair && stored.subject.counts.len() == pair.workloads.len();
    match is_right && stored.blocks.iter().all(is_plausible) {
        true => Ok(stored),
        false => Err(FileError::whole(path, "holds what was never measured of this pair", "")),
    }
}

fn is_plausible(block: &BlockSamples) -> bool {
    let sound = |sample: &MetricSample| {
        let MetricSample { y, baseline, candidate } = sample;
        y.0.is_finite() && baseline.0 > 0.0 && candidate.0 > 0.0
    };
    let mut samples = block
        .sites
        .values()
        .flat_map(|site| [&site.p50, &site.p90, &site.p99, &site.p999, &site.mean, &site.max])
        .flatten();
    samples.all(sound)
}

/// Path and reason in one line, for a note.
fn one_line(error: &FileError) -> String {
    let line = error.line.map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{line}: {}; the pair is measured anew", error.path.display(), error.what)
}

fn counted(pairings: &[Opponents], counts: Vec<StoredCounts>) -> Vec<PairedWorkload> {
    let workload = |(pairing, counts): (&Opponents, StoredCounts)| {
        let Opponents { baseline, candidate } = pairing.clone();
        let (counts, pairing) = counts.into_counts();
        PairedWorkload::new(baseline, candidate, counts, pairing)
    };
    pairings.iter().zip(counts).map(workload).collect()
}

fn gated(plan: &Plan) -> Vec<Gated> {
    let gated = plan.sites().iter().filter_map(|site| match site.standing {
        SiteStanding::Gated { weight } => Some((site, weight)),
        SiteStanding::Excluded(_) => None,
    });
    gated
        .map(|(site, weight)| {
            let shares = site.metrics.iter().filter_map(|metric| Some((metric.metric, metric.share?)));
            Gated { site: site.key.clone(), weight, shares: shares.collect() }
        })
        .collect()
}

fn digest_of(gated: &[Gated]) -> String {
    let mut digest = Digest::default();
    for site in gated {
        digest.part(&site.site.workload).part(&site.site.site).part(site.weight.to_le_bytes());
        digest.part(format!("{:?}", site.shares));
    }
    digest.hex()
}

impl StoredCounts {
    fn of(workload: &PairedWorkload) -> StoredCounts {
        let counts = &workload.counts;
        let runs = |side: usize| counts.sides[side].runs.clone();
        StoredCounts {
            baseline: runs(BASELINE),
            candidate: runs(CANDIDATE),
            iterations: counts.iterations,
            iteration_seconds: counts.iteration_seconds,
            setup_seconds: counts.setup_seconds,
            threads: counts.threads,
            pairing: workload.pairing.clone(),
        }
    }

    fn into_counts(self) -> (Counts, Pairing) {
        let counts = Counts {
            sides: [SideCounts { runs: self.baseline }, SideCounts { runs: self.candidate }],
            iterations: self.iterations,
            iteration_seconds: self.iteration_seconds,
            setup_seconds: self.setup_seconds,
            threads: self.threads,
        };
        (counts, self.pairing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::SiteSample;
    use crate::model::{LogRatio, Nanos};

    fn pair(machine: &str, baseline: &str) -> Pair {
        let code = PairedCode {
            workload: "replay".into(),
            baseline: baseline.into(),
            candidate: "candidate".into(),
        };
        Pair { machine: machine.into(), workloads: vec![code] }
    }

    fn block(baseline: f64, candidate: f64) -> BlockSamples {
        let p50 = MetricSample { y: LogRatio(0.1), baseline: Nanos(baseline), candidate: Nanos(candidate) };
        let key = SiteKey { workload: "replay".into(), site: "insert".into() };
        let sample = SiteSample { calls: 100, p50: Some(p50), ..SiteSample::default() };
        BlockSamples { sites: [(key, sample)].into(), ..BlockSamples::default() }
    }

    /// Whether a file that holds this is used for the pair `this machine`, `before`.
    fn is_believed(about: Pair, blocks: &[BlockSamples]) -> bool {
        let temp = tempfile::tempdir().unwrap();
        let counts = StoredCounts {
            baseline: vec![],
            candidate: vec![],
            iterations: Some(1),
            iteration_seconds: 0.01,
            setup_seconds: 0.0,
            threads: 1,
            pairing: Pairing::Iterations,
        };
        let subject = Subject { pair: about, gated: vec![], counts: vec![counts], notes: vec![] };
        let folder = Folder::new(temp.path());
        let mut writer = folder.begin("name", &subject).unwrap();
        blocks.iter().for_each(|block| writer.append(block).unwrap());
        let path = folder.named("name").unwrap().remove(0);
        believed(&path, evidence::open(&path).unwrap(), &pair("this machine", "before")).is_ok()
    }

    #[test]
    fn evidence_of_another_pair_or_machine_is_not_used_whatever_its_name() {
        assert!(is_believed(pair("this machine", "before"), &[block(50.0, 55.0)]));
        assert!(!is_believed(pair("another machine", "before"), &[]));
        assert!(!is_believed(pair("this machine", "other"), &[]));
    }

    #[test]
    fn latencies_that_no_clock_gives_are_not_used() {
        for (baseline, candidate) in [(0.0, 55.0), (50.0, -55.0)] {
            let blocks = [block(50.0, 55.0), block(baseline, candidate)];
            assert!(!is_believed(pair("this machine", "before"), &blocks), "{baseline}, {candidate}");
        }
    }

    #[test]
    fn pairs_that_differ_in_anything_have_names_of_their_own() {
        let names = [pair("a", "b"), pair("a", "c"), pair("ab", ""), pair("", "ab")].map(|one| one.digest());
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
