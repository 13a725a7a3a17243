//! Symbolic links of an exported revision: what leaves the repository still does, what names the user's tree by its full
//! path does not, and nothing is ever written through one.

use std::path::Path;

use super::{Tree, TreeError};
use crate::io::files::{self, At, FileError};

/// A file that cargo writes to, wherever a link leads it.
const LOCK_FILE: &str = "Cargo.lock";

/// Repoints the links of a tree, whose files lie in `dir` for now, as paths in manifests are.
pub(super) fn keep_outside_links(tree: &Tree, dir: &Path) -> Result<(), TreeError> {
    for link in files::walk(dir, &|name| name == "target")? {
        let Ok(old) = std::fs::read_link(&link) else { continue };
        let place = tree.place(dir, &link);
        if let Some(new) = place.parent().and_then(|folder| tree.repointed(folder, &old)) {
            replace(&link, &new)?;
        }
        if link.file_name().is_some_and(|name| name == LOCK_FILE) {
            own(&link)?;
        }
    }
    Ok(())
}

/// Makes a link to a file a file of the tree's own; everything else stays as it is. What leads nowhere goes.
pub(super) fn own(link: &Path) -> Result<(), FileError> {
    if std::fs::read_link(link).is_err() {
        return Ok(());
    }
    let contents = std::fs::read(link).ok();
    std::fs::remove_file(link).at("remove the link", link)?;
    contents.map_or(Ok(()), |contents| std::fs::write(link, contents).at("write", link))
}

#[cfg(unix)]
fn replace(link: &Path, target: &Path) -> Result<(), FileError> {
    std::fs::remove_file(link).at("remove the link", link)?;
    std::os::unix::fs::symlink(target, link).at("link", link)
}

#[cfg(not(unix))]
fn replace(_: &Path, _: &Path) -> Result<(), FileError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::*;
    use crate::io::cargo::testing::Sandbox;

    fn tree(sandbox: &Sandbox) -> Tree {
        let repository = sandbox.root().join("repo");
        Tree { root: sandbox.root().join("export"), candidate: repository.clone(), repository }
    }

    fn link(sandbox: &Sandbox, target: impl AsRef<Path>, at: &str) -> PathBuf {
        let path = sandbox.root().join(at);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, &path).unwrap();
        path
    }

    #[test]
    fn links_keep_leaving_the_repository_and_never_lead_into_the_users_tree() {
        let sandbox = Sandbox::new();
        let live = sandbox.root().join("repo/in.rs");
        let out = link(&sandbox, "../../out.rs", "export/src/out.rs");
        let inside = link(&sandbox, "../in.rs", "export/src/inside.rs");
        let full = link(&sandbox, &live, "export/src/full.rs");
        tree(&sandbox).keep_outside_paths().unwrap();
        assert_eq!(fs::read_link(out).unwrap(), sandbox.root().join("out.rs"));
        assert_eq!(fs::read_link(inside).unwrap(), Path::new("../in.rs"));
        assert_eq!(fs::read_link(full).unwrap(), sandbox.root().join("export/in.rs"));
    }

    #[test]
    fn nothing_is_written_through_a_link_to_a_manifest_or_a_lock_file() {
        let sandbox = Sandbox::new();
        let manifest = "[dependencies]\nout = { path = \"../out\" }\n";
        sandbox.write("shared/Cargo.toml", manifest);
        sandbox.write("shared/Cargo.lock", "version = 4\n");
        let linked = link(&sandbox, "../shared/Cargo.toml", "export/Cargo.toml");
        let locked = link(&sandbox, "../shared/Cargo.lock", "export/Cargo.lock");
        let dangling = link(&sandbox, "nowhere", "export/sub/Cargo.lock");
        tree(&sandbox).keep_outside_paths().unwrap();
        let text = fs::read_to_string(&linked).unwrap();
        assert!(text.contains(&sandbox.root().join("out").display().to_string()), "{text}");
        assert!(fs::read_link(&linked).is_err() && fs::read_link(&locked).is_err());
        assert_eq!(fs::read_to_string(locked).unwrap(), "version = 4\n");
        assert!(fs::symlink_metadata(dangling).is_err());
        assert_eq!(fs::read_to_string(sandbox.root().join("shared/Cargo.toml")).unwrap(), manifest);
    }
}
