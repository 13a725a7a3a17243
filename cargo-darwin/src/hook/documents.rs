//! Which changed files of a measured package cannot change what is measured: documents and the housekeeping of a repository,
//! unless the code names them.

use std::path::{Component, Path};

/// Ends of names of documents.
const DOCUMENTS: [&str; 6] = [".md", ".markdown", ".adoc", ".asciidoc", ".rst", ".mdx"];
/// Beginnings of names without such an end, in capitals.
const NOTICES: [&str; 9] = [
    "AUTHORS",
    "CHANGELOG",
    "CODEOWNERS",
    "CONTRIBUTORS",
    "COPYING",
    "COPYRIGHT",
    "LICENCE",
    "LICENSE",
    "NOTICE",
];
/// Files that only git, editors and services read.
const HOUSEKEEPING: [&str; 9] = [
    ".dockerignore",
    ".editorconfig",
    ".git-blame-ignore-revs",
    ".gitattributes",
    ".gitignore",
    ".gitlab-ci.yml",
    ".mailmap",
    ".pre-commit-config.yaml",
    "lefthook.yml",
];
/// Folders of documents and services, wherever they are.
const FOLDERS: [&str; 8] = ["doc", "docs", "book", "wiki", ".github", ".circleci", ".vscode", ".idea"];
/// Folders in which even a document may be what a workload reads.
const WORKING: [&str; 8] = ["src", "benches", "bench", "examples", "tests", "data", "assets", "fixtures"];

/// Whether a changed file may change what is built or measured. `.gitattributes` changes how files are written out, but
/// not those of the revision that it is compared with.
pub fn may_matter(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return true };
    let folders: Vec<&str> = path.parent().into_iter().flat_map(Path::components).filter_map(word).collect();
    if folders.len() != path.components().count() - 1 || folders.iter().any(|folder| WORKING.contains(folder))
    {
        return true;
    }
    let is_document = DOCUMENTS.iter().any(|end| name.ends_with(end)) || is_notice(name);
    let is_about_code = name.ends_with(".rs") || name.ends_with(".toml") || name == "Cargo.lock";
    let is_in_its_folder = folders.iter().any(|folder| FOLDERS.contains(folder));
    !(is_document || HOUSEKEEPING.contains(&name) || (is_in_its_folder && !is_about_code))
}

fn is_notice(name: &str) -> bool {
    let stem = name.split(['.', '-']).next().unwrap_or_default();
    let is_text =
        matches!(name.rsplit_once('.').map(|(_, end)| end), None | Some("txt")) || name.contains('-');
    is_text && !name.ends_with(".rs") && NOTICES.contains(&stem)
}

fn word(component: Component<'_>) -> Option<&str> {
    component.as_os_str().to_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_housekeeping_cannot_matter() {
        for path in [
            "README.md",
            "docs/book.md",
            "docs/picture.svg",
            "crates/a/README.md",
            "LICENSE",
            "LICENSE-MIT",
            "COPYING.txt",
            "CHANGELOG",
            ".gitignore",
            ".github/workflows/ci.yml",
            "a/.editorconfig",
        ] {
            assert!(!may_matter(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn all_else_may() {
        for path in [
            "src/lib.rs",
            "Cargo.toml",
            "Cargo.lock",
            "build.rs",
            "darwin.toml",
            "darwin.baseline.toml",
            "rust-toolchain",
            ".cargo/config.toml",
            "benches/corpus/spec.md",
            "src/help.md",
            "data/README.md",
            "docs/example.rs",
            "docs/Cargo.toml",
            "input.txt",
            "notice.rs",
            "LICENSE.rs",
            "a",
            "",
        ] {
            assert!(may_matter(Path::new(path)), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_may_matter() {
        use std::os::unix::ffi::OsStrExt;
        assert!(may_matter(Path::new(std::ffi::OsStr::from_bytes(b"\xff.md"))));
        assert!(may_matter(Path::new(std::ffi::OsStr::from_bytes(b"\xff/a.md"))));
    }
}
