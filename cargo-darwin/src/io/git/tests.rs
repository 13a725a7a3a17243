//! git in folders of our own, with the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

struct Sandbox {
    temp: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Sandbox {
        let sandbox = Sandbox { temp: tempfile::tempdir().unwrap() };
        fs::create_dir(sandbox.root()).unwrap();
        sandbox.git(["init", "--quiet", "--initial-branch=main"]);
        sandbox
    }

    fn root(&self) -> PathBuf {
        self.temp.path().canonicalize().unwrap().join("repo")
    }

    fn git<const N: usize>(&self, args: [&str; N]) -> String {
        git_in(&self.root(), &args)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, path: &str, text: &str) -> Commit {
        self.write(path, text);
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--message", path]);
        self.repository().head().unwrap()
    }

    fn repository(&self) -> Repository {
        Repository::discover(&self.root()).unwrap().unwrap()
    }

    /// Everything of the repository that a user would see changed.
    fn state(&self) -> Vec<String> {
        let index = fs::read(self.root().join(".git/index")).unwrap();
        let mut files =
            super::super::files::walk(&self.root().join(".git"), &|name| name == "objects").unwrap();
        files.sort();
        vec![
            self.git([
                "--no-optional-locks",
                "status",
                "--porcelain=v2",
                "--branch",
                "--untracked-files=all",
            ]),
            format!("{index:?}"),
            self.git(["worktree", "list", "--porcelain"]),
            self.git(["reflog", "--all"]),
            self.git(["stash", "list"]),
            self.git(["for-each-ref"]),
            format!("{files:?}"),
        ]
    }
}

fn git_in(dir: &Path, args: &[&str]) -> String {
    let mut git = Command::new("git");
    clear_environment(&mut git);
    git.current_dir(dir).args(["-c", "user.name=N", "-c", "user.email=n@example.invalid"]);
    git.args(["-c", "protocol.file.allow=always", "-c", "commit.gpgSign=false"]).args(args);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null");
    String::from_utf8(command::output(&mut git).unwrap()).unwrap()
}

#[test]
fn a_folder_without_repository_has_none() {
    let temp = tempfile::tempdir().unwrap();
    assert!(Repository::discover(temp.path()).unwrap().is_none());
}

#[test]
fn a_repository_is_found_from_a_folder_inside() {
    let sandbox = Sandbox::new();
    sandbox.commit("a/b", "");
    let found = Repository::discover(&sandbox.root().join("a")).unwrap().unwrap();
    assert_eq!(found.root(), sandbox.root());
}

#[test]
fn a_repository_without_commits_has_no_head() {
    assert_eq!(Sandbox::new().repository().head(), None);
}

#[test]
fn the_list_of_cleared_variables_covers_what_git_says() {
    let listed = git_in(Path::new("/"), &["rev-parse", "--local-env-vars"]);
    for name in listed.lines() {
        let known = LOCATING.iter().chain(&OBJECTS).chain(&CONFIGURING).any(|known| *known == name);
        assert!(known, "{name} is local to a repository and not on our lists");
    }
}

#[test]
fn revisions_are_resolved_and_hostile_ones_are_refused() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit("a", "1");
    let second = sandbox.commit("a", "2");
    let repository = sandbox.repository();
    assert_eq!(repository.resolve("main").unwrap(), second);
    assert_eq!(repository.resolve("HEAD~1").unwrap(), first);
    let canary = sandbox.root().join("canary");
    let output = format!("--output={}", canary.display());
    for hostile in ["", "--all", &output, "nowhere", "HEAD; touch canary", "$(touch canary)", "main\nHEAD"] {
        assert!(repository.resolve(hostile).is_err(), "{hostile:?} was taken for a revision");
    }
    assert!(!canary.exists());
}

#[test]
fn the_commit_that_last_changed_a_file_is_found() {
    let sandbox = Sandbox::new();
    let before = sandbox.commit("other", "1");
    let change = sandbox.commit("dir/base*.toml", "1");
    let head = sandbox.commit("dir/baseline.toml", "2");
    let repository = sandbox.repository();
    let path = Path::new("dir/base*.toml");
    assert_eq!(repository.last_change_of(&head, path).unwrap(), LastChange::Commit(change));
    assert_eq!(repository.last_change_of(&before, path).unwrap(), LastChange::Never);
    let absolute = sandbox.root().join("other");
    assert_eq!(repository.last_change_of(&head, &absolute).unwrap(), LastChange::Commit(before));
    assert!(matches!(repository.last_change_of(&head, Path::new("../x")), Err(GitError::Outside { .. })));
}

#[test]
fn the_boundary_of_a_shallow_clone_is_never_taken() {
    let sandbox = Sandbox::new();
    sandbox.commit("baseline", "1");
    sandbox.commit("other", "1");
    let url = format!("file://{}", sandbox.root().display());
    let clone = sandbox.root().with_file_name("clone");
    git_in(sandbox.temp.path(), &["clone", "--quiet", "--depth=1", &url, clone.to_str().unwrap()]);
    let shallow = Repository::discover(&clone).unwrap().unwrap();
    let head = shallow.head().unwrap();
    assert_eq!(shallow.last_change_of(&head, Path::new("baseline")).unwrap(), LastChange::Shallow);
}

#[test]
fn the_state_of_a_file_beside_head_is_told() {
    let sandbox = Sandbox::new();
    sandbox.commit("same", "1");
    sandbox.commit("changed", "1");
    sandbox.commit("gone", "1");
    sandbox.write("changed", "2");
    sandbox.write("new", "1");
    sandbox.git(["add", "changed"]);
    fs::remove_file(sandbox.root().join("gone")).unwrap();
    let repository = sandbox.repository();
    let state = |path: &str| repository.file_state(Path::new(path)).unwrap();
    assert_eq!(
        ["same", "changed", "new", "gone"].map(state),
        [FileState::Committed, FileState::Changed, FileState::New, FileState::Missing]
    );
    assert!(repository.is_uncommitted(Path::new("new")).unwrap());
    assert!(!repository.is_uncommitted(Path::new("same")).unwrap());
}

#[test]
fn the_same_files_have_the_same_digest_in_another_commit() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit("a", "1");
    let second = sandbox.commit("a", "2");
    let third = sandbox.commit("a", "1");
    let digest = |commit| sandbox.repository().tree_digest(commit).unwrap();
    assert_eq!(digest(&first), digest(&third));
    assert_ne!(digest(&first), digest(&second));
}

#[test]
fn an_export_holds_the_revision_and_changes_nothing_in_a_dirty_repository() {
    let sandbox = Sandbox::new();
    sandbox.commit("src/lib.rs", "old");
    let old = sandbox.commit(".cargo/config.toml", "");
    sandbox.commit("src/lib.rs", "new");
    sandbox.write("src/lib.rs", "staged");
    sandbox.git(["add", "src/lib.rs"]);
    sandbox.write("src/lib.rs", "dirty");
    sandbox.write("untracked", "");
    let dest = sandbox.temp.path().join("a folder");
    let before = sandbox.state();

    sandbox.repository().export(&old, &dest).unwrap();
    sandbox.repository().file_state(Path::new("src/lib.rs")).unwrap();

    assert_eq!(fs::read_to_string(dest.join("src/lib.rs")).unwrap(), "old");
    assert!(dest.join(".cargo/config.toml").exists());
    assert!(!dest.join("untracked").exists() && !dest.join(".git").exists());
    assert_eq!(sandbox.state(), before);
}

#[test]
fn an_export_of_a_linked_worktree_or_a_detached_head_changes_nothing() {
    let sandbox = Sandbox::new();
    let old = sandbox.commit("a", "old");
    sandbox.commit("a", "new");
    let linked = sandbox.temp.path().join("linked");
    sandbox.git(["worktree", "add", "--quiet", "--detach", linked.to_str().unwrap()]);
    sandbox.git(["checkout", "--quiet", "--detach"]);
    let before = sandbox.state();
    let dest = sandbox.temp.path().join("out");
    Repository::discover(&linked).unwrap().unwrap().export(&old, &dest).unwrap();
    assert_eq!(fs::read_to_string(dest.join("a")).unwrap(), "old");
    assert_eq!(sandbox.state(), before);
}

#[test]
fn an_export_is_whole_where_the_tree_is_sparse_and_the_index_is_split() {
    let sandbox = Sandbox::new();
    sandbox.commit("in/a", "1");
    let head = sandbox.commit("out/b", "1");
    sandbox.git(["config", "core.splitIndex", "true"]);
    sandbox.git(["sparse-checkout", "set", "in"]);
    assert!(!sandbox.root().join("out/b").exists());
    let before = sandbox.state();
    let dest = sandbox.temp.path().join("export");
    sandbox.repository().export(&head, &dest).unwrap();
    assert!(dest.join("out/b").exists());
    assert_eq!(sandbox.state(), before);
}

#[test]
fn a_submodule_comes_along_at_the_commit_that_the_revision_names() {
    let (outer, inner) = (Sandbox::new(), Sandbox::new());
    inner.commit("lib", "old");
    outer.git(["submodule", "--quiet", "add", inner.root().to_str().unwrap(), "sub dir"]);
    let old = outer.commit("a", "1");
    inner.commit("lib", "new");
    git_in(&outer.root().join("sub dir"), &["pull", "--quiet"]);
    outer.commit("a", "2");
    let before = outer.state();
    let dest = outer.temp.path().join("export");
    outer.repository().export(&old, &dest).unwrap();
    assert_eq!(fs::read_to_string(dest.join("sub dir/lib")).unwrap(), "old");
    assert_eq!(outer.state(), before);
}

/// Run by the hook of the test below, in a process of its own: `GIT_DIR` and `GIT_INDEX_FILE` are set there.
#[test]
#[ignore = "only means something inside the hook that the next test installs"]
fn inside_a_hook() {
    if std::env::var_os("GIT_INDEX_FILE").is_none() {
        return;
    }
    let here = std::env::current_dir().unwrap();
    let repository = Repository::discover(&here).unwrap().unwrap();
    let head = repository.head().unwrap();
    repository.export(&head, &here.with_file_name("from-hook")).unwrap();
}

#[test]
fn an_export_from_inside_a_hook_leaves_the_commit_alone() {
    let sandbox = Sandbox::new();
    sandbox.commit("a", "old");
    let hook = sandbox.root().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let test = std::env::current_exe().unwrap();
    let name = concat!(module_path!(), "::inside_a_hook").split_once("::").unwrap().1;
    let script = format!("#!/bin/sh\nexec '{}' --exact {name} --ignored --quiet\n", test.display());
    fs::write(&hook, script).unwrap();
    Command::new("chmod").arg("+x").arg(&hook).status().unwrap();
    sandbox.write("a", "new");
    sandbox.git(["commit", "--quiet", "--all", "--message", "through the hook"]);
    assert_eq!(fs::read_to_string(sandbox.root().with_file_name("from-hook").join("a")).unwrap(), "old");
    assert_eq!(sandbox.git(["show", "HEAD:a"]), "new");
    assert_eq!(sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn a_commit_is_asked_for_a_file_whatever_the_working_tree_has() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit("src/lib.rs", "");
    let second = sandbox.commit("Cargo.lock", "");
    fs::remove_file(sandbox.root().join("Cargo.lock")).unwrap();
    let has = |commit: &Commit, path: &str| {
        sandbox.repository().has_file(commit, &sandbox.root().join(path)).unwrap()
    };
    assert!(!has(&first, "Cargo.lock") && has(&second, "Cargo.lock") && has(&first, "src/lib.rs"));
    assert!(sandbox.repository().has_file(&first, Path::new("/elsewhere/Cargo.lock")).is_err());
}

#[test]
fn an_export_follows_the_attributes_of_its_revision_and_not_those_of_the_tree() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitattributes", "*.txt eol=crlf\n");
    let old = sandbox.commit("a.txt", "line\n");
    sandbox.commit(".gitattributes", "");
    let dest = sandbox.temp.path().join("export");
    sandbox.repository().export(&old, &dest).unwrap();
    assert_eq!(fs::read_to_string(dest.join("a.txt")).unwrap(), "line\r\n");
}

#[test]
fn a_filter_is_not_run_for_an_export_and_the_tree_has_what_it_would_write() {
    let sandbox = Sandbox::new();
    let canary = sandbox.temp.path().join("canary");
    sandbox.git(["config", "filter.upper.clean", "tr a-z A-Z"]);
    sandbox.git(["config", "filter.upper.smudge", &format!("tee '{}' | tr A-Z a-z", canary.display())]);
    sandbox.git(["config", "filter.upper.required", "true"]);
    sandbox.write(".gitattributes", "*.up filter=upper\n");
    let old = sandbox.commit("data.up", "content");
    assert_eq!(sandbox.git(["show", "HEAD:data.up"]), "CONTENT");
    let export = |name: &str| {
        let dest = sandbox.temp.path().join(name);
        sandbox.repository().export(&old, &dest).map(|()| fs::read_to_string(dest.join("data.up")).unwrap())
    };

    assert_eq!(export("unchanged").unwrap(), "content");
    sandbox.write("data.up", "edited");
    let edited = export("edited").unwrap_err().to_string();
    sandbox.commit("data.up", "changed");
    let changed = export("changed").unwrap_err().to_string();
    for error in [edited, changed] {
        assert!(error.contains("data.up") && error.contains("the filter `upper`"), "{error}");
    }
    assert!(!canary.exists(), "the filter was run");
}

#[test]
fn a_large_file_comes_from_what_is_downloaded_or_is_named() {
    let sandbox = Sandbox::new();
    let id = "ab".repeat(32);
    sandbox.write(".gitattributes", "*.bin filter=lfs\n");
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 4\n");
    let commit = sandbox.commit("a.bin", &pointer);
    sandbox.git(["config", "filter.lfs.process", "no-such-program"]);
    sandbox.git(["config", "filter.lfs.required", "true"]);
    let export = |name: &str| {
        let dest = sandbox.temp.path().join(name);
        sandbox.repository().export(&commit, &dest).map(|()| fs::read_to_string(dest.join("a.bin")).unwrap())
    };

    assert_eq!(export("no downloads are wanted").unwrap(), pointer);
    sandbox.write("a.bin", "other");
    let error = export("missing").unwrap_err().to_string();
    assert!(error.contains("a.bin") && error.contains("git lfs fetch origin"), "{error}");
    sandbox.write(&format!(".git/lfs/objects/ab/ab/{id}"), "data");
    assert_eq!(export("downloaded").unwrap(), "data");
}

#[test]
fn an_export_reads_no_index_however_it_is_left() {
    let sandbox = Sandbox::new();
    sandbox.commit("a", "base");
    sandbox.git(["checkout", "--quiet", "-b", "other"]);
    sandbox.commit("a", "theirs");
    sandbox.git(["checkout", "--quiet", "main"]);
    let ours = sandbox.commit("a", "ours");
    git_fails(&sandbox.root(), &["merge", "other"]);
    assert_eq!(sandbox.git(["ls-files", "--unmerged"]).lines().count(), 3);
    let before = sandbox.state();
    let dest = sandbox.temp.path().join("export");
    sandbox.repository().export(&ours, &dest).unwrap();
    assert_eq!(fs::read_to_string(dest.join("a")).unwrap(), "ours");
    assert_eq!(sandbox.state(), before);
}

#[test]
fn files_that_git_was_told_to_overlook_are_compared_by_their_contents() {
    let sandbox = Sandbox::new();
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        sandbox.commit(flag, "1");
        sandbox.git(["update-index", flag, "--", flag]);
        sandbox.write(flag, "2");
        assert_eq!(sandbox.repository().file_state(Path::new(flag)).unwrap(), FileState::Changed, "{flag}");
    }
}

#[test]
fn a_worktree_of_a_bare_repository_and_other_formats_are_exported_too() {
    let sandbox = Sandbox::new();
    sandbox.commit("a", "1");
    let top = sandbox.temp.path().canonicalize().unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (bare, linked, other) = (top.join("bare.git"), top.join("linked"), top.join("sha256"));
    git_in(&top, &["clone", "--quiet", "--bare", &text(&sandbox.root()), &text(&bare)]);
    git_in(&bare, &["worktree", "add", "--quiet", &text(&linked), "main"]);
    git_in(&top, &["init", "--quiet", "--object-format=sha256", &text(&other)]);
    fs::write(other.join("a"), "1").unwrap();
    git_in(&other, &["add", "a"]);
    git_in(&other, &["commit", "--quiet", "--message", "x"]);
    for (root, digits) in [(&linked, 40), (&other, 64)] {
        let repository = Repository::discover(root).unwrap().unwrap();
        let head = repository.head().unwrap();
        assert_eq!((repository.root(), head.as_str().len()), (root.as_path(), digits));
        let dest = top.join(format!("export-{digits}"));
        repository.export(&head, &dest).unwrap();
        assert_eq!(fs::read_to_string(dest.join("a")).unwrap(), "1");
    }
    assert!(Repository::discover(&bare).unwrap().is_none(), "a bare repository has no tree");
}

#[test]
fn a_partial_clone_whose_remote_is_gone_says_so() {
    let sandbox = Sandbox::new();
    let old = sandbox.commit("a", "old");
    sandbox.commit("a", "new");
    sandbox.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", sandbox.root().display());
    let clone = sandbox.root().with_file_name("clone");
    let words = ["clone", "--quiet", "--filter=blob:none", &url, clone.to_str().unwrap()];
    git_in(sandbox.temp.path(), &words);
    let repository = Repository::discover(&clone).unwrap().unwrap();
    repository.export(&repository.head().unwrap(), &sandbox.temp.path().join("head")).unwrap();
    fs::rename(sandbox.root(), sandbox.root().with_file_name("gone")).unwrap();
    let error = repository.export(&old, &sandbox.temp.path().join("old")).unwrap_err().to_string();
    assert!(error.contains("partial clone") && error.contains("reachable"), "{error}");
}

#[test]
fn a_git_folder_that_leads_nowhere_is_no_missing_repository() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join(".git"), "gitdir: /no/such/repository\n").unwrap();
    let error = Repository::discover(temp.path()).unwrap_err().to_string();
    assert!(error.contains("git refuses the repository") && error.contains("/no/such/repository"), "{error}");
}

#[test]
fn the_rule_by_which_a_file_is_ignored_is_named() {
    let sandbox = Sandbox::new();
    sandbox.commit(".gitignore", "# generated\n*.toml\n!kept.toml\n");
    sandbox.write("sub/darwin.baseline.toml", "");
    let ignored = |path: &str| sandbox.repository().ignored_by(Path::new(path));
    assert_eq!(ignored("sub/darwin.baseline.toml").as_deref(), Some(".gitignore:2: *.toml"));
    assert_eq!((ignored("kept.toml"), ignored("other")), (None, None));
}

#[test]
fn what_a_failed_build_names_and_git_does_not_know_is_told() {
    let (outer, inner) = (Sandbox::new(), Sandbox::new());
    inner.commit("lib", "1");
    outer.write(".gitignore", "generated.rs\n");
    outer.git(["submodule", "--quiet", "add", inner.root().to_str().unwrap(), "sub"]);
    let commit = outer.commit("src/lib.rs", "");
    outer.write("src/generated.rs", "");
    outer.write("src/notes.txt", "");
    let told = "error: couldn't read `src/generated.rs`";
    let left_out = || outer.repository().left_out(&commit, told, Path::new("/")).unwrap().to_string();
    assert!(left_out().contains("no revision has it: src/generated.rs;"), "{}", left_out());
    outer.git(["submodule", "--quiet", "deinit", "--force", "sub"]);
    assert!(left_out().contains("not checked out: submodule sub;"), "{}", left_out());
}

fn git_fails(dir: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    clear_environment(&mut git);
    git.current_dir(dir).args(["-c", "user.name=N", "-c", "user.email=n@example.invalid"]).args(args);
    assert!(command::output(git.env("GIT_CONFIG_GLOBAL", "/dev/null")).is_err(), "{args:?}");
}

/// Files below `.git`, objects among them.
fn objects(sandbox: &Sandbox) -> Vec<PathBuf> {
    super::super::files::walk(&sandbox.root().join(".git/objects"), &|_| false).unwrap()
}

fn exported(snapshot: &Snapshot, sandbox: &Sandbox) -> Vec<(String, String)> {
    let dest = sandbox.temp.path().join("staged");
    snapshot.export(&dest).unwrap();
    let files = super::super::files::walk(&dest, &|_| false).unwrap();
    let named = |file: &PathBuf| {
        (file.strip_prefix(&dest).unwrap().display().to_string(), fs::read_to_string(file).unwrap())
    };
    files.iter().map(named).collect()
}

#[test]
fn what_is_staged_is_exported_and_nothing_is_written_into_the_repository() {
    let sandbox = Sandbox::new();
    sandbox.commit("file", "committed");
    sandbox.commit("other", "committed");
    sandbox.write("file", "staged");
    sandbox.git(["add", "file"]);
    sandbox.write("file", "in the tree");
    sandbox.write("other", "in the tree");
    sandbox.write("intended", "not yet");
    sandbox.git(["add", "--intent-to-add", "intended"]);
    sandbox.write("untracked", "");
    let before = (sandbox.state(), objects(&sandbox));
    let snapshot = sandbox.repository().staged().unwrap();
    let files = exported(&snapshot, &sandbox);
    assert_eq!(files, [("file".into(), "staged".into()), ("other".into(), "committed".into())]);
    let head = sandbox.repository().head().unwrap();
    assert_eq!(snapshot.changed_since(&head).unwrap(), [Path::new("file")]);
    assert!(snapshot.has(Path::new("other")).unwrap() && !snapshot.has(Path::new("untracked")).unwrap());
    assert_eq!((sandbox.state(), objects(&sandbox)), before);
}

#[test]
fn what_is_staged_is_whole_where_the_index_is_split_or_sparse_and_empty_before_the_first_commit() {
    let sandbox = Sandbox::new();
    assert_eq!(exported(&sandbox.repository().staged().unwrap(), &sandbox), []);
    sandbox.commit("a/file", "1");
    sandbox.commit("b/file", "2");
    sandbox.git(["sparse-checkout", "set", "--no-cone", "a"]);
    sandbox.git(["update-index", "--split-index"]);
    let files = exported(&sandbox.repository().staged().unwrap(), &sandbox);
    assert_eq!(files, [("a/file".into(), "1".into()), ("b/file".into(), "2".into())]);
}

#[test]
fn files_that_are_not_merged_yet_are_no_candidate() {
    let sandbox = Sandbox::new();
    sandbox.commit("file", "0");
    sandbox.git(["checkout", "--quiet", "-b", "side"]);
    sandbox.commit("file", "1");
    sandbox.git(["checkout", "--quiet", "main"]);
    sandbox.commit("file", "2");
    let mut merge = Command::new("git");
    clear_environment(&mut merge);
    let _ = merge
        .current_dir(sandbox.root())
        .args(["-c", "user.name=N", "-c", "user.email=n@example.invalid", "merge", "side"])
        .output()
        .unwrap();
    let error = sandbox.repository().staged().unwrap_err().to_string();
    assert!(error.contains("file: unmerged"), "{error}");
}

#[test]
fn what_a_push_brings_is_told_from_what_the_other_end_has() {
    let sandbox = Sandbox::new();
    let one = sandbox.commit("file", "1");
    let two = sandbox.commit("file", "2");
    let repository = sandbox.repository();
    assert!(repository.is_new(&two, &[], None).unwrap());
    assert!(repository.is_new(&two, std::slice::from_ref(&one), None).unwrap());
    assert!(!repository.is_new(&one, std::slice::from_ref(&two), None).unwrap());
    sandbox.git(["update-ref", "refs/remotes/origin/main", one.as_str()]);
    sandbox.git(["update-ref", "refs/remotes/other/main", two.as_str()]);
    assert!(repository.is_new(&two, &[], Some("origin")).unwrap());
    assert!(!repository.is_new(&two, &[], Some("other")).unwrap());
    assert!(repository.is_new(&two, &[], Some("*")).unwrap(), "a name is no pattern");
    assert_eq!(repository.boundary(&two, "origin").unwrap(), [one]);
}

#[test]
fn the_files_of_a_snapshot_are_listed_and_read_however_many_and_whatever_they_are_called() {
    let sandbox = Sandbox::new();
    let odd = "a \"b\"\nc/é.md";
    sandbox.write(odd, "text\nwith \0 lines\n");
    for number in 0..20_000 {
        sandbox.write(&format!("docs/a long name of a page that is one of many, number {number}.md"), "");
    }
    std::os::unix::fs::symlink("docs", sandbox.root().join("z")).unwrap();
    let commit = sandbox.commit("empty", "");
    let snapshot = sandbox.repository().committed(&commit).unwrap();
    let entries = snapshot.entries().unwrap();
    assert_eq!((entries.len(), entries[0].path.as_path()), (20_003, Path::new(odd)));
    let contents = snapshot.contents(&entries.iter().collect::<Vec<_>>()).unwrap();
    assert_eq!(contents[0].as_deref(), Some(&b"text\nwith \0 lines\n"[..]));
    assert_eq!((contents[1].as_deref(), contents.len()), (Some(&b""[..]), entries.len()));
    let last = entries.last().unwrap();
    assert_eq!((last.is_link, contents.last().unwrap().as_deref()), (true, Some(&b"docs"[..])));
}

#[test]
fn a_submodule_has_nothing_to_read() {
    let (outer, inner) = (Sandbox::new(), Sandbox::new());
    inner.commit("lib", "1");
    outer.git(["submodule", "--quiet", "add", inner.root().to_str().unwrap(), "sub"]);
    let commit = outer.commit("z", "after it");
    let snapshot = outer.repository().committed(&commit).unwrap();
    let entries = snapshot.entries().unwrap();
    let contents = snapshot.contents(&entries.iter().collect::<Vec<_>>()).unwrap();
    let read: Vec<_> = entries.iter().map(|entry| entry.path.to_str().unwrap()).zip(contents).collect();
    assert_eq!(read[1], ("sub", None));
    assert_eq!(read[2], ("z", Some(b"after it".to_vec())));
}

#[test]
fn changes_of_a_file_since_a_base_are_listed() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit("file", "1");
    let two = sandbox.commit("file", "2");
    sandbox.commit("other", "");
    let three = sandbox.commit("file", "3");
    let changes = |most| {
        let path = Path::new("file");
        sandbox.repository().changes_of(path, &three, std::slice::from_ref(&base), most).unwrap()
    };
    assert_eq!(changes(8), [three.clone(), two]);
    assert_eq!(changes(1), std::slice::from_ref(&three));
}
