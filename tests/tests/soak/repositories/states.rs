//! The states, each with what a check has to say in it. docs/repositories.md is the same list for users.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::Expect::{self, Approve, Reject, Says};
use super::Kit;

/// One state of a repository.
pub struct State {
    pub name: &'static str,
    pub set_up: fn(&Kit) -> Run,
    pub expect: Expect,
    /// Also in the small size.
    pub is_small: bool,
}

/// How the check is called in it.
pub struct Run {
    pub folder: PathBuf,
    pub args: Vec<String>,
    pub variables: Vec<(&'static str, PathBuf)>,
}

pub const CRATE: &str = "above/repo/crate";

const fn state(name: &'static str, set_up: fn(&Kit) -> Run, expect: Expect) -> State {
    State { name, set_up, expect, is_small: false }
}

const fn small(name: &'static str, set_up: fn(&Kit) -> Run, expect: Expect) -> State {
    State { name, set_up, expect, is_small: true }
}

pub const STATES: &[State] = &[
    state("clean", clean, Approve),
    small("staged, then edited, with a stash and untracked files", edited, Approve),
    state("changed code", changed_code, Reject),
    state("detached HEAD", detached, Approve),
    state("baseline file not committed", baseline_not_committed, Says(4, "not committed yet; commit it")),
    state("baseline file staged only", baseline_staged, Says(4, "not committed yet; commit it")),
    state(
        "baseline file ignored",
        baseline_ignored,
        Says(4, "git ignores it (.gitignore:2: *.baseline.toml)"),
    ),
    state("no commit yet", unborn, Says(4, "there is no commit yet")),
    small("no git at all", no_git, Says(4, "is in no git repository")),
    state("git is not on PATH", git_is_missing, Says(4, "git cannot be started")),
    state("git is too old", git_is_old, Says(4, "git version 2.20.1 is too old: install git 2.30 or later")),
    state("a repository of somebody else", owned_by_another, Says(4, "detected dubious ownership")),
    state("shallow clone", shallow, Says(4, "run `git fetch --unshallow`")),
    state("shallow clone, with a revision named", shallow_against, Approve),
    state("partial clone", partial, Approve),
    state("clone that shares objects", shared_objects, Approve),
    state("linked worktree", linked, Approve),
    state("linked worktree of a bare repository", linked_to_bare, Approve),
    state("bare repository named by GIT_DIR", bare_by_variable, Approve),
    state("worktree whose repository is gone", lost_worktree, Says(4, "git refuses the repository")),
    state("worktrees that are locked, and gone", other_worktrees, Approve),
    state("inside a hook", in_hook, Approve),
    state("inside a hook of a linked worktree", in_hook_of_worktree, Approve),
    small("inside a hook of another repository", in_foreign_hook, Approve),
    state("inside a hook that judges what is pushed", in_quarantine, Approve),
    state("in a folder where a hook's GIT_DIR leads nowhere", moved_hook, Approve),
    state("with pathspec variables", pathspec_variables, Approve),
    small("crate not at the git root", not_at_root, Approve),
    state("started in a folder of the crate", in_subfolder, Approve),
    state("workspace root below the git root", workspace_below, Approve),
    state(
        "workspace root above the git root",
        workspace_above,
        Says(4, "so there is no earlier revision of it"),
    ),
    state("manifest named through a symbolic link", manifest_by_link, Approve),
    small("path dependency outside of the repository", outside_dependency, Approve),
    state("path dependency into a submodule", submodule, Approve),
    state("submodule that is not checked out", submodule_absent, Approve),
    state("package in a submodule", package_in_submodule, Says(4, "it is in a repository of its own")),
    state("package in a submodule, with a revision named", package_in_submodule_against, Approve),
    state(
        "path dependency into a clone that git ignores",
        nested_clone,
        Says(4, "in your tree but not in git"),
    ),
    state("sha256 repository", sha256, Approve),
    state("sparse checkout", sparse, Approve),
    state("sparse index", sparse_index, Approve),
    state("split index and untracked cache", split_index, Approve),
    state("line ends by attributes", line_ends, Approve),
    state("core.autocrlf", autocrlf, Approve),
    state("a filter", filter, Approve),
    state("a filter whose file has changed", filter_changed, Says(4, "is not run for a check")),
    state("large files without their contents", lfs_missing, Says(4, "run `git lfs fetch origin")),
    state("large files that are downloaded", lfs, Approve),
    state("assume-unchanged and skip-worktree", overlooked, Approve),
    state("Cargo.lock ignored", lock_ignored, Approve),
    small("generated source ignored", generated, Says(4, "no revision has it: src/generated.rs; commit it")),
    state("symbolic links", links, Approve),
    small("merge in progress, with conflicts", merging, Approve),
    state("conflict in the baseline file", baseline_conflict, Says(2, "darwin.baseline.toml:2")),
    state("rebase in progress", rebasing, Approve),
    state("cherry-pick in progress", picking, Approve),
    state("bisect in progress", bisecting, Approve),
    state("file renamed in case only", renamed_case, Approve),
    state("fsmonitor, hooks and pagers that would run", programs_in_config, Approve),
    state("index locked by another git", index_locked, Approve),
    state("replaced and packed objects", packed, Approve),
    state("orphan branch", orphan, Says(4, "there is no commit yet")),
];

/// As it is called most often.
pub fn plain(kit: &Kit) -> Run {
    Run { folder: kit.crate_folder(), args: Vec::new(), variables: Vec::new() }
}

fn against(revision: &str, run: Run) -> Run {
    Run { args: vec!["--against".into(), revision.into()], ..run }
}

/// A committed crate, with a commit that does not matter behind the one of the baseline.
pub fn clean(kit: &Kit) -> Run {
    kit.write(&format!("{CRATE}/notes.txt"), "one\n");
    kit.repository(CRATE);
    kit.write(&format!("{CRATE}/notes.txt"), "two\n");
    kit.commit(CRATE, "later");
    plain(kit)
}

fn edited(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.git(CRATE, ["branch", "other"]);
    kit.write(&format!("{CRATE}/notes.txt"), "stashed\n");
    kit.git(CRATE, ["stash"]);
    kit.write(&format!("{CRATE}/notes.txt"), "staged\n");
    kit.git(CRATE, ["add", "notes.txt"]);
    kit.write(&format!("{CRATE}/notes.txt"), "staged, then edited\n");
    kit.write(&format!("{CRATE}/untracked/file"), "");
    kit.write(&format!("{CRATE}/target/ignored"), "");
    run
}

fn changed_code(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.replace("src/lib.rs", "seed ^ 1, std", "*std::hint::black_box(Box::new(seed ^ 1)), std");
    run
}

/// For kills: no cache has this revision, and the code is another one.
pub fn work_in_progress(kit: &Kit, number: u64) -> Run {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is past 1970");
    kit.write(&format!("{CRATE}/notes.txt"), &format!("{number} {}\n", now.as_nanos()));
    kit.repository(CRATE);
    kit.replace("src/lib.rs", "seed ^ 1, std", "*std::hint::black_box(Box::new(seed ^ 1)), std");
    kit.git(CRATE, ["add", "src/lib.rs"]);
    kit.write(&format!("{CRATE}/notes.txt"), "edited\n");
    plain(kit)
}

fn detached(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.git(CRATE, ["checkout", "--quiet", "--detach", "HEAD"]);
    run
}

fn baseline_not_committed(kit: &Kit) -> Run {
    kit.repository(CRATE);
    kit.git(CRATE, ["rm", "--quiet", "--cached", "darwin.baseline.toml"]);
    kit.git(CRATE, ["commit", "--quiet", "--message", "without"]);
    plain(kit)
}

fn baseline_staged(kit: &Kit) -> Run {
    let run = baseline_not_committed(kit);
    kit.git(CRATE, ["add", "darwin.baseline.toml"]);
    run
}

fn baseline_ignored(kit: &Kit) -> Run {
    let run = baseline_not_committed(kit);
    kit.write(&format!("{CRATE}/.gitignore"), "/target\n*.baseline.toml\n");
    run
}

fn unborn(kit: &Kit) -> Run {
    kit.git(CRATE, ["init", "--quiet"]);
    plain(kit)
}

fn orphan(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.git(CRATE, ["checkout", "--quiet", "--orphan", "new"]);
    run
}

fn no_git(kit: &Kit) -> Run {
    plain(kit)
}

/// `PATH` of programs of which git is none of ours, and cargo all that is needed.
fn path_with(kit: &Kit, git: Option<&str>) -> PathBuf {
    let folder = kit.path("elsewhere/bin");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let path = std::env::var_os("PATH").unwrap_or_default();
    for programs in std::env::split_paths(&path) {
        for entry in fs::read_dir(programs).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name != "git" && !folder.join(&name).exists() {
                symlink(entry.path(), folder.join(&name)).expect("a link can be made");
            }
        }
    }
    if let Some(script) = git {
        kit.script("elsewhere/bin/git", script);
    }
    folder
}

fn git_is_missing(kit: &Kit) -> Run {
    let run = clean(kit);
    Run { variables: vec![("PATH", path_with(kit, None))], ..run }
}

fn git_is_old(kit: &Kit) -> Run {
    let run = clean(kit);
    Run { variables: vec![("PATH", path_with(kit, Some("echo git version 2.20.1")))], ..run }
}

fn owned_by_another(kit: &Kit) -> Run {
    let run = clean(kit);
    Run { variables: vec![("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1".into())], ..run }
}

/// The crate's folder as a clone of what it was, with these options.
fn cloned(kit: &Kit, options: &[&str]) -> Run {
    clean(kit);
    kit.git(CRATE, ["config", "uploadpack.allowFilter", "true"]);
    fs::rename(kit.crate_folder(), kit.path("elsewhere/origin")).expect("a folder can be moved");
    let url = format!("file://{}", kit.path("elsewhere/origin").display());
    let words = [&["clone", "--quiet"], options, &[&url, "crate"]].concat();
    kit.git("above/repo", words);
    plain(kit)
}

fn shallow(kit: &Kit) -> Run {
    cloned(kit, &["--depth=1"])
}

fn shallow_against(kit: &Kit) -> Run {
    against("HEAD", shallow(kit))
}

fn partial(kit: &Kit) -> Run {
    // The files of the baseline's commit are those of HEAD, so that nothing has to be fetched for them.
    against("HEAD", cloned(kit, &["--filter=blob:none"]))
}

fn shared_objects(kit: &Kit) -> Run {
    cloned(kit, &["--no-local", "--reference", &kit.path("elsewhere/origin").display().to_string()])
}

fn linked(kit: &Kit) -> Run {
    clean(kit);
    fs::rename(kit.crate_folder(), kit.path("elsewhere/main")).expect("a folder can be moved");
    kit.git("elsewhere/main", ["worktree", "add", "--quiet", "-b", "linked", "../../above/repo/crate"]);
    plain(kit)
}

fn linked_to_bare(kit: &Kit) -> Run {
    clean(kit);
    kit.git("elsewhere", ["clone", "--quiet", "--bare", "../above/repo/crate", "bare.git"]);
    fs::remove_dir_all(kit.crate_folder()).expect("a folder can be removed");
    kit.git("elsewhere/bare.git", ["worktree", "add", "--quiet", "../../above/repo/crate", "main"]);
    plain(kit)
}

fn bare_by_variable(kit: &Kit) -> Run {
    clean(kit);
    let git_dir = kit.crate_folder().join(".git");
    fs::rename(git_dir, kit.path("elsewhere/bare.git")).expect("a folder can be moved");
    kit.git("elsewhere/bare.git", ["config", "core.bare", "true"]);
    // Relative, as a shell's user writes it.
    let variables =
        vec![("GIT_DIR", "../../../../elsewhere/bare.git".into()), ("GIT_WORK_TREE", "..".into())];
    Run { folder: kit.crate_folder().join("src"), variables, ..plain(kit) }
}

fn lost_worktree(kit: &Kit) -> Run {
    let run = linked(kit);
    fs::rename(kit.path("elsewhere/main"), kit.path("elsewhere/moved")).expect("a folder can be moved");
    run
}

fn other_worktrees(kit: &Kit) -> Run {
    let run = clean(kit);
    for name in ["locked", "gone"] {
        kit.git(CRATE, ["worktree", "add", "--quiet", "-b", name, &format!("../../../elsewhere/{name}")]);
    }
    kit.git(CRATE, ["worktree", "lock", "../../../elsewhere/locked"]);
    fs::remove_dir_all(kit.path("elsewhere/gone")).expect("a folder can be removed");
    run
}

fn in_hook(kit: &Kit) -> Run {
    let run = edited(kit);
    let variables = vec![
        ("GIT_DIR", ".git".into()),
        ("GIT_INDEX_FILE", ".git/index".into()),
        ("GIT_PREFIX", "".into()),
        ("GIT_EDITOR", ":".into()),
        ("GIT_EXEC_PATH", kit.git(CRATE, ["--exec-path"]).trim().into()),
    ];
    Run { variables, ..run }
}

fn in_hook_of_worktree(kit: &Kit) -> Run {
    let run = linked(kit);
    let git_dir = kit.path("elsewhere/main/.git/worktrees/crate");
    let index = git_dir.join("index.lock");
    fs::copy(git_dir.join("index"), &index).expect("an index can be copied");
    Run { variables: vec![("GIT_DIR", git_dir), ("GIT_INDEX_FILE", index)], ..run }
}

/// Another repository in `elsewhere/other`.
fn other(kit: &Kit) {
    kit.write("elsewhere/other/file", "theirs\n");
    kit.repository("elsewhere/other");
}

fn in_foreign_hook(kit: &Kit) -> Run {
    let run = edited(kit);
    other(kit);
    let their = |path: &str| kit.path("elsewhere/other").join(path);
    let variables = vec![
        ("GIT_DIR", their(".git")),
        ("GIT_WORK_TREE", their("")),
        ("GIT_INDEX_FILE", their(".git/index")),
        ("GIT_COMMON_DIR", their(".git")),
    ];
    Run { variables, ..run }
}

fn in_quarantine(kit: &Kit) -> Run {
    let run = clean(kit);
    let objects = kit.crate_folder().join(".git/objects");
    let incoming = objects.join("incoming-1");
    fs::create_dir(&incoming).expect("a folder can be made");
    let variables = vec![
        ("GIT_QUARANTINE_PATH", incoming.clone()),
        ("GIT_OBJECT_DIRECTORY", incoming),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects),
    ];
    Run { variables, ..run }
}

fn moved_hook(kit: &Kit) -> Run {
    let run = clean(kit);
    Run { folder: kit.crate_folder().join("src"), variables: vec![("GIT_DIR", ".git".into())], ..run }
}

fn pathspec_variables(kit: &Kit) -> Run {
    let run = clean(kit);
    Run { variables: vec![("GIT_GLOB_PATHSPECS", "1".into()), ("GIT_ICASE_PATHSPECS", "1".into())], ..run }
}

fn not_at_root(kit: &Kit) -> Run {
    kit.write("above/repo/README", "");
    kit.repository("above/repo");
    kit.write("above/repo/README", "edited\n");
    plain(kit)
}

fn in_subfolder(kit: &Kit) -> Run {
    let run = not_at_root(kit);
    Run { folder: kit.crate_folder().join("src"), ..run }
}

/// The crate as a member of a workspace in `above/repo`.
fn in_workspace(kit: &Kit) {
    kit.replace("Cargo.toml", "[workspace]", "");
    kit.write("above/repo/Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crate\"]\n");
    fs::rename(kit.path("above/repo/crate/Cargo.lock"), kit.path("above/repo/Cargo.lock"))
        .expect("it can move");
}

fn workspace_below(kit: &Kit) -> Run {
    in_workspace(kit);
    kit.repository("above");
    plain(kit)
}

fn workspace_above(kit: &Kit) -> Run {
    in_workspace(kit);
    kit.repository(CRATE);
    plain(kit)
}

fn manifest_by_link(kit: &Kit) -> Run {
    let run = clean(kit);
    symlink(kit.crate_folder(), kit.path("elsewhere/link")).expect("a link can be made");
    let args = vec!["--manifest-path".into(), "link/Cargo.toml".into()];
    Run { folder: kit.path("elsewhere"), args, ..run }
}

/// A library with a function that the crate calls.
fn library(kit: &Kit, folder: &str, dependency: &str) {
    let manifest = "[package]\nname = \"neighbour\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    kit.write(&format!("{folder}/Cargo.toml"), manifest);
    kit.write(&format!("{folder}/src/lib.rs"), "pub const STEP: u64 = 1;\n");
    depends_on(kit, dependency);
}

fn depends_on(kit: &Kit, dependency: &str) {
    let line = format!("[dependencies]\nneighbour = {{ path = \"{dependency}\" }}");
    kit.replace("Cargo.toml", "[dependencies]", &line);
    kit.replace("src/lib.rs", "seed ^ 1, std", "seed ^ neighbour::STEP, std");
    kit.lock(CRATE);
}

fn outside_dependency(kit: &Kit) -> Run {
    library(kit, "elsewhere/neighbour", "../../../elsewhere/neighbour");
    let run = clean(kit);
    // Of what is outside there is one state, for both sides.
    kit.write("elsewhere/neighbour/src/lib.rs", "pub const STEP: u64 = 2;\n");
    run
}

/// A repository `elsewhere/library`, and a submodule of it in the crate's.
fn with_submodule(kit: &Kit, folder: &str) {
    kit.write(
        "elsewhere/library/Cargo.toml",
        "[package]\nname = \"neighbour\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    kit.write("elsewhere/library/src/lib.rs", "pub const STEP: u64 = 1;\n");
    kit.repository("elsewhere/library");
    kit.git(folder, ["init", "--quiet", "--initial-branch", "main"]);
    kit.git(
        folder,
        ["submodule", "--quiet", "add", &kit.path("elsewhere/library").display().to_string(), "sub"],
    );
}

fn submodule(kit: &Kit) -> Run {
    with_submodule(kit, CRATE);
    kit.replace("Cargo.toml", "[workspace]", "[workspace]\nexclude = [\"sub\"]");
    depends_on(kit, "sub");
    kit.commit(CRATE, "with the submodule");
    kit.write(&format!("{CRATE}/sub/notes.txt"), "untracked in the submodule\n");
    plain(kit)
}

fn submodule_absent(kit: &Kit) -> Run {
    with_submodule(kit, CRATE);
    kit.commit(CRATE, "with the submodule");
    kit.git(CRATE, ["submodule", "--quiet", "deinit", "--force", "sub"]);
    plain(kit)
}

fn package_in_submodule(kit: &Kit) -> Run {
    in_workspace(kit);
    kit.repository(CRATE);
    fs::rename(kit.crate_folder(), kit.path("elsewhere/package")).expect("a folder can be moved");
    kit.git("above/repo", ["init", "--quiet", "--initial-branch", "main"]);
    let url = kit.path("elsewhere/package").display().to_string();
    kit.git("above/repo", ["submodule", "--quiet", "add", &url, "crate"]);
    kit.commit("above/repo", "with the package");
    plain(kit)
}

fn package_in_submodule_against(kit: &Kit) -> Run {
    against("HEAD", package_in_submodule(kit))
}

fn nested_clone(kit: &Kit) -> Run {
    kit.replace("Cargo.toml", "[workspace]", "[workspace]\nexclude = [\"cloned\"]");
    library(kit, &format!("{CRATE}/cloned"), "cloned");
    kit.repository(&format!("{CRATE}/cloned"));
    kit.write(&format!("{CRATE}/.gitignore"), "/target\n/cloned\n");
    clean(kit)
}

fn sha256(kit: &Kit) -> Run {
    kit.git(CRATE, ["init", "--quiet", "--object-format=sha256"]);
    kit.commit(CRATE, "all");
    plain(kit)
}

fn sparse(kit: &Kit) -> Run {
    kit.write(&format!("{CRATE}/manual/page"), "");
    let run = clean(kit);
    kit.git(CRATE, ["sparse-checkout", "set", "--cone", "src", "benches"]);
    assert!(!kit.crate_folder().join("manual").exists());
    run
}

fn sparse_index(kit: &Kit) -> Run {
    let run = sparse(kit);
    kit.git(CRATE, ["sparse-checkout", "reapply", "--sparse-index"]);
    run
}

fn split_index(kit: &Kit) -> Run {
    let run = edited(kit);
    kit.git(CRATE, ["config", "core.untrackedCache", "true"]);
    kit.git(CRATE, ["config", "core.splitIndex", "true"]);
    kit.git(CRATE, ["update-index", "--split-index", "--untracked-cache"]);
    run
}

fn line_ends(kit: &Kit) -> Run {
    kit.write(&format!("{CRATE}/.gitattributes"), "*.rs text eol=crlf\n*.toml text eol=lf\n");
    clean(kit)
}

fn autocrlf(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.git(CRATE, ["config", "core.autocrlf", "true"]);
    run
}

/// `data.up` is committed in capitals and written in small letters, by a program that leaves a trace.
fn filter(kit: &Kit) -> Run {
    kit.git(CRATE, ["init", "--quiet", "--initial-branch", "main"]);
    let canary = kit.path("elsewhere/canary");
    kit.git(CRATE, ["config", "filter.upper.clean", "tr a-z A-Z"]);
    let smudge = format!("tee '{}' | tr A-Z a-z", canary.display());
    kit.git(CRATE, ["config", "filter.upper.smudge", &smudge]);
    kit.write(&format!("{CRATE}/.gitattributes"), "*.up filter=upper\n");
    kit.write(&format!("{CRATE}/data.up"), "content\n");
    clean(kit)
}

fn filter_changed(kit: &Kit) -> Run {
    // A tree of its own: that of the state before is in the cache, and nothing would be exported.
    kit.write(&format!("{CRATE}/only_here.txt"), "");
    let run = filter(kit);
    kit.write(&format!("{CRATE}/data.up"), "other content\n");
    kit.commit(CRATE, "other content");
    run
}

const LARGE: &str = "abababababababababababababababababababababababababababababababab";

fn lfs_missing(kit: &Kit) -> Run {
    kit.write(&format!("{CRATE}/.gitattributes"), "*.bin filter=lfs\n");
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{LARGE}\nsize 5\n");
    kit.write(&format!("{CRATE}/data.bin"), &pointer);
    let run = clean(kit);
    let program =
        kit.script("elsewhere/large", &format!("touch '{}'; cat", kit.path("elsewhere/canary").display()));
    kit.git(CRATE, ["config", "filter.lfs.smudge", &program.display().to_string()]);
    kit.write(&format!("{CRATE}/data.bin"), "data\n");
    run
}

fn lfs(kit: &Kit) -> Run {
    let run = lfs_missing(kit);
    kit.write(&format!("{CRATE}/.git/lfs/objects/ab/ab/{LARGE}"), "data\n");
    run
}

fn overlooked(kit: &Kit) -> Run {
    kit.write(&format!("{CRATE}/skipped"), "one\n");
    let run = clean(kit);
    kit.git(CRATE, ["update-index", "--assume-unchanged", "notes.txt"]);
    kit.git(CRATE, ["update-index", "--skip-worktree", "skipped"]);
    kit.write(&format!("{CRATE}/notes.txt"), "overlooked\n");
    kit.write(&format!("{CRATE}/skipped"), "overlooked\n");
    run
}

fn lock_ignored(kit: &Kit) -> Run {
    kit.write(&format!("{CRATE}/.gitignore"), "/target\nCargo.lock\n");
    clean(kit)
}

fn generated(kit: &Kit) -> Run {
    kit.write(&format!("{CRATE}/.gitignore"), "/target\ngenerated.rs\n");
    kit.replace(
        "src/lib.rs",
        "/// How much work `mix` does.",
        "mod generated;\n/// How much work `mix` does.",
    );
    kit.write(&format!("{CRATE}/src/generated.rs"), "//! Made by a script.\n");
    clean(kit)
}

fn links(kit: &Kit) -> Run {
    kit.write("elsewhere/shared.rs", "//! Of another project.\n");
    let link = |target: PathBuf, at: &str| {
        symlink(target, kit.crate_folder().join(at)).expect("a link can be made");
    };
    kit.write(&format!("{CRATE}/common/inside.rs"), "//! Of this project.\n");
    link("../common/inside.rs".into(), "src/inside.rs");
    link("../../../../elsewhere/shared.rs".into(), "src/outside.rs");
    link(kit.crate_folder().join("common"), "absolute");
    link("nowhere".into(), "dangling");
    let modules = "mod inside;\nmod outside;\n/// How much work `mix` does.";
    kit.replace("src/lib.rs", "/// How much work `mix` does.", modules);
    clean(kit)
}

/// Two branches that do not go together in `notes.txt`; `main` is checked out.
fn two_branches(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.git(CRATE, ["checkout", "--quiet", "-b", "other"]);
    kit.write(&format!("{CRATE}/notes.txt"), "theirs\n");
    kit.commit(CRATE, "theirs");
    kit.git(CRATE, ["checkout", "--quiet", "main"]);
    kit.write(&format!("{CRATE}/notes.txt"), "ours\n");
    kit.commit(CRATE, "ours");
    run
}

fn merging(kit: &Kit) -> Run {
    let run = two_branches(kit);
    kit.git_stops(CRATE, ["merge", "other"]);
    run
}

fn rebasing(kit: &Kit) -> Run {
    let run = two_branches(kit);
    kit.git_stops(CRATE, ["rebase", "other"]);
    run
}

fn picking(kit: &Kit) -> Run {
    let run = two_branches(kit);
    kit.git_stops(CRATE, ["cherry-pick", "other"]);
    run
}

fn bisecting(kit: &Kit) -> Run {
    let run = two_branches(kit);
    kit.git(CRATE, ["bisect", "start", "HEAD", "HEAD~2"]);
    run
}

fn baseline_conflict(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.git(CRATE, ["branch", "other"]);
    for branch in ["other", "main"] {
        kit.git(CRATE, ["checkout", "--quiet", branch]);
        kit.write(&format!("{CRATE}/darwin.baseline.toml"), &format!("version = 1\n# {branch}\n"));
        kit.commit(CRATE, branch);
    }
    kit.git_stops(CRATE, ["merge", "other"]);
    run
}

fn renamed_case(kit: &Kit) -> Run {
    let run = clean(kit);
    kit.git(CRATE, ["mv", "notes.txt", "Notes.txt"]);
    run
}

/// Programs that git would start for one who looks at the repository, each of which leaves a trace.
fn programs_in_config(kit: &Kit) -> Run {
    let run = edited(kit);
    let trace = format!("touch '{}'", kit.path("elsewhere/canary").display());
    let program = kit.script("elsewhere/program", &trace).display().to_string();
    for hook in ["post-index-change", "post-checkout", "reference-transaction", "pre-commit"] {
        kit.script(&format!("elsewhere/hooks/{hook}"), &trace);
    }
    kit.git(CRATE, ["config", "core.hooksPath", &kit.path("elsewhere/hooks").display().to_string()]);
    for name in
        ["core.fsmonitor", "core.pager", "core.editor", "core.askPass", "core.sshCommand", "diff.external"]
    {
        kit.git(CRATE, ["config", name, &program]);
    }
    for name in ["credential.helper", "gpg.program", "pager.rev-list", "alias.rev-parse", "alias.ls-tree"] {
        kit.git(CRATE, ["config", name, &format!("!{program}")]);
    }
    run
}

fn index_locked(kit: &Kit) -> Run {
    let run = edited(kit);
    kit.write(&format!("{CRATE}/.git/index.lock"), "");
    run
}

fn packed(kit: &Kit) -> Run {
    let run = edited(kit);
    kit.git(CRATE, ["replace", "HEAD", "HEAD~1"]);
    kit.git(CRATE, ["tag", "--annotate", "--message", "tagged", "v1"]);
    kit.git(CRATE, ["gc", "--quiet"]);
    run
}
