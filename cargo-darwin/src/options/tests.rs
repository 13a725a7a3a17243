use std::path::Path;

use super::*;
use crate::cli;

fn command(words: impl IntoIterator<Item = OsString>) -> Command {
    match cli::parse(words).unwrap_or_else(|error| panic!("{error}")).verb {
        cli::Verb::Project(command) => *command,
        other => panic!("{other:?}"),
    }
}

/// The options of a command line, with these variables and this `darwin.toml`.
fn resolved(line: &str, variables: &[(&str, &str)], toml: &str) -> Result<Options, OptionError> {
    let words = ["cargo-darwin", "darwin"].into_iter().chain(line.split_whitespace()).map(OsString::from);
    let typed = command(words);
    let config = config::parse(Path::new("darwin.toml"), toml).unwrap_or_else(|error| panic!("{error}"));
    let environment =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
    resolve(&typed, environment, &config)
}

fn limits_of(line: &str, variables: &[(&str, &str)], toml: &str) -> Limits {
    match resolved(line, variables, toml).map(|options| options.action) {
        Ok(Action::Check { limits, .. }) => limits,
        other => panic!("{line}: {other:?}"),
    }
}

/// Tolerance, tail tolerance and gate of a site named `book::insert`.
fn site(line: &str, variables: &[(&str, &str)], toml: &str) -> (String, String, bool) {
    let limits = limits_of(line, variables, toml).of_site("book::insert");
    (limits.tolerance.to_string(), limits.tail_tolerance.to_string(), limits.gate)
}

fn expected(tolerance: &str, tail: &str) -> (String, String, bool) {
    (tolerance.to_owned(), tail.to_owned(), true)
}

const FILE: &str = "tolerance = \"4%\"\ntail-tolerance = \"8%\"\nmax-time = \"40s\"\n\
                    [profile.ci]\ntolerance = \"3%\"\n";

#[test]
fn without_anything_said_the_defaults_hold() {
    assert_eq!(site("check", &[], ""), expected("1%", "5%"));
    assert_eq!(limits_of("check", &[], "").max_time, MaxTime::DEFAULT);
}

#[test]
fn the_command_line_comes_before_the_environment_before_the_profile_before_the_file() {
    let variables = [(TOLERANCE, "2%"), (PROFILE, "ci")];
    assert_eq!(site("check", &[], FILE), expected("4%", "8%"));
    assert_eq!(site("check", &variables[1..], FILE), expected("3%", "8%"));
    assert_eq!(site("check", &variables, FILE), expected("2%", "8%"));
    assert_eq!(site("check --tolerance 1.5%", &variables, FILE), expected("1.5%", "8%"));
}

#[test]
fn each_limit_has_its_variable() {
    let variables = [(TAIL_TOLERANCE, "7%"), (MAX_TIME, "10s")];
    assert_eq!(site("check", &variables, FILE), expected("4%", "7%"));
    assert_eq!(Ok(limits_of("check", &variables, FILE).max_time), "10s".parse());
    assert_eq!(Ok(limits_of("check --max-time 5s", &variables, FILE).max_time), "5s".parse());
    assert_eq!(Ok(limits_of("check", &[], FILE).max_time), "40s".parse());
}

#[test]
fn a_tail_tolerance_that_nobody_set_follows_the_tolerance() {
    assert_eq!(site("check --tolerance 2%", &[], ""), expected("2%", "10%"));
    let one_site = "tail-tolerance = \"6%\"\n[[site]]\nmatch = \"book::*\"\ntolerance = \"3%\"\n";
    assert_eq!(site("check", &[], one_site), expected("3%", "15%"));
}

#[test]
fn the_last_entry_that_fits_a_site_and_sets_a_key_wins() {
    let sites = r#"
        [[site]]
        match = "*"
        tolerance = "2%"
        gate = false
        [[site]]
        match = "book::*"
        tolerance = "3%"
        tail-tolerance = "4%"
        [[site]]
        match = "other::*"
        tolerance = "9%"
    "#;
    assert_eq!(site("check", &[], sites), ("3%".into(), "4%".into(), false));
}

#[test]
fn what_is_said_outside_the_file_holds_for_every_site() {
    let sites = "[[site]]\nmatch = \"*\"\ntolerance = \"3%\"\ntail-tolerance = \"4%\"\ngate = false\n";
    assert_eq!(site("check --tolerance 2%", &[], sites), ("2%".into(), "4%".into(), false));
    assert_eq!(site("check", &[(TAIL_TOLERANCE, "9%")], sites), ("3%".into(), "9%".into(), false));
}

#[test]
fn a_variable_that_makes_no_sense_is_refused_by_name_and_an_empty_one_is_unset() {
    let error = resolved("check --tolerance 1%", &[(TOLERANCE, "nan%")], "").unwrap_err().to_string();
    assert!(error.contains("DARWIN_TOLERANCE") && error.contains("such as 1%"), "{error}");
    assert_eq!(site("check", &[(TOLERANCE, ""), (PROFILE, "")], FILE), expected("4%", "8%"));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_refused_by_name() {
    use std::os::unix::ffi::OsStringExt;
    let typed = command(["cargo-darwin", "darwin", "run"].map(OsString::from));
    let environment = |_: &str| Some(OsString::from_vec(vec![0xff]));
    assert_eq!(resolve(&typed, environment, &Config::default()), Err(OptionError::NotUtf8(PROFILE)));
}

#[test]
fn a_profile_that_is_not_there_names_those_that_are_and_who_asked() {
    let error = resolved("run --config-profile nightly", &[], FILE).unwrap_err().to_string();
    assert_eq!(
        error,
        "--config-profile asks for profile `nightly`, but darwin.toml has no [profile.nightly]; it has ci"
    );
    let error = resolved("run", &[(PROFILE, "x")], "").unwrap_err().to_string();
    assert!(error.starts_with("DARWIN_PROFILE asks") && error.ends_with("it has none"), "{error}");
}

#[test]
fn a_target_on_the_command_line_replaces_the_declared_workloads() {
    let declared = "[[workload]]\nbench = \"replay\"\n";
    let names = |line: &str| -> Vec<String> {
        let workloads = resolved(line, &[], declared).unwrap().workloads;
        workloads.into_iter().map(|workload| workload.name).collect()
    };
    assert_eq!(names("run"), ["replay"]);
    assert_eq!(names("run --bin app"), ["app"]);
}

#[test]
fn a_pattern_selects_workloads_by_their_full_name() {
    let options = resolved("check --workload replay::* --workload soak", &[], "").unwrap();
    assert!(options.wants("replay::mixed") && options.wants("soak"));
    assert!(!options.wants("replay"));
    assert!(resolved("check", &[], "").unwrap().wants("anything"));
}
