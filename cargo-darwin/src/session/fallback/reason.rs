//! Which failures leave the record as the last resort, and how they are told in a line.

use std::path::Path;

use crate::io::baseline::BaselineError;
use crate::io::cargo::BuildError;
use crate::io::git::GitError;
use crate::session::Failure;

/// Is the code of the baseline out of reach, for reasons that are not a slip in what was typed, a broken candidate, or a
/// fault of this machine's folders?
pub fn is_about_the_code(failure: &Failure) -> bool {
    match failure {
        Failure::NoBaselineCode(_) => true,
        Failure::Git(error) => !matches!(error, GitError::UnknownRevision { .. }),
        Failure::Baseline(error) => matches!(
            error,
            BaselineError::Lacking { .. }
                | BaselineError::WorkspaceOutside { .. }
                | BaselineError::NotInRevision { .. }
                | BaselineError::Git(_)
                | BaselineError::Tree(_)
                | BaselineError::Locked(_)
                | BaselineError::Build(_)
        ),
        _ => false,
    }
}

/// The failure in one line, with what gets the code back. cargo's own words have been shown while it built.
pub fn line(failure: &Failure) -> String {
    let text = failure.to_string();
    // A message of one line has its remedy at its end.
    match failure {
        // A full disk is no reason to accept anything.
        Failure::Baseline(BaselineError::Build(BuildError::Failed { room: Some(_), .. })) => told(&text),
        Failure::Baseline(BaselineError::Lacking { left_out, .. }) => format!("{}; {left_out}", told(&text)),
        Failure::Baseline(BaselineError::Build(_) | BaselineError::NotInRevision { .. })
            if text.lines().count() > 1 =>
        {
            format!("{}; {ACCEPT}", told(&text))
        }
        _ => told(&text),
    }
}

const ACCEPT: &str = "install what its build lacks (toolchain, dependency), or accept the present state: run \
                      `cargo darwin baseline` and commit the file";

/// The first line of a message, or of what the compiler said in it.
fn told(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default().trim_end_matches(':');
    let error = text.lines().skip(1).map(str::trim).find(|line| line.starts_with("error"));
    match (first.split_once("; to see it alone"), error) {
        (Some((what, _)), Some(error)) => format!("{what}: {error}"),
        (Some((what, _)), None) => what.to_owned(),
        (None, _) => first.to_owned(),
    }
}

/// The failure where the record cannot stand in.
pub fn nothing_recorded(failure: &Failure, path: &Path) -> Failure {
    Failure::NoBaselineCode(format!(
        "{}\n{} cannot stand in for it: it has no count of the workloads asked for, and no time of this class of machines",
        failure.to_string().trim_end(),
        path.display(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::cargo::Conflict;
    use crate::io::command::CommandError;

    fn not_started() -> CommandError {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        CommandError::NotStarted { program: "git".into(), source }
    }

    fn unknown() -> GitError {
        GitError::UnknownRevision { revision: "x".into(), source: not_started() }
    }

    fn build(tail: &str) -> BuildError {
        let (line, status) = ("cargo rustc".to_owned(), std::process::ExitStatus::default());
        BuildError::Failed { line, status, room: None, tail: tail.to_owned() }
    }

    /// The same on a disk that is full.
    fn build_without_room(tail: &str) -> BuildError {
        let BuildError::Failed { line, status, tail, .. } = build(tail) else { unreachable!() };
        let room = Some("only 0 KiB are left on the disk of /t: make room there".to_owned());
        BuildError::Failed { line, status, room, tail }
    }

    #[test]
    fn only_code_that_is_out_of_reach_leaves_the_record() {
        let cases = [
            (Failure::NoBaselineCode("no repository".into()), true),
            (Failure::Git(GitError::Command(not_started())), true),
            (Failure::Git(unknown()), false),
            (Failure::Baseline(BaselineError::Build(build(""))), true),
            (Failure::Baseline(BaselineError::Git(GitError::Command(not_started()))), true),
            (Failure::Baseline(BaselineError::NoCacheHome), false),
            (Failure::Baseline(BaselineError::Command(not_started())), false),
            (Failure::Build(build("")), false),
            (Failure::Usage("typed".into()), false),
            (Failure::Blocks("disturbed".into()), false),
        ];
        for (failure, expected) in cases {
            assert_eq!(is_about_the_code(&failure), expected, "{failure:?}");
        }
    }

    #[test]
    fn a_build_is_told_by_the_compilers_first_error() {
        let failure = Failure::Baseline(BaselineError::Build(build(
            "   Compiling x\nerror[E0425]: cannot find function `f`\n  --> src/lib.rs:1\nerror: could not compile",
        )));
        let line = line(&failure);
        assert!(line.starts_with("the baseline could not be built: the build failed (exit"), "{line}");
        assert!(line.contains("): error[E0425]: cannot find function `f`; install what"), "{line}");
        assert!(!line.contains('\n') && line.contains("`cargo darwin baseline`"), "{line}");
    }

    #[test]
    fn a_build_without_room_is_told_by_the_disk_and_accepts_nothing() {
        let linker =
            "   Compiling x\nerror: linking with `cc` failed: exit status: 1\n  ld terminated with signal 7";
        let line = line(&Failure::Baseline(BaselineError::Build(build_without_room(linker))));
        assert!(
            line.contains(
                "; only 0 KiB are left on the disk of /t: make room there): error: linking with `cc`"
            )
        );
        assert!(!line.contains('\n') && !line.contains("cargo darwin baseline"), "{line}");
    }

    #[test]
    fn a_lock_file_of_the_past_cannot_be_updated_there() {
        let text = "failed to select a version for `a`\n  previously selected package `a v1.0.0`\n    ... which satisfies dependency `a = \"^1\"` (locked to 1.0.0) of package `b v1.0.0`";
        let conflict = Conflict::in_words_of_cargo(text).unwrap();
        let failure = Failure::Baseline(BuildError::Locked(conflict).into());
        assert!(is_about_the_code(&failure));
        let line = line(&failure);
        assert!(
            line.contains("in its commit Cargo.lock holds a 1.0.0") && !line.contains("cargo update"),
            "{line}"
        );
        assert!(
            line.ends_with("`cargo darwin baseline` and commit the file together with Cargo.lock"),
            "{line}"
        );
    }

    #[test]
    fn another_reason_is_told_as_it_is() {
        let failure = Failure::NoBaselineCode("too shallow; run `git fetch --unshallow`".into());
        assert_eq!(line(&failure), "too shallow; run `git fetch --unshallow`");
    }
}
