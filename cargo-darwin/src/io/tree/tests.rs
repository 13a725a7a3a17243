//! Manifests and folders, without git; one question to cargo.

use std::fs;

use super::*;
use crate::io::cargo::testing::Sandbox;

fn tree(sandbox: &Sandbox) -> Tree {
    let repository = sandbox.root().join("repo");
    Tree { root: sandbox.root().join("export"), candidate: repository.clone(), repository }
}

fn rewritten(file: &str, text: &str) -> (String, PathBuf) {
    let sandbox = Sandbox::new();
    sandbox.write(&format!("export/{file}"), text);
    tree(&sandbox).keep_outside_paths().unwrap();
    (fs::read_to_string(sandbox.root().join("export").join(file)).unwrap(), sandbox.root())
}

#[test]
fn paths_that_leave_the_repository_keep_pointing_there_and_others_stay() {
    let tables = [
        "dependencies",
        "dev-dependencies",
        "build-dependencies",
        "target.'cfg(unix)'.dependencies",
        "workspace.dependencies",
        "patch.crates-io",
    ];
    for table in tables {
        let text = format!(
            "[{table}] # kept\nout = {{ path = \"../../out\", version = \"1\" }}\nin = {{ path = \"../in\" }}\nplain = \"1\"\n"
        );
        let (new, root) = rewritten("member/Cargo.toml", &text);
        assert_eq!(new, text.replace("../../out", &root.join("out").display().to_string()), "{table}");
    }
}

#[test]
fn a_dependency_in_a_table_of_its_own_is_repointed_too() {
    let (new, root) = rewritten("Cargo.toml", "[dependencies.out]\npath = \"../out\"\n");
    assert_eq!(new, format!("[dependencies.out]\npath = \"{}\"\n", root.join("out").display()));
}

#[test]
fn a_full_path_into_the_users_tree_is_brought_into_the_export() {
    let sandbox = Sandbox::new();
    let live = sandbox.root().join("repo/in");
    sandbox.write("export/Cargo.toml", &format!("[dependencies]\na = {{ path = \"{}\" }}\n", live.display()));
    tree(&sandbox).keep_outside_paths().unwrap();
    let new = fs::read_to_string(sandbox.root().join("export/Cargo.toml")).unwrap();
    assert!(new.contains(&sandbox.root().join("export/in").display().to_string()), "{new}");
}

#[test]
fn the_committed_cargo_configuration_keeps_its_outside_paths() {
    let text = "paths = [\"../out\", \"in\"]\n[source.vendored]\ndirectory = \"../vendor\"\n";
    let (new, root) = rewritten(".cargo/config.toml", text);
    let root = root.display();
    assert_eq!(
        new,
        format!("paths = [\"{root}/out\", \"in\"]\n[source.vendored]\ndirectory = \"{root}/vendor\"\n")
    );
}

#[test]
fn vendored_sources_that_git_ignores_are_the_users() {
    let sandbox = Sandbox::new();
    let text = "[source.vendored]\ndirectory = \"vendor\"\n";
    sandbox.write("export/.cargo/config.toml", text);
    sandbox.write("repo/vendor/a/Cargo.toml", "");
    let config = || fs::read_to_string(sandbox.root().join("export/.cargo/config.toml")).unwrap();
    sandbox.write("export/vendor/a/Cargo.toml", "");
    tree(&sandbox).keep_outside_paths().unwrap();
    assert_eq!(config(), text, "what is committed is used as it was");
    fs::remove_dir_all(sandbox.root().join("export/vendor")).unwrap();
    tree(&sandbox).keep_outside_paths().unwrap();
    let live = sandbox.root().join("repo/vendor");
    assert_eq!(config(), text.replace("\"vendor\"", &format!("\"{}\"", live.display())));
}

#[test]
fn a_broken_manifest_of_a_fixture_stays_as_it_is() {
    assert_eq!(rewritten("tests/broken/Cargo.toml", "[package\n").0, "[package\n");
}

#[test]
fn a_required_version_of_the_runtime_does_not_stand_in_the_way_of_the_candidates() {
    let text = "[workspace.dependencies]\nrt = { package = \"darwin-runtime\", path = \"rt\", version = \"=0.0.1\" }\n";
    assert!(!rewritten("Cargo.toml", text).0.contains("version"));
}

#[test]
fn the_candidates_runtime_stands_alone_in_an_old_workspace_that_lacks_what_it_inherits() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "repo/Cargo.toml",
        "[workspace]\nmembers = [\"darwin-*\"]\n[workspace.package]\nversion = \"0.2.0\"\nedition = \"2024\"\nreadme = \"R\"\n\
         [workspace.lints.rust]\nmissing_docs = \"warn\"\n[workspace.dependencies]\n\
         darwin-macros = { path = \"darwin-macros\", version = \"=0.2.0\", features = [\"a\"] }\n",
    );
    for name in ["runtime", "macros"] {
        let inherited = "version.workspace = true\nedition.workspace = true\nreadme.workspace = true\n";
        let rest = "[features]\nenabled = []\na = []\nb = []\n[lints]\nworkspace = true\n";
        let text = format!("[package]\nname = \"darwin-{name}\"\n{inherited}{rest}");
        sandbox.write(&format!("repo/darwin-{name}/Cargo.toml"), &text);
        sandbox.write(&format!("repo/darwin-{name}/src/lib.rs"), "");
    }
    let manifest = sandbox.root().join("repo/darwin-runtime/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let dependency = "[dependencies.darwin-macros]\nworkspace = true\nfeatures = [\"b\"]\n";
    fs::write(&manifest, format!("{text}{dependency}")).unwrap();
    sandbox.write("export/Cargo.toml", "[workspace]\nmembers = [\"app\"]\n");
    sandbox.package(
        "export/app",
        "app",
        "[dependencies]\ndarwin-runtime = { path = \"../darwin-runtime\" }\n",
    );
    sandbox.write("export/darwin-runtime/src/old.rs", "");

    assert!(place_runtime(&tree(&sandbox), &sandbox.load("repo")).unwrap());

    let old = sandbox.load("export");
    let runtime = old.packages_named(RUNTIME)[0];
    assert_eq!(runtime.version.to_string(), "0.2.0");
    assert_eq!(runtime.dependencies[0].features, ["b", "a"]);
    assert_eq!(
        old.packages_named(MACROS)[0].manifest_path,
        sandbox.root().join("export/darwin-macros/Cargo.toml")
    );
    assert!(!sandbox.root().join("export/darwin-runtime/src/old.rs").exists());
    require_same_runtime(&tree(&sandbox), &sandbox.load("repo"), &old).unwrap();
}

#[test]
fn a_runtime_outside_of_both_trees_that_is_not_the_candidates_is_an_error_with_a_remedy() {
    let sandbox = Sandbox::new();
    sandbox.runtime("one/");
    sandbox.runtime("two/");
    let dependency =
        |dir| format!("[dependencies]\ndarwin-runtime = {{ path = \"../{dir}/darwin-runtime\" }}\n");
    sandbox.package("repo", "app", &dependency("one"));
    sandbox.package("export", "app", &dependency("two"));
    let error = runtime_patches(&tree(&sandbox), &sandbox.load("repo"), &sandbox.load("export")).unwrap_err();
    assert!(error.to_string().contains("cargo darwin baseline"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_runtime_behind_a_link_out_of_the_repository_is_the_users_and_stays() {
    let sandbox = Sandbox::new();
    sandbox.runtime("shared/");
    sandbox.runtime("other/");
    let dependency = "[dependencies]\ndarwin-runtime = { path = \"../vendor/darwin-runtime\" }\n";
    sandbox.package("repo/app", "app", dependency);
    fs::create_dir(sandbox.root().join("export")).unwrap();
    let link = |to: &str, at: &str| {
        std::os::unix::fs::symlink(sandbox.root().join(to), sandbox.root().join(at)).unwrap();
    };
    link("shared", "repo/vendor");
    link("shared", "export/vendor");
    let candidate = sandbox.load("repo/app");
    let source = |of: &str| fs::read(sandbox.root().join(of).join("darwin-runtime/Cargo.toml")).unwrap();
    let before = (source("shared"), source("other"));

    place_runtime(&tree(&sandbox), &candidate).unwrap();
    fs::remove_file(sandbox.root().join("export/vendor")).unwrap();
    link("other", "export/vendor");
    let error = place_runtime(&tree(&sandbox), &candidate).unwrap_err().to_string();

    assert!(error.contains("a symbolic link out of the repository"), "{error}");
    assert_eq!((source("shared"), source("other")), before);
}

#[test]
fn the_digest_of_the_runtime_follows_its_sources() {
    let sandbox = Sandbox::new();
    sandbox.runtime("");
    sandbox.package("app", "app", "[dependencies]\ndarwin-runtime = { path = \"../darwin-runtime\" }\n");
    let digest = || runtime_digest(&sandbox.load("app"), &sandbox.root()).unwrap();
    let before = digest();
    assert_eq!(before, digest());
    sandbox.write("darwin-macros/src/lib.rs", "// changed");
    assert_ne!(before, digest());
}

#[test]
fn locked_versions_are_borrowed_only_for_packages_that_are_not_locked() {
    let sandbox = Sandbox::new();
    let package = |name: &str, version: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"s\"\n")
    };
    sandbox.write("old/Cargo.lock", &format!("version = 4\n\n{}", package("a", "1.0.0")));
    sandbox.write(
        "new/Cargo.lock",
        &format!("version = 4\n\n{}\n{}", package("a", "2.0.0"), package("b", "1.0.0")),
    );
    borrow_locks(&sandbox.root().join("new"), &sandbox.root().join("old")).unwrap();
    let merged: toml::Table =
        fs::read_to_string(sandbox.root().join("old/Cargo.lock")).unwrap().parse().unwrap();
    let listed: Vec<_> =
        merged["package"].as_array().unwrap().iter().map(|p| p["version"].as_str().unwrap()).collect();
    assert_eq!(listed, ["1.0.0", "1.0.0"]);
}

#[test]
fn configuration_above_the_repository_is_found_and_the_one_at_home_is_not() {
    let sandbox = Sandbox::new();
    sandbox.write("home/.cargo/config.toml", "");
    sandbox.write("home/projects/.cargo/config.toml", "");
    sandbox.write("home/projects/repo/.cargo/config.toml", "");
    let home = sandbox.root().join("home");
    let export = home.join("cache/x");
    let found = outer_configs(&home.join("projects/repo"), &export, Some(&home.join(".cargo")));
    assert_eq!(found, [home.join("projects/.cargo/config.toml")]);
}
