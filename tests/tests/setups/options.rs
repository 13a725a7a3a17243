//! Options that are handed to cargo.

use crate::setup::Must::{Call, Judge, Refuse, Say};
use crate::texts::MAIN;

/// A measured package with features of its own.
const WITH_FEATURES: [(&str, &str); 2] = [
    ("Cargo.toml", measured!("{app}", "[features]\ndefault = ['leak']\nleak = []\nmore = []\n")),
    ("src/main.rs", MAIN),
];

/// A measured package.
const PACKAGE: [(&str, &str); 2] = [("Cargo.toml", measured!("{app}")), ("src/main.rs", MAIN)];

/// A member with a feature in a virtual workspace with resolver 1.
const MEMBER: [(&str, &str); 3] = [
    ("Cargo.toml", "[workspace]\nresolver = '1'\nmembers = ['app']\n"),
    ("app/Cargo.toml", measured!("{app}", "[features]\nmore = []\n")),
    ("app/src/main.rs", MAIN),
];

/// A program that needs a feature.
const REQUIRING: [(&str, &str); 2] = [
    (
        "Cargo.toml",
        measured!(
            "{app}",
            "[features]\nmore = []\n[[bin]]\nname = '{app}'\npath = 'src/main.rs'\nrequired-features = ['more']\n"
        ),
    ),
    ("src/main.rs", MAIN),
];

setups! {
    features {
        what: "`--features`",
        files: &WITH_FEATURES,
        command: "cargo darwin run --bin {app} --features more",
        seen: "on, beside the default ones",
        must: &[Call(100_103)],
    }
    all_features {
        what: "`--all-features`",
        files: &WITH_FEATURES,
        command: "cargo darwin run --bin {app} --all-features",
        seen: "all on",
        must: &[Call(100_103)],
        slow: true,
    }
    no_default_features {
        what: "`--no-default-features`",
        files: &WITH_FEATURES,
        command: "cargo darwin run --bin {app} --no-default-features",
        seen: "off",
        must: &[Call(3)],
        slow: true,
    }
    features_of_a_member {
        what: "`--features` at the top of a virtual workspace with resolver 1, which cargo itself refuses",
        files: &MEMBER,
        command: "cargo darwin run -p {app} --bin {app} --features more",
        seen: "the member's feature is on",
        must: &[Call(103)],
    }
    no_such_feature {
        what: "a feature that there is not",
        files: &PACKAGE,
        command: "cargo darwin run --bin {app} --features nonsense",
        seen: "ends with 2, in cargo's words",
        must: &[Refuse(&["nonsense"])],
    }
    required_features {
        what: "a bin with `required-features`, which are off",
        files: &REQUIRING,
        command: "cargo darwin run --bin {app}",
        seen: "ends with 2: `add --features more`",
        must: &[Refuse(&["only with more features: add --features more"])],
    }
    required_features_given {
        what: "the same with them",
        files: &REQUIRING,
        command: "cargo darwin run --bin {app} --features more",
        seen: "measured",
        must: &[Call(103)],
        slow: true,
    }
    for_a_target {
        what: "`--target`",
        files: &PACKAGE,
        command: "cargo darwin run --bin {app} --target {triple} -v",
        seen: "measured, `--target` stands in cargo's line",
        must: &[Call(3), Say(" --target ")],
        slow: true,
    }
    a_target_in_the_configuration {
        what: "`build.target` in `.cargo/config.toml`",
        files: &PACKAGE,
        before: "mkdir .cargo && printf \"[build]\\ntarget = '{triple}'\\n\" > .cargo/config.toml",
        command: "cargo darwin run --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
    a_check_for_a_target {
        what: "a check with `--target`",
        files: &[
            PACKAGE[0],
            (
                "src/main.rs",
                concat!(
                    "#[global_allocator]\nstatic ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();\n",
                    calls!("fn main()")
                ),
            ),
        ],
        edit: Some(("src/main.rs", "black_box(())", "black_box(Box::new(1))")),
        command: "cargo darwin check --bin {app} --target {triple} --against HEAD",
        seen: "REJECT, for the allocation",
        must: &[Judge("REJECT")],
        slow: true,
    }
    by_manifest_path {
        what: "`--manifest-path` from another folder",
        files: &PACKAGE,
        command: "mkdir -p elsewhere && cd elsewhere && cargo darwin run --bin {app} --manifest-path ../Cargo.toml",
        seen: "measured",
        must: &[Call(3)],
    }
    locked_and_offline {
        what: "`--locked` and `--offline`",
        files: &PACKAGE,
        command: "cargo darwin run --bin {app} --locked --offline -v",
        seen: "measured, both stand in cargo's line",
        must: &[Call(3), Say(" --locked --offline ")],
    }
    locked_and_out_of_date {
        what: "`--locked` with a `Cargo.lock` that is out of date",
        files: &PACKAGE,
        edit: Some(("Cargo.toml", "version = '0.1.0'", "version = '0.2.0'")),
        command: "cargo darwin run --bin {app} --locked",
        seen: "ends with 2, in cargo's words",
        must: &[Refuse(&["--locked"])],
    }
}
