//! Which runtime a package is to depend on.

use std::path::{Component, Path, PathBuf};

use cargo_metadata::Dependency;
use toml_edit::{InlineTable, Value};

use crate::cli::SourceArgs;
use crate::io::origin::{self, Origin};

/// Where cargo is to find `darwin-runtime`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In this folder.
    Folder(PathBuf),
    /// In a git repository.
    Git {
        /// Its address.
        url: String,
        /// `branch`, `tag` or `rev`, and its value; `None`: the newest commit.
        at: Option<(&'static str, String)>,
    },
}

/// Keys of a git dependency that say which commit.
const REFERENCES: [&str; 3] = ["branch", "tag", "rev"];

impl Source {
    /// The value of the dependency, in a manifest in the folder `from`.
    pub fn value(&self, from: &Path) -> Value {
        let pairs = match self {
            Source::Folder(folder) => vec![("path", written(&relative(from, folder)))],
            Source::Git { url, at } => {
                let at = at.iter().map(|(key, value)| (*key, value.clone()));
                std::iter::once(("git", url.clone())).chain(at).collect()
            }
        };
        Value::InlineTable(pairs.into_iter().collect::<InlineTable>())
    }

    /// Where a dependency that another package has comes from; `None` for what is no folder and no repository.
    pub fn of(dependency: &Dependency) -> Option<Source> {
        if let Some(path) = &dependency.path {
            return Some(Source::Folder(path.clone().into_std_path_buf()));
        }
        let address = dependency.source.as_ref()?.repr.strip_prefix("git+")?;
        let (url, query) = address.split_once('?').map_or((address, None), |(url, query)| (url, Some(query)));
        let at = query.and_then(|query| query.split_once('='));
        let at = at
            .and_then(|(key, value)| Some((*REFERENCES.iter().find(|one| **one == key)?, value.to_owned())));
        Some(Source::Git { url: url.to_owned(), at })
    }
}

/// What was asked for; else what another package of the workspace has, for two runtimes in one program would count into
/// two maps; else where this program comes from.
///
/// # Errors
/// A folder without a runtime, or a program that does not know where it comes from.
pub fn choose(typed: &SourceArgs, directory: &Path, others: Option<Source>) -> Result<Source, String> {
    if let Some(path) = &typed.path {
        let folder = directory.join(path);
        let found = origin::runtime_in(&folder);
        return found.map(|folder| Source::Folder(crate::io::files::normalized(&folder))).ok_or_else(|| {
            format!("--path: there is no darwin-runtime in {}; name a clone of Darwin", folder.display())
        });
    }
    if let Some(url) = &typed.git {
        let given = [("branch", &typed.branch), ("tag", &typed.tag), ("rev", &typed.rev)];
        let at = given.into_iter().find_map(|(key, value)| Some((key, value.clone()?)));
        return Ok(Source::Git { url: url.clone(), at });
    }
    others.or_else(|| Origin::of_this_program().map(Source::from)).ok_or_else(|| {
        "this program cannot tell where it comes from, and darwin-runtime is on no registry: say where it is with \
         `--path DIR` (a clone of Darwin) or `--git URL`"
            .to_owned()
    })
}

impl From<Origin> for Source {
    fn from(origin: Origin) -> Source {
        match origin {
            // That very commit: runtime and program have to agree on the layout of the map.
            Origin::Git { url, revision } => Source::Git { url, at: Some(("rev", revision)) },
            Origin::Folder(folder) => Source::Folder(folder),
        }
    }
}

/// The way from one folder to another; the folder itself where there is none (another drive).
pub fn relative(from: &Path, to: &Path) -> PathBuf {
    let (own, other): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let shared = own.iter().zip(&other).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return to.to_owned();
    }
    let up = own[shared..].iter().map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(other[shared..].iter().copied()).collect();
    if way == Path::new("") { PathBuf::from(".") } else { way }
}

/// As cargo writes paths in manifests, on every system.
fn written(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: SourceArgs = SourceArgs { path: None, git: None, branch: None, tag: None, rev: None };

    #[test]
    fn a_folder_is_named_by_the_way_to_it() {
        for (from, to, path) in [
            ("/home/me/tally", "/home/me/darwin/darwin-runtime", "../darwin/darwin-runtime"),
            ("/ws/members/a", "/ws/rt", "../../rt"),
            ("/ws", "/ws/rt", "rt"),
            ("/ws", "/ws", "."),
        ] {
            let value = Source::Folder(to.into()).value(Path::new(from)).to_string();
            assert_eq!(value, format!("{{ path = \"{path}\" }}"));
        }
    }

    #[test]
    fn a_repository_is_named_with_its_commit() {
        let origin = Origin::Git { url: "https://host/darwin".into(), revision: "3c5d44f".into() };
        let value = Source::from(origin).value(Path::new("/x")).to_string();
        assert_eq!(value, "{ git = \"https://host/darwin\", rev = \"3c5d44f\" }");
    }

    #[test]
    fn what_was_asked_for_goes_before_what_others_have_and_that_before_the_origin() {
        let typed = SourceArgs { git: Some("https://host/d".into()), tag: Some("v1".into()), ..NONE };
        let others = Source::Folder("/rt".into());
        let git = Source::Git { url: "https://host/d".into(), at: Some(("tag", "v1".into())) };
        assert_eq!(choose(&typed, Path::new("/"), Some(others.clone())), Ok(git));
        assert_eq!(choose(&NONE, Path::new("/"), Some(others.clone())), Ok(others));
        assert!(choose(&NONE, Path::new("/"), None).is_ok());
    }

    #[test]
    fn a_folder_without_a_runtime_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let typed = SourceArgs { path: Some("empty".into()), ..NONE };
        let error = choose(&typed, folder.path(), None).unwrap_err();
        assert!(error.contains("--path") && error.contains("empty"), "{error}");
    }

    #[test]
    fn a_dependency_of_another_package_tells_its_source() {
        let dependency = |text: &str| serde_json::from_str::<Dependency>(text).unwrap();
        let json = |source: &str, path: &str| {
            format!(
                r#"{{"name":"darwin-runtime","source":{source},"req":"*","kind":null,"rename":null,"optional":false,
                "uses_default_features":true,"features":[],"target":null,"registry":null,"path":{path}}}"#
            )
        };
        let folder = dependency(&json("null", "\"/ws/rt\""));
        assert_eq!(Source::of(&folder), Some(Source::Folder("/ws/rt".into())));
        let git = dependency(&json("\"git+https://host/d?branch=x\"", "null"));
        let expected = Source::Git { url: "https://host/d".into(), at: Some(("branch", "x".into())) };
        assert_eq!(Source::of(&git), Some(expected));
        let registry = dependency(&json("\"registry+https://github.com/rust-lang/crates.io-index\"", "null"));
        assert_eq!(Source::of(&registry), None);
    }
}
