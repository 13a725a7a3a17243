//! Where is built, and with which tools.

use crate::setup::Must::{Call, Judge, Refuse, Say};
use crate::texts::MAIN;

/// A measured package.
const PACKAGE: [(&str, &str); 2] = [("Cargo.toml", measured!("{app}")), ("src/main.rs", MAIN)];

/// A wrapper of the compiler that tells of itself.
const WRAPPER: (&str, &str) =
    ("wrapper", "#!/bin/sh\necho \"$2 $3\" >> ../wrapped\nexec \"$@\" --cfg marker\n");

setups! {
    target_dir_of_the_environment {
        what: "`CARGO_TARGET_DIR`, relative",
        files: &[PACKAGE[0], PACKAGE[1], (".gitignore", "out\n")],
        command: "CARGO_TARGET_DIR=out cargo darwin run --bin {app} && test -d out/darwin && test ! -e target",
        seen: "everything of Darwin's is in `out/darwin`",
        must: &[Call(3)],
        slow: true,
    }
    target_dir_of_the_configuration {
        what: "`build.target-dir` in `.cargo/config.toml`",
        files: &PACKAGE,
        before: "mkdir .cargo && printf \"[build]\\ntarget-dir = '{target}'\\n\" > .cargo/config.toml",
        hidden: &["CARGO_TARGET_DIR"],
        command: "cargo darwin run --bin {app}",
        seen: "measured, in that folder",
        must: &[Call(3)],
    }
    build_dir_of_the_configuration {
        what: "`build.build-dir` in `.cargo/config.toml`, for intermediate files",
        files: &[
            PACKAGE[0],
            PACKAGE[1],
            (".cargo/config.toml", "[build]\nbuild-dir = '{workspace-root}/intermediate'\n"),
        ],
        command: "cargo darwin run --bin {app} && test ! -e intermediate",
        seen: "measured; intermediate files are in Darwin's folder too, so that no two trees share them",
        must: &[Call(3)],
    }
    a_compiler_wrapper {
        what: "`RUSTC_WRAPPER`",
        files: &[PACKAGE[0], PACKAGE[1], WRAPPER],
        before: "chmod +x wrapper",
        command: "RUSTC_WRAPPER=$PWD/wrapper cargo darwin run --bin {app}",
        seen: "it is called",
        must: &[Call(13)],
        slow: true,
    }
    a_compiler_wrapper_for_members {
        what: "`build.rustc-workspace-wrapper` in `.cargo/config.toml`, a path in the repository",
        files: &[
            PACKAGE[0],
            PACKAGE[1],
            ("wrapper", "#!/bin/sh\nexec \"$@\" --cfg marker\n"),
        ],
        before: "chmod +x wrapper && mkdir .cargo && printf \"[build]\\nrustc-workspace-wrapper = './wrapper'\\n\" > .cargo/config.toml",
        command: "cargo darwin run --bin {app}",
        seen: "it is called",
        must: &[Call(13)],
        slow: true,
    }
    a_toolchain_file {
        what: "`rust-toolchain.toml`",
        files: &PACKAGE,
        before: "printf \"[toolchain]\\nchannel = '$(rustup show active-toolchain | cut -d' ' -f1)'\\n\" > rust-toolchain.toml",
        hidden: &["CARGO", "RUSTUP_TOOLCHAIN"],
        needs: "rustup",
        command: "cargo darwin run --bin {app}",
        seen: "built with that toolchain",
        must: &[Call(3)],
    }
    a_toolchain_that_is_not_installed {
        what: "`rust-toolchain.toml` with a toolchain that is not installed",
        files: &PACKAGE,
        before: "printf \"[toolchain]\\npath = '/no/such/toolchain'\\n\" > rust-toolchain.toml",
        hidden: &["CARGO", "RUSTUP_TOOLCHAIN"],
        needs: "rustup",
        command: "cargo darwin run --bin {app}",
        seen: "ends with 2, in rustup's words",
        must: &[Refuse(&["/no/such/toolchain"])],
    }
    a_verbose_cargo {
        what: "`[term] verbose = true` in `.cargo/config.toml`",
        files: &[PACKAGE[0], PACKAGE[1], (".cargo/config.toml", "[term]\nverbose = true\n")],
        command: "cargo darwin run --bin {app}",
        seen: "measured, with cargo's words on the way",
        must: &[Call(3), Say("rustc --crate-name")],
        slow: true,
    }
    a_check_with_a_toolchain_file {
        what: "a check with `rust-toolchain.toml`",
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
        before: "printf \"[toolchain]\\nchannel = '$(rustup show active-toolchain | cut -d' ' -f1)'\\n\" > rust-toolchain.toml",
        hidden: &["CARGO", "RUSTUP_TOOLCHAIN"],
        needs: "rustup",
        edit: Some(("src/main.rs", "black_box(())", "black_box(Box::new(1))")),
        command: "cargo darwin check --bin {app} --against HEAD",
        seen: "REJECT, for the allocation",
        must: &[Judge("REJECT")],
        slow: true,
    }
}
