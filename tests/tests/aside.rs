//! Completions, man pages and schemas: what a user sets up once.

use std::fs;
use std::process::Command;

use darwin_tests::{Ended, cargo_darwin, repository, schema};

const COMMANDS: [&str; 10] =
    ["baseline", "calibrate", "check", "completions", "doctor", "hook", "init", "man", "run", "schema"];

fn darwin(args: &[&str]) -> Ended {
    Ended::of(Command::new(cargo_darwin()).arg("darwin").args(args).env("NO_COLOR", "1"))
}

/// What bash offers for the last of these words, with the script sourced.
fn offered(script: &str, words: &[&str]) -> Vec<String> {
    let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let asked = format!(
        "{script}\nCOMP_WORDS=({line}); COMP_CWORD={last}; COMPREPLY=()\n\
         own=$(complete -p \"${{COMP_WORDS[0]}}\" | sed -n 's/.*-F \\([^ ]*\\) .*/\\1/p')\n\
         \"$own\" \"${{COMP_WORDS[0]}}\" \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{last} - 1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        last = words.len() - 1,
    );
    let ended = Ended::of(Command::new("bash").args(["--norc", "-c", &asked])).expect_code(0);
    assert_eq!(ended.stderr, "", "the script says nothing");
    ended.stdout.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_completes_the_tool_alone_and_behind_cargo() {
    let script = darwin(&["completions", "bash"]).expect_code(0).stdout;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("cargo-darwin");
    fs::write(&path, &script).expect("a file can be written");
    Ended::of(Command::new("bash").arg("-n").arg(&path)).expect_code(0);

    for front in [&["cargo", "darwin"][..], &["cargo-darwin"], &["cargo-darwin", "darwin"]] {
        let offered = |last: &[&str]| offered(&script, &[front, last].concat());
        let commands = offered(&[""]);
        for command in COMMANDS {
            assert!(commands.iter().any(|word| word == command), "{front:?}: {commands:?}");
        }
        assert_eq!(offered(&["ch"]), ["check"], "{front:?}");
        assert_eq!(offered(&["check", "--require"]), ["--require-faster"], "{front:?}");
        assert_eq!(offered(&["check", "--format", "j"]), ["json"], "{front:?}");
        assert_eq!(offered(&["schema", "darwin.ch"]), ["darwin.check.v1"], "{front:?}");
    }
}

#[test]
fn bash_leaves_cargos_own_completion_as_it_was() {
    let script = darwin(&["completions", "bash"]).expect_code(0).stdout;
    let cargos = "_cargo() { COMPREPLY=(of-cargo); }; complete -F _cargo cargo";
    // Sourced twice, as by a shell that reads its rc file again.
    let both = format!("{cargos}\n{script}\n{script}");
    assert_eq!(offered(&both, &["cargo", "bui"]), ["of-cargo"]);
    assert_eq!(offered(&both, &["cargo", "darwin", "bas"]), ["baseline"]);
}

#[test]
fn the_other_shells_get_a_script_too() {
    for (shell, words) in [
        ("zsh", "#compdef cargo-darwin"),
        ("fish", "complete -c cargo -n '__fish_seen_subcommand_from darwin'"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[cargo-darwin]"),
    ] {
        darwin(&["completions", shell]).expect_code(0).expect_stdout(words).expect_stdout("require-faster");
    }
    darwin(&["completions", "cmd"]).expect_code(2).expect_stderr("possible values: bash, elvish, fish");
}

#[test]
fn there_is_a_man_page_for_the_tool_and_each_of_its_commands() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let place = folder.path().join("share/man/man1");
    let ended = darwin(&["man", &place.display().to_string()]).expect_code(0);
    ended.expect_stdout("cargo-darwin-check.1\n").expect_stdout("next: man -l ");
    let page =
        |name: &str| fs::read_to_string(place.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let whole = page("cargo-darwin.1");
    assert!(whole.contains(".TH cargo-darwin 1"), "{whole}");
    for command in COMMANDS {
        assert!(whole.contains(&format!("cargo\\-darwin\\-{command}(1)")), "{command} is not in {whole}");
        let own = page(&format!("cargo-darwin-{command}.1"));
        assert!(own.contains(&format!("cargo darwin {command}")), "{own}");
    }
    assert_eq!(fs::read_dir(&place).expect("it is there").count(), COMMANDS.len() + 1);

    let file = place.join("cargo-darwin.1/inside").display().to_string();
    darwin(&["man", &file]).expect_code(2).expect_stderr("name a folder that you may write to");
}

#[test]
fn the_committed_schemas_are_those_that_the_program_prints() {
    let folder = repository().join("docs/schemas");
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(&folder).expect("there are schemas").flatten() {
        names.push(entry.file_name().to_string_lossy().trim_end_matches(".json").to_owned());
    }
    names.sort();
    assert_eq!(names, cargo_darwin::render::json::SCHEMAS);
    for name in names {
        let printed = darwin(&["schema", &name]).expect_code(0).stdout;
        assert_eq!(
            printed,
            schema::published(&name),
            "run `cargo darwin schema {name} > docs/schemas/{name}.json`"
        );
    }
    darwin(&["schema", "darwin.check.v0"]).expect_code(2).expect_stderr("darwin.check.v1");
}

#[test]
fn the_machines_document_is_as_published() {
    let ended = darwin(&["doctor", "--format", "json"]);
    assert!([0, 4].contains(&ended.code), "{ended}");
    schema::is_as_published(&ended.json());
}
