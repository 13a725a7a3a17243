//! Flags for rustc: each of the places where cargo takes them hides the others.

use crate::setup::Must::{Call, Say};
use crate::texts::MAIN;

/// A measured package.
const PACKAGE: [(&str, &str); 2] = [("Cargo.toml", measured!("{app}")), ("src/main.rs", MAIN)];

/// A member with a configuration of its own.
const MEMBER: [(&str, &str); 4] = [
    ("Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['app']\n"),
    ("app/Cargo.toml", measured!("{app}")),
    ("app/src/main.rs", MAIN),
    ("app/.cargo/config.toml", "[build]\nrustflags = ['--cfg', 'marker']\n"),
];

setups! {
    flags_in_rustflags {
        what: "`RUSTFLAGS`",
        files: &PACKAGE,
        command: "RUSTFLAGS='--cfg marker' cargo darwin run --bin {app}",
        seen: "the program was built with the flag",
        must: &[Call(13)],
    }
    flags_in_encoded_rustflags {
        what: "`CARGO_ENCODED_RUSTFLAGS`",
        files: &PACKAGE,
        command: "CARGO_ENCODED_RUSTFLAGS=$(printf -- '--cfg\\037marker') cargo darwin run --bin {app}",
        seen: "the same",
        must: &[Call(13)],
    }
    flags_for_the_target {
        what: "`target.'cfg(…)'.rustflags` in `.cargo/config.toml`",
        files: &[
            PACKAGE[0],
            PACKAGE[1],
            (".cargo/config.toml", "[target.'cfg(all())']\nrustflags = ['--cfg', 'marker']\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "the same",
        must: &[Call(13)],
    }
    flags_for_the_build {
        what: "`build.rustflags` in `.cargo/config.toml`",
        files: &[
            PACKAGE[0],
            PACKAGE[1],
            (".cargo/config.toml", "[build]\nrustflags = ['--cfg', 'marker']\n"),
        ],
        command: "cargo darwin run --bin {app}",
        seen: "the same",
        must: &[Call(13)],
    }
    flags_in_two_places {
        what: "`RUSTFLAGS` and `build.rustflags`, of which cargo takes the first alone",
        files: &[
            PACKAGE[0],
            PACKAGE[1],
            (".cargo/config.toml", "[build]\nrustflags = ['--cfg', 'feature=\"leak\"']\n"),
        ],
        command: "RUSTFLAGS='--cfg marker' cargo darwin run --bin {app}",
        seen: "as cargo does: the flag of `RUSTFLAGS`, and not the other",
        must: &[Call(13)],
        slow: true,
    }
    flags_of_a_members_folder {
        what: "`.cargo/config.toml` in the folder of the member in which you stand",
        files: &MEMBER,
        command: "cd app && cargo darwin run --bin {app}",
        seen: "as cargo does: the flag is in effect",
        must: &[Call(13)],
    }
    flags_of_another_folder {
        what: "the same from the top of the workspace",
        files: &MEMBER,
        command: "cargo darwin run -p {app} --bin {app}",
        seen: "as cargo does: it is not",
        must: &[Call(3)],
        slow: true,
    }
    the_cargo_line {
        what: "`-v`",
        files: &PACKAGE,
        command: "RUSTFLAGS='--cfg marker' cargo darwin run --bin {app} -v",
        seen: "the cargo line with all flags: ``Running `CARGO_ENCODED_RUSTFLAGS=$'--cfg\\x1fmarker\\x1f-C…' cargo rustc …``",
        must: &[
            Call(13),
            Say("Running `CARGO_ENCODED_RUSTFLAGS=$'--cfg\\x1fmarker\\x1f-Cllvm-args=-align-loops=64' "),
            Say("--features darwin-runtime/enabled"),
        ],
    }
}
