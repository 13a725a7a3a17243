//! What is planned for a package: no file is read or written here.

use std::path::{Path, PathBuf};

use super::facts::{BenchFile, ConfigFile, Dependency, Facts, Library, Named, TextFile};
use super::plan::{Plan, Planned, plan};
use super::source::Source;
use super::words::report;
use crate::model::{FileChanged, InitReport, NextStep};

const MANIFEST: &str =
    "[package]\nname = \"tally\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
const SHARED: &str = "[workspace]\nmembers = [\"tally\"]\n\n[workspace.dependencies]\nserde = \"1\"\n";
const OURS: &str = "darwin_runtime::main!();\n";

fn file(path: &str, text: &str) -> TextFile {
    TextFile { path: path.into(), text: text.into(), is_read_only: false }
}

fn library(name: &str, function: Option<Named>) -> Library {
    Library { name: name.into(), function, has_allocator: false, is_no_std: false, is_edition_2015: false }
}

/// A package on its own, with a library and a repository.
fn single() -> Facts {
    let function = Named { path: "total".into(), file: "src/lib.rs".into(), line: 5, takes_arguments: true };
    Facts {
        directory: "/home/tally".into(),
        package: "tally".into(),
        is_named: false,
        manifest: file("/home/tally/Cargo.toml", MANIFEST),
        root: None,
        dependency: None,
        source: Ok(Source::Folder("/home/darwin/darwin-runtime".into())),
        source_is_typed: false,
        library: Some(library("tally", Some(function))),
        bins: Vec::new(),
        benches: Vec::new(),
        other_benches: Vec::new(),
        bench_name: None,
        config: ConfigFile::Missing { baselines_lie_in_packages: false },
        older_rust: None,
        loses_benches: false,
        has_repository: Some(true),
    }
}

/// One of several packages of a workspace that shares dependencies.
fn member() -> Facts {
    Facts {
        directory: "/home/ws".into(),
        is_named: true,
        manifest: file("/home/ws/tally/Cargo.toml", MANIFEST),
        root: Some(file("/home/ws/Cargo.toml", SHARED)),
        ..single()
    }
}

fn bench(name: &str, declared: Option<bool>, text: &str) -> BenchFile {
    let path = format!("/home/tally/benches/{name}.rs").into();
    BenchFile { name: name.into(), path, text: text.into(), declared }
}

fn there(workloads: usize) -> ConfigFile {
    ConfigFile::There { path: "/home/tally/darwin.toml".into(), workloads }
}

fn dependency(key: &str) -> Dependency {
    Dependency { key: key.into(), is_for_development: false, features: None }
}

fn planned(facts: &Facts) -> Plan {
    plan(facts).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn refused(facts: &Facts) -> String {
    plan(facts).expect_err("should be refused").to_string()
}

#[track_caller]
fn at<'a>(plan: &'a Plan, path: &str) -> &'a Planned {
    let paths: Vec<&PathBuf> = plan.files.iter().map(|file| &file.path).collect();
    plan.files
        .iter()
        .find(|file| file.path == Path::new(path))
        .unwrap_or_else(|| panic!("{path}: only {paths:?}"))
}

#[track_caller]
fn new<'a>(plan: &'a Plan, path: &str) -> &'a str {
    at(plan, path).new.as_deref().unwrap_or_else(|| panic!("{path} stays as it is"))
}

fn told(facts: &Facts) -> InitReport {
    report(facts, &planned(facts), false)
}

#[test]
fn a_package_gets_all_three_and_a_manifest_comes_after_what_it_names() {
    let plan = planned(&single());
    let paths: Vec<_> = plan.files.iter().map(|file| file.path.to_str().unwrap()).collect();
    assert_eq!(
        paths,
        ["/home/tally/benches/hotpath.rs", "/home/tally/darwin.toml", "/home/tally/Cargo.toml"]
    );
    let manifest = new(&plan, "/home/tally/Cargo.toml");
    assert!(
        manifest.contains("[dependencies]\ndarwin-runtime = { path = \"../darwin/darwin-runtime\" }\n"),
        "{manifest}"
    );
    assert!(manifest.ends_with("\n[[bench]]\nname = \"hotpath\"\nharness = false\n"), "{manifest}");
    assert!(new(&plan, "/home/tally/darwin.toml").contains("# match = \"tally::*\""));
}

#[test]
fn what_was_planned_needs_nothing_more_when_it_is_there() {
    let first = planned(&single());
    let mut facts = single();
    facts.manifest.text = new(&first, "/home/tally/Cargo.toml").to_owned();
    facts.dependency = Some(dependency("darwin-runtime"));
    facts.benches = vec![bench("hotpath", Some(true), new(&first, "/home/tally/benches/hotpath.rs"))];
    facts.config = there(0);
    let report = told(&facts);
    assert!(report.is_unchanged() && report.files.len() == 3, "{report:?}");
}

#[test]
fn a_run_that_was_cut_off_is_taken_up_where_it_ended() {
    let first = planned(&single());
    let mut facts = single();
    facts.benches = vec![bench("hotpath", None, new(&first, "/home/tally/benches/hotpath.rs"))];
    facts.config = there(0);
    let second = planned(&facts);
    assert_eq!(new(&second, "/home/tally/Cargo.toml"), new(&first, "/home/tally/Cargo.toml"));
    assert_eq!(at(&second, "/home/tally/benches/hotpath.rs").new, None);
}

#[test]
fn a_workspace_that_shares_dependencies_gets_it_there_and_the_package_inherits_it() {
    let plan = planned(&member());
    let root = new(&plan, "/home/ws/Cargo.toml");
    assert!(
        root.contains("[workspace.dependencies]\ndarwin-runtime = { path = \"../darwin/darwin-runtime\" }\n"),
        "{root}"
    );
    assert!(
        new(&plan, "/home/ws/tally/Cargo.toml").contains("[dependencies]\ndarwin-runtime.workspace = true\n")
    );
    assert!(at(&plan, "/home/ws/darwin.toml").new.is_some());
    let order: Vec<_> = plan.files.iter().map(|file| file.path.to_str().unwrap()).collect();
    assert!(order.ends_with(&["/home/ws/Cargo.toml", "/home/ws/tally/Cargo.toml"]), "{order:?}");
}

#[test]
fn a_workspace_that_shares_nothing_is_left_alone() {
    let mut facts = member();
    facts.root = Some(file("/home/ws/Cargo.toml", "[workspace]\nmembers = [\"tally\"]\n"));
    let plan = planned(&facts);
    let manifest = new(&plan, "/home/ws/tally/Cargo.toml");
    assert!(manifest.contains("darwin-runtime = { path = \"../../darwin/darwin-runtime\" }"), "{manifest}");
    assert!(plan.files.iter().all(|file| file.path != Path::new("/home/ws/Cargo.toml")));
}

#[test]
fn what_the_workspace_has_already_is_inherited_under_its_name() {
    let mut facts = member();
    let rt = "rt = { package = \"darwin-runtime\", path = \"rt\" }\n";
    facts.root = Some(file("/home/ws/Cargo.toml", &format!("{SHARED}{rt}")));
    facts.source = Err("not needed".into());
    let plan = planned(&facts);
    assert!(new(&plan, "/home/ws/tally/Cargo.toml").contains("\nrt.workspace = true\n"));
    assert!(new(&plan, "/home/ws/tally/benches/hotpath.rs").contains("#[rt::bench(crate = rt)]"));
}

#[test]
fn a_package_whose_manifest_is_the_workspaces_gets_both_in_one_file() {
    let mut facts = single();
    facts.manifest.text = format!("{MANIFEST}\n{SHARED}");
    let manifest = new(&planned(&facts), "/home/tally/Cargo.toml").to_owned();
    assert!(manifest.contains("[dependencies]\ndarwin-runtime.workspace = true\n"), "{manifest}");
    assert!(manifest.contains("[workspace.dependencies]\ndarwin-runtime = { path"), "{manifest}");
}

#[test]
fn benches_of_two_packages_in_one_baseline_file_have_different_names() {
    let facts = Facts { other_benches: vec!["hotpath".into()], ..member() };
    assert!(at(&planned(&facts), "/home/ws/tally/benches/tally_hotpath.rs").new.is_some());
    let mut facts = single();
    facts.library = Some(library("hotpath", None));
    assert!(at(&planned(&facts), "/home/tally/benches/tally_hotpath.rs").new.is_some());
}

#[test]
fn a_bench_of_ours_under_any_name_is_enough() {
    let facts = Facts { benches: vec![bench("speed", Some(true), OURS)], ..single() };
    let plan = planned(&facts);
    assert!(at(&plan, "/home/tally/benches/speed.rs").new.is_none() && plan.new_bench.is_none());
    assert!(!new(&plan, "/home/tally/Cargo.toml").contains("[[bench]]"));
}

#[test]
fn declared_workloads_are_enough_as_well() {
    let plan = planned(&Facts { config: there(1), ..single() });
    assert!(plan.new_bench.is_none() && plan.files.len() == 2, "{plan:?}");
}

#[test]
fn benches_of_another_kind_change_nothing_because_they_are_not_run() {
    let criterion = || vec![bench("parse", Some(true), "criterion_main!(benches);")];
    for facts in [single(), member()] {
        let beside = planned(&Facts { benches: criterion(), ..facts.clone() });
        assert_eq!(beside.files, planned(&facts).files);
    }
    let notes = told(&Facts { benches: criterion(), config: there(0), ..single() }).notes;
    assert!(notes.iter().all(|note| !note.contains("parse")), "{notes:?}");
}

#[test]
fn settings_lie_in_the_package_where_one_at_the_root_would_move_baselines() {
    let config = ConfigFile::Missing { baselines_lie_in_packages: true };
    let plan = planned(&Facts { config, ..member() });
    assert!(at(&plan, "/home/ws/tally/darwin.toml").new.is_some());
}

#[test]
fn an_optional_dependency_is_required_by_the_bench() {
    let optional = |features: &[&str]| Dependency {
        features: Some(features.iter().map(|&feature| feature.to_owned()).collect()),
        ..dependency("darwin-runtime")
    };
    let facts = Facts { dependency: Some(optional(&["darwin-runtime", "fast"])), ..single() };
    assert!(
        new(&planned(&facts), "/home/tally/Cargo.toml")
            .ends_with("required-features = [\"darwin-runtime\"]\n")
    );
    assert_eq!(told(&facts).next[2].command.as_deref(), Some("cargo darwin run"));
    let facts = Facts { dependency: Some(optional(&["fast"])), ..single() };
    assert!(new(&planned(&facts), "/home/tally/Cargo.toml").ends_with("required-features = [\"fast\"]\n"));
    assert_eq!(told(&facts).next[2].command.as_deref(), Some("cargo darwin run --features fast"));
}

#[test]
fn the_next_steps_name_package_function_and_file() {
    let report = told(&member());
    let step = |step: &NextStep| {
        [step.command.as_deref(), Some(&*step.what)].into_iter().flatten().collect::<Vec<_>>().join("  ")
    };
    assert_eq!(
        report.next.iter().map(step).collect::<Vec<_>>(),
        [
            "put #[darwin_runtime::hotpath] above the functions that matter, for example tally::total (src/lib.rs:5)",
            "call them in tally/benches/hotpath.rs, in place of the placeholder",
            "cargo darwin run -p tally  shows where the time goes",
            "cargo darwin baseline -p tally  records this state in darwin.baseline.toml: commit it",
            "cargo darwin check -p tally  judges every later change",
        ]
    );
    let added = &report.files.last().unwrap().added_lines;
    assert_eq!(added[0], "darwin-runtime.workspace = true");
    assert_eq!(report.files[0].change, FileChanged::Created);
}

#[test]
fn notes_say_what_is_missing_beside_the_package() {
    let mut facts = Facts { has_repository: Some(false), older_rust: Some("1.70".into()), ..single() };
    let notes = told(&facts).notes.join("\n");
    for words in ["no git repository", "`check` compares with a commit", "on this machine", "Rust 1.70"] {
        assert!(notes.contains(words), "{words}: {notes}");
    }
    facts.library.as_mut().unwrap().is_no_std = true;
    assert!(told(&facts).notes.join("\n").contains("darwin-runtime needs std"));
    facts.dependency = Some(Dependency { is_for_development: true, ..dependency("darwin-runtime") });
    facts.source_is_typed = true;
    let notes = told(&facts).notes.join("\n");
    assert!(notes.contains("dev-dependency") && notes.contains("was not used"), "{notes}");
    facts.source = Ok(Source::Folder("/home/tally/darwin-runtime".into()));
    facts.dependency = None;
    assert!(!told(&facts).notes.join("\n").contains("on this machine"));
}

#[test]
fn a_bench_of_that_name_is_not_overwritten() {
    let facts = Facts { benches: vec![bench("hotpath", None, "fn main() {}")], ..single() };
    let refusal = refused(&facts);
    assert!(refusal.contains("/home/tally/Cargo.toml: there is a bench `hotpath` already"), "{refusal}");
    assert!(
        refusal.contains("--bench NAME") && refusal.contains("\nin /home/tally/benches/tally_hotpath.rs:\n"),
        "{refusal}"
    );
    let plan = planned(&Facts { bench_name: Some("speed".into()), ..facts });
    assert!(at(&plan, "/home/tally/benches/speed.rs").new.is_some());
}

#[test]
fn refusals_have_the_lines_to_add_by_hand() {
    let mut facts = single();
    facts.manifest.is_read_only = true;
    let refusal = refused(&facts);
    assert!(
        refusal.starts_with("/home/tally/Cargo.toml: is read-only\n  help: make it writable"),
        "{refusal}"
    );
    for lines in [
        "nothing was changed",
        "\nin /home/tally/Cargo.toml:\n    [dependencies]\n    darwin-runtime = { path = \"../darwin/darwin-runtime\" }\n",
        "\n    [[bench]]\n    name = \"hotpath\"\n    harness = false\n",
        "\nin /home/tally/benches/hotpath.rs:\n    //! Work",
    ] {
        assert!(refusal.contains(lines), "{lines}\nis not in\n{refusal}");
    }
    facts = single();
    facts.manifest.text = MANIFEST.replace("[dependencies]\n", "") + "[features]\n";
    facts.manifest.text.insert_str(0, "dependencies = { serde = \"1\" }\n");
    let refusal = refused(&facts);
    assert!(
        refusal.contains("cannot be added without changing a line")
            && refusal.contains("    harness = false"),
        "{refusal}"
    );
}

#[test]
fn other_refusals_say_what_to_do() {
    let no_main = Facts { benches: vec![bench("speed", Some(false), OURS)], ..single() };
    assert!(refused(&no_main).contains("add `harness = false`"));
    let loses = || Facts { loses_benches: true, ..single() };
    assert!(refused(&loses()).contains("autobenches = true"));
    let ours = bench("speed", None, OURS);
    let beside_another = Facts { benches: vec![ours.clone(), bench("other", None, "")], ..loses() };
    assert!(refused(&beside_another).contains("autobenches = true"));
    assert!(plan(&Facts { benches: vec![ours], ..loses() }).is_ok(), "nothing else is there to be lost");
    assert!(
        refused(&Facts { package: "darwin-runtime".into(), ..single() }).contains("choose another package")
    );
    let nowhere = refused(&Facts { source: Err("say where it is with `--path DIR`".into()), ..single() });
    assert!(
        nowhere.contains("--path DIR") && nowhere.contains("darwin-runtime = { git = \"URL\" }"),
        "{nowhere}"
    );
}
