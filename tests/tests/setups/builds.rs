//! What else goes into a build: profiles, build scripts, macros.

use crate::setup::Must::{Call, Judge, Refuse, Say};
use crate::texts::{LIB, MAIN, MAIN_OF_LIB};

/// A library that is measured in every way, for programs and for what builds them.
const LIB_OF_BOTH: &str = concat!(
    calls!("pub fn work()"),
    "
pub struct Tool(pub u32);

#[darwin_runtime::hotpath(p99 = \"1s\", allocs = 0)]
impl Tool {
    pub fn doubled(&self) -> u32 {
        darwin_runtime::scope!(\"twice\");
        self.0 * 2
    }

    pub async fn later(&self) -> u32 {
        std::future::ready(self.doubled()).await
    }

    pub fn boxed(&self) -> std::pin::Pin<Box<dyn Future<Output = u32> + '_>> {
        Box::pin(async move { self.later().await })
    }
}

/// All of it.
pub fn all() -> u32 {
    work();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match Tool(21).boxed().as_mut().poll(&mut context) {
        std::task::Poll::Ready(all) => all,
        std::task::Poll::Pending => 0,
    }
}
"
);

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
    a_measured_library_of_a_macro {
        what: "a measured library that a procedural macro of the program uses as well",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app', 'macros', 'lib']\n"),
            (
                "app/Cargo.toml",
                package!(
                    "{app}",
                    "[dependencies]\n{app}_macros = { path = '../macros' }\n{app}_lib = { path = '../lib' }\n"
                ),
            ),
            (
                "app/src/main.rs",
                "fn main() {\n    assert_eq!(({app}_macros::all!(), {app}_lib::all()), (42, 42));\n}\n",
            ),
            (
                "macros/Cargo.toml",
                package!("{app}_macros", "[lib]\nproc-macro = true\n[dependencies]\n{app}_lib = { path = '../lib' }\n"),
            ),
            (
                "macros/src/lib.rs",
                "use proc_macro::TokenStream;\n#[proc_macro]\npub fn all(_: TokenStream) -> TokenStream {\n    {app}_lib::all().to_string().parse().unwrap()\n}\n",
            ),
            ("lib/Cargo.toml", measured!("{app}_lib")),
            ("lib/src/lib.rs", LIB_OF_BOTH),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "works: measured in the program, and not in the macro",
        must: &[Call(3)],
    }
    a_measured_library_of_a_build_script {
        what: "a measured library that the program's build script uses as well",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '2'\nmembers = ['app', 'lib']\n"),
            (
                "app/Cargo.toml",
                package!(
                    "{app}",
                    "[dependencies]\n{app}_lib = { path = '../lib' }\n[build-dependencies]\n{app}_lib = { path = '../lib' }\n"
                ),
            ),
            ("app/src/main.rs", "fn main() {\n    for _ in 0..1 + cfg!(marker) as u8 {\n        {app}_lib::work();\n    }\n}\n"),
            (
                "app/build.rs",
                "fn main() {\n    assert_eq!({app}_lib::all(), 42);\n    println!(\"cargo::rustc-check-cfg=cfg(marker)\\ncargo::rustc-cfg=marker\");\n}\n",
            ),
            ("lib/Cargo.toml", measured!("{app}_lib")),
            ("lib/src/lib.rs", LIB_OF_BOTH),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "works: measured in the program, and not in the build script, whose `cfg` is in effect",
        must: &[Call(6)],
    }
    a_measured_library_of_both_with_resolver_1 {
        what: "the same with resolver 1, which gives both the same features",
        files: &[
            ("Cargo.toml", "[workspace]\nresolver = '1'\nmembers = ['app', 'lib']\n"),
            (
                "app/Cargo.toml",
                package!(
                    "{app}",
                    "[dependencies]\n{app}_lib = { path = '../lib' }\n[build-dependencies]\n{app}_lib = { path = '../lib' }\n"
                ),
            ),
            ("app/src/main.rs", MAIN_OF_LIB),
            ("app/build.rs", "fn main() {\n    assert_eq!({app}_lib::all(), 42);\n}\n"),
            ("lib/Cargo.toml", measured!("{app}_lib")),
            ("lib/src/lib.rs", LIB_OF_BOTH),
        ],
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "works",
        must: &[Call(3)],
        slow: true,
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
