//! Packages and workspaces.

use crate::setup::Must::{Call, Judge, Measure, Refuse};
use crate::texts::{BENCH_OF_LIB, LIB, MAIN, MAIN_OF_LIB};

/// A member, its library, which is measured, and two libraries between them; features that must not leak.
const THREE_AWAY: [(&str, &str); 8] = [
    ("app/Cargo.toml", package!("{app}", "[dependencies]\n{app}_one = { path = '../one' }\n")),
    ("app/src/main.rs", "fn main() {\n    {app}_one::work();\n}\n"),
    ("one/Cargo.toml", package!("{app}_one", "[dependencies]\n{app}_two = { path = '../two' }\n")),
    ("one/src/lib.rs", "pub use {app}_two::work;\n"),
    (
        "two/Cargo.toml",
        package!("{app}_two", "[dependencies]\n{app}_lib = { path = '../lib', default-features = false }\n"),
    ),
    ("two/src/lib.rs", "pub use {app}_lib::work;\n"),
    ("lib/Cargo.toml", measured!("{app}_lib", "[features]\ndefault = ['leak']\nleak = []\n")),
    ("lib/src/lib.rs", LIB),
];

/// The same below a root manifest.
const fn three_away(root: &'static str) -> [(&'static str, &'static str); 9] {
    let [a, b, c, d, e, f, g, h] = THREE_AWAY;
    [("Cargo.toml", root), a, b, c, d, e, f, g, h]
}

/// A library outside of the workspace of the program that uses it.
const OUTSIDE: [(&str, &str); 4] = [
    ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app']\nexclude = ['lib']\n"),
    ("app/src/main.rs", MAIN_OF_LIB),
    ("lib/Cargo.toml", measured!("{app}_lib")),
    ("lib/src/lib.rs", LIB),
];

setups! {
    a_single_package {
        what: "a single package with a bench",
        files: &[
            ("Cargo.toml", measured!("{app}", bench!(), "[lib]\nname = '{app}_lib'\n")),
            ("src/lib.rs", LIB),
            ("benches/speed.rs", BENCH_OF_LIB),
        ],
        command: "cargo darwin run",
        seen: "the bench and what it calls",
        must: &[Measure],
    }
    a_virtual_workspace {
        what: "a virtual workspace with one measured member",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'other']\n"),
            ("app/Cargo.toml", measured!("{app}")),
            ("app/src/main.rs", MAIN),
            ("other/Cargo.toml", package!("{app}_other")),
            ("other/src/lib.rs", ""),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "that member is taken",
        must: &[Call(3)],
    }
    a_virtual_workspace_with_two {
        what: "a virtual workspace with two measured members",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'other']\n"),
            ("app/Cargo.toml", measured!("{app}")),
            ("app/src/main.rs", MAIN),
            ("other/Cargo.toml", measured!("{app}_other")),
            ("other/src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "ends with 2: `choose one with -p from app, app_other`",
        must: &[Refuse(&["choose one with -p from a_virtual_workspace_with_two, a_virtual_workspace_with_two_other"])],
    }
    default_members {
        what: "the same with `default-members`",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'other']\ndefault-members = ['app']\n"),
            ("app/Cargo.toml", measured!("{app}")),
            ("app/src/main.rs", MAIN),
            ("other/Cargo.toml", measured!("{app}_other")),
            ("other/src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "the default one is measured",
        must: &[Call(3)],
        slow: true,
    }
    blanks_in_a_path {
        what: "a member in a folder with a blank and a quote in its name",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = [\"it's here\"]\n"),
            ("it's here/Cargo.toml", measured!("{app}")),
            ("it's here/src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
    }
    a_member_by_name {
        what: "a member of a workspace whose root is a package too",
        files: &[
            ("Cargo.toml", package!("{app}_root", "[workspace]\nmembers = ['app']\n")),
            ("src/main.rs", "fn main() {}\n"),
            ("app/Cargo.toml", measured!("{app}")),
            ("app/src/main.rs", MAIN),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "that member is measured",
        must: &[Call(3)],
    }
    a_member_in_its_folder {
        what: "standing in a member's folder",
        files: &[
            ("Cargo.toml", package!("{app}_root", "[workspace]\nmembers = ['app']\n")),
            ("src/main.rs", "fn main() {}\n"),
            ("app/Cargo.toml", measured!("{app}")),
            ("app/src/main.rs", MAIN),
        ],
        command: "cd app && cargo darwin run --bin {app}",
        seen: "that member is measured",
        must: &[Call(3)],
        slow: true,
    }
    without_direct_dependency {
        what: "`-p` a member that uses a measured one and does not depend on darwin-runtime itself",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'lib']\n"),
            (
                "app/Cargo.toml",
                package!(
                    "{app}",
                    "[features]\ndefault = ['more']\nmore = ['{app}_lib/more']\n",
                    "[dependencies]\n{app}_lib = { path = '../lib', default-features = false }\n"
                ),
            ),
            ("app/src/main.rs", MAIN_OF_LIB),
            ("lib/Cargo.toml", measured!("{app}_lib", "[features]\ndefault = ['leak']\nleak = []\nmore = []\n")),
            ("lib/src/lib.rs", LIB),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "measured with `app`'s default features and without those of the library",
        must: &[Call(103)],
    }
    three_crates_away {
        what: "a measured library three crates away",
        files: &three_away("[workspace]\nresolver = '2'\nmembers = ['app', 'one', 'two', 'lib']\n"),
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "measured, without the library's default features",
        must: &[Call(3)],
    }
    three_crates_away_with_resolver_1 {
        what: "the same with resolver 1, which gives features to one package only",
        files: &three_away("[workspace]\nresolver = '1'\nmembers = ['app', 'one', 'two', 'lib']\n"),
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "the same",
        must: &[Call(3)],
    }
    no_defaults_with_resolver_1 {
        what: "the same without default features",
        files: &three_away("[workspace]\nresolver = '1'\nmembers = ['app', 'one', 'two', 'lib']\n"),
        command: "cargo darwin run -p {app} --bin {app} --no-default-features",
        seen: "ends with 2, and the lines to add: `resolver = \"2\"`, or the dependency",
        must: &[Refuse(&["add `resolver = \"2\"` to [workspace] in", "to [dependencies] in", "app/Cargo.toml"])],
    }
    slower_through_a_library {
        what: "a check of a library three crates away that came to allocate",
        files: &three_away("[workspace]\nresolver = '2'\nmembers = ['app', 'one', 'two', 'lib']\n"),
        before: "printf '#[global_allocator]\\nstatic ALLOC: {app}_one::Alloc = {app}_one::Alloc::system();\\n' >> app/src/main.rs
            echo 'pub use {app}_two::Alloc;' >> one/src/lib.rs
            echo 'pub use {app}_lib::Alloc;' >> two/src/lib.rs
            echo 'pub use darwin_runtime::Alloc;' >> lib/src/lib.rs",
        edit: Some(("lib/src/lib.rs", "black_box(())", "black_box(Box::new(1))")),
        command: "cargo darwin check -p {app} --bin {app} --against HEAD",
        seen: "REJECT: both sides are built through the library",
        must: &[Judge("REJECT")],
    }
    an_excluded_package {
        what: "a package that the workspace around it excludes",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app']\nexclude = ['tool']\n"),
            ("app/Cargo.toml", package!("{app}")),
            ("app/src/main.rs", "fn main() {}\n"),
            // Only because the fixture lies inside this repository's workspace.
            ("tool/Cargo.toml", measured!("{app}_tool", "[workspace]\n")),
            ("tool/src/main.rs", MAIN),
            ("tool/darwin.baseline.toml", "version = 1\n"),
        ],
        before: "cp {repository}/Cargo.lock tool/",
        command: "cargo darwin run --manifest-path tool/Cargo.toml --bin {app}_tool",
        seen: "a workspace of its own",
        must: &[Call(3)],
    }
    an_owner_outside {
        what: "a measured library that is no member of the workspace",
        files: &[
            OUTSIDE[0],
            ("app/Cargo.toml", package!("{app}", "[dependencies]\n{app}_lib = { path = '../lib' }\n")),
            OUTSIDE[1],
            OUTSIDE[2],
            OUTSIDE[3],
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "ends with 2, and the line to add to `app`: its own dependency on the same darwin-runtime",
        must: &[Refuse(&["lib/Cargo.toml), which it uses", "app/Cargo.toml:\n    darwin-runtime = { path = \""])],
    }
    an_owner_outside_with_the_line {
        what: "the same with that line",
        files: &[
            OUTSIDE[0],
            (
                "app/Cargo.toml",
                measured!("{app}", "{app}_lib = { path = '../lib' }\n"),
            ),
            OUTSIDE[1],
            OUTSIDE[2],
            OUTSIDE[3],
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
    nothing_is_measured {
        what: "a package that nothing measured is built from",
        files: &[("Cargo.toml", package!("{app}")), ("src/main.rs", "fn main() {}\n")],
        command: "cargo darwin run --bin {app}",
        seen: "ends with 2, and the line to add",
        must: &[Refuse(&["add one of these lines to [dependencies] in", "darwin-runtime = { path = \""])],
    }
    its_own_older_version {
        what: "a package that also depends on an older version of itself",
        files: &[
            ("Cargo.toml", measured!("{app}", "old = { package = '{app}', path = 'old' }\n[workspace]\nexclude = ['old']\n")),
            ("src/main.rs", MAIN),
            ("old/Cargo.toml", "[package]\nname = '{app}'\nversion = '0.0.9'\nedition = '2024'\n[workspace]\n"),
            ("old/src/lib.rs", ""),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "the selected one is measured, as `app@0.1.0` for cargo",
        must: &[Call(3)],
    }
    edition_2015 {
        what: "a package of edition 2015, and so of resolver 1",
        files: &[
            (
                "Cargo.toml",
                concat!("[package]\nname = '{app}'\nversion = '0.1.0'\n[dependencies]\n", runtime!(), "[features]\nmore = []\n"),
            ),
            ("src/main.rs", concat!("extern crate darwin_runtime;\nmod inner {\n", calls!("pub fn main()"), "}\nfn main() { inner::main() }\n")),
        ],
        command: "cargo darwin run --bin {app} --features more",
        seen: "measured, the feature is on",
        must: &[Call(103)],
    }
    edition_2018 {
        what: "a package of edition 2018, and so of resolver 1",
        files: &[
            (
                "Cargo.toml",
                concat!("[package]\nname = '{app}'\nversion = '0.1.0'\nedition = '2018'\n[dependencies]\n", runtime!()),
            ),
            ("src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
    edition_2021 {
        what: "a package of edition 2021, and so of resolver 2",
        files: &[
            (
                "Cargo.toml",
                concat!("[package]\nname = '{app}'\nversion = '0.1.0'\nedition = '2021'\n[dependencies]\n", runtime!()),
            ),
            ("src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
}
