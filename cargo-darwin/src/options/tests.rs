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
        "--config-profile asks for profile `nightly`, but darwin.toml has no [profile.nightly]; it has ci: name one of those, or add [profile.nightly]"
    );
    let error = resolved("run", &[(PROFILE, "x")], "").unwrap_err().to_string();
    assert!(
        error.starts_with("DARWIN_PROFILE asks") && error.ends_with("it has none: add [profile.x]"),
        "{error}"
    );
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

fn tests_of(line: &str, variables: &[(&str, &str)], toml: &str) -> Result<Tests, OptionError> {
    resolved(line, variables, toml).map(|options| match options.action {
        Action::Check { tests, .. } => tests,
        other => panic!("{line}: {other:?}"),
    })
}

#[test]
fn tests_are_those_of_the_command_line_the_profile_or_the_file_unless_they_are_not_wanted() {
    let file = "test-command = [\"cargo\", \"test\"]\n[profile.quick]\ntest-command = []\n";
    let words = |line: &str| match tests_of(line, &[], file) {
        Ok(Tests::First(command)) => command.words.join(" "),
        other => format!("{other:?}"),
    };
    assert_eq!(words("check"), "cargo test");
    assert_eq!(words("check --test-command make"), "make");
    assert_eq!(words("check --no-tests"), "Ok(Skipped)");
    assert_eq!(words("check --config-profile quick"), "Ok(None)");
    assert_eq!(tests_of("check", &[], ""), Ok(Tests::None));
    assert_eq!(tests_of("check --no-tests", &[], ""), Ok(Tests::None), "there is nothing to skip");
}

#[test]
fn the_variable_that_skips_tests_is_yes_or_no() {
    let file = "test-command = [\"cargo\", \"test\"]";
    assert_eq!(tests_of("check", &[(NO_TESTS, "1")], file), Ok(Tests::Skipped));
    assert!(matches!(tests_of("check", &[(NO_TESTS, "0")], file), Ok(Tests::First(_))));
    let error = tests_of("check", &[(NO_TESTS, "maybe")], file).unwrap_err().to_string();
    assert!(error.contains("DARWIN_NO_TESTS") && error.contains("write 1 or 0"), "{error}");
}

#[test]
fn a_win_is_required_by_the_command_line_the_variable_the_profile_or_the_file() {
    let file = "require-faster = true\n[profile.lax]\nrequire-faster = false\n";
    let required = |line, variables: &[(&str, &str)], toml| limits_of(line, variables, toml).require_faster;
    assert!(!required("check", &[], ""));
    assert!(required("check --require-faster", &[], ""));
    assert!(required("check", &[(REQUIRE_FASTER, "1")], ""));
    assert!(required("check", &[], file));
    assert!(!required("check", &[(REQUIRE_FASTER, "0")], file));
    assert!(!required("check --config-profile lax", &[], file));
    assert!(required("check --require-faster --config-profile lax", &[(REQUIRE_FASTER, "0")], file));
    let error = resolved("check", &[(REQUIRE_FASTER, "yes")], "").unwrap_err().to_string();
    assert!(error.contains("DARWIN_REQUIRE_FASTER: `yes`") && error.contains("write 1 or 0"), "{error}");
}

#[test]
fn everything_is_done_against_placement_unless_it_is_left_out() {
    let measures = |line, toml| resolved(line, &[], toml).unwrap().measures;
    let all = Measures::ALL;
    assert_eq!(measures("check", ""), all);
    assert_eq!(measures("run", "as-shipped = false"), all);
    let shipped = Measures { aligned_loops: false, ..all };
    for (line, toml) in [
        ("baseline --as-shipped", ""),
        ("run", "as-shipped = true"),
        ("check --config-profile ci", "[profile.ci]\nas-shipped = true"),
        ("check --without aligned-loops", ""),
    ] {
        assert_eq!(measures(line, toml), shipped, "{line}");
    }
    let none = Measures { aligned_loops: false, fresh_layouts: false, random_heap: false, ..all };
    assert_eq!(measures("check --without fresh-layouts,random-heap --as-shipped", ""), none);
    let once = Measures { many_layouts: false, ..all };
    assert_eq!(measures("check --without many-layouts", ""), once);
    let unfair = Measures { coin: false, equal_work: false, one_sample: false, ..all };
    assert_eq!(measures("check --without coin,equal-work,one-sample", ""), unfair);
    let note = "measured in a fixed order, in turns of equal time, with each pair of turns as a sample of its own: an \
                experiment";
    assert_eq!((all.note(), shipped.note(), unfair.note().as_deref()), (None, None, Some(note)));
}
