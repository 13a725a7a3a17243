//! What was done, and what to do next, in words.

use std::path::Path;

use super::bench::attribute;
use super::facts::{Facts, Named};
use super::manifest::added_lines;
use super::plan::{Plan, Planned, in_code};
use super::source::{Source, relative};
use crate::io::cargo::Conflict;
use crate::model::{FileChanged, FileReport, InitReport, NextStep};

/// The result of a plan that was carried out, or would be.
pub fn report(facts: &Facts, plan: &Plan, dry_run: bool) -> InitReport {
    InitReport {
        package: facts.package.clone(),
        dry_run,
        files: plan.files.iter().map(|file| file_report(file, &facts.directory)).collect(),
        next: next(facts, plan),
        notes: notes(facts, plan),
    }
}

fn file_report(file: &Planned, directory: &Path) -> FileReport {
    let (change, added_lines) = match (&file.old, &file.new) {
        (_, None) => (FileChanged::Unchanged, Vec::new()),
        (None, Some(_)) => (FileChanged::Created, Vec::new()),
        (Some(old), Some(new)) => (FileChanged::Changed, added_lines(old, new)),
    };
    FileReport { path: from(directory, &file.path), change, what: file.what.clone(), added_lines }
}

/// As seen from the current folder.
fn from(directory: &Path, path: &Path) -> String {
    relative(directory, path).display().to_string()
}

fn next(facts: &Facts, plan: &Plan) -> Vec<NextStep> {
    let by_hand = |what| NextStep { command: None, what };
    let hotpath = attribute(&in_code(&plan.key), "hotpath");
    let mut steps = vec![by_hand(format!("put {hotpath} above the functions that matter{}", example(facts)))];
    if let Some(bench) = &plan.new_bench {
        steps.push(by_hand(call_them(facts, &from(&facts.directory, bench))));
    }
    let options = options(facts, plan);
    let commands = [
        ("run", "shows where the time goes"),
        ("baseline", "records this state in darwin.baseline.toml: commit it"),
        ("check", "judges every later change"),
    ];
    steps.extend(commands.map(|(verb, what)| NextStep {
        command: Some(format!("cargo darwin {verb}{options}")),
        what: what.to_owned(),
    }));
    steps
}

/// A bench sees nothing of a program.
fn call_them(facts: &Facts, bench: &str) -> String {
    match (&facts.library, facts.bins.first()) {
        (None, Some(bin)) => format!(
            "move them to src/lib.rs and call them in {bench}, in place of the placeholder; or run the program as it is: \
             a [[workload]] with bin = \"{bin}\" in darwin.toml"
        ),
        _ => format!("call them in {bench}, in place of the placeholder"),
    }
}

fn example(facts: &Facts) -> String {
    let function = facts.library.as_ref().and_then(|library| Some((library, library.function.as_ref()?)));
    function.map_or_else(String::new, |(library, Named { path, file, line, .. })| {
        format!(", for example {}::{path} ({file}:{line})", library.name)
    })
}

/// What the next commands have to be told to find the same package and bench.
fn options(facts: &Facts, plan: &Plan) -> String {
    let package = facts.is_named.then(|| format!(" -p {}", facts.package));
    let feature = plan.feature.as_ref().map(|feature| format!(" --features {feature}"));
    [package, feature].into_iter().flatten().collect()
}

fn notes(facts: &Facts, plan: &Plan) -> Vec<String> {
    let dependency = facts.dependency.as_ref();
    let fixed = [
        (facts.has_repository == Some(false), NO_REPOSITORY),
        (plan.names_source && is_outside(facts), PATH_OF_THIS_MACHINE),
        (!plan.names_source && facts.source_is_typed, SOURCE_NOT_USED),
        (dependency.is_some_and(|one| one.is_for_development), ONLY_FOR_DEVELOPMENT),
        (facts.library.as_ref().is_some_and(|library| library.is_no_std), NO_STD),
    ];
    let fixed = fixed.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words.to_owned());
    fixed.chain(older_rust(facts)).collect()
}

const NO_REPOSITORY: &str = "there is no git repository: `run` and `baseline` work without one, `check` compares with \
    a commit (`git init`, and commit what `baseline` wrote together with the code)";
const PATH_OF_THIS_MACHINE: &str = "the path of darwin-runtime holds on this machine; for others, undo this and say \
    `cargo darwin init --git URL`";
const SOURCE_NOT_USED: &str =
    "darwin-runtime is a dependency already, so what you said about its source was not used";
const ONLY_FOR_DEVELOPMENT: &str = "darwin-runtime is a dev-dependency, which #[hotpath] in src/ does not see: move \
    its line to [dependencies]";
const NO_STD: &str = "the library is no_std, and darwin-runtime needs std: targets without it will not build";

fn older_rust(facts: &Facts) -> Option<String> {
    let version = facts.older_rust.as_ref()?;
    let needed = env!("CARGO_PKG_RUST_VERSION");
    Some(format!("this package promises to build with Rust {version}; darwin-runtime needs {needed}"))
}

/// Cargo would end the first build with it.
pub fn conflict(conflict: &Conflict) -> String {
    format!("{conflict}: before you go on, {}", conflict.remedy())
}

/// Would a clone of the user's repository lack the runtime?
fn is_outside(facts: &Facts) -> bool {
    let root = facts.root.as_ref().unwrap_or(&facts.manifest).folder();
    matches!(&facts.source, Ok(Source::Folder(folder)) if !folder.starts_with(root))
}
