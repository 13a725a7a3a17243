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

/// All payloads as one in each of `places`; at full size each by itself in one of them, too.
fn in_places(places: usize) -> Vec<(usize, String)> {
    let together = (0..places).map(|place| (place, all_together()));
    let each = payloads().into_iter().enumerate().map(|(number, payload)| (number % places, payload));
    together.chain(each.filter(|_| size(false, true))).collect()
}

#[test]
fn names_of_revisions_packages_targets_profiles_and_files_are_repeated_without_escapes() {
    let fixture = Fixture::new("gate");
    for (place, payload) in in_places(7) {
        let payload = format!("x{}", without_zero(&payload));
        let (bidi, manifest) = (payload.replace(char::is_control, ""), format!("{payload}/Cargo.toml"));
        let words = [
            ["check", "--against", &payload],
            ["check", "--config-profile", &payload],
            ["run", "--package", &bidi],
            ["run", "--bench", &bidi],
            ["run", "--manifest-path", &manifest],
            ["check", "--test-command", &payload],
            ["run", "--workload", &payload],
        ];
        typed(&fixture, &words[place]).expect_code(2).expect_harmless();
    }
}

#[test]
fn what_stands_in_the_files_is_quoted_without_escapes() {
    let fixture = Fixture::new("gate");
    let sound = ["darwin.baseline.toml", "darwin.toml"].map(|file| (file, fixture.read(file)));
    for (place, payload) in in_places(7) {
        let escaped = payload.chars().map(|c| format!("\\U{:08X}", u32::from(c)));
        let written = format!("\"x{}\"", escaped.collect::<String>());
        let (file, text) = [
            ("darwin.baseline.toml", format!("version = 2\n# {payload}\nx{payload} = 1\n")),
            ("darwin.baseline.toml", format!("version = 2\n{written} = 1\n")),
            ("darwin.baseline.toml", format!("version = 2\n[workload.{written}.machine.m]\ns.p50_ns = -1\n")),
            ("darwin.toml", format!("x{payload} = 1\n")),
            ("darwin.toml", format!("{written} = 1\n")),
            ("darwin.toml", format!("[[workload]]\nname = {written}\nbin = \"x\"\n")),
            ("darwin.toml", format!("test-command = [{written}]\n")),
        ][place]
            .clone();
        fixture.write(file, &text);
        typed(&fixture, &["check"]).expect_code(2).expect_harmless();
        sound.iter().for_each(|(file, text)| fixture.write(file, text));
    }
}

#[test]
fn what_tests_say_is_shown_without_escapes() {
    let fixture = Fixture::new("gate");
    fixture.write("said.sh", "cat said; cat said >&2; exit 1\n");
    for (place, payload) in in_places(FORMATS.len()) {
        fs::write(fixture.root().join("said"), payload).expect("a file can be written");
        let words = ["check", "--format", FORMATS[place], "--test-command", "sh -e said.sh"];
        typed(&fixture, &words).expect_code(1).expect_harmless();
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

    // A warning is one line of UTF-8, or cargo leaves it out.
    let line = all_together().replace('\n', "");
    fs::write(&said, format!("warned {line}")).expect("a file can be written");
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

    fs::write(&said, [b"fail\n", &bytes[..]].concat()).expect("a file can be written");
    for format in FORMATS {
        typed(&fixture, &["check", "--format", format]).expect_code(4).expect_harmless();
    }
    fs::write(&said, "").expect("a file can be written");
    fixture.write("src/lib.rs", &format!("compile_error!({:?});\n// {}\n", all_together(), all_together()));
    typed(&fixture, &["run", "-v"]).expect_code(4).expect_harmless();
}
