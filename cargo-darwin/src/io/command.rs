//! Child processes: argument vectors only, never a shell.

use std::ffi::OsStr;
use std::process::{Command, ExitStatus, Stdio};

/// A child that could not be started, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The program is not there, or may not be run.
    #[error("could not start `{program}`: {source}; is it installed and on PATH?")]
    NotStarted {
        /// First word of the command.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program ran and said no.
    #[error("`{line}` failed ({status}): {stderr}")]
    Failed {
        /// The command, quoted for a shell.
        line: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to stderr, trimmed.
        stderr: String,
    },
}

/// Runs a command without input to its end; its standard output, or why there is none.
pub fn output(command: &mut Command) -> Result<Vec<u8>, CommandError> {
    output_of(command, Stdio::null())
}

/// The same of a command that reads `input`.
pub fn output_of(command: &mut Command, input: Stdio) -> Result<Vec<u8>, CommandError> {
    let result = command.stdin(input).output().map_err(|source| not_started(command, source))?;
    if result.status.success() {
        return Ok(result.stdout);
    }
    let stderr = String::from_utf8_lossy(&result.stderr).trim().to_owned();
    Err(CommandError::Failed { line: line(command), status: result.status, stderr })
}

/// The error of a command that did not start.
pub(super) fn not_started(command: &Command, source: std::io::Error) -> CommandError {
    CommandError::NotStarted { program: command.get_program().to_string_lossy().into_owned(), source }
}

/// Program and arguments of a command as one line that a POSIX shell would read back the same.
pub fn line(command: &Command) -> String {
    quoted(std::iter::once(command.get_program()).chain(command.get_args()))
}

/// Words as one line that a POSIX shell would read back the same (for people: non-UTF-8 bytes are replaced).
pub fn quoted<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quote(&word.as_ref().to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_quotes_only_the_words_that_need_it() {
        let words = ["cargo", "build", "--config", "profile.darwin.inherits=\"release\"", "it's", ""];
        let line = quoted(words);
        assert_eq!(line, r#"cargo build --config 'profile.darwin.inherits="release"' 'it'\''s' ''"#);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = output(&mut Command::new("no-such-program-here")).unwrap_err().to_string();
        assert!(error.contains("no-such-program-here"), "{error}");
    }

    #[test]
    fn a_failing_program_is_quoted_with_what_it_said() {
        let error = output(Command::new("git").arg("no such verb")).unwrap_err().to_string();
        assert!(error.contains("'no such verb'"), "{error}");
    }
}
