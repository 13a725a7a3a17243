//! Why a command ended without a result, and with which exit code.

use std::time::Duration;

use thiserror::Error;

use crate::exit_code::ExitCode;
use crate::io::baseline::BaselineError;
use crate::io::candidate::CandidateError;
use crate::io::cargo::{BuildError, CargoError};
use crate::io::git::GitError;
use crate::io::identical::IdenticalError;
use crate::io::map::MapError;
use crate::io::measure::MeasureError;
use crate::io::position::FileError;
use crate::options::OptionError;

/// The end of a command that could not do what it was asked to. Each says what to do next.
#[derive(Debug, Error)]
pub enum Failure {
    /// Wrong configuration, usage or data.
    #[error(transparent)]
    File(#[from] FileError),
    /// The same.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The same, as cargo sees it.
    #[error(transparent)]
    Cargo(#[from] CargoError),
    /// The same, in our own words.
    #[error("{0}")]
    Usage(String),
    /// A revision that there is not, or a repository that git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The candidate does not build.
    #[error("the working tree does not build\n{0}")]
    Build(#[from] BuildError),
    /// The same of a candidate that is not the working tree.
    #[error("{what} does not build\n{source}")]
    CandidateBuild {
        /// What it is.
        what: &'static str,
        /// cargo's word.
        source: BuildError,
    },
    /// What is staged, or a revision, cannot be had as files.
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    /// The tests fail: there is nothing to be fast at.
    #[error("tests failed: `{line}` {ending}; nothing was timed{output}")]
    TestsFailed {
        /// The command.
        line: String,
        /// How it ended.
        ending: String,
        /// The end of its output, each line in front of a line break; may be empty.
        output: String,
    },
    /// The tests did not end.
    #[error("the tests `{line}` did not end within {} s and were killed; raise --timeout if they need longer{output}", .limit.as_secs())]
    TestsHung {
        /// The command.
        line: String,
        /// The limit.
        limit: Duration,
        /// The end of its output, as in `TestsFailed`.
        output: String,
    },
    /// There is no baseline code to compare with.
    #[error("{0}")]
    NoBaselineCode(String),
    /// It could not be built.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// A workload failed.
    #[error("{name}{side}: {source}")]
    Workload {
        /// Its name.
        name: String,
        /// Which side, with a blank in front; empty where there is one side only.
        side: &'static str,
        /// What happened.
        source: MeasureError,
    },
    /// Blocks could not be measured.
    #[error("{0}")]
    Blocks(String),
    /// What was measured cannot be kept.
    #[error("{0}")]
    Evidence(FileError),
    /// The machine is not fit to measure.
    #[error("{0}")]
    Unfit(String),
    /// Two executables could not be compared.
    #[error(transparent)]
    Identical(#[from] IdenticalError),
    /// A map cannot be used.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The target directory cannot be used.
    #[error("{0}")]
    TargetDirectory(FileError),
    /// The operating system refused something of our own.
    #[error("{doing}: {source}")]
    System {
        /// What we were doing.
        doing: &'static str,
        /// Its word.
        source: std::io::Error,
    },
}

impl Failure {
    /// 2 where the user's input is at fault, 1 where its tests are, 4 where nothing could be measured.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::File(_) | Failure::Option(_) | Failure::Cargo(_) | Failure::Usage(_) => {
                ExitCode::BadInput
            }
            Failure::Git(GitError::UnknownRevision { .. }) => ExitCode::BadInput,
            Failure::TestsFailed { .. } => ExitCode::Reject,
            _ => ExitCode::Invalid,
        }
    }

    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Failure::TestsFailed { .. } | Failure::TestsHung { .. } => {
                "mend the tests and check again; --no-tests leaves them out"
            }
            Failure::Build(BuildError::Locked(_)) => {
                "do that, commit Cargo.lock if it is in git, and try again"
            }
            Failure::Build(BuildError::Failed { room: Some(_), .. })
            | Failure::CandidateBuild { source: BuildError::Failed { room: Some(_), .. }, .. } => {
                "make room there, or name another target directory with CARGO_TARGET_DIR, and try again"
            }
            Failure::Build(_) | Failure::CandidateBuild { .. } => "mend the build, and try again",
            Failure::Workload { source: MeasureError::Clock(_), .. } => {
                "try again when the machine is awake and its time is set; `cargo darwin doctor` names its clock"
            }
            Failure::Workload { .. } => {
                "run the workload by hand and mend it: a failed run yields no figures"
            }
            Failure::NoBaselineCode(_) | Failure::Baseline(_) => {
                "without the baseline's code there is no verdict"
            }
            Failure::Evidence(_) => {
                "nothing is shown that could not be kept: mend that, or leave stored evidence aside with --measure"
            }
            Failure::TargetDirectory(_) => {
                "make room in the target directory and make it writable, or name another with CARGO_TARGET_DIR"
            }
            Failure::Unfit(_) => {
                "mend the machine; `cargo darwin doctor` shows everything that was looked at"
            }
            Failure::Blocks(_) | Failure::Map(_) => "try again; nothing was decided",
            _ => "mend that, and try again; nothing was decided",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::clock::ClockError;

    fn build(room: Option<&str>) -> Failure {
        let (line, status, tail) = ("cargo rustc".into(), std::process::ExitStatus::default(), String::new());
        Failure::Build(BuildError::Failed { line, status, room: room.map(str::to_owned), tail })
    }

    #[test]
    fn a_build_on_a_full_disk_wants_room_and_no_mending() {
        let failure = build(Some("only 0 KiB are left on the disk of /t: make room there"));
        assert!(
            failure.to_string().contains("; only 0 KiB are left on the disk of /t: make room there); to see")
        );
        assert!(failure.advice().starts_with("make room there"), "{}", failure.advice());
        assert_eq!(build(None).advice(), "mend the build, and try again");
    }

    #[test]
    fn a_run_whose_clocks_disagree_is_invalid_and_says_why() {
        let source = ClockError::Disagree { ppm: 612.4, seconds: 2.5 }.into();
        let failure = Failure::Workload { name: "replay".to_owned(), side: "", source };
        assert_eq!(failure.exit_code(), ExitCode::Invalid);
        let text = failure.to_string();
        assert!(text.starts_with("replay: the processor's counter and the system's clock"), "{text}");
        assert!(text.contains("by 612 ppm over 2.500 s, more than the 500 ppm"), "{text}");
        assert!(failure.advice().starts_with("try again"), "{}", failure.advice());
    }
}
