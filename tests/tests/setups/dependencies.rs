//! How the dependency on the runtime is written.

use crate::setup::Must::{Call, Fail, Measure, Refuse};
use crate::texts::{LIB, MAIN, MAIN_OF_LIB};

/// A program that is measured where its feature says so.
const BEHIND_A_FEATURE: &str = "
fn main() {
    (0..3).for_each(|_| step());
}

#[cfg_attr(feature = \"hot\", darwin_runtime::hotpath)]
fn step() {
    std::hint::black_box(());
}
";

setups! {
    a_renamed_dependency {
        what: "a renamed dependency: `rt = { package = \"darwin-runtime\", … }`",
        files: &[
            (
                "Cargo.toml",
                package!("{app}", "[dependencies]\nrt = { package = 'darwin-runtime', path = '{darwin-runtime}' }\n"),
            ),
            ("src/main.rs", "fn main() {\n    step();\n}\n#[rt::hotpath(crate = rt)]\nfn step() {}\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured; the attribute names it: `#[rt::hotpath(crate = rt)]`",
        must: &[Call(1)],
    }
    an_optional_dependency {
        what: "an optional dependency that is a feature of its own name",
        files: &[
            (
                "Cargo.toml",
                package!("{app}", "[dependencies]\ndarwin-runtime = { path = '{darwin-runtime}', optional = true }\n"),
            ),
            (
                "src/main.rs",
                "fn main() {\n    step();\n}\n#[cfg_attr(feature = \"darwin-runtime\", darwin_runtime::hotpath)]\nfn step() {}\n",
            ),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured without a word of the user's",
        must: &[Call(1)],
    }
    an_optional_dependency_behind_a_feature {
        what: "an optional dependency behind a feature: `hot = [\"dep:darwin-runtime\"]`",
        files: &[
            (
                "Cargo.toml",
                package!(
                    "{app}",
                    "[dependencies]\ndarwin-runtime = { path = '{darwin-runtime}', optional = true }\n",
                    "[features]\nhot = ['dep:darwin-runtime']\n"
                ),
            ),
            ("src/main.rs", BEHIND_A_FEATURE),
        ],
        command: "cargo darwin run --bin {app} --features hot",
        seen: "measured",
        must: &[Call(3)],
    }
    an_optional_dependency_whose_feature_is_off {
        what: "the same without that feature",
        files: &[
            (
                "Cargo.toml",
                package!(
                    "{app}",
                    "[dependencies]\ndarwin-runtime = { path = '{darwin-runtime}', optional = true }\n",
                    "[features]\nhot = ['dep:darwin-runtime']\n"
                ),
            ),
            ("src/main.rs", BEHIND_A_FEATURE),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "ends with 4: `An attribute behind a feature of yours needs --features`",
        must: &[Fail("An attribute behind a feature of yours needs --features")],
    }
    an_optional_dependency_of_a_library {
        what: "an optional dependency of a library, with resolver 1, in a virtual workspace",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '1'\nmembers = ['app', 'lib']\n"),
            (
                "app/Cargo.toml",
                package!("{app}", "[features]\nmore = ['{app}_lib/more']\n[dependencies]\n{app}_lib = { path = '../lib' }\n"),
            ),
            ("app/src/main.rs", MAIN_OF_LIB),
            (
                "lib/Cargo.toml",
                package!(
                    "{app}_lib",
                    "[features]\nmore = []\n",
                    "[dependencies]\ndarwin-runtime = { path = '{darwin-runtime}', optional = true }\n"
                ),
            ),
            ("lib/src/lib.rs", LIB),
        ],
        command: "cargo darwin run -p {app} --bin {app} --features more",
        seen: "measured, the feature is on",
        must: &[Call(103)],
    }
    a_dev_dependency {
        what: "a dev-dependency and a bench",
        files: &[
            ("Cargo.toml", package!("{app}", "[dev-dependencies]\n", runtime!(), bench!())),
            (
                "src/lib.rs",
                "pub fn step() {\n    std::hint::black_box(());\n}\n",
            ),
            (
                "benches/speed.rs",
                concat!(
                    "#[darwin_runtime::hotpath]\nfn step() {\n    {app}::step()\n}\n",
                    "#[darwin_runtime::bench]\nfn all(b: &mut darwin_runtime::Bencher) {\n    b.iter(step);\n}\ndarwin_runtime::main!();\n"
                ),
            ),
        ],
        command: "cargo darwin run",
        seen: "measured",
        must: &[Measure],
    }
    a_dev_dependency_and_a_bin {
        what: "a dev-dependency and a bin, which does not see it",
        files: &[
            ("Cargo.toml", package!("{app}", "[dev-dependencies]\n", runtime!())),
            ("src/main.rs", "fn main() {}\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "ends with 2: `move its line from [dev-dependencies] to [dependencies]`",
        must: &[Refuse(&["Cargo.toml move its line from [dev-dependencies] to [dependencies]"])],
    }
    from_workspace_dependencies {
        what: "`darwin-runtime.workspace = true`, from `[workspace.dependencies]`",
        files: &[
            (
                "Cargo.toml",
                concat!("[workspace]\nresolver = '3'\nmembers = ['app']\n[workspace.dependencies]\n", runtime!()),
            ),
            ("app/Cargo.toml", package!("{app}", "[dependencies]\ndarwin-runtime.workspace = true\n")),
            ("app/src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
    }
    renamed_in_workspace_dependencies {
        what: "the same renamed: `rt.workspace = true`",
        files: &[
            (
                "Cargo.toml",
                concat!(
                    "[workspace]\nresolver = '3'\nmembers = ['app']\n[workspace.dependencies]\n",
                    "rt = { package = 'darwin-runtime', path = '{darwin-runtime}' }\n"
                ),
            ),
            ("app/Cargo.toml", package!("{app}", "[dependencies]\nrt.workspace = true\n")),
            ("app/src/main.rs", "fn main() {\n    step();\n}\n#[rt::hotpath(crate = rt)]\nfn step() {}\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(1)],
        slow: true,
    }
    without_default_features {
        what: "`default-features = false`",
        files: &[
            (
                "Cargo.toml",
                package!("{app}", "[dependencies]\ndarwin-runtime = { path = '{darwin-runtime}', default-features = false }\n"),
            ),
            ("src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
    for_some_targets {
        what: "a dependency for some targets: `[target.'cfg(unix)'.dependencies]`",
        files: &[
            ("Cargo.toml", package!("{app}", "[target.'cfg(unix)'.dependencies]\n", runtime!())),
            ("src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
    from_a_git_repository {
        what: "a dependency on a git repository: `darwin-runtime = { git = \"…\" }`",
        files: &[("Cargo.toml", package!("{app}", "[workspace]\n[dependencies]\n")), ("src/main.rs", MAIN)],
        before: "repository=$(realpath {target}/..)/runtime-repository
            rm -rf $repository && mkdir $repository && (
                cd {repository} && cp -r Cargo.toml darwin-runtime darwin-macros $repository && cd $repository
                sed -i -e 's/^members = .*/members = [\"darwin-*\"]/' -e '/^default-members/d' Cargo.toml
                git init --quiet && git add --all && git commit --quiet --message runtime
            )
            echo \"darwin-runtime = { git = 'file://$repository' }\" >> Cargo.toml
            cp {repository}/Cargo.lock . && cargo metadata --format-version 1 > {target}/metadata.json",
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
    a_patched_dependency {
        what: "a `[patch]` section that replaces a library by a folder",
        files: &[
            (
                "Cargo.toml",
                measured!(
                    "{app}",
                    "either = '1'\n[patch.crates-io]\neither = { path = 'patched' }\n[workspace]\nexclude = ['patched']\n"
                ),
            ),
            ("src/main.rs", "fn main() {\n    (0..either::patched()).for_each(|_| step());\n}\n#[darwin_runtime::hotpath]\nfn step() {}\n"),
            ("patched/Cargo.toml", "[package]\nname = 'either'\nversion = '1.99.0'\nedition = '2024'\n"),
            ("patched/src/lib.rs", "pub fn patched() -> u32 {\n    5\n}\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "the patched library is in the program",
        must: &[Call(5)],
    }
    vendored {
        what: "dependencies from `cargo vendor`, with `replace-with` in `.cargo/config.toml`",
        files: &[("Cargo.toml", measured!("{app}")), ("src/main.rs", MAIN)],
        before: "mkdir .cargo && cargo vendor --quiet --locked vendor > .cargo/config.toml",
        command: "cargo darwin run --bin {app} --offline",
        seen: "measured, from the vendored sources",
        must: &[Call(3)],
        slow: true,
    }
    vendored_and_ignored {
        what: "the same with the vendored sources left out of git",
        files: &[("Cargo.toml", measured!("{app}")), ("src/main.rs", MAIN), (".gitignore", "vendor\n")],
        before: "mkdir .cargo && cargo vendor --quiet --locked vendor > .cargo/config.toml",
        command: "cargo darwin run --bin {app} --offline",
        seen: "the same: the baseline is built from the working tree's `vendor`",
        must: &[Call(3)],
        slow: true,
    }
}
