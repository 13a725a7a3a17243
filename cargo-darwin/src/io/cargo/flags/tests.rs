//! Real cargo, with flags in each of the places from which it takes them.

use super::*;
use crate::io::cargo::testing::Sandbox;

/// A user's folder, and the probe.
struct Asked {
    sandbox: Sandbox,
    options: CargoOptions,
}

impl Asked {
    fn new() -> Asked {
        let asked = Asked { sandbox: Sandbox::new(), options: CargoOptions::default() };
        asked.sandbox.write("user/Cargo.toml", "[workspace]\n");
        asked
    }

    fn configured(self, text: &str) -> Asked {
        self.sandbox.write("user/.cargo/config.toml", text);
        self
    }

    /// The user's flags with this variable set, which `cargo test` may have set for us.
    fn with_variable(&self, name: &str, value: &str) -> Rustflags {
        let folder = self.sandbox.root().join("user/target/darwin/flags-probe");
        let directory = self.sandbox.root().join("user");
        let probe = Probe { folder: &folder, directory: &directory, options: &self.options };
        probe.write().unwrap();
        let mut cargo = probe.command();
        for variable in ["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", VARIABLE] {
            cargo.env_remove(variable);
        }
        cargo.env(name, value);
        let stdout = command::output(&mut cargo).unwrap();
        let told = Message::parse_stream(stdout.as_slice()).find_map(|message| match message.unwrap() {
            Message::BuildScriptExecuted(script) => Rustflags::told(&script.env),
            _ => None,
        });
        told.unwrap()
    }

    fn flags(&self) -> Vec<String> {
        self.with_variable("UNUSED", "").with_aligned_loops().unwrap()
    }
}

#[test]
fn without_flags_of_the_users_there_are_ours() {
    assert_eq!(Asked::new().flags(), [ALIGNED_LOOPS]);
}

#[test]
fn flags_are_kept_wherever_cargo_takes_them_from() {
    let asked = Asked::new().configured("[build]\nrustflags = ['--cfg', 'a=\"a b\"']");
    assert_eq!(asked.flags(), ["--cfg", "a=\"a b\"", ALIGNED_LOOPS], "build.rustflags");
    let found = asked.with_variable("CARGO_BUILD_RUSTFLAGS", "--cfg c").with_aligned_loops().unwrap();
    assert_eq!(found, ["--cfg", "a=\"a b\"", "--cfg", "c", ALIGNED_LOOPS], "joined with its variable");
    let found = asked.with_variable("RUSTFLAGS", "--cfg d").with_aligned_loops().unwrap();
    assert_eq!(found, ["--cfg", "d", ALIGNED_LOOPS], "RUSTFLAGS goes before the configuration");
    let found = asked.with_variable(VARIABLE, "--cfg\x1fe=\"f g\"").with_aligned_loops().unwrap();
    assert_eq!(found, ["--cfg", "e=\"f g\"", ALIGNED_LOOPS], "the encoded form keeps blanks");

    let asked = asked.configured("[target.'cfg(all())']\nrustflags = \"--cfg h\"");
    assert_eq!(asked.flags(), ["--cfg", "h", ALIGNED_LOOPS], "target.*.rustflags");
}

#[test]
fn flags_of_the_command_line_and_of_another_target_are_kept() {
    let mut asked = Asked::new();
    asked.options.config = vec!["build.rustflags=['--cfg','h']".into()];
    asked.options.locked = true;
    assert_eq!(asked.flags(), ["--cfg", "h", ALIGNED_LOOPS]);
    asked.options.target = Some("x86_64-unknown-linux-gnu".to_owned());
    asked.options.config.push("target.x86_64-unknown-linux-gnu.rustflags=['--cfg','i']".into());
    assert_eq!(asked.flags(), ["--cfg", "i", ALIGNED_LOOPS]);
}

#[test]
fn a_change_of_the_flags_is_noticed_also_for_another_target() {
    let mut asked = Asked::new();
    asked.options.target = Some("x86_64-unknown-linux-gnu".to_owned());
    for flag in ["j", "k", "j"] {
        asked = asked.configured(&format!("[build]\nrustflags = [\"--cfg\", \"{flag}\"]"));
        assert_eq!(asked.flags(), ["--cfg", flag, ALIGNED_LOOPS]);
    }
}

#[test]
fn who_aligns_loops_already_is_left_alone() {
    let asked = Asked::new().configured("[build]\nrustflags = [\"-Cllvm-args=-align-loops=32\"]");
    assert_eq!(asked.flags(), ["-Cllvm-args=-align-loops=32"]);
}

#[test]
#[cfg(unix)]
fn where_rustc_refuses_ours_there_are_none() {
    use std::os::unix::fs::PermissionsExt;

    let asked = Asked::new();
    let rustc = asked.sandbox.root().join("rustc");
    asked
        .sandbox
        .write("rustc", "#!/bin/sh\ncase \"$*\" in *align-loops*) exit 1;; esac\nexec rustc \"$@\"\n");
    std::fs::set_permissions(&rustc, PermissionsExt::from_mode(0o755)).unwrap();
    let refused = asked.with_variable("RUSTC", rustc.to_str().unwrap());
    assert_eq!(refused, Rustflags { own: Vec::new(), takes_ours: false });
    assert_eq!(refused.with_aligned_loops(), None);
}

#[test]
fn a_shell_reads_the_flags_back() {
    let flags = ["--cfg".to_owned(), "feature=\"it's\"".to_owned()];
    assert_eq!(shown(&flags), r#"CARGO_ENCODED_RUSTFLAGS=$'--cfg\x1ffeature="it\'s"'"#);
}
