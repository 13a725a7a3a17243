//! A row of the table.

use std::process::Command;

use darwin_tests::{Ended, Fixture, cargo_darwin, repository, soak};

/// A way in which people have their crates.
#[derive(Debug)]
pub struct Setup {
    /// The name of its test, and what `{app}` in all texts becomes: no two packages share a name.
    pub name: &'static str,
    /// What it is, for the book.
    pub what: &'static str,
    /// Its files, by path.
    pub files: &'static [(&'static str, &'static str)],
    /// What a shell does before the first commit.
    pub before: &'static str,
    /// A change after the first commit: file, what stands there, what stands there then.
    pub edit: Option<(&'static str, &'static str, &'static str)>,
    /// Variables of the tests that must not be seen.
    pub hidden: &'static [&'static str],
    /// What is typed in a shell at the top of the repository.
    pub command: &'static str,
    /// What is seen, for the book.
    pub seen: &'static str,
    /// What must be seen.
    pub must: &'static [Must],
    /// A program without which it cannot be tried.
    pub needs: &'static str,
    /// It compiles so much, or is so much like another row, that only a full soak does it.
    pub slow: bool,
}

/// What must be seen.
#[derive(Debug)]
pub enum Must {
    /// The measured `step` was called so often.
    Call(u64),
    /// `step` was called, as often as there was time for.
    Measure,
    /// A check ends with this verdict.
    Judge(&'static str),
    /// The command ends with 2 and says all of this.
    Refuse(&'static [&'static str]),
    /// Nothing could be measured: the command ends with 4 and says this.
    Fail(&'static str),
    /// This is said on the way.
    Say(&'static str),
}

/// What most rows have.
pub const PLAIN: Setup = Setup {
    name: "",
    what: "",
    files: &[],
    before: "",
    edit: None,
    hidden: &[],
    command: "",
    seen: "",
    must: &[],
    needs: "sh",
    slow: false,
};

/// Rows of a table, each with a test of its name.
macro_rules! setups {
    ($($name:ident { $($field:ident: $value:expr,)* })*) => {
        /// The rows.
        #[allow(clippy::needless_update, reason = "a row may well name every field")]
        pub const ALL: &[$crate::setup::Setup] = &[$(
            $crate::setup::Setup { name: stringify!($name), $($field: $value,)* ..$crate::setup::PLAIN }
        ),*];

        $(#[test]
        fn $name() {
            let row = ALL.iter().find(|row| row.name == stringify!($name));
            row.expect("each test has its row").is_seen_to_work();
        })*
    };
}

impl Setup {
    /// Its line in the book.
    pub fn line(&self) -> String {
        let words =
            |text: &str| text.replace("{app}", "app").replace("{triple}", "TRIPLE").replace('|', "\\|");
        let calls = self.must.iter().find_map(|must| match must {
            Must::Call(times) => Some(times.to_string()),
            _ => None,
        });
        let (what, command, seen) = (words(self.what), words(self.command), words(self.seen));
        let full = if self.slow { " *(full)*" } else { "" };
        format!("| {what}{full} | `{command}` | {seen} | {} |\n", calls.unwrap_or_default())
    }

    /// Tries it.
    pub fn is_seen_to_work(&self) {
        let is_there = Command::new(self.needs).arg("--version").output().is_ok();
        if self.slow && !soak::is_full() || !is_there {
            return;
        }
        let fixture = self.fixture();
        let ended = self.typed(&fixture, self.command);
        self.must.iter().for_each(|must| must.be_seen(&ended));
        if soak::is_full() && ended.code == 0 && self.command.contains("darwin run") {
            self.is_checked(&fixture);
        }
    }

    /// Nothing has changed, so the baseline has to be built to the same machine code.
    fn is_checked(&self, fixture: &Fixture) {
        let ended = self.typed(fixture, &self.command.replace("darwin run", "darwin check --against HEAD"));
        let ended = ended.expect_code(0);
        assert_eq!(ended.json()["baseline"]["how"], "identical", "{}: {ended}", self.name);
    }

    fn fixture(&self) -> Fixture {
        let always = [("darwin.toml", ""), ("darwin.baseline.toml", "version = 1\n")];
        let files = always.iter().chain(self.files).map(|(path, text)| (self.named(path), self.named(text)));
        let fixture = Fixture::of_files(files.map(|(path, text)| match path.as_str() {
            // The fixture lies inside this repository's workspace, and users' packages do not.
            "Cargo.toml" if !text.contains("[workspace]") => (path, text + "[workspace]\n"),
            _ => (path, text),
        }));
        if !self.before.is_empty() {
            self.shell(&fixture, self.before).expect_code(0);
            fixture.commit("what a shell did");
        }
        if let Some((path, from, to)) = self.edit {
            fixture.replace(&self.named(path), from, to);
        }
        fixture
    }

    fn typed(&self, fixture: &Fixture, command: &str) -> Ended {
        let program = cargo_darwin().display();
        let verb = |line: String, verb: &str| {
            line.replace(&format!("cargo darwin {verb}"), &format!("'{program}' darwin {verb} --format json"))
        };
        self.shell(fixture, &["run", "check"].into_iter().fold(command.to_owned(), verb))
    }

    fn shell(&self, fixture: &Fixture, line: &str) -> Ended {
        let line = self.named(line).replace("{triple}", &host());
        let line = line.replace("{target}", &fixture.target().display().to_string());
        let line = line.replace("{repository}", &repository().display().to_string());
        let mut shell = fixture.command("sh");
        for name in self.hidden {
            shell.env_remove(name);
        }
        Ended::of(shell.args(["-e", "-c", &line]))
    }

    fn named(&self, text: &str) -> String {
        text.replace("{app}", self.name)
    }
}

impl Must {
    fn be_seen(&self, ended: &Ended) {
        let ended = ended.clone();
        match self {
            Must::Call(times) => assert_eq!(calls(&ended.clone().expect_code(0)), *times, "{ended}"),
            Must::Measure => assert!(calls(&ended.clone().expect_code(0)) > 0, "{ended}"),
            Must::Judge(verdict) => {
                let code = i32::from(*verdict == "REJECT");
                assert_eq!(ended.clone().expect_code(code).json()["verdict"], *verdict, "{ended}");
            }
            Must::Refuse(words) => {
                words.iter().fold(ended.expect_code(2), |ended, words| ended.expect_stderr(words));
            }
            Must::Fail(words) => drop(ended.expect_code(4).expect_stderr(words)),
            Must::Say(words) => drop(ended.expect_stderr(words)),
        }
    }
}

/// How often a run has seen `step` called.
fn calls(ended: &Ended) -> u64 {
    let report = ended.json();
    let sites = report["sites"].as_array().expect("a run has sites");
    let is_step = |name: &str| name.ends_with("::step");
    let found: Vec<_> = sites.iter().filter(|site| site["name"].as_str().is_some_and(is_step)).collect();
    assert_eq!(found.len(), 1, "one `step`\n{ended}");
    found[0]["calls"].as_u64().expect("calls are a number")
}

/// The triple of this machine.
fn host() -> String {
    let version = Ended::of(Command::new("rustc").arg("-vV")).expect_code(0).stdout;
    let line = version.lines().find_map(|line| line.strip_prefix("host: "));
    line.expect("rustc names its host").to_owned()
}
