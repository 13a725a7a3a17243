//! `darwin.toml`, in the package's folder or the nearest one above it in the workspace: what is run, and what is let through.
//!
//! ```toml
//! tolerance = "1%"
//! tail-tolerance = "5%"        # or "off": p99 is shown, never judged
//! require-faster = false       # true: APPROVE only what makes a site faster
//! max-time = "30s"
//! timeout = "5m"               # of one measured process, before it counts as hung
//! test-command = ["cargo", "test"]  # must pass before `check` times anything
//! as-shipped = false           # true: no flags of ours for rustc
//!
//! [[workload]]
//! bench = "replay"             # or bin, example, test
//! args = ["--messages", "10000"]
//!
//! [profile.ci]                 # cargo darwin check --config-profile ci
//! max-time = "2m"
//!
//! [hook]                       # what `cargo darwin hook run` does
//! max-time = "60s"
//! stop-on = ["reject", "usage"]
//!
//! [[site]]
//! match = "order_book::*"      # the last entry that fits and sets a key wins
//! tolerance = "2%"
//!
//! [[site]]
//! match = "order_book::add"
//! was = "order_book::insert"   # its name in the baseline
//! ```

mod rename;
mod test_command;
mod workload;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

pub use self::test_command::TestCommand;
use self::workload::RawWorkload;
use super::atomic::read_text;
use super::position::{FileError, Source, remedy_for_unknown_key};
use crate::hook::Stop;
use crate::model::{Glob, MaxTime, Renames, TailTolerance, Tolerance, Workload};

/// The file's name.
pub const FILE_NAME: &str = "darwin.toml";

/// No one writes more by hand.
const CAP_BYTES: u64 = 1 << 20;

/// What stands above all tables.
const TOP_LEVEL_KEYS: [&str; 4] = ["tolerance", "tail-tolerance", "max-time", "timeout"];

const MERGED: &str = "settle the conflict: keep the lines that are meant, and remove those with markers";

/// The whole file; everything in it may be left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// What stands at the top level.
    pub settings: Settings,
    /// `[profile.NAME]`: settings that replace those of the top level when the profile is chosen.
    pub profiles: BTreeMap<String, Settings>,
    /// `[[workload]]`, in the order of the file, with distinct names.
    pub workloads: Vec<Workload>,
    /// `[[site]]`, in the order of the file.
    pub sites: Vec<SiteOverride>,
    /// The entries of those with `was`.
    pub renames: Renames,
    /// Where each workload stands, such as `darwin.toml:12`, by its name.
    pub places: BTreeMap<String, String>,
    /// `[hook]`.
    pub hook: Hook,
}

/// `[hook]`: how long git may be kept waiting, and what stops it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hook {
    /// For everything, builds too.
    pub max_time: Option<MaxTime>,
    /// Ends of a check that stop a commit or push; all others warn.
    pub stop_on: Option<Vec<Stop>>,
}

/// The settings of the top level, or of one profile.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The largest slowdown of p50 that is let through.
    pub tolerance: Option<Tolerance>,
    /// The same for p99.
    pub tail_tolerance: Option<TailTolerance>,
    /// Must a site be proven faster?
    pub require_faster: Option<bool>,
    /// How long `check` may measure.
    pub max_time: Option<MaxTime>,
    /// How long one measured process may take before it counts as hung.
    pub timeout: Option<MaxTime>,
    /// What must pass before `check` times anything; without words: nothing.
    pub test_command: Option<TestCommand>,
    /// Build with the user's flags for rustc alone.
    pub as_shipped: Option<bool>,
}

/// `[[site]]`: what is different for the sites whose name fits.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SiteOverride {
    /// Over the full name of the site.
    #[serde(rename = "match")]
    pub matches: Glob,
    /// What it was called in the baseline.
    pub was: Option<Spanned<String>>,
    /// Instead of the general tolerance.
    pub tolerance: Option<Tolerance>,
    /// Instead of the general tail tolerance.
    pub tail_tolerance: Option<TailTolerance>,
    /// `false`: shown, never judged.
    pub gate: Option<bool>,
}

/// The file as serde sees it. The settings stand here once more: flattening them would let unknown keys
/// through.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawConfig {
    tolerance: Option<Tolerance>,
    tail_tolerance: Option<TailTolerance>,
    require_faster: Option<bool>,
    max_time: Option<MaxTime>,
    timeout: Option<MaxTime>,
    test_command: Option<TestCommand>,
    as_shipped: Option<bool>,
    #[serde(default)]
    profile: BTreeMap<String, Settings>,
    #[serde(default)]
    workload: Vec<Spanned<RawWorkload>>,
    #[serde(default)]
    site: Vec<SiteOverride>,
    #[serde(default)]
    hook: Hook,
}

/// The configuration; a file that is not there is an empty one.
///
/// # Errors
/// As [`parse`]; and a file that is unreadable, too large or not UTF-8.
pub fn load(path: &Path) -> Result<Config, FileError> {
    load_as(path, path)
}

/// The same of a file that the user knows as `shown`.
///
/// # Errors
/// As [`load`]; where it cannot be read at all, of `path`.
pub fn load_as(path: &Path, shown: &Path) -> Result<Config, FileError> {
    match read_text(path, CAP_BYTES)? {
        Some(text) => parse(shown, &text),
        None => Ok(Config::default()),
    }
}

/// What the text of a `darwin.toml` says; `path` is only shown.
///
/// # Errors
/// Not TOML, unknown keys, percentages or durations that make no sense, workloads without a target, with
/// several, or with the name of another one: with the line and the remedy.
pub fn parse(path: &Path, text: &str) -> Result<Config, FileError> {
    let source = Source { path, text };
    let mut raw: RawConfig = toml::from_str(text).map_err(|error| refusal(source, &error))?;
    let in_profiles = raw.profile.values_mut().filter_map(|settings| settings.test_command.as_mut());
    raw.test_command.iter_mut().chain(in_profiles).for_each(|command| command.locate(source));
    let (workloads, places) = workload::checked(source, raw.workload)?;
    Ok(Config {
        settings: Settings {
            tolerance: raw.tolerance,
            tail_tolerance: raw.tail_tolerance,
            require_faster: raw.require_faster,
            max_time: raw.max_time,
            timeout: raw.timeout,
            test_command: raw.test_command,
            as_shipped: raw.as_shipped,
        },
        profiles: raw.profile,
        workloads,
        places,
        renames: rename::checked(source, &raw.site)?,
        sites: raw.site,
        hook: raw.hook,
    })
}

/// Serde's words in ours, where it found an unknown key: "unknown field `a`, expected one of `b`, `c`".
fn refusal(source: Source<'_>, error: &toml::de::Error) -> FileError {
    let message = error.message();
    let Some(rest) = message.strip_prefix("unknown field ") else {
        // A marker in a text of several lines does not keep the file from being read.
        return source.conflict_marker(MERGED).unwrap_or_else(|| source.toml_error(error, remedy_for(error)));
    };
    // Every second piece between backticks is a name: first the unknown key, then the known ones.
    let mut names = rest.rsplit_once("`, expected ").into_iter().flat_map(|(unknown, known)| {
        std::iter::once(unknown.trim_start_matches('`')).chain(known.split('`').skip(1).step_by(2))
    });
    let unknown = names.next().unwrap_or_default();
    let known: Vec<&str> = names.collect();
    let span = error.span().unwrap_or(0..0);
    let misplaced = TOP_LEVEL_KEYS.contains(&unknown) && !known.contains(&"workload");
    let remedy = match misplaced.then(|| table_of(source.text, span.start)).flatten() {
        Some(table) => format!(
            "`{unknown}` is a key of the whole file, but everything below {table} belongs to that table: move the line above the first `[` of the file"
        ),
        None => remedy_for_unknown_key(unknown, &known),
    };
    source.error(span, format!("unknown key `{unknown}`"), remedy)
}

/// What serde's and the TOML parser's messages hold, and what to write instead; empty where the message says it.
const REMEDIES: [(&str, &str); 7] = [
    ("such as", ""),
    ("the pattern is empty", ""),
    ("expected a boolean", "write true or false, without quotes"),
    ("expected a sequence", "write a list of texts: [\"first\", \"second\"]"),
    ("expected a string", "write a text in quotes"),
    ("missing field `match`", "add match = \"NAME\": the full name of a site, with `*` for any text"),
    ("duplicate key", "keep one of the two"),
];

/// What to do about anything else.
const FORM: &str = "a line is KEY = VALUE with texts in quotes, or a heading such as [[workload]]; docs/configuration.md has all keys";

fn remedy_for(error: &toml::de::Error) -> &'static str {
    REMEDIES.iter().find(|(words, _)| error.message().contains(words)).map_or(FORM, |(_, remedy)| *remedy)
}

/// The heading of the table that the byte `at` lies in.
fn table_of(text: &str, at: usize) -> Option<&str> {
    let mut before = text.get(..at)?.lines().map(str::trim).rev();
    before.find(|line| line.starts_with('[')).and_then(|line| line.split('#').next()).map(str::trim)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            (config.settings.require_faster, config.profiles["ci"].require_faster),
            (None, Some(true))
        );
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
        let sides = "tolerance = \"1%\"\n<<<<<<< HEAD\nmax-time = \"1s\"\n=======\nmax-time = \"2s\"\n>>>>>>> other\n";
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
        assert_eq!(
            refusal("[profile.ci]\nmax-time = \"1s\"\n[profile.ci]\ntimeout = \"1s\"\n").line,
            Some(3)
        );
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
}
