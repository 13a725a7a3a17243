//! What was measured.

use darwin_kept::Sources;

use crate::paths::repository;

/// What changes a result when it changes: the page and the results do not.
const SOURCES: [&str; 13] = [
    "Cargo.lock",
    "Cargo.toml",
    "cargo-darwin",
    "darwin-macros",
    "darwin-runtime",
    "tests/fixtures/three",
    "proof/kept/src/change.rs",
    "proof/kept/src/leftovers.rs",
    "proof/workloads/three.toml",
    "peers/Cargo.lock",
    "peers/verdicts/edits.toml",
    "peers/verdicts/three",
    "peers/verdicts/src/tools",
];

/// In Darwin's repository.
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
}
