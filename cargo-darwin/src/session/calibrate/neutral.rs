//! What neutral edits leave: in a copy of the workspace code is added that nobody calls, and the measured functions, which
//! are the same, are timed against the unedited copy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::edits::{self, Source};
use super::once::{Setup, Subject, measured, prepared};
use super::shown::Shown;
use crate::gate::BlockSamples;
use crate::gate::calibrate::bias::{self, Shift};
use crate::io::cargo::Executable;
use crate::io::edited::Edited;
use crate::io::{files, identical};
use crate::model::{BiasReport, LogRatio, Metric, Percent, SiteKey};
use crate::session::alike;
use crate::session::blocks::Blocks;
use crate::session::check::layouts_folder;
use crate::session::evidence::Opponents;
use crate::session::layouts::Layouts;
use crate::session::random::Random;
use crate::session::runnables::runnables;
use crate::session::side::{BASELINE, CANDIDATE};
use crate::session::watcher::Watcher;

/// Blocks of an edit: a median is then known to a fifth of a block's deviation.
const BLOCKS: usize = 40;

/// Edits that do not build, or change no machine code, before it is given up.
const MOST_FAILURES: u32 = 6;

/// Files that are edited.
const MOST_FILES: usize = 40;

/// The attribute: edits are made where measured functions are.
const MARK: &str = "hotpath";

/// Folders whose sources are not the program's.
const OTHERS: [&str; 5] = ["target", "tests", "benches", "examples", ".git"];

/// What neutral edits left, by workload and metric.
#[derive(Debug, Default)]
pub struct Biases {
    /// The limits.
    pub reports: Vec<BiasReport>,
    /// Why there are none.
    pub why_not: Option<String>,
}

impl Biases {
    /// The limit for a metric of a site: that of its workload.
    pub fn of(&self, key: &SiteKey, metric: Metric) -> Option<Percent> {
        let own = self.reports.iter().find(|bias| bias.workload == key.workload && bias.metric == metric);
        own.map(|bias| bias.bias)
    }

    /// The limits for all metrics of a site.
    pub fn of_site(&self, key: &SiteKey) -> BTreeMap<Metric, LogRatio> {
        let own = self.reports.iter().filter(|bias| bias.workload == key.workload);
        own.map(|bias| (bias.metric, LogRatio::from(bias.bias))).collect()
    }

    fn none(why: impl Into<String>) -> Biases {
        Biases { reports: Vec::new(), why_not: Some(why.into()) }
    }
}

/// The median shifts of all edits, by workload, metric and site.
#[derive(Debug, Default)]
struct Shifts {
    edits: u32,
    of: BTreeMap<(String, Metric), Vec<Shift>>,
}

/// Tries so many neutral edits; none is begun that will not be done at `until`. Without them nothing else changes, so
/// whatever goes wrong is said and no failure.
pub fn biases(setup: &Setup<'_>, subject: &Subject, edits: u32, until: Instant, shown: &Shown) -> Biases {
    if edits == 0 {
        return Biases::none("no edits were wanted (--edits 0)");
    }
    shown.phase(&format!("building a copy of the workspace, for {edits} neutral edits"));
    match tried(setup, subject, edits, until, shown) {
        Err(why) => Biases::none(why),
        Ok(shifts) if shifts.edits == 0 => Biases::none("there was no time for an edit (see --max-time)"),
        Ok(shifts) => limits(&shifts),
    }
}

fn limits(shifts: &Shifts) -> Biases {
    let limit = |((workload, metric), all): (&(String, Metric), &Vec<Shift>)| {
        let largest = all.iter().map(|shift| shift.median).max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()))?;
        Some(BiasReport {
            workload: workload.clone(),
            metric: *metric,
            bias: Percent::from(bias::upper_limit(all)?),
            largest: Percent::from(largest),
            edits: shifts.edits,
        })
    };
    let reports: Vec<BiasReport> = shifts.of.iter().filter_map(limit).collect();
    match reports.is_empty() {
        true => Biases::none(format!(
            "{} edits and their sites are too few to bound it ({} medians are needed; see --edits and --max-time)",
            shifts.edits,
            bias::LEAST_SHIFTS
        )),
        false => Biases { reports, why_not: None },
    }
}

fn tried(
    setup: &Setup<'_>,
    subject: &Subject,
    edits: u32,
    until: Instant,
    shown: &Shown,
) -> Result<Shifts, String> {
    let project = setup.project;
    let targets = project.targets().map_err(words)?;
    let copy = Edited::copy(&project.workspace, &project.package, &targets, &project.cargo).map_err(words)?;
    let files = sources(&copy)?;
    let begin = Instant::now();
    let unedited = copy.build(&mut |_| {}).map_err(words)?;
    // It compiled dependencies too, which an edit does not.
    let mut longest_build = begin.elapsed() / 2;
    let (mut shifts, mut failures, mut why) = (Shifts::default(), 0, String::new());
    for number in 0.. {
        if shifts.edits >= edits || failures >= MOST_FAILURES || Instant::now() + longest_build >= until {
            break;
        }
        let edit = edits::edit(&files, number).ok_or("no place for an edit was found between two items")?;
        shown.phase(&format!("neutral edit {} of {edits}", shifts.edits + 1));
        let begin = Instant::now();
        let built = built(&copy, &edit, &files)?;
        longest_build = longest_build.max(begin.elapsed());
        match built.and_then(|built| another(&unedited, built)) {
            Err(reason) => (failures, why) = (failures + 1, reason),
            Ok(edited) => {
                let time = until.saturating_duration_since(Instant::now());
                let share = time / (edits - shifts.edits);
                let blocks = timed(setup, &copy, [&unedited, &edited], share)?;
                shifts.add(subject, &blocks);
            }
        }
    }
    match shifts.edits == 0 && failures >= MOST_FAILURES {
        true => Err(format!("none of {failures} edits could be used, the last one because {why}")),
        false => Ok(shifts),
    }
}

impl Shifts {
    fn add(&mut self, subject: &Subject, blocks: &[BlockSamples]) {
        let gated = subject.plan.gated().flat_map(|site| {
            let metrics = site.metrics.iter().filter(|metric| metric.share.is_some());
            metrics.map(|metric| (&site.key, metric.metric))
        });
        let mut is_told = false;
        for (key, metric) in gated {
            let samples = blocks.iter().filter_map(|block| block.sites.get(key)?.metric(metric));
            let ys: Vec<LogRatio> = samples.map(|sample| sample.y).collect();
            let Some(shift) = bias::shift(&ys) else { continue };
            self.of.entry((key.workload.clone(), metric)).or_default().push(shift);
            is_told = true;
        }
        self.edits += u32::from(is_told);
    }
}

/// The files in which measured functions are, as they are: those of the measured package, if it has any, for what other
/// packages have may not be built at all.
fn sources(copy: &Edited) -> Result<Vec<Source<PathBuf>>, String> {
    let own = marked(copy.package_folder())?;
    Ok(if own.is_empty() { marked(copy.root())? } else { own })
}

/// The sources below a folder that have the attribute.
fn marked(folder: &Path) -> Result<Vec<Source<PathBuf>>, String> {
    let all = files::walk(folder, &|name| OTHERS.contains(&name)).map_err(words)?;
    // A link may lead to a file of the user's.
    let is_rust =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs") && !path.is_symlink();
    let read = |path: PathBuf| Some(Source { text: std::fs::read_to_string(&path).ok()?, path });
    let read = all.into_iter().filter(is_rust).filter_map(read);
    Ok(read.filter(|source| source.text.contains(MARK)).take(MOST_FILES).collect())
}

/// Builds the copy with this edit and no other; the inner error is why that does not build.
fn built(
    copy: &Edited,
    edit: &Source<PathBuf>,
    files: &[Source<PathBuf>],
) -> Result<Result<Vec<Executable>, String>, String> {
    let write = |path: &Path, text: &str| files::write(path, text.as_bytes()).map_err(words);
    write(&edit.path, &edit.text)?;
    let built = copy.build(&mut |_| {});
    let original = files.iter().find(|file| file.path == edit.path);
    original.map_or(Ok(()), |file| write(&file.path, &file.text))?;
    Ok(built.map_err(words))
}

/// Those that the edit has changed: without a change they would be found without a bias, which says nothing.
fn another(unedited: &[Executable], edited: Vec<Executable>) -> Result<Vec<Executable>, String> {
    let differs = |(one, other): (&Executable, &Executable)| {
        !identical::same_code(&one.path, &other.path).unwrap_or(false)
    };
    match unedited.iter().zip(&edited).any(differs) {
        true => Ok(edited),
        false => Err("it changes no machine code".to_owned()),
    }
}

/// Blocks of the unedited against the edited copy, in names and folders of their own.
fn timed(
    setup: &Setup<'_>,
    copy: &Edited,
    sides: [&[Executable]; 2],
    time: Duration,
) -> Result<Vec<BlockSamples>, String> {
    let (until, limit) = (Instant::now() + time, setup.project.limit());
    let folder = layouts_folder(setup.project).with_file_name("edited-layouts");
    let built = sides.map(|executables| setup.project.built(executables, copy.package_folder()));
    let placed = alike::placed(&folder, built);
    let of_side = |side: usize| runnables(&placed[side], &setup.project.options, "").map_err(words);
    let pairs = of_side(BASELINE)?.into_iter().zip(of_side(CANDIDATE)?);
    let opponents: Vec<Opponents> =
        pairs.map(|(baseline, candidate)| Opponents { baseline, candidate }).collect();
    let workloads = prepared(&opponents, limit).map_err(words)?;
    let (layouts, _) = Layouts::new(&folder, &workloads).map_err(words)?;
    let random = Random::from_the_system();
    let mut blocks = Blocks::new(&workloads, &layouts, random, limit, Watcher::new(None));
    let measured = measured(&mut blocks, &workloads, BLOCKS, until).map_err(words);
    // A link that outlives the copy would keep its executables on the disk.
    drop(files::remove_tree(&folder));
    measured
}

/// One line: the compiler's own word, where there is one.
fn words(error: impl ToString) -> String {
    let text = error.to_string();
    let compilers = text.lines().find(|line| line.starts_with("error"));
    compilers.or_else(|| text.lines().next()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifts(medians: &[f64]) -> Shifts {
        let all = medians.iter().map(|median| Shift { median: LogRatio(*median), error: 0.0001 }).collect();
        Shifts { edits: medians.len() as u32, of: [(("replay".to_owned(), Metric::P50), all)].into() }
    }

    fn key(workload: &str) -> SiteKey {
        SiteKey { workload: workload.to_owned(), site: "f".to_owned() }
    }

    #[test]
    fn the_limit_of_a_workload_holds_for_its_sites_and_no_others() {
        let biases = limits(&shifts(&[0.001, -0.003, 0.002, 0.001, -0.001, 0.002]));
        let report = &biases.reports[0];
        assert_eq!((report.edits, biases.why_not.as_ref()), (6, None));
        assert!((-0.31..-0.29).contains(&report.largest.0), "{:?}", report.largest);
        assert!((0.3..2.0).contains(&report.bias.0), "{:?}", report.bias);
        assert_eq!(biases.of(&key("replay"), Metric::P50), Some(report.bias));
        assert_eq!(biases.of(&key("replay"), Metric::P99), None);
        assert!(biases.of_site(&key("other")).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn only_sources_of_the_copy_itself_are_edited() {
        let temp = tempfile::tempdir().unwrap();
        let [users, copy] = ["users", "copy"].map(|name| temp.path().join(name));
        let write = |path: PathBuf| files::write(&path, b"#[hotpath]\nfn f() {}\n").unwrap();
        write(users.join("shared.rs"));
        write(copy.join("src/lib.rs"));
        write(copy.join("benches/book.rs"));
        files::write(&copy.join("src/other.rs"), b"fn f() {}\n").unwrap();
        std::os::unix::fs::symlink(users.join("shared.rs"), copy.join("src/shared.rs")).unwrap();
        std::os::unix::fs::symlink(&users, copy.join("src/users")).unwrap();
        let found: Vec<PathBuf> = marked(&copy).unwrap().into_iter().map(|source| source.path).collect();
        assert_eq!(found, [copy.join("src/lib.rs")]);
    }

    #[test]
    fn too_few_medians_bound_nothing_and_say_so() {
        let biases = limits(&shifts(&[0.001, 0.002]));
        assert!(biases.reports.is_empty());
        assert!(biases.why_not.unwrap().contains("too few to bound it"));
    }
}
