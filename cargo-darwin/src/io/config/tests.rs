use super::*;
use crate::model::{Percent, Target};

fn read(text: &str) -> Config {
    parse(Path::new("darwin.toml"), text).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(text: &str) -> FileError {
    parse(Path::new("darwin.toml"), text).expect_err("should be refused")
}

#[test]
fn a_full_file_is_read() {
    let config = read(
        r#"
tolerance = "1%"
tail-tolerance = "6%"
max-time = "30s"
[[workload]]
name = "short"
package = "order-book"
bin = "replay"
args = ["--messages", "10"]
[[workload]]
bench = "replay"
[profile.ci]
max-time = "2m"
require-faster = true
[[site]]
match = "order_book::*"
tolerance = "2%"
gate = false
"#,
    );
    assert_eq!(config.settings.tolerance.map(Tolerance::percent), Some(Percent(1.0)));
    assert_eq!(config.profiles["ci"].max_time, "2m".parse().ok());
    assert_eq!((config.settings.require_faster, config.profiles["ci"].require_faster), (None, Some(true)));
    assert_eq!(config.workloads[0].target, Target::Bin("replay".into()));
    assert_eq!(config.workloads[0].args, ["--messages", "10"]);
    assert_eq!(config.workloads[1].name, "replay");
    assert!(config.sites[0].matches.matches("order_book::Book::insert"));
    assert_eq!(config.sites[0].gate, Some(false));
}

#[test]
fn a_test_command_is_a_list_of_words_and_knows_its_line() {
    let config = read("\ntest-command = [\"cargo\", \"test\"]\n[profile.ci]\ntest-command = []\n");
    let top = config.settings.test_command.unwrap();
    assert_eq!((top.words.len(), top.place.as_str()), (2, "darwin.toml:2: test-command"));
    let of_profile = config.profiles["ci"].test_command.clone().unwrap();
    assert_eq!((of_profile.words.len(), of_profile.place.as_str()), (0, "darwin.toml:4: test-command"));
    assert_eq!(refusal("\ntest-command = \"cargo test\"").line, Some(2));
}

#[test]
fn an_empty_or_missing_file_sets_nothing() {
    assert_eq!(read(""), Config::default());
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(load(&folder.path().join(FILE_NAME)), Ok(Config::default()));
}

#[test]
fn an_unknown_key_is_refused_with_line_text_and_the_nearest_known_one() {
    assert_eq!(
        refusal("# limits\ntolerence = \"1%\"\n").to_string(),
        "darwin.toml:2: unknown key `tolerence`\n  | tolerence = \"1%\"\n  help: did you mean `tolerance`?"
    );
}

#[test]
fn an_unknown_key_like_no_other_lists_the_known_ones() {
    let error = refusal("budget = 1");
    assert_eq!(
        error.remedy,
        "known keys here: tolerance, tail-tolerance, require-faster, max-time, timeout, test-command, as-shipped, profile, workload, site, hook"
    );
}

#[test]
fn unknown_keys_are_refused_in_every_table() {
    for (text, known) in [
        ("[profile.ci]\nmaxtime = \"1s\"", "max-time"),
        ("[[workload]]\nbenhc = \"x\"", "bench"),
        ("[[site]]\nmatsch = \"x\"", "match"),
    ] {
        let error = refusal(text);
        assert_eq!((error.line, error.remedy.as_str()), (Some(2), &*format!("did you mean `{known}`?")));
    }
}

#[test]
fn a_setting_below_a_table_is_told_to_move_up() {
    let error = refusal("[[workload]] # one\nbench = \"x\"\n\ntolerance = \"2%\"\n");
    assert_eq!((error.line, error.what.as_str()), (Some(4), "unknown key `tolerance`"));
    assert_eq!(
        error.remedy,
        "`tolerance` is a key of the whole file, but everything below [[workload]] belongs to that table: \
             move the line above the first `[` of the file"
    );
    let error = refusal("[[site]]\nmatch = \"x\"\nmax-time = \"2s\"\n");
    assert!(error.remedy.contains("below [[site]]"), "{error}");
}

#[test]
fn a_key_with_backticks_does_not_confuse_the_message() {
    let error = refusal("\"a`, expected `b\" = 1");
    assert!(error.what.starts_with("unknown key") && error.remedy.contains("tolerance"), "{error}");
}

#[test]
fn numbers_that_make_no_sense_are_refused_with_line_and_remedy() {
    for (line, remedy) in [
        ("tolerance = \"NaN%\"", "such as 1%"),
        ("tolerance = \"-1%\"", "such as 1%"),
        ("tail-tolerance = \"0%\"", "such as 1%"),
        ("tolerance = \"1\"", "such as 1%"),
        ("tolerance = 1", "such as \"1%\""),
        ("tolerance = nan", "such as \"1%\""),
        ("require-faster = \"yes\"", "expected a boolean"),
        ("max-time = \"0s\"", "such as 30s"),
        ("max-time = \"30\"", "such as 30s"),
        ("max-time = 30", "such as \"30s\""),
    ] {
        let error = refusal(&format!("\n\n{line}\n"));
        assert_eq!(error.line, Some(3), "{error}");
        assert_eq!(error.excerpt, line);
        assert!(error.what.contains(remedy), "{error}");
    }
}

#[test]
fn a_conflict_that_was_not_settled_is_told_with_its_first_line() {
    let sides =
        "tolerance = \"1%\"\n<<<<<<< HEAD\nmax-time = \"1s\"\n=======\nmax-time = \"2s\"\n>>>>>>> other\n";
    for text in [sides.to_owned(), sides.replace('\n', "\r\n")] {
        let error = refusal(&text);
        assert_eq!((error.line, error.what.as_str()), (Some(2), "merge conflict marker"), "{error}");
    }
    let quoted = "[[workload]]\nbin = \"x\"\nargs = [\"\"\"\n=======\n\"\"\"]\n";
    assert_eq!(read(quoted).workloads[0].args, ["=======\n"]);
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_are_tolerated_and_lines_counted_with_them() {
    let text = "\u{feff}tolerance = \"1%\"\r\n\r\n[profile.ci]\r\nmax-time = \"2m\"\r\n";
    assert_eq!(read(text), read(&text.replace(['\u{feff}', '\r'], "")));
    assert_eq!(refusal(&format!("{text}maxtime = \"1s\"\r\n")).line, Some(5));
}

#[test]
fn a_key_that_stands_twice_is_refused_with_the_second_line() {
    assert_eq!(refusal("tolerance = \"1%\"\n\ntolerance = \"2%\"\n").line, Some(3));
    assert_eq!(refusal("[profile.ci]\nmax-time = \"1s\"\n[profile.ci]\ntimeout = \"1s\"\n").line, Some(3));
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_line_and_what_a_line_looks_like() {
    for (text, remedy) in [
        ("tolerance = \"1%\"\n<<<<<<< HEAD\n", "settle the conflict"),
        ("\ntolerance = \"1%\ntail-tolerance = 1", "a line is KEY = VALUE"),
        ("\n[profile.ci\n", "a heading such as [[workload]]"),
        ("tolerance = \"1%\"\ntolerance = \"2%\"\n", "keep one of the two"),
    ] {
        let error = refusal(text);
        assert_eq!(error.line, Some(2), "{text}");
        assert!(error.remedy.contains(remedy), "{error}");
    }
}

#[test]
fn a_value_of_another_kind_is_told_what_to_write() {
    for (text, remedy) in [
        ("require-faster = \"yes\"", "true or false"),
        ("[[workload]]\nbench = \"x\"\nargs = \"--seed\"", "a list of texts"),
        ("[[workload]]\nbench = 7", "a text in quotes"),
        ("[[site]]\ngate = false", "add match = \"NAME\""),
    ] {
        let error = refusal(text);
        assert!(error.line.is_some() && error.remedy.contains(remedy), "{error}");
    }
}

#[test]
fn a_hook_has_a_time_and_what_stops_it() {
    let hook = read("[hook]\nmax-time = \"2m\"\nstop-on = [\"reject\", \"inconclusive\"]\n").hook;
    assert_eq!(hook.max_time, "2m".parse().ok());
    assert_eq!(hook.stop_on, Some(vec![Stop::Reject, Stop::Inconclusive]));
    assert_eq!(read("").hook, Hook::default());
    let error = refusal("[hook]\nstop-on = [\"slow\"]\n");
    assert!(
        error.line == Some(2) && error.what.contains("`reject`, `usage`, `inconclusive`, `invalid`"),
        "{error}"
    );
}

#[test]
fn a_site_override_needs_a_pattern() {
    assert_eq!(refusal("\n[[site]]\ngate = false").line, Some(2));
    assert!(refusal("[[site]]\nmatch = \"\"").what.contains("pattern is empty"));
}
