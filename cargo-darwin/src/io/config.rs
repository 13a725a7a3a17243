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
mod tests;
