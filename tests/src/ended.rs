//! How a program ended.

use std::process::{Command, Stdio};

/// What a program left: its exit code and everything it wrote.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Its exit code; -1 where a signal killed it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ended {
    /// Runs a command without input to its end.
    pub fn of(command: &mut Command) -> Ended {
        let output = command
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("programs write UTF-8");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Itself, for what is asked next.
    ///
    /// # Panics
    /// When it ended with another code; shows everything it wrote.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Ended {
        assert!(self.code == code, "ended with {} in place of {code}\n{self}", self.code);
        self
    }

    /// Itself, for what is asked next.
    ///
    /// # Panics
    /// When `words` are not in its standard output.
    #[track_caller]
    pub fn expect_stdout(self, words: &str) -> Ended {
        assert!(self.stdout.contains(words), "stdout lacks `{words}`\n{self}");
        self
    }

    /// Itself, for what is asked next.
    ///
    /// # Panics
    /// When `words` are not in its standard error.
    #[track_caller]
    pub fn expect_stderr(self, words: &str) -> Ended {
        assert!(self.stderr.contains(words), "stderr lacks `{words}`\n{self}");
        self
    }

    /// Its standard output as one JSON document.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is no JSON: {error}\n{self}"))
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "--- code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
