//! What is to be done to which file: a pure function of what there is.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Table};

use super::bench::{self, FirstBench};
use super::config::FirstConfig;
use super::facts::{BenchFile, ConfigFile, Facts, TextFile};
use super::manifest::{self, Addition};
use super::refusal::Refusal;
use crate::io::cargo::RUNTIME;
use crate::io::config::FILE_NAME;

/// What a first bench is called.
const BENCH: &str = "hotpath";

/// Everything that is to be done, in the order in which it can be: a manifest comes after the files that it names, and
/// a package's after the workspace's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Files, also those that stay as they are.
    pub files: Vec<Planned>,
    /// Key of the dependency.
    pub key: String,
    /// A manifest gets a line that says where the runtime is.
    pub names_source: bool,
    /// The file of the first bench, if it is new.
    pub new_bench: Option<PathBuf>,
    /// A feature without which the bench is not built, and that the command line has to name.
    pub feature: Option<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Where.
    pub path: PathBuf,
    /// What it holds; `None` where it is not there.
    pub old: Option<String>,
    /// What it is to hold; `None`: it stays as it is.
    pub new: Option<String>,
    /// What is in it then, in a few words.
    pub what: String,
}

/// Lines for manifests, and a bench.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// What the manifest at this path is to have more.
    pub additions: Vec<(PathBuf, Addition)>,
    /// The first bench.
    pub files: Vec<NewFile>,
}

/// A file that is to be made.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Where.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// The bench that there is, or will be.
struct Bench {
    name: String,
    file: Option<Planned>,
    feature: Option<String>,
}

/// What is missing, and how it gets there.
///
/// # Errors
/// What cannot be done, with the lines to add by hand.
pub fn plan(facts: &Facts) -> Result<Plan, Refusal> {
    let mut wanted = Wanted::default();
    let key = want_dependency(facts, &mut wanted)?;
    let bench = want_bench(facts, &key, &mut wanted)?;
    let config = config(facts, &bench.name);
    let mut files: Vec<Planned> = bench.file.into_iter().chain([config]).collect();
    for file in facts.root.iter().chain([&facts.manifest]) {
        let planned = edited(file, &key, &wanted)?;
        if planned.new.is_some() || file == &facts.manifest {
            files.push(planned);
        }
    }
    Ok(Plan {
        files,
        key,
        names_source: wanted.additions.iter().any(|(_, addition)| addition.names_source()),
        new_bench: wanted.files.into_iter().next().map(|file| file.path),
        feature: bench.feature,
    })
}

/// Adds the dependency unless it is there; gives its key.
fn want_dependency(facts: &Facts, wanted: &mut Wanted) -> Result<String, Refusal> {
    if let Some(there) = &facts.dependency {
        return Ok(there.key.clone());
    }
    if facts.package == RUNTIME {
        return Err(Refusal::new(
            "darwin-runtime cannot depend on itself",
            "choose another package with -p",
            wanted,
        ));
    }
    let root = facts.root.as_ref().unwrap_or(&facts.manifest);
    let shared = table(root);
    if let Some(key) = manifest::shared_key(&shared) {
        let inherited = Addition::Dependency { key: key.clone(), source: None };
        wanted.additions.push((facts.manifest.path.clone(), inherited));
        return Ok(key);
    }
    let source = facts.source.as_ref().map_err(Refusal::early)?;
    let mut own = Some(source.value(facts.manifest.folder()));
    if manifest::shares_dependencies(&shared) {
        wanted.additions.push((root.path.clone(), Addition::Shared { source: source.value(root.folder()) }));
        own = None;
    }
    let dependency = Addition::Dependency { key: RUNTIME.to_owned(), source: own };
    wanted.additions.push((facts.manifest.path.clone(), dependency));
    Ok(RUNTIME.to_owned())
}

/// A manifest that is known to be one: `scene` refuses the others.
fn table(file: &TextFile) -> Table {
    file.text.parse::<DocumentMut>().map(|document| document.as_table().clone()).unwrap_or_default()
}

/// Adds a bench unless there is something to run.
fn want_bench(facts: &Facts, key: &str, wanted: &mut Wanted) -> Result<Bench, Refusal> {
    let runtime = in_code(key);
    let feature = facts.dependency.as_ref().and_then(|one| one.features.as_ref());
    let feature = feature.and_then(|features| features.iter().find(|one| *one == key).or(features.first()));
    let on_the_command_line = feature.filter(|feature| *feature != key).cloned();
    let bench =
        |name: &str, file| Bench { name: name.to_owned(), file, feature: on_the_command_line.clone() };
    let required: Vec<String> = feature.into_iter().cloned().collect();
    let entry = |name: &str| Addition::Bench { name: name.to_owned(), required: required.clone() };
    if let ConfigFile::There { workloads: 1.., .. } = facts.config {
        return Ok(bench(BENCH, None));
    }
    if let Some(ours) = facts.benches.iter().find(|one| bench::is_ours(&one.text, &runtime)) {
        if ours.declared.is_none() {
            require_discovery(facts, facts.benches.len() > 1, wanted)?;
            wanted.additions.push((facts.manifest.path.clone(), entry(&ours.name)));
        }
        require_own_main(ours, &facts.manifest.path, wanted)?;
        return Ok(bench(&ours.name, Some(unchanged(&ours.path, "the bench is there"))));
    }
    let name = name_of_bench(facts);
    let is_taken = facts.benches.iter().any(|one| one.name == name);
    let free = if is_taken { format!("{}_{BENCH}", in_code(&facts.package)) } else { name.clone() };
    let file = NewFile {
        path: facts.manifest.folder().join("benches").join(format!("{free}.rs")),
        text: first_bench(facts, &runtime),
    };
    wanted.additions.push((facts.manifest.path.clone(), entry(&free)));
    wanted.files.push(file.clone());
    require_room(facts, &name, is_taken, wanted)?;
    let what = "a first bench; its workload is a placeholder".to_owned();
    Ok(bench(&name, Some(Planned { path: file.path, old: None, new: Some(file.text), what })))
}

fn require_own_main(bench: &BenchFile, manifest: &Path, wanted: &Wanted) -> Result<(), Refusal> {
    if bench.declared != Some(false) {
        return Ok(());
    }
    let what = format!(
        "{}: bench `{}` has a `main!` of its own, but cargo gives it another one",
        manifest.display(),
        bench.name
    );
    Err(Refusal::new(what, "add `harness = false` to its [[bench]], and run the command again", wanted))
}

fn require_room(facts: &Facts, name: &str, is_taken: bool, wanted: &Wanted) -> Result<(), Refusal> {
    let manifest = facts.manifest.path.display();
    if is_taken {
        let what = format!(
            "{manifest}: there is a bench `{name}` already, and it was not written for `cargo darwin`"
        );
        return Err(Refusal::new(what, "choose another name with `--bench NAME`", wanted));
    }
    require_discovery(facts, true, wanted)
}

/// Edition 2015 stops looking for benches once one is declared.
fn require_discovery(facts: &Facts, has_others: bool, wanted: &Wanted) -> Result<(), Refusal> {
    let manifest = facts.manifest.path.display();
    if facts.loses_benches && has_others {
        let what = format!(
            "{manifest}: edition 2015 finds benches by itself only until the first [[bench]], so the other ones would be lost"
        );
        return Err(Refusal::new(
            what,
            "write `autobenches = true` into [package], and run the command again",
            wanted,
        ));
    }
    Ok(())
}

/// As asked for; else the usual name, unless it would make two things alike: workloads of two packages in one baseline
/// file, or the bench's sites and the library's.
fn name_of_bench(facts: &Facts) -> String {
    if let Some(name) = &facts.bench_name {
        return name.clone();
    }
    let is_library = facts.library.as_ref().is_some_and(|library| library.name == BENCH);
    let is_used = is_library || facts.other_benches.iter().any(|name| name == BENCH);
    if is_used { format!("{}_{BENCH}", in_code(&facts.package)) } else { BENCH.to_owned() }
}

fn first_bench(facts: &Facts, runtime: &str) -> String {
    let (package, library) = (facts.package.as_str(), facts.library.as_ref());
    FirstBench { package, runtime, library, bin: facts.bins.first().map(String::as_str) }.text()
}

/// The name of a package in code.
pub fn in_code(key: &str) -> String {
    key.replace('-', "_")
}

fn config(facts: &Facts, bench: &str) -> Planned {
    let moves_baselines = match &facts.config {
        ConfigFile::There { path, workloads: 0 } => return unchanged(path, "the settings are there"),
        ConfigFile::There { path, .. } => return unchanged(path, "it declares what is run"),
        ConfigFile::Missing { baselines_lie_in_packages } => *baselines_lie_in_packages,
    };
    let root = facts.root.as_ref().filter(|_| !moves_baselines).unwrap_or(&facts.manifest);
    let prefix =
        facts.library.as_ref().map_or_else(|| in_code(&facts.package), |library| library.name.clone());
    let bin = facts.bins.first().map(String::as_str);
    let text = FirstConfig { package: &facts.package, bench, bin, prefix: &prefix }.text();
    let what = "every setting as a comment, with its default".to_owned();
    Planned { path: root.folder().join(FILE_NAME), old: None, new: Some(text), what }
}

fn unchanged(path: &Path, what: &str) -> Planned {
    Planned { path: path.to_owned(), old: None, new: None, what: what.to_owned() }
}

/// A manifest with all that it is to have more.
fn edited(file: &TextFile, key: &str, wanted: &Wanted) -> Result<Planned, Refusal> {
    let own: Vec<&Addition> = wanted
        .additions
        .iter()
        .filter(|(path, _)| *path == file.path)
        .map(|(_, addition)| addition)
        .collect();
    if own.is_empty() {
        return Ok(unchanged(&file.path, &format!("it depends on {RUNTIME}{}", renamed(key))));
    }
    let path = file.path.display();
    if file.is_read_only {
        let help = "make it writable (`chmod u+w`), and run the command again";
        return Err(Refusal::new(format!("{path}: is read-only"), help, wanted));
    }
    let mut text = file.text.clone();
    for addition in &own {
        text = addition.to(&text).ok_or_else(|| {
            let what = format!(
                "{path}: {} cannot be added without changing a line that stands there",
                addition.words()
            );
            Refusal::new(what, "", wanted)
        })?;
    }
    let what = own.iter().map(|addition| addition.words()).collect::<Vec<_>>().join("; ");
    Ok(Planned { path: file.path.clone(), old: Some(file.text.clone()), new: Some(text), what })
}

fn renamed(key: &str) -> String {
    if key == RUNTIME { String::new() } else { format!(" as {key}") }
}
