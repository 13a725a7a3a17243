//! What else goes into a build: profiles, build scripts, macros.

use crate::setup::Must::{Call, Judge, Refuse, Say};
use crate::texts::{LIB, MAIN, MAIN_OF_LIB};

setups! {
    fat_lto_and_abort {
        what: "`[profile.release]` with `lto = \"fat\"`, `codegen-units = 1`, `panic = \"abort\"`, `strip = true`",
        files: &[
            (
                "Cargo.toml",
                measured!("{app}", "[profile.release]\nlto = 'fat'\ncodegen-units = 1\npanic = 'abort'\nstrip = true\n"),
            ),
            ("src/main.rs", MAIN),
        ],
        command: "CARGO_TERM_VERBOSE=true cargo darwin run --bin {app}",
        seen: "all in effect but `strip`: the profile has symbols and line tables, which change no code",
        must: &[Call(1003), Say("-C panic=abort -C lto=fat -C codegen-units=1 -C debuginfo=line-tables-only")],
    }
    thin_lto {
        what: "`lto = \"thin\"` and `codegen-units = 2`",
        files: &[
            ("Cargo.toml", measured!("{app}", "[profile.release]\nlto = 'thin'\ncodegen-units = 2\n")),
            ("src/main.rs", MAIN),
        ],
        command: "CARGO_TERM_VERBOSE=true cargo darwin run --bin {app}",
        seen: "in effect",
        must: &[Call(3), Say("-C lto=thin -C codegen-units=2 ")],
        slow: true,
    }
    an_override_for_a_package {
        what: "`[profile.release.package.app_lib]` with `debug-assertions = true`",
        files: &[
            (
                "Cargo.toml",
                "[workspace]\nresolver = '3'\nmembers = ['app', 'lib']\n[profile.release.package.{app}_lib]\ndebug-assertions = true\n",
            ),
            ("app/Cargo.toml", package!("{app}", "[dependencies]\n{app}_lib = { path = '../lib' }\n")),
            ("app/src/main.rs", MAIN_OF_LIB),
            ("lib/Cargo.toml", measured!("{app}_lib")),
            ("lib/src/lib.rs", LIB),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "in effect in that package",
        must: &[Call(10_003)],
    }
    a_profile_in_the_configuration {
        what: "a profile in `.cargo/config.toml`",
        files: &[
            ("Cargo.toml", measured!("{app}")),
            ("src/main.rs", MAIN),
            (".cargo/config.toml", "[profile.release.package.{app}]\ndebug-assertions = true\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "in effect",
        must: &[Call(10_003)],
        slow: true,
    }
    a_profile_of_the_environment {
        what: "a profile's key in a variable",
        files: &[("Cargo.toml", measured!("{app}")), ("src/main.rs", MAIN)],
        command: "CARGO_PROFILE_RELEASE_PANIC=abort cargo darwin run --bin {app}",
        seen: "in effect",
        must: &[Call(1003)],
        slow: true,
    }
    a_profile_by_name {
        what: "a profile of your own: `[profile.shipping]`",
        files: &[
            (
                "Cargo.toml",
                measured!(
                    "{app}",
                    "[profile.shipping]\ninherits = 'release'\nlto = 'fat'\ncodegen-units = 1\npanic = 'abort'\n"
                ),
            ),
            ("src/main.rs", MAIN),
        ],
        command: "cargo darwin run --bin {app} --profile shipping",
        seen: "in effect",
        must: &[Call(1003)],
    }
    a_build_script {
        what: "a build script that sets a `cfg`",
        files: &[
            ("Cargo.toml", measured!("{app}")),
            ("src/main.rs", MAIN),
            ("build.rs", "fn main() {\n    println!(\"cargo::rustc-cfg=marker\");\n}\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "in effect",
        must: &[Call(13)],
    }
    a_change_of_a_build_script {
        what: "a check of a changed build script",
        files: &[
            ("Cargo.toml", measured!("{app}")),
            (
                "src/main.rs",
                concat!(
                    "#[global_allocator]\nstatic ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();\n",
                    "fn main() {\n    step();\n}\n",
                    "#[darwin_runtime::hotpath]\nfn step() {\n    if cfg!(marker) {\n        std::hint::black_box(Box::new(1));\n    }\n}\n"
                ),
            ),
            ("build.rs", "fn main() {\n    println!(\"cargo::rustc-check-cfg=cfg(marker)\");\n}\n"),
        ],
        edit: Some(("build.rs", "rustc-check-cfg=cfg(marker)", "rustc-cfg=marker")),
        command: "cargo darwin check --bin {app} --against HEAD",
        seen: "REJECT: each side has its own build script",
        must: &[Judge("REJECT")],
        slow: true,
    }
    a_macro_in_the_workspace {
        what: "a member that is a procedural macro",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'macros']\n"),
            ("app/Cargo.toml", measured!("{app}", "{app}_macros = { path = '../macros' }\n")),
            ("app/src/main.rs", concat!(calls!("#[{app}_macros::unchanged]\nfn main()"))),
            ("macros/Cargo.toml", package!("{app}_macros", "[lib]\nproc-macro = true\n")),
            (
                "macros/src/lib.rs",
                "use proc_macro::TokenStream;\n#[proc_macro_attribute]\npub fn unchanged(_: TokenStream, item: TokenStream) -> TokenStream {\n    item\n}\n",
            ),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "the program is measured",
        must: &[Call(3)],
    }
    a_library_that_is_also_shared {
        what: "a measured library with `crate-type = [\"cdylib\", \"rlib\"]`",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'lib']\n"),
            ("app/Cargo.toml", package!("{app}", "[dependencies]\n{app}_lib = { path = '../lib' }\n")),
            ("app/src/main.rs", MAIN_OF_LIB),
            ("lib/Cargo.toml", measured!("{app}_lib", "[lib]\ncrate-type = ['cdylib', 'rlib']\n")),
            ("lib/src/lib.rs", LIB),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "measured",
        must: &[Call(3)],
        slow: true,
    }
    a_shared_library {
        what: "a library with `crate-type = [\"dylib\"]`, which the program would load",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'lib']\n"),
            ("app/Cargo.toml", package!("{app}", "[dependencies]\n{app}_lib = { path = '../lib' }\n")),
            ("app/src/main.rs", MAIN_OF_LIB),
            ("lib/Cargo.toml", measured!("{app}_lib", "[lib]\ncrate-type = ['dylib']\n")),
            ("lib/src/lib.rs", LIB),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "ends with 2: `add \"rlib\" to crate-type`",
        must: &[Refuse(&["add \"rlib\" to crate-type under [lib] in", "lib/Cargo.toml"])],
    }
    a_shared_standard_library {
        what: "`-C prefer-dynamic`, with which the program would load the standard library",
        files: &[("Cargo.toml", measured!("{app}")), ("src/main.rs", MAIN)],
        command: "RUSTFLAGS='-C prefer-dynamic' cargo darwin run --bin {app}",
        seen: "ends with 2: `take it out, or add -C prefer-dynamic=no behind it`",
        must: &[Refuse(&["`prefer-dynamic`", "take it out"])],
    }
}
