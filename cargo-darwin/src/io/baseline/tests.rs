//! Real git and cargo: two revisions of a small workspace, built beside each other.

use std::fs;
use std::process::Command;

use super::*;
use crate::io::cargo::TargetKind;
use crate::io::cargo::testing::{Sandbox, offline};

/// A repository with the runtime in it and a program that prints its constant and the runtime's mark.
struct Project {
    sandbox: Sandbox,
}

impl Project {
    fn new() -> Project {
        let project = Project { sandbox: Sandbox::new() };
        let sandbox = &project.sandbox;
        sandbox
            .write("repo/Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"darwin-*\"]\n");
        sandbox.write("repo/.gitignore", "target\n");
        sandbox.runtime("repo/");
        sandbox.package("repo/outside", "unused", "[workspace]\n");
        sandbox.package("outside", "outside", "");
        let dependencies =
            "darwin-runtime = { path = \"../darwin-runtime\" }\noutside = { path = \"../../outside\" }\n";
        sandbox.package("repo/app", "app", &format!("[dependencies]\n{dependencies}"));
        project.git(&["init", "--quiet"]);
        project
    }

    fn root(&self) -> PathBuf {
        self.sandbox.root().join("repo")
    }

    fn git(&self, args: &[&str]) -> String {
        let mut git = Command::new("git");
        crate::io::git::clear_environment(&mut git);
        git.current_dir(self.root()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.args(["-c", "user.name=N", "-c", "user.email=n@example.invalid"]).args(args);
        String::from_utf8(crate::io::command::output(&mut git).unwrap()).unwrap()
    }

    /// Writes a program that prints `constant`.
    fn print(&self, constant: u32) {
        let program = format!("fn main() {{ println!(\"{constant} {{}}\", darwin_runtime::MARK); }}\n");
        self.sandbox.write("repo/app/src/main.rs", &program);
    }

    fn commit(&self, constant: u32) -> Commit {
        self.print(constant);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
        self.repository().head().unwrap()
    }

    fn repository(&self) -> Repository {
        Repository::discover(&self.root()).unwrap().unwrap()
    }

    /// The workspace with a target directory of its own, whatever the environment says.
    fn workspace(&self) -> Workspace {
        Workspace::load(&self.root(), &self.options())
            .unwrap()
            .with_target_directory(&self.root().join("target"))
    }

    fn options(&self) -> CargoOptions {
        offline()
    }

    fn candidate(&self) -> String {
        let workspace = self.workspace();
        let dir = Layout::of(&workspace).candidate();
        let package = workspace.package(Some("app")).unwrap();
        let plans = cargo::plans(&workspace, package, &targets(), &self.options(), &dir).unwrap();
        output(&cargo::build(&plans[0], &mut |_| ()).unwrap().path)
    }

    fn baseline(&self, commit: &Commit) -> Result<(String, Baseline), BaselineError> {
        let workspace = self.workspace();
        let request = Request {
            repository: &self.repository(),
            commit,
            candidate: &workspace,
            candidate_top: &self.root(),
            package: workspace.package(Some("app")).unwrap(),
            targets: &targets(),
            options: &self.options(),
            trees: &self.sandbox.root().join("cache"),
        };
        let built = baseline(&request, &mut |_| ())?;
        Ok((output(&built.executables[0].path), built))
    }
}

fn targets() -> [TargetRef; 1] {
    [TargetRef { kind: TargetKind::Bin, name: "app".to_owned() }]
}

fn output(program: &Path) -> String {
    // A process that another test starts at this instant may still hold a file open that was being copied.
    let output = loop {
        match Command::new(program).output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            other => break other.unwrap(),
        }
    };
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn each_tree_prints_its_own_constant_in_whichever_order_they_are_built() {
    let project = Project::new();
    let (one, two) = (project.commit(1), project.commit(2));
    project.print(3);
    assert_eq!(project.candidate(), "3 1");
    assert_eq!(project.baseline(&one).unwrap().0, "1 1");
    assert_eq!(project.baseline(&two).unwrap().0, "2 1");
    assert_eq!(project.candidate(), "3 1");

    let project = Project::new();
    let (one, two) = (project.commit(1), project.commit(2));
    assert_eq!(project.baseline(&two).unwrap().0, "2 1");
    assert_eq!(project.baseline(&one).unwrap().0, "1 1");
    project.print(3);
    assert_eq!(project.candidate(), "3 1");
    assert_eq!(project.baseline(&two).unwrap().0, "2 1");
}

#[test]
fn unchanged_code_is_identical_on_both_sides() {
    let project = Project::new();
    let commit = project.commit(1);
    project.candidate();
    let candidate = Layout::of(&project.workspace()).candidate().join("darwin/app");
    let (_, built) = project.baseline(&commit).unwrap();
    assert!(crate::io::identical::same_code(&candidate, &built.executables[0].path).unwrap());
    project.print(2);
    project.candidate();
    assert!(!crate::io::identical::same_code(&candidate, &built.executables[0].path).unwrap());
}

#[test]
fn a_revision_is_built_once_for_the_same_runtime() {
    let project = Project::new();
    let commit = project.commit(1);
    project.print(2);
    assert_eq!(project.baseline(&commit).unwrap().1.source, BaselineSource::Built);
    let (printed, again) = project.baseline(&commit).unwrap();
    assert_eq!((printed.as_str(), again.source), ("1 1", BaselineSource::Cached));
    assert!(again.package_dir.join("src/main.rs").exists());
    let runtime = project.root().join("darwin-runtime/src/lib.rs");
    fs::write(&runtime, "pub const MARK: u32 = 5;").unwrap();
    let (printed, other) = project.baseline(&commit).unwrap();
    assert_eq!((printed.as_str(), other.source), ("1 5", BaselineSource::Built));
}

#[test]
fn a_revision_is_built_anew_when_a_package_outside_of_the_repository_has_changed() {
    let project = Project::new();
    let commit = project.commit(1);
    assert_eq!(project.baseline(&commit).unwrap().1.source, BaselineSource::Built);
    project.sandbox.write("outside/src/lib.rs", "pub const OTHER: u32 = 1;\n");
    assert_eq!(project.baseline(&commit).unwrap().1.source, BaselineSource::Built);
    assert_eq!(project.baseline(&commit).unwrap().1.source, BaselineSource::Cached);
}

#[test]
fn the_live_cargo_configuration_is_not_joined_in_and_nothing_of_the_tree_changes() {
    let project = Project::new();
    project.commit(1);
    // A first build writes the lock file, as any cargo command does.
    project.candidate();
    let commit = project.commit(1);
    let workspace = project.workspace();
    project.sandbox.write("repo/.cargo/config.toml", "[build]\nrustc = \"no-such-compiler\"\n");
    let before = (project.git(&["status", "--porcelain=v2"]), project.git(&["worktree", "list"]));
    let request = Request {
        repository: &project.repository(),
        commit: &commit,
        candidate: &workspace,
        candidate_top: &project.root(),
        package: workspace.package(Some("app")).unwrap(),
        targets: &targets(),
        options: &project.options(),
        trees: &project.sandbox.root().join("cache"),
    };
    let built = baseline(&request, &mut |_| ()).unwrap();
    assert_eq!(output(&built.executables[0].path), "1 1");
    assert_eq!((project.git(&["status", "--porcelain=v2"]), project.git(&["worktree", "list"])), before);
}

#[test]
fn a_revision_without_the_target_says_what_to_do() {
    let project = Project::new();
    project.print(1);
    fs::rename(project.root().join("app/src/main.rs"), project.root().join("aside")).unwrap();
    project.git(&["add", "app", "darwin-runtime", "darwin-macros", "Cargo.toml", ".gitignore"]);
    project.git(&["commit", "--quiet", "--message", "x"]);
    project.print(1);
    let commit = project.repository().head().unwrap();
    let error = project.baseline(&commit).unwrap_err().to_string();
    assert!(error.contains("no bin named `app`") && error.contains("--against"), "{error}");
}

#[test]
fn a_revision_that_does_not_compile_is_a_build_error() {
    let project = Project::new();
    project.commit(1);
    project.sandbox.write("repo/app/src/main.rs", "fn main() { nothing_there(); }");
    project.git(&["commit", "--quiet", "--all", "--message", "x"]);
    let commit = project.repository().head().unwrap();
    project.print(1);
    let error = project.baseline(&commit).unwrap_err();
    assert!(matches!(&error, BaselineError::Build(cargo::BuildError::Failed { .. })), "{error}");
    assert!(error.to_string().contains("nothing_there"), "{error}");
}
