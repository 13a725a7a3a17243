//! The first `darwin.toml`: every setting with its default, as a comment.

/// What its text depends on.
#[derive(Debug, Clone, Copy)]
pub struct FirstConfig<'a> {
    /// Name of the package.
    pub package: &'a str,
    /// Name of the bench that is run.
    pub bench: &'a str,
    /// A program of the package, for the example.
    pub bin: Option<&'a str>,
    /// How names of the package's functions begin.
    pub prefix: &'a str,
}

impl FirstConfig<'_> {
    /// The whole file.
    pub fn text(&self) -> String {
        [SETTINGS, &self.workload(), &self.tables()].join("\n")
    }

    fn workload(&self) -> String {
        let (package, bench, bin) = (self.package, self.bench, self.bin.unwrap_or("replay"));
        [
            "# Without a [[workload]], every bench with `harness = false` that uses the runtime is run; with one or more, only these.\n".to_owned(),
            "# [[workload]]\n".to_owned(),
            setting(&format!("bench = \"{bench}\""), "or bin, example, test"),
            setting(&format!("name = \"{bench}\""), "in reports and in the baseline; not set: that of the target"),
            setting(&format!("package = \"{package}\""), "must be the selected package; not set: any is"),
            "# args = []\n".to_owned(),
            format!("# [[workload]]\n# bin = \"{bin}\"\n# args = [\"--rounds\", \"10\"]\n"),
        ]
        .concat()
    }

    fn tables(&self) -> String {
        let prefix = self.prefix;
        [
            setting("[profile.ci]", "cargo darwin check --config-profile ci"),
            "# max-time = \"2m\"\n\n".to_owned(),
            setting("[hook]", "what `cargo darwin hook run` does, for git"),
            setting("max-time = \"60s\"", "how long git is kept waiting, builds included"),
            setting(
                "stop-on = [\"reject\", \"usage\"]",
                "also \"inconclusive\", \"invalid\"; what is not here only warns\n",
            ),
            setting("[[site]]", "for functions whose name fits; the last entry that sets a key wins"),
            format!("# match = \"{prefix}::*\"\n# tolerance = \"2%\"\n"),
            setting("tail-tolerance = \"10%\"", "or \"off\""),
            setting("gate = false", "shown, never judged by time\n"),
            setting("[[site]]", "a function that has another name in the baseline"),
            format!("# match = \"{prefix}::new_name\"\n# was = \"{prefix}::old_name\"\n"),
        ]
        .concat()
    }
}

/// A line with its explanation, below those of [`SETTINGS`].
fn setting(toml: &str, says: &str) -> String {
    format!("# {toml:<33} # {says}\n")
}

const SETTINGS: &str = "\
# Settings of `cargo darwin`. All of them may be left out; what is behind a # is the default, or an example.

# tolerance = \"1%\"                  # largest slowdown of the median call that is let through; the mean has twice as much
# tail-tolerance = \"5%\"             # the same for p99, or \"off\": shown, never judged; not set: five times the tolerance
# max-time = \"30s\"                  # how long `check` may measure
# timeout = \"5m\"                    # of one measured process, before it counts as hung
# require-faster = false            # true: approve only what makes a function faster, and none slower
# as-shipped = false                # true: no flags for rustc but your own
# test-command = [\"cargo\", \"test\"]  # must pass before `check` builds or times anything; not set: nothing is run
";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::hook::Policy;
    use crate::io::config::{self, Config};
    use crate::model::{MaxTime, Tolerance};

    const PLAIN: FirstConfig<'_> =
        FirstConfig { package: "tally", bench: "hotpath", bin: None, prefix: "tally" };

    fn read(text: &str) -> Config {
        config::parse(Path::new("darwin.toml"), text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The text with everything switched on that looks like a setting.
    fn switched_on(text: &str) -> String {
        let is_toml = |line: &str| {
            line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
        };
        let line =
            |line: &str| line.strip_prefix("# ").filter(|line| is_toml(line)).unwrap_or(line).to_owned();
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn as_it_is_it_sets_nothing() {
        assert_eq!(read(&PLAIN.text()), Config::default());
    }

    #[test]
    fn what_it_says_is_the_default_is_and_every_example_is_understood() {
        let config = read(&switched_on(&PLAIN.text()));
        let settings = &config.settings;
        assert_eq!(settings.tolerance, Some(Tolerance::DEFAULT));
        assert_eq!(
            (settings.max_time, settings.timeout),
            (Some(MaxTime::DEFAULT), Some(MaxTime::DEFAULT_TIMEOUT))
        );
        assert_eq!((settings.require_faster, settings.as_shipped), (Some(false), Some(false)));
        assert!(settings.tail_tolerance.is_some() && settings.test_command.is_some());
        assert_eq!(config.hook.max_time, Some(MaxTime::DEFAULT_HOOK));
        assert_eq!(config.hook.stop_on, Some(Policy::DEFAULT.to_vec()));
        assert_eq!((config.workloads.len(), config.profiles.len(), config.sites.len()), (2, 1, 2));
        assert!(config.sites[0].matches.matches("tally::total"));
        assert_eq!(config.renames.new_name("tally::old_name").as_deref(), Some("tally::new_name"));
    }

    /// The keys that may stand below a heading, as the refusal of another one lists them.
    fn known_keys(heading: &str) -> Vec<String> {
        let text = format!("{heading}\nzzzzzzzz = 1\n");
        let remedy = config::parse(Path::new("darwin.toml"), &text).expect_err("there is no such key").remedy;
        let keys = remedy.strip_prefix("known keys here: ").unwrap_or_else(|| panic!("{heading}: {remedy}"));
        keys.split(", ").map(str::to_owned).collect()
    }

    #[test]
    fn every_key_that_the_configuration_knows_is_in_it() {
        let text = PLAIN.text();
        let parts: Vec<&str> = text.split("# [").collect();
        for heading in ["", "[[workload]]", "[hook]", "[[site]]"] {
            let is_below = |part: &&&str| part.starts_with(heading.strip_prefix('[').unwrap_or_default());
            let below: String = match heading {
                "" => text.clone(),
                _ => parts.iter().filter(is_below).copied().collect(),
            };
            let is_key = |c: char| c.is_ascii_alphabetic() || c == '-';
            let words: Vec<&str> = below.split(|c| !is_key(c)).collect();
            for key in known_keys(heading) {
                assert!(words.contains(&key.as_str()), "`{key}` of `{heading}` is not in\n{below}");
            }
        }
    }
}
