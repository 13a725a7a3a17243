//! Where things are.

use std::path::{Path, PathBuf};

/// The workload, in the repository.
pub const FIXTURE: &str = "tests/fixtures/three";

/// This package.
pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The workspace of the peers.
pub fn peers() -> &'static Path {
    home().parent().unwrap_or(Path::new("/"))
}

/// Darwin's repository.
pub fn repository() -> &'static Path {
    peers().parent().unwrap_or(Path::new("/"))
}

/// Where everything is built and kept that is no result.
pub fn scratch() -> PathBuf {
    peers().join("target").join("verdicts")
}

/// Where results are kept unless told otherwise.
pub fn results() -> PathBuf {
    home().join("results").join("verdicts.jsonl")
}
