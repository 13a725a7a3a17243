//! Escapes, and what changes the reading order, in everything that is not ours and gets onto the screen.

use std::fs;

use darwin_tests::screen::{all_together, payloads, without_zero};
use darwin_tests::soak::size;
use darwin_tests::{Ended, Fixture, cargo_darwin};

const FORMATS: [&str; 3] = ["human", "markdown", "json"];

/// Every twenty-fifth of the 300, or all.
fn some_payloads() -> Vec<String> {
    payloads().into_iter().step_by(size(25, 1)).collect()
}

/// With colours, so that ours cannot hide another's.
fn typed(fixture: &Fixture, words: &[&str]) -> Ended {
    let mut command = fixture.command(cargo_darwin());
    Ended::of(command.arg("darwin").args(words).env("CARGO_TERM_COLOR", "always").env_remove("NO_COLOR"))
}

#[test]
fn what_was_typed_wrong_is_repeated_without_escapes() {
    let fixture = Fixture::new("gate");
    for payload in some_payloads().iter().map(|payload| without_zero(payload)) {
        let (option, equals) = (format!("--x{payload}"), format!("--format={payload}"));
        for words in [
            &[payload.as_str()][..],
            &["check", &option],
            &["check", &equals],
            &["check", "--tolerance", &payload],
            &["run", "--bin", &payload],
            &["run", "--mode", &payload, "--color", "never"],
        ] {
            typed(&fixture, words).expect_code(2).expect_harmless();
        }
    }
}

#[test]
fn names_of_revisions_packages_targets_profiles_and_files_are_repeated_without_escapes() {
    let fixture = Fixture::new("gate");
    let each = size(Vec::new(), some_payloads());
    for payload in each.into_iter().chain([all_together()]).map(|payload| without_zero(&payload)) {
        let (bidi, manifest) = (payload.replace(char::is_control, ""), format!("x{payload}/Cargo.toml"));
        for words in [
            &["check", "--against", &format!("x{payload}")][..],
            &["check", "--config-profile", &payload],
            &["run", "--package", &format!("x{bidi}")],
            &["run", "--bench", &format!("x{bidi}")],
            &["run", "--manifest-path", &manifest],
            &["check", "--test-command", &format!("x{payload}")],
            &["run", "--workload", &format!("x{payload}")],
        ] {
            typed(&fixture, words).expect_code(2).expect_harmless();
        }
    }
}

#[test]
fn what_stands_in_the_files_is_quoted_without_escapes() {
    let fixture = Fixture::new("gate");
    let toml = |payload: &str| {
        let escaped = payload.chars().map(|c| format!("\\U{:08X}", u32::from(c)));
        format!("\"x{}\"", escaped.collect::<String>())
    };
    for payload in size(vec![all_together()], payloads()) {
        let written = toml(&payload);
        for (file, text, code) in [
            ("darwin.baseline.toml", format!("version = 2\n# {payload}\nx{payload} = 1\n"), 2),
            ("darwin.baseline.toml", format!("version = 2\n{written} = 1\n"), 2),
            ("darwin.baseline.toml", format!("version = 2\n[workload.{written}.machine.m]\ns.p50_ns = -1\n"), 2),
            ("darwin.toml", format!("x{payload} = 1\n"), 2),
            ("darwin.toml", format!("{written} = 1\n"), 2),
            ("darwin.toml", format!("[[workload]]\nname = {written}\nbin = \"x\"\n"), 2),
            ("darwin.toml", format!("test-command = [{written}]\n"), 2),
        ] {
            let before = fixture.read(file);
            fixture.write(file, &text);
            typed(&fixture, &["check"]).expect_code(code).expect_harmless();
            fixture.write(file, &before);
        }
    }
}

#[test]
fn what_tests_say_is_shown_without_escapes() {
    let fixture = Fixture::new("gate");
    for payload in size(vec![all_together()], payloads()) {
        fs::write(fixture.root().join("said"), payload).expect("a file can be written");
        for format in FORMATS {
            let words = ["check", "--format", format, "--test-command", "sh -e said.sh"];
            fixture.write("said.sh", "cat said; cat said >&2; exit 1\n");
            typed(&fixture, &words).expect_code(1).expect_harmless();
        }
    }
}

#[test]
fn names_output_and_build_messages_of_a_program_are_shown_without_escapes() {
    let fixture = Fixture::new("escapes");
    let said = fixture.root().join("said");
    let mut bytes = all_together().into_bytes();
    // No UTF-8: single bytes of C1 controls among them.
    bytes.extend(0x80..=0xff);
    fs::write(fixture.root().join("output"), &bytes).expect("a file can be written");

    // A warning is one line.
    bytes.retain(|byte| *byte != b'\n');
    fs::write(&said, [b"warned ", &bytes[..]].concat()).expect("a file can be written");
    let ended = typed(&fixture, &["run"]).expect_code(0).expect_harmless();
    let ended = ended.expect_stderr("warned ").expect_stdout("named EVORPPA").expect_stdout("::scope ");
    assert!(ended.stdout.contains("\u{1b}[1m"), "our own colours are there\n{ended}");
    for format in FORMATS {
        typed(&fixture, &["run", "--format", format, "--compare"]).expect_code(0).expect_harmless();
    }

    typed(&fixture, &["baseline"]).expect_code(0).expect_harmless();
    fixture.commit("the baseline, with names that mislead");
    fixture.git(["branch", "x\u{202e}niam\u{2066}"]);
    let measured = ["check", "--measure", "-v", "--max-time", "1s", "--format"];
    for format in size(&FORMATS[..1], &FORMATS[..]) {
        let against = ["--against", "x\u{202e}niam\u{2066}"];
        let ended = typed(&fixture, &[&measured[..], &[format], &against].concat()).expect_harmless();
        assert!([0, 3].contains(&ended.code), "{ended}");
    }

    for words in [&["run"][..], &["check", "--measure"], &["check", "--measure", "--format", "json"]] {
        let ended = typed(&fixture, &[words, &["--bin", "escapes-fixture", "--", "output"]].concat());
        ended.expect_code(4).expect_harmless();
    }

    fs::write(&said, [b"fail ", &bytes[..]].concat()).expect("a file can be written");
    for format in FORMATS {
        typed(&fixture, &["check", "--format", format]).expect_code(4).expect_harmless();
    }
    fs::write(&said, "").expect("a file can be written");
    fixture.write("src/lib.rs", &format!("compile_error!({:?});\n// {}\n", all_together(), all_together()));
    typed(&fixture, &["run", "-v"]).expect_code(4).expect_harmless();
}
