//! G11: whatever way a repository has its hooks, none is overwritten, installing twice is installing once, and uninstalling
//! restores every byte. The hooks are then really called by git, with a stand-in for `cargo-darwin` that notes what it is told.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use darwin_tests::schema::is_as_published;
use darwin_tests::{Ended, cargo_darwin};
use serde_json::Value;

use super::world::{Everything, assert_same, everything, path_with};

/// A script that notes its arguments and its standard input, and ends as it is told.
const NOTES: &str = "#!/bin/sh\n{ echo \"called: $*\"; cat; } >> \"$NOTES\"\nexit ${ENDS_WITH:-0}\n";

/// A hook that reads what git gives it and says so, as git-lfs does, and ends before its last line.
const READS: &str =
    "#!/usr/bin/env bash\nset -eu\n{ echo \"theirs: $*\"; cat; } >> \"$NOTES\"\nexit 0\necho never\n";

/// A repository, its other end, and a home, all in one temporary folder.
struct World {
    temp: tempfile::TempDir,
    /// The working tree that is worked in.
    tree: PathBuf,
}

impl World {
    fn new() -> World {
        let temp = tempfile::tempdir().expect("a folder can be made");
        let root = temp.path().canonicalize().expect("it is there");
        let world = World { tree: root.join("repo"), temp };
        for folder in ["repo", "home", "programs"] {
            fs::create_dir(root.join(folder)).expect("a folder can be made");
        }
        world.write_program("../programs/cargo-darwin", NOTES);
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world.git(&["init", "--quiet", "--bare", "--initial-branch=main", "../remote"]);
        world.git(&["remote", "add", "origin", "../remote"]);
        world.write("Cargo.toml", "[package]\n");
        world.git(&["add", "--all"]);
        world.git(&["commit", "--quiet", "--no-verify", "-m", "one"]);
        world
    }

    fn root(&self) -> PathBuf {
        self.temp.path().canonicalize().expect("it is there")
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name_bytes = name.as_encoded_bytes();
            if [&b"GIT_"[..], b"DARWIN_", b"CARGO", b"XDG_", b"PRE_COMMIT"]
                .iter()
                .any(|hidden| name_bytes.starts_with(hidden))
            {
                command.env_remove(name);
            }
        }
        let who = [
            ("GIT_AUTHOR_NAME", "T"),
            ("GIT_AUTHOR_EMAIL", "t@t.invalid"),
            ("GIT_COMMITTER_NAME", "T"),
            ("GIT_COMMITTER_EMAIL", "t@t.invalid"),
        ];
        command
            .envs(who)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .env("HOME", self.root().join("home"));
        // A submodule's other end is a folder here.
        command
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "protocol.file.allow")
            .env("GIT_CONFIG_VALUE_0", "always");
        command.env("PATH", path_with(&self.root().join("programs"))).env("NOTES", self.notes_file());
        command.current_dir(&self.tree);
        command
    }

    fn git(&self, args: &[&str]) -> String {
        Ended::of(self.command("git").args(args)).expect_code(0).stdout
    }

    fn hook(&self, args: &[&str]) -> Ended {
        Ended::of(self.command(cargo_darwin()).args(["darwin", "hook"]).args(args))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.tree.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    fn write_program(&self, path: &str, text: &str) {
        self.write(path, text);
        fs::set_permissions(self.tree.join(path), fs::Permissions::from_mode(0o755)).expect("it can be run");
    }

    fn link(&self, path: &str, target: &str) {
        symlink(target, self.tree.join(path)).expect("a link can be made");
    }

    fn notes_file(&self) -> PathBuf {
        self.root().join("notes")
    }

    /// Everything but git's objects, references and notes, which a push changes.
    fn state(&self) -> Everything {
        let is_git_own = |path: &Path| {
            ["objects", "refs", "logs"].iter().any(|part| path.iter().any(|word| word == *part))
        };
        let mut state = everything(&self.root());
        state.retain(|path, _| {
            !is_git_own(path) && !path.starts_with(self.root().join("remote")) && *path != self.notes_file()
        });
        state
    }

    /// Commits and pushes one branch more; what the hooks have noted, and how the push ended.
    fn push(&self, ends_with: u8) -> (String, Ended) {
        let _ = fs::remove_file(self.notes_file());
        let branch = format!("HEAD:refs/heads/b{ends_with}");
        let mut push = self.command("git");
        let ended = Ended::of(
            push.args(["push", "--quiet", "origin", &branch]).env("ENDS_WITH", ends_with.to_string()),
        );
        let _ = Ended::of(self.command("git").args([
            "push",
            "--quiet",
            "--no-verify",
            "origin",
            "--delete",
            &format!("b{ends_with}"),
        ]));
        (fs::read_to_string(self.notes_file()).unwrap_or_default(), ended)
    }
}

fn state_of(world: &World) -> Value {
    let status = world.hook(&["status", "--format", "json"]).expect_code(0).json();
    is_as_published(&status);
    status["hooks"]
        .as_array()
        .and_then(|hooks| hooks.iter().find(|hook| hook["stage"] == "pre-push"))
        .expect("it is listed")
        .clone()
}

/// Installs, twice; pushes; uninstalls.
#[track_caller]
fn installs(layout: &str, prepare: impl FnOnce(&mut World)) {
    let mut world = World::new();
    prepare(&mut world);
    let (before, had_notes) = (world.state(), !world.push(0).0.is_empty());
    world
        .hook(&["install", "-p", "app"])
        .expect_code(0)
        .expect_stdout("installed, runs before each `git push`: --package=app");
    let once = world.state();
    world.hook(&["install", "-p", "app"]).expect_code(0).expect_stdout("nothing: it is there already");
    assert_same(&once, &world.state(), layout);
    let state = state_of(&world);
    assert_eq!((&state["state"], &state["is_run"]), (&"installed".into(), &true.into()), "{layout}: {state}");

    let hash = world.git(&["rev-parse", "HEAD"]);
    let line = format!("HEAD {0} refs/heads/b0 {1}", hash.trim(), "0".repeat(40));
    let (notes, ended) = world.push(0);
    assert_eq!(ended.code, 0, "{layout}: {ended}");
    let ours = "called: darwin hook run pre-push --package=app -- origin ../remote";
    assert!(notes.starts_with(&format!("{ours}\n{line}\n")), "{layout}: {notes}{ended}");
    assert_eq!(
        notes.contains(&format!("theirs: origin ../remote\n{line}\n")),
        had_notes,
        "{layout}: {notes}"
    );
    let (notes, ended) = world.push(1);
    assert!(
        ended.code == 1 && !notes.contains("theirs"),
        "{layout}: a push that is stopped is stopped: {notes}{ended}"
    );

    world.hook(&["uninstall"]).expect_code(0);
    assert_same(&before, &world.state(), layout);
    world.hook(&["uninstall"]).expect_code(0).expect_stdout("nothing: it is not there");
    assert_same(&before, &world.state(), layout);
}

/// Leaves all as it is, and says these words.
#[track_caller]
fn refuses(layout: &str, words: &[&str], prepare: impl FnOnce(&mut World)) {
    let mut world = World::new();
    prepare(&mut world);
    let before = world.state();
    let ended = world.hook(&["install"]).expect_code(2);
    for words in words {
        assert!(
            ended.stdout.contains(words) || ended.stderr.contains(words),
            "{layout}: no `{words}`\n{ended}"
        );
    }
    world.hook(&["uninstall"]);
    assert_same(&before, &world.state(), layout);
}

const HOOK: &str = ".git/hooks/pre-push";

#[test]
fn repositories_with_hooks_of_their_own_kind_take_the_block() {
    installs("no hook", |_| {});
    installs("no folder", |world| fs::remove_dir_all(world.tree.join(".git/hooks")).expect("it is there"));
    installs("a hook of a shell", |world| world.write_program(HOOK, READS));
    installs("a hook without a line break at its end", |world| world.write_program(HOOK, READS.trim_end()));
    installs("a hook without a first line", |world| {
        world.write_program(HOOK, READS.split_once('\n').expect("it has").1.replace("set -eu\n", "").as_str())
    });
    installs("an empty hook", |world| world.write_program(HOOK, ""));
    installs("a folder of the repository's own", |world| {
        world.git(&["config", "core.hooksPath", ".git/other-hooks"]);
        world.write_program(".git/other-hooks/pre-push", READS);
    });
    installs("a path with blanks and quotes", |world| {
        let moved = world.root().join("a 'b' $c");
        fs::rename(&world.tree, &moved).expect("it can be moved");
        world.tree = moved;
    });
}

#[test]
fn other_working_trees_take_the_block_too() {
    installs("a linked working tree", |world| {
        world.git(&["worktree", "add", "--quiet", "../linked"]);
        world.tree = world.root().join("linked");
        world.write_program("../repo/.git/hooks/pre-push", READS);
    });
    installs("a submodule", |world| {
        world.git(&["push", "--quiet", "origin", "main"]);
        world.git(&["init", "--quiet", "--initial-branch=main", "../outer"]);
        let mut add = world.command("git");
        add.current_dir(world.root().join("outer")).args([
            "submodule",
            "--quiet",
            "add",
            "../remote",
            "inner",
        ]);
        Ended::of(&mut add).expect_code(0);
        world.tree = world.root().join("outer/inner");
        world.git(&["remote", "set-url", "origin", "../remote"]);
        symlink("../remote", world.root().join("outer/remote")).expect("a link can be made");
    });
}

#[test]
fn hooks_of_other_programs_are_left_alone() {
    refuses("pre-commit", &["belongs to pre-commit", ".pre-commit-config.yaml"], |world| {
        world.write_program(
            HOOK,
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
        );
    });
    refuses("lefthook", &["belongs to lefthook", "lefthook.yml"], |world| {
        world.write_program(
            HOOK,
            "#!/bin/sh\ncall_lefthook()\n{\n:\n}\ncall_lefthook run \"pre-push\" \"$@\"\n",
        );
    });
    refuses("husky", &["husky has the hooks", "--print` prints to .husky/pre-push"], |world| {
        world.git(&["config", "core.hooksPath", ".husky/_"]);
        world.write_program(".husky/_/pre-push", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
        world.write(".husky/pre-push", "npm test\n");
    });
    refuses("a script of Python", &["a script for python3", "hook run pre-push"], |world| {
        world.write_program(HOOK, "#!/usr/bin/env python3\nprint()\n");
    });
    refuses("a program", &["no shell script"], |world| world.write_program(HOOK, "\u{7f}ELF\0\0"));
}

#[test]
fn hooks_that_serve_others_too_are_left_alone() {
    refuses("a link", &["is a link to ../../scripts/push", "--print"], |world| {
        world.write_program("scripts/push", READS);
        world.link(HOOK, "../../scripts/push");
    });
    refuses("a link to nothing", &["is a link to nowhere"], |world| world.link(HOOK, "nowhere"));
    refuses("a folder that is a link", &["is part of the working tree"], |world| {
        fs::remove_dir_all(world.tree.join(".git/hooks")).expect("it is there");
        world.write_program("scripts/pre-push", READS);
        world.link(".git/hooks", "../scripts");
    });
    refuses(
        "a folder in the working tree",
        &["part of the working tree", "`.githooks` in the local configuration"],
        |world| {
            world.git(&["config", "core.hooksPath", ".githooks"]);
            world.write_program(".githooks/pre-push", READS);
        },
    );
    refuses(
        "a folder for all repositories",
        &["outside of this repository", "in the global configuration"],
        |world| {
            world.write_program("../home/hooks/pre-push", READS);
            world.git(&["config", "--global", "core.hooksPath", "~/hooks"]);
        },
    );
    refuses("a folder elsewhere that is not there", &["outside of this repository"], |world| {
        world.git(&["config", "core.hooksPath", "../nowhere/hooks"]);
    });
    refuses("hooks that are switched off", &["hooks are switched off", "--unset core.hooksPath"], |world| {
        world.git(&["config", "core.hooksPath", "/dev/null"]);
    });
}

#[test]
fn hooks_that_git_cannot_run_are_left_alone() {
    refuses("not executable", &["not executable", "chmod +x"], |world| world.write(HOOK, READS));
    refuses("Windows line ends", &["Windows line ends", "sed -i"], |world| {
        world.write_program(HOOK, &READS.replace('\n', "\r\n"));
    });
    refuses("a folder in the hook's place", &["is no file"], |world| {
        world.write(".git/hooks/pre-push/file", "")
    });
    refuses("a file in the folder's place", &["cannot write", "pre-push"], |world| {
        fs::remove_dir_all(world.tree.join(".git/hooks")).expect("it is there");
        world.write(".git/hooks", "");
    });
    refuses("half a block", &["pre-push:2:", "by hand"], |world| {
        world.write_program(HOOK, "#!/bin/sh\n# >>> cargo darwin >>>\n")
    });
    refuses("no package", &["there is no Cargo.toml", "--manifest-path"], |world| {
        fs::remove_file(world.tree.join("Cargo.toml")).expect("it is there");
    });
    refuses("no repository", &["is in no git repository", "git init"], |world| {
        fs::remove_dir_all(world.tree.join(".git")).expect("it is there");
    });
}

#[test]
fn a_folder_that_may_not_be_written_stays_and_is_named() {
    let world = World::new();
    world.write_program(HOOK, READS);
    let folder = world.tree.join(".git/hooks");
    let before = world.state();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("they are ours");
    // The superuser may write everywhere.
    let program = world.root().join("programs/under-test");
    fs::copy(cargo_darwin(), &program).expect("it can be copied");
    fs::set_permissions(world.root(), fs::Permissions::from_mode(0o755)).expect("they are ours");
    let mut install = world.command(&program);
    install.args(["darwin", "hook", "install"]);
    if rustix::process::geteuid().is_root() {
        install.uid(65534);
        install.env("GIT_CONFIG_KEY_0", "safe.directory").env("GIT_CONFIG_VALUE_0", "*");
    }
    let ended = Ended::of(&mut install).expect_code(2);
    assert!(ended.stderr.contains("pre-push: cannot write: Permission denied"), "{ended}");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("they are ours");
    fs::remove_file(program).expect("it is there");
    assert_same(&before, &world.state(), "a folder that is read-only");
}

#[test]
fn other_options_replace_the_block_and_a_changed_block_is_outdated() {
    let world = World::new();
    world.write_program(HOOK, READS);
    let before = world.state();
    world.hook(&["install", "-p", "one"]).expect_code(0).expect_stdout("added to the hook that is there");
    world
        .hook(&["install", "-p", "two", "-F", "x"])
        .expect_code(0)
        .expect_stdout("--package=two --features=x");
    let text = fs::read_to_string(world.tree.join(HOOK)).expect("it is there");
    assert_eq!(text.matches("# >>> cargo darwin >>>").count(), 1, "{text}");
    world.write_program(HOOK, &text.replace("|| exit $?", "|| true"));
    assert_eq!(state_of(&world)["state"], "outdated");
    world.hook(&["uninstall", "--stage", "pre-push"]).expect_code(0);
    assert_same(&before, &world.state(), "uninstalled");
}

#[test]
fn both_stages_are_installed_and_taken_out_and_a_package_below_is_named() {
    let world = World::new();
    world.write("crates/my app/Cargo.toml", "[package]\n");
    let before = world.state();
    let mut install = world.command(cargo_darwin());
    install.current_dir(world.tree.join("crates/my app"));
    let both = ["--stage", "pre-commit", "--stage", "pre-push"];
    Ended::of(install.args(["darwin", "hook", "install"]).args(both)).expect_code(0);
    let ended = Ended::of(world.command("git").args(["commit", "--quiet", "--allow-empty", "-m", "two"]))
        .expect_code(0);
    let notes = fs::read_to_string(world.notes_file()).expect("the hook was called");
    assert!(
        notes.starts_with("called: darwin hook run pre-commit --manifest-path=crates/my app/Cargo.toml\n"),
        "{notes}{ended}"
    );
    world.hook(&["uninstall"]).expect_code(0);
    let mut after = world.state();
    for of_git in ["COMMIT_EDITMSG", "index"] {
        let path = world.tree.join(".git").join(of_git);
        match before.get(&path) {
            Some(old) => after.insert(path, old.clone()),
            None => after.remove(&path),
        };
    }
    assert_same(&before, &after, "both stages");
}

#[test]
fn a_folder_that_was_made_goes_with_the_last_hook_whichever_that_is() {
    let (commit, push) = (["--stage", "pre-commit"], ["--stage", "pre-push"]);
    for (installed, taken_out) in [
        (vec![[commit, push].concat()], vec![vec![]]),
        (vec![[push, commit].concat()], vec![vec![]]),
        (vec![push.to_vec(), commit.to_vec()], vec![push.to_vec(), commit.to_vec()]),
        (vec![push.to_vec(), commit.to_vec()], vec![commit.to_vec(), push.to_vec()]),
    ] {
        let world = World::new();
        fs::remove_dir_all(world.tree.join(".git/hooks")).expect("it is there");
        let before = world.state();
        for (verb, all) in [("install", &installed), ("uninstall", &taken_out)] {
            for stages in all {
                world.hook(&[&[verb], &stages[..]].concat()).expect_code(0);
            }
        }
        assert_same(&before, &world.state(), &format!("{installed:?} {taken_out:?}"));
    }
}

/// Shells that a hook may be written for, as far as they are here.
fn shells() -> Vec<&'static str> {
    let known = ["sh", "dash", "bash", "zsh", "ksh", "mksh", "busybox"];
    let is_here = |shell: &&str| Command::new(shell).args(["-c", "true"]).output().is_ok();
    known.into_iter().filter(is_here).collect()
}

#[test]
fn what_stands_below_the_block_reads_what_git_gave_to_the_byte() {
    let world = World::new();
    let line = format!("refs/heads/a {0} refs/heads/a {0}\n", "1".repeat(40));
    for shell in shells() {
        let shell = if shell == "busybox" { "busybox sh".to_owned() } else { shell.to_owned() };
        let theirs = format!("#!/usr/bin/env -S {shell} -eu\ncat > \"$NOTES\".below\n");
        world.write_program(HOOK, &theirs);
        world.hook(&["install"]).expect_code(0);
        for given in [String::new(), line.clone(), line.repeat(2)] {
            world.write("../given", &given);
            let mut hook = world.command(world.tree.join(HOOK));
            let input = fs::File::open(world.root().join("given")).expect("it was written");
            let ended = hook.args(["origin", "../remote"]).stdin(input).output().expect("it can be started");
            assert!(ended.status.success(), "{shell}: {ended:?}");
            let below = fs::read_to_string(world.root().join("notes.below")).expect("it ran to its end");
            assert_eq!(below, given, "{shell}");
        }
        world.hook(&["uninstall"]).expect_code(0);
    }
}

#[test]
fn the_lines_to_add_by_hand_are_those_that_would_be_added() {
    let world = World::new();
    let printed = world.hook(&["install", "--print", "-p", "app"]).expect_code(0).stdout;
    world.write_program(HOOK, READS);
    world.hook(&["install", "-p", "app"]).expect_code(0);
    let text = fs::read_to_string(world.tree.join(HOOK)).expect("it is there");
    assert!(text.contains(&printed), "{text}\n{printed}");
}
