//! What the process hands to its caller.

use crate::model::Verdict;

/// The exit codes of every command; part of the stable interface.
///
/// Hooks stop on 1 and 2 and only warn on 3 and 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// 0: APPROVE, or the command did what it was asked to.
    Success = 0,
    /// 1: REJECT, something is proven worse than allowed.
    Reject = 1,
    /// 2: wrong usage, configuration or data; nothing was judged.
    BadInput = 2,
    /// 3: INCONCLUSIVE, neither could be proven in the time allowed, or there was the committed record alone.
    Inconclusive = 3,
    /// 4: INVALID, could not measure: build or workload failed, machine unfit, lock held, neither baseline code nor a
    /// record of it.
    Invalid = 4,
}

/// The table for `--help`, in the words of the enum.
pub const HELP: &str = "\
Exit codes:
  0  APPROVE, or done
  1  REJECT: something is proven slower, or allocates more, than allowed
  2  wrong usage, configuration or data
  3  INCONCLUSIVE: neither could be proven in the time allowed, or from the record alone
  4  INVALID: could not measure (build or workload failed, machine unfit, lock held, neither baseline code nor record)";

impl ExitCode {
    /// The number that the caller sees.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> ExitCode {
        match verdict {
            Verdict::Approve => ExitCode::Success,
            Verdict::Reject => ExitCode::Reject,
            Verdict::Inconclusive => ExitCode::Inconclusive,
            Verdict::Invalid => ExitCode::Invalid,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> std::process::ExitCode {
        std::process::ExitCode::from(code.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_has_its_published_code() {
        let codes =
            [(Verdict::Approve, 0), (Verdict::Reject, 1), (Verdict::Inconclusive, 3), (Verdict::Invalid, 4)];
        for (verdict, code) in codes {
            assert_eq!(ExitCode::from(verdict).code(), code, "{verdict:?}");
        }
        assert_eq!(ExitCode::BadInput.code(), 2);
    }

    #[test]
    fn the_help_names_every_code() {
        for code in 0..=4 {
            assert!(HELP.contains(&format!("\n  {code}  ")), "code {code} is missing");
        }
    }
}
