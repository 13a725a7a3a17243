//! The first `darwin.toml`: every setting with its default, as a comment.

/// What its text depends on.
#[derive(Debug, Clone, Copy)]
pub struct FirstConfig<'a> {
    /// Name of the bench that is run.
    pub bench: &'a str,
    /// A program of the package, for the example.
    pub bin: Option<&'a str>,
    /// How names of the package's functions begin.
    pub prefix: &'a str,
    /// Benches with a `main` of their own that were not written for us: unless workloads are declared, they are run too.
    pub foreign: &'a [String],
}

impl FirstConfig<'_> {
    /// The whole file.
    pub fn text(&self) -> String {
        [SETTINGS, &self.workload(), &self.tables()].join("\n")
    }

    fn workload(&self) -> String {
        let bench = self.bench;
        if self.foreign.is_empty() {
            return format!(
                "# Without a [[workload]], every bench with `harness = false` is run; with one or more, only these.\n\
                 # [[workload]]\n# bench = \"{bench}\"            # or bin, example, test\n# args = []\n\
                 # [[workload]]\n# bin = \"{}\"\n# args = [\"--rounds\", \"10\"]\n",
                self.bin.unwrap_or("replay")
            );
        }
        format!(
            "# With a [[workload]] only declared ones are run. Other benches with `harness = false` were not written for\n\
             # `cargo darwin`, and would be run as well: {}.\n[[workload]]\nbench = \"{bench}\"\n",
            self.foreign.join(", ")
        )
    }

    fn tables(&self) -> String {
        format!(
            "# [profile.ci]                      # cargo darwin check --config-profile ci\n# max-time = \"2m\"\n\n\
             # [[site]]                          # for functions whose name fits; the last entry that sets a key wins\n\
             # match = \"{}::*\"\n# tolerance = \"2%\"\n# gate = false                      # shown, never judged by time\n",
            self.prefix
        )
    }
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
    use crate::io::config::{self, Config};
    use crate::model::{MaxTime, Target, Tolerance};

    const PLAIN: FirstConfig<'_> = FirstConfig { bench: "hotpath", bin: None, prefix: "tally", foreign: &[] };

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
        assert_eq!((config.workloads.len(), config.profiles.len(), config.sites.len()), (2, 1, 1));
        assert!(config.sites[0].matches.matches("tally::total"));
    }

    #[test]
    fn beside_other_benches_it_runs_the_one_that_was_written_for_it() {
        let foreign = ["parse".to_owned(), "speed".to_owned()];
        let text = FirstConfig { foreign: &foreign, ..PLAIN }.text();
        let config = read(&text);
        assert_eq!(config.workloads[0].target, Target::Bench("hotpath".into()));
        assert!(config.workloads.len() == 1 && text.contains("as well: parse, speed."), "{text}");
    }
}
