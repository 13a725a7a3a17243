use super::super::{Manifest, Selection};
use super::*;

const TOP: &str = "/r";

/// A tree of these files; only manifests need their text.
fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree { top: PathBuf::from(TOP), ..Tree::default() };
    for (path, text) in files {
        let path = PathBuf::from(path);
        if path.ends_with("Cargo.toml") {
            tree.manifests.insert(path.parent().unwrap().to_owned(), Manifest::parse(text));
        }
        if let Some(target) = text.strip_prefix("-> ") {
            tree.links.insert(path.clone(), PathBuf::from(target));
        }
        tree.files.insert(path);
    }
    tree
}

fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\n{rest}")
}

/// A workspace: `app` is built with `core`, which is built with `base`; `tool` has nothing to do with them.
fn workspace() -> Tree {
    tree(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"*\"]\n[workspace.dependencies]\nbase = { path = \"base\" }\nlog = \"1\"\n",
        ),
        ("Cargo.lock", ""),
        ("README.md", ""),
        (
            "app/Cargo.toml",
            &package("app", "[dependencies]\ncore = { path = \"../core\" }\nlog.workspace = true\n"),
        ),
        ("app/src/lib.rs", ""),
        ("app/README.md", ""),
        ("core/Cargo.toml", &package("core", "[dependencies]\nbase.workspace = true\n")),
        ("core/src/lib.rs", ""),
        ("base/Cargo.toml", &package("base", "[dependencies]\nfar = { path = \"/elsewhere/far\" }\n")),
        ("base/build.rs", ""),
        ("tool/Cargo.toml", &package("tool", "[dependencies]\napp = { path = \"../app\" }\n")),
        ("tool/src/main.rs", ""),
        ("web/app.js", ""),
    ])
}

fn scope_in(tree: &Tree, package: Option<&str>, folder: &str) -> Option<Scope> {
    let selection = Selection { package: package.map(str::to_owned), folder: PathBuf::from(folder) };
    Scope::of(tree, &tree.selected(&selection)?, Path::new(folder))
}

#[track_caller]
fn scope_of(tree: &Tree) -> Scope {
    scope_in(tree, Some("app"), "").expect("it can be told")
}

#[test]
fn a_package_is_made_of_its_path_dependencies_and_theirs() {
    let (tree, scope) = (workspace(), scope_of(&workspace()));
    for file in [
        "app/src/lib.rs",
        "app/new.txt",
        "core/src/lib.rs",
        "base/build.rs",
        "Cargo.toml",
        "tool/Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        ".cargo/config.toml",
        "app/.cargo/x/y",
        "darwin.toml",
        "app/darwin.baseline.toml",
    ] {
        assert!(scope.may_change_by(&tree, Path::new(file)), "{file}");
    }
    for file in [
        "tool/src/main.rs",
        "tool/darwin.baseline.toml",
        "web/app.js",
        "web/.cargo/config.toml",
        "README.md",
        "app/README.md",
        "scripts/x.py",
    ] {
        assert!(!scope.may_change_by(&tree, Path::new(file)), "{file}");
    }
}

#[test]
fn the_package_is_the_one_that_is_named_or_that_one_is_in_and_otherwise_it_may_be_any() {
    let (tree, tool) = (workspace(), Path::new("tool/src/main.rs"));
    let may = |package: Option<&str>, folder: &str| {
        scope_in(&tree, package, folder).map(|scope| scope.may_change_by(&tree, tool))
    };
    assert_eq!(may(Some("app@0.1.0"), "web"), Some(false));
    assert_eq!(
        (may(None, "app/src"), may(None, "tool"), may(None, "web")),
        (Some(false), Some(true), Some(true))
    );
    assert_eq!((may(Some("none"), ""), may(Some("path+file:///r/app#0.1.0"), "")), (None, None));
    assert!(Scope::everything().may_change_by(&tree, tool));
}

#[test]
fn what_takes_the_place_of_others_and_targets_elsewhere_belong_to_it() {
    let tree = tree(&[
        ("Cargo.toml", "[workspace]\n[patch.crates-io]\nlog = { path = \"vendor/log\" }\n"),
        ("vendor/log/Cargo.toml", &package("log", "")),
        ("app/Cargo.toml", &package("app", "[[bench]]\nname = \"b\"\npath = \"../shared/b.rs\"\n")),
        ("shared/b.rs", ""),
        ("app/notes", "-> ../texts"),
        ("texts/a.txt", ""),
        ("other/x", ""),
    ]);
    let may = |file: &str| scope_of(&tree).may_change_by(&tree, Path::new(file));
    assert!(may("vendor/log/x.c") && may("shared/module.rs") && may("texts/a.txt"));
    assert!(!may("other/x"));
}

#[test]
fn where_a_path_leads_to_nothing_that_can_be_told() {
    let with = |dependency: &str, more: &[(&str, &str)]| {
        let manifest = package("app", &format!("[dependencies]\nx = {dependency}\n"));
        let files: Vec<(&str, &str)> = more.iter().copied().chain([("app/Cargo.toml", &*manifest)]).collect();
        scope_in(&tree(&files), Some("app"), "app").is_some()
    };
    assert!(with("\"1\"", &[]) && with("{ path = \"../../far\" }", &[]));
    assert!(!with("{ path = \"../submodule\" }", &[("submodule", "")]));
    assert!(!with("{ workspace = true }", &[("Cargo.toml", "[workspace]")]));
    assert!(!with("\"1\"", &[("Cargo.toml", "no TOML")]));
    assert!(!with("{ path = \"/r/x\" }", &[("x/Cargo.toml", "no TOML")]));
    assert!(!with("\"1\"", &[("app/link", "-> nowhere")]));
}

#[test]
fn packages_inside_of_others_are_packages_of_their_own() {
    let tree = tree(&[
        ("Cargo.toml", &package("app", "[workspace]\n")),
        ("crates/tool/Cargo.toml", &package("tool", "")),
        ("crates/tool/src/lib.rs", ""),
    ]);
    let scope = scope_of(&tree);
    assert!(scope.may_change_by(&tree, Path::new("scripts/x.py")));
    assert!(!scope.may_change_by(&tree, Path::new("crates/tool/src/lib.rs")));
}

#[test]
fn a_file_outside_is_named_by_its_first_folder_that_is_not_above_the_code() {
    let (tree, scope) = (workspace(), scope_of(&workspace()));
    let named = |file: &str, code: &str| {
        scope.names_of(&tree, [&PathBuf::from(file)]).unwrap().are_in(&format!("(\"{code}\")"), false)
    };
    assert!(named("web/js/app.js", "../web/js/app.js") && named("web/js/app.js", "../.."));
    assert!(!named("web/js/app.js", "app.js") && !named("web/js/app.js", "js"));
    assert!(named("README.md", "../README.md") && !named("README.md", ".."));
    // A document of the package itself may be named from its own folder.
    assert!(named("app/docs/a.md", "a.md") && named("app/docs/a.md", "docs"));
    let inner = tree_with_deep_packages();
    let scope = scope_in(&inner, None, "crates/app").unwrap();
    let file = [&PathBuf::from("crates/web/x.js")];
    let names = scope.names_of(&inner, file).unwrap();
    assert!(names.are_in("\"../../crates\"", false) && names.are_in("\"crates/web/x.js\"", false));
    assert!(!names.are_in("\"crates/app/x\"", false));
}

fn tree_with_deep_packages() -> Tree {
    tree(&[("crates/app/Cargo.toml", &package("app", "")), ("crates/web/x.js", "")])
}

#[test]
fn names_are_looked_for_in_measured_code_and_settings_alone() {
    let (tree, scope) = (workspace(), scope_of(&workspace()));
    let is_code = |file: &str| scope.is_code(&tree, Path::new(file));
    assert!(is_code("core/src/lib.rs") && is_code("darwin.toml") && is_code(".cargo/config.toml"));
    assert!(is_code("app/askama.toml") && is_code("base/x.proto"));
    assert!(!is_code("tool/src/main.rs") && !is_code("app/Cargo.toml") && !is_code("app/README.md"));
    assert!(!is_code("Cargo.lock") && !is_code("Cargo.toml") && !is_code("darwin.baseline.toml"));
}
