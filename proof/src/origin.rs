//! What was measured.

use darwin_kept::Sources;
use darwin_tests::repository;

/// What changes a figure when it changes. The pages of the book do not, nor do the results and the sets (the name of a
/// scenario says all of it): they can be committed and the proof go on.
const SOURCES: [&str; 13] = [
    "Cargo.lock",
    "Cargo.toml",
    "cargo-darwin",
    "darwin-macros",
    "darwin-runtime",
    "examples",
    "proof/crates",
    "proof/kept/src/change.rs",
    "proof/kept/src/leftovers.rs",
    "proof/src/check.rs",
    "proof/src/neutral",
    "proof/workloads",
    "tests/fixtures",
];

/// In this repository.
pub fn sources() -> Sources<'static> {
    Sources { repository: repository(), paths: &SOURCES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_there() {
        for source in SOURCES {
            assert!(repository().join(source).exists(), "{source}");
        }
    }

    #[test]
    fn results_sets_and_pages_may_be_committed_while_the_proof_goes_on() {
        for free in ["proof/results", "proof/sets.toml", "docs", "peers"] {
            assert!(!SOURCES.iter().any(|source| free.starts_with(source)), "{free}");
        }
    }
}
