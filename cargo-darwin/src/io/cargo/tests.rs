//! Real cargo on small workspaces without downloads.

use std::process::Command;

use super::testing::{Sandbox, offline};
use super::*;

const ROOT: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\".cargo\", \"target\"]\n";

fn bin(name: &str) -> TargetRef {
    TargetRef { kind: TargetKind::Bin, name: name.to_owned() }
}

fn bench(name: &str) -> TargetRef {
    TargetRef { kind: TargetKind::Bench, name: name.to_owned() }
}

/// A workspace with the runtime and one package that has a library, a bin and a bench.
fn with_package(dependencies: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", ROOT);
    sandbox.runtime("");
    sandbox.package("app", "app", &format!("[[bench]]\nname = \"b\"\nharness = false\n{dependencies}"));
    sandbox.write("app/src/main.rs", "fn main() { println!(\"{}\", darwin_runtime::ON); }");
    sandbox.write("app/benches/b.rs", "fn main() { println!(\"bench {}\", darwin_runtime::ON); }");
    sandbox.write("app/benches/standard.rs", "");
    sandbox
}

fn activated(sandbox: &Sandbox, target: TargetRef) -> Result<Activation, CargoError> {
    let workspace = sandbox.load("");
    activation(&workspace, workspace.package(Some("app")).unwrap(), &[target], &offline())
}

fn built(sandbox: &Sandbox, targets: &[TargetRef]) -> Vec<String> {
    let workspace = sandbox.load("");
    let package = workspace.package(Some("app")).unwrap();
    let dir = sandbox.root().join("target/darwin/candidate");
    let plans = plans(&workspace, package, targets, &offline(), &dir).unwrap();
    let executables = plans.iter().map(|plan| build(plan, &mut |_| ()).unwrap());
    let print = |executable: Executable| Command::new(executable.path).output().unwrap().stdout;
    executables.map(|executable| String::from_utf8(print(executable)).unwrap().trim().to_owned()).collect()
}

const DIRECT: &str = "[dependencies]\ndarwin-runtime = { path = \"../darwin-runtime\" }\n";

#[test]
fn a_direct_dependency_is_switched_on_by_its_name() {
    let found = activated(&with_package(DIRECT), bin("app")).unwrap();
    assert_eq!(found.features, ["darwin-runtime/enabled"]);
    assert_eq!(found.packages, ["app"]);
    assert!(!found.no_default_features);
}

#[test]
fn a_renamed_optional_dependency_is_switched_on_by_its_key() {
    let sandbox = with_package(
        "[dependencies]\ndarwin_runtime = { package = \"darwin-runtime\", path = \"../darwin-runtime\", optional = true }\n",
    );
    assert_eq!(activated(&sandbox, bin("app")).unwrap().features, ["darwin_runtime/enabled"]);
    assert_eq!(built(&sandbox, &[bin("app")]), ["true"]);
}

#[test]
fn an_optional_runtime_is_among_the_packages() {
    for key in ["rt = { package = \"darwin-runtime\", ", "darwin-runtime = { "] {
        let sandbox = Sandbox::new();
        sandbox.runtime("");
        let dependency = format!("[dependencies]\n{key}path = \"../darwin-runtime\", optional = true }}\n");
        let key = key.split(' ').next().unwrap();
        sandbox.package("app", "app", &format!("{dependency}[features]\nhot = [\"dep:{key}\"]\n"));
        let workspace = sandbox.load("app");
        assert_eq!(workspace.packages_named(RUNTIME).len(), 1);
        assert_eq!(workspace.packages_named(MACROS).len(), 1);
    }
}

#[test]
fn a_dev_dependency_serves_benches_and_not_bins() {
    let sandbox = with_package("[dev-dependencies]\ndarwin-runtime = { path = \"../darwin-runtime\" }\n");
    sandbox.write("app/src/main.rs", "fn main() {}");
    assert_eq!(built(&sandbox, &[bench("b")]), ["bench true"]);
    let error = activated(&sandbox, bin("app")).unwrap_err();
    assert!(matches!(error, CargoError::DevelopmentOnly { kind: TargetKind::Bin, .. }), "{error}");
}

#[test]
fn a_package_without_the_dependency_is_measured_through_its_owner_without_the_owners_defaults() {
    let sandbox = with_package(
        "[features]\ndefault = [\"loud\"]\nloud = []\n[dependencies]\nowner = { path = \"../owner\", default-features = false }\n",
    );
    sandbox.package("owner", "owner", &format!("[features]\ndefault = [\"leak\"]\nleak = []\n{DIRECT}"));
    sandbox.write(
        "owner/src/lib.rs",
        "pub fn state() -> (bool, bool) { (darwin_runtime::ON, cfg!(feature = \"leak\")) }",
    );
    sandbox.write(
        "app/src/main.rs",
        "fn main() { println!(\"{:?} {}\", owner::state(), cfg!(feature = \"loud\")); }",
    );
    let found = activated(&sandbox, bin("app")).unwrap();
    assert_eq!(found.packages, ["app", "owner"]);
    assert_eq!(found.features, ["app/default", "darwin-runtime/enabled"]);
    assert_eq!(built(&sandbox, &[bin("app")]), ["(true, false) true"]);
}

/// `app` uses `owner`, which is measured, in a workspace with this resolver.
fn through_an_owner(resolver: &str) -> Sandbox {
    let sandbox = with_package(
        "[features]\ndefault = [\"loud\"]\nloud = []\nfast = []\n[dependencies]\nowner = { path = \"../owner\" }\n",
    );
    sandbox.write("Cargo.toml", &ROOT.replace("resolver = \"3\"\n", resolver));
    sandbox.package("owner", "owner", DIRECT);
    sandbox.write("app/src/main.rs", "fn main() {}");
    sandbox
}

#[test]
fn with_resolver_1_the_owners_manifest_is_named_because_features_are_its() {
    for resolver in ["resolver = \"1\"\n", ""] {
        let sandbox = through_an_owner(resolver);
        let workspace = sandbox.load("");
        let package = workspace.package(Some("app")).unwrap();
        let options = CargoOptions { features: vec!["fast".into()], ..offline() };
        let found = activation(&workspace, package, &[bin("app")], &options).unwrap();
        assert!(found.manifest_path.ends_with("owner/Cargo.toml"), "{found:?}");
        assert_eq!(found.packages, ["app", "owner"]);
        assert_eq!(found.features, ["app/default", "app/fast", "darwin-runtime/enabled"]);
        let options = CargoOptions { no_default_features: true, ..offline() };
        let error = activation(&workspace, package, &[bin("app")], &options).unwrap_err().to_string();
        assert!(error.contains("resolver = \"2\"") && error.contains("app/Cargo.toml"), "{error}");
    }
}

#[test]
fn the_resolver_is_that_of_the_manifest_or_of_the_root_packages_edition() {
    let is_first = |manifest: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("Cargo.toml", &format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n{manifest}"));
        sandbox.write("src/lib.rs", "");
        sandbox.load("").has_resolver_1().unwrap()
    };
    assert!(is_first("") && is_first("edition = \"2018\"\n"));
    assert!(!is_first("edition = \"2021\"\n") && !is_first("edition = \"2024\"\n"));
    assert!(is_first("edition = \"2021\"\nresolver = \"1\"\n"));
    assert!(!is_first("[workspace]\nresolver = \"2\"\n"));
}

#[test]
fn what_a_macro_is_built_from_is_not_in_the_program() {
    let sandbox = with_package("[dependencies]\ntool = { path = \"../tool\" }\n");
    sandbox.package("owner", "owner", DIRECT);
    sandbox.package(
        "tool",
        "tool",
        "[lib]\nproc-macro = true\n[dependencies]\nowner = { path = \"../owner\" }\n",
    );
    let error = activated(&sandbox, bin("app")).unwrap_err();
    assert!(matches!(error, CargoError::NotMeasured { .. }), "{error}");
}

#[test]
fn a_measured_package_that_is_no_member_is_named_with_the_line_to_add() {
    let sandbox = with_package("[dependencies]\nowner = { path = \"../owner\" }\n");
    sandbox.write("Cargo.toml", &ROOT.replace("exclude = [", "exclude = [\"owner\", "));
    sandbox.package("owner", "owner", DIRECT);
    let error = activated(&sandbox, bin("app")).unwrap_err().to_string();
    let line =
        format!("darwin-runtime = {{ path = \"{}\" }}", sandbox.root().join("darwin-runtime").display());
    assert!(error.contains("owner/Cargo.toml") && error.ends_with(&line), "{error}");
}

#[test]
fn a_namesake_is_told_apart_by_its_version() {
    let old = "old = { package = \"app\", path = \"../.cargo/old\" }\n";
    let sandbox = with_package(&format!("{DIRECT}{old}"));
    sandbox.write(".cargo/old/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.0.9\"\n[workspace]\n");
    sandbox.write(".cargo/old/src/lib.rs", "");
    assert_eq!(activated(&sandbox, bin("app")).unwrap().packages, ["app@0.1.0"]);
    assert_eq!(built(&sandbox, &[bin("app")]), ["true"]);
}

#[test]
fn a_target_whose_features_are_off_says_which() {
    let required = "[[bin]]\nname = \"app\"\npath = \"src/main.rs\"\nrequired-features = [\"a\", \"b\"]\n";
    let sandbox = with_package(&format!("{required}[features]\na = []\nb = []\n{DIRECT}"));
    let planned = |features: &[&str]| {
        let features = features.iter().map(|feature| feature.to_string()).collect();
        let options = CargoOptions { features, package: Some("app".into()), ..offline() };
        let workspace = Workspace::load(&sandbox.root(), &options).unwrap();
        let package = workspace.package(Some("app")).unwrap();
        plans(&workspace, package, &[bin("app")], &options, "/t".as_ref()).map(|plans| plans.len())
    };
    let error = planned(&["a"]).unwrap_err().to_string();
    assert!(error.contains("builds its bin app") && error.ends_with("add --features b"), "{error}");
    assert_eq!(planned(&["a,b"]).unwrap(), 1);
}

#[test]
fn a_configuration_between_the_user_and_the_top_of_the_workspace_counts() {
    let sandbox = with_package(DIRECT);
    assert_eq!(sandbox.load("app").directory(), sandbox.root());
    sandbox.write("app/.cargo/config.toml", "");
    assert_eq!(sandbox.load("app/src").directory(), sandbox.root().join("app"));
    assert_eq!(sandbox.load("").directory(), sandbox.root());
}

#[test]
fn a_package_that_nothing_measures_is_told_the_line_to_add() {
    let error = activated(&with_package(""), bin("app")).unwrap_err().to_string();
    assert!(error.contains("app/Cargo.toml") && error.contains(&dependency_lines()), "{error}");
    assert!(!error.contains("http"), "an address that leads nowhere is no advice: {error}");
}

#[test]
fn a_virtual_workspace_with_two_candidates_asks_which() {
    let sandbox = with_package(DIRECT);
    assert_eq!(*sandbox.load("").package(None).unwrap().name, "app");
    sandbox.package("other", "other", DIRECT);
    let error = sandbox.load("").package(None).unwrap_err().to_string();
    assert!(error.contains("app, other"), "{error}");
    assert_eq!(*sandbox.load("other").package(None).unwrap().name, "other");
    let error = sandbox.load("").package(Some("ap")).unwrap_err().to_string();
    assert!(error.contains("`ap`") && error.contains("app, darwin-macros, darwin-runtime, other"), "{error}");
}

#[test]
fn only_benches_with_a_harness_of_their_own_are_taken_by_default() {
    let sandbox = with_package(DIRECT);
    let workspace = sandbox.load("");
    assert_eq!(default_targets(workspace.package(Some("app")).unwrap()).unwrap(), [bench("b")]);
    let error = default_targets(workspace.package(Some("darwin-macros")).unwrap()).unwrap_err();
    assert!(matches!(error, CargoError::NoWorkload { .. }), "{error}");
}

#[test]
fn a_bench_of_another_harness_is_taken_only_when_it_is_named() {
    let benches = "[[bench]]\nname = \"other\"\nharness = false\n[dependencies.rt]\npackage = \"darwin-runtime\"\npath = \"../darwin-runtime\"\n";
    let sandbox = with_package(benches);
    let default = |sandbox: &Sandbox| default_targets(sandbox.load("").package(Some("app")).unwrap());
    sandbox.write("app/benches/b.rs", "fn main() { rt::main(); }");
    sandbox.write("app/benches/other.rs", "criterion::criterion_main!(benches);");
    assert_eq!(default(&sandbox).unwrap(), [bench("b")]);

    sandbox.write("app/benches/b.rs", "criterion::criterion_main!(benches);");
    sandbox.write("app/benches/standard.rs", "rt::main!();");
    let error = default(&sandbox).unwrap_err().to_string();
    let lacking = "(bench `b` does not use darwin-runtime, bench `other` does not use darwin-runtime, bench `standard` lacks `harness = false`)";
    assert!(error.contains(lacking) && error.contains("--bench"), "{error}");
}

#[test]
fn where_the_runtime_is_a_dependency_of_a_dependency_any_bench_of_its_own_harness_is_taken() {
    let sandbox = with_package("[dependencies]\nowner = { path = \"../owner\" }\n");
    sandbox.package("owner", "owner", DIRECT);
    sandbox.write("app/benches/b.rs", "fn main() { owner::work(); }");
    let workspace = sandbox.load("");
    assert_eq!(default_targets(workspace.package(Some("app")).unwrap()).unwrap(), [bench("b")]);
}

#[test]
fn a_missing_target_is_answered_with_those_there_are() {
    let sandbox = with_package(DIRECT);
    let workspace = sandbox.load("");
    let package = workspace.package(Some("app")).unwrap();
    assert_eq!(find_target(package, TargetKind::Bin, "app").unwrap(), bin("app"));
    let error = find_target(package, TargetKind::Bench, "c").unwrap_err().to_string();
    assert!(error.contains("bench b, bench standard, bin app"), "{error}");
}

#[test]
fn the_cargo_line_is_made_of_data_alone() {
    let sandbox = with_package(DIRECT);
    let workspace = sandbox.load("");
    let options = CargoOptions {
        features: vec!["x".into()],
        locked: true,
        config: vec!["net.retry=1".into()],
        flags: vec!["--jobs".into(), "1".into()],
        ..CargoOptions::default()
    };
    let package = workspace.package(Some("app")).unwrap();
    let targets = [bin("app"), bench("b")];
    let mut plans = plans(&workspace, package, &targets, &options, "/t".as_ref()).unwrap();
    plans.iter_mut().for_each(|plan| plan.manifest_path = "/m".into());
    let line = |plan| crate::io::command::quoted(&build_argv(plan)[1..]);
    assert_eq!(
        plans.iter().map(line).collect::<Vec<_>>(),
        [
            "rustc --message-format=json-render-diagnostics --profile darwin-bench \
             --config 'profile.darwin-bench.inherits=\"bench\"' --config profile.darwin-bench.strip=false \
             --config 'profile.darwin-bench.debug=\"line-tables-only\"' --manifest-path /m --target-dir /t -p app \
             --bench b --features x,darwin-runtime/enabled --locked --config net.retry=1 --jobs 1 \
             -- --print link-args -C save-temps",
            "rustc --message-format=json-render-diagnostics --profile darwin \
             --config 'profile.darwin.inherits=\"release\"' --config profile.darwin.strip=false \
             --config 'profile.darwin.debug=\"line-tables-only\"' --manifest-path /m --target-dir /t -p app \
             --bin app --features x,darwin-runtime/enabled --locked --config net.retry=1 --jobs 1 \
             -- --print link-args -C save-temps",
        ]
    );
}

#[test]
fn benches_and_bins_are_built_side_by_side() {
    assert_eq!(built(&with_package(DIRECT), &[bin("app"), bench("b")]), ["bench true", "true"]);
}

#[test]
fn flags_of_the_plan_go_before_those_that_cargo_finds() {
    let sandbox = with_package(DIRECT);
    sandbox.write("app/src/main.rs", "fn main() { println!(\"{} {}\", cfg!(own), cfg!(found)); }");
    sandbox.write(".cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"found\"]");
    let workspace = sandbox.load("");
    let package = workspace.package(Some("app")).unwrap();
    let dir = sandbox.root().join("target/darwin/candidate");
    let printed = |rustflags: Option<&str>| {
        let rustflags = rustflags.map(|flags| flags.split(' ').map(str::to_owned).collect());
        let options = CargoOptions { rustflags, ..offline() };
        let plans = plans(&workspace, package, &[bin("app")], &options, &dir).unwrap();
        let executable = build(&plans[0], &mut |_| ()).unwrap();
        String::from_utf8(Command::new(executable.path).output().unwrap().stdout).unwrap()
    };
    assert_eq!(printed(Some("--cfg own")), "true false\n");
    let probe = Probe { folder: &dir.join("probe"), directory: &sandbox.root(), options: &offline() };
    let joined = probe.ask().unwrap().with_aligned_loops().unwrap().join(" ");
    assert_eq!(printed(Some(&format!("{joined} --cfg own"))), "true true\n");
}

#[test]
fn a_broken_build_shows_the_compilers_words_live_and_in_the_error() {
    let sandbox = with_package(DIRECT);
    sandbox.write("app/src/main.rs", "fn main() { no_such_function(); }");
    let workspace = sandbox.load("");
    let package = workspace.package(Some("app")).unwrap();
    let options = CargoOptions { verbose: true, ..offline() };
    let plans = plans(&workspace, package, &[bin("app")], &options, &sandbox.root().join("target")).unwrap();
    let mut shown = Vec::new();
    let error = build(&plans[0], &mut |line| shown.push(line.to_owned())).unwrap_err();
    let message = error.to_string();
    assert!(shown[0].contains("--profile darwin"), "{shown:?}");
    assert!(shown.iter().any(|line| line.contains("no_such_function")), "{shown:?}");
    assert!(message.contains("no_such_function") && message.contains("--profile darwin"), "{message}");
}

#[test]
fn a_workspace_that_cargo_cannot_read_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package");
    let error = Workspace::load(&sandbox.root(), &offline()).unwrap_err().to_string();
    assert!(error.contains("Cargo.toml"), "{error}");
}
