//! The command line of a bench target: libtest's words, as far as they make sense here.

/// What to do with the selected benches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Name them in libtest's form.
    List,
    /// Name them for `cargo darwin`, in a form that no other harness has.
    ListForDarwin,
    /// Run each once (`cargo test`).
    Test,
    /// Measure them (`cargo bench`, `cargo darwin`).
    Bench,
}

/// The parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Args {
    pub(super) action: Action,
    filters: Vec<String>,
    skips: Vec<String>,
    exact: bool,
}

/// Asks a bench target for its benches; another harness does not know it.
pub const LIST_FOR_DARWIN: &str = "--darwin-list";

/// What stands before each name in the answer to [`LIST_FOR_DARWIN`].
pub const LISTED: &str = "darwin-bench: ";

/// Options of libtest that take a value which is not for us.
const IGNORED_WITH_VALUE: [&str; 5] = ["--test-threads", "--format", "--color", "--logfile", "-Z"];

impl Args {
    /// Understands `--bench`, `--test`, `--list`, `--exact`, `--skip NAME` and filters; other options are ignored, as
    /// cargo and test runners pass them to every target. `cargo bench` says `--bench`; without it this is a test.
    pub(super) fn parse(words: impl Iterator<Item = String>) -> Args {
        let mut args = Args { action: Action::Test, filters: Vec::new(), skips: Vec::new(), exact: false };
        let (mut bench, mut test, mut list, mut darwin) = (false, false, false, false);
        let mut words = words;
        while let Some(word) = words.next() {
            match word.as_str() {
                "--bench" => bench = true,
                "--test" => test = true,
                "--list" => list = true,
                LIST_FOR_DARWIN => darwin = true,
                "--exact" => args.exact = true,
                "--skip" => args.skips.extend(words.next()),
                ignored if IGNORED_WITH_VALUE.contains(&ignored) => drop(words.next()),
                option if option.starts_with('-') => {}
                _ => args.filters.push(word),
            }
        }
        args.action = match (darwin, list, bench && !test) {
            (true, _, _) => Action::ListForDarwin,
            (_, true, _) => Action::List,
            (_, _, true) => Action::Bench,
            _ => Action::Test,
        };
        args
    }

    /// Is the bench called `name` meant?
    pub(super) fn selects(&self, name: &str) -> bool {
        let matches =
            |filter: &String| if self.exact { name == filter } else { name.contains(filter.as_str()) };
        (self.filters.is_empty() || self.filters.iter().any(matches)) && !self.skips.iter().any(matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Args {
        Args::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn cargo_bench_measures_and_cargo_test_only_tries() {
        assert_eq!(parse("--bench").action, Action::Bench);
        assert_eq!(parse("").action, Action::Test);
        assert_eq!(parse("--bench --test").action, Action::Test);
        assert_eq!(parse("--list --bench").action, Action::List);
    }

    #[test]
    fn a_filter_is_a_part_of_the_name_unless_exact() {
        assert!(parse("--bench ins").selects("book::insert"));
        assert!(!parse("--bench --exact ins").selects("book::insert"));
        assert!(!parse("--bench --skip ins").selects("book::insert"));
        assert!(parse("--bench --color never").selects("anything"), "a value of an option is no filter");
    }
}
