//! A build as data, and as an argument vector.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_metadata::{Package, PackageId};

use crate::io::command::quoted;
use crate::io::link;

use super::flags;
use super::linked::require_static;
use super::targets::require_features;
use super::{Activation, CargoError, CargoOptions, TargetKind, TargetRef, Workspace, activation, program};

/// A profile of our own, defined on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// `darwin`, or `darwin-bench` for benches.
    pub name: &'static str,
    /// Profile of the user's that it starts from.
    pub inherits: String,
}

impl Profile {
    fn of(kind: TargetKind, options: &CargoOptions) -> Profile {
        let (name, inherits) = match kind {
            TargetKind::Bench => ("darwin-bench", "bench"),
            _ => ("darwin", "release"),
        };
        Profile { name, inherits: options.profile.clone().unwrap_or_else(|| inherits.to_owned()) }
    }

    /// `--config` values that define it. Symbols and line tables are kept: profiles need them, code does not
    /// change by them.
    fn config(&self) -> [String; 3] {
        let set = |key: &str, value: &str| format!("profile.{}.{key}={value}", self.name);
        [
            set("inherits", &toml::Value::from(self.inherits.as_str()).to_string()),
            set("strip", "false"),
            set("debug", "\"line-tables-only\""),
        ]
    }
}

/// Where there are executables that lld can link; whether this one can be linked again is tried.
const LINKS_CAN_BE_REPEATED: bool = cfg!(target_os = "linux");

/// One call of `cargo rustc`, or of `cargo build` where the link need not be, or cannot be, repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildPlan {
    /// Folder that cargo runs in; it reads its configuration from here upwards.
    pub directory: PathBuf,
    /// Top of the workspace, where cargo has rustc run.
    pub root: PathBuf,
    /// Manifest that cargo is given, see [`Activation::manifest_path`].
    pub manifest_path: PathBuf,
    /// Where cargo builds: one tree, one directory.
    pub target_dir: PathBuf,
    /// The user's intermediate files lie elsewhere and must be moved as well.
    pub move_build_dir: bool,
    /// The selected package, to tell its executables from others.
    pub package_id: PackageId,
    /// Packages and features.
    pub activation: Activation,
    /// Profile.
    pub profile: Profile,
    /// What is built.
    pub target: TargetRef,
    /// The user's switches that every cargo call takes.
    pub common: Vec<OsString>,
    /// The user's switches for `cargo build` alone.
    pub flags: Vec<OsString>,
    /// rustc's flags; `None`: as cargo finds them.
    pub rustflags: Option<Vec<String>>,
    /// Have rustc print and keep the last link, so that it can be repeated in another order.
    pub records_link: bool,
    /// Show the line before it runs.
    pub verbose: bool,
}

/// The builds that give the executables of `targets`, benches first: one for each, because `cargo rustc` builds one
/// target at a time.
pub fn plans(
    workspace: &Workspace,
    package: &Package,
    targets: &[TargetRef],
    options: &CargoOptions,
    target_dir: &Path,
) -> Result<Vec<BuildPlan>, CargoError> {
    let mut targets = targets.to_vec();
    targets.sort();
    targets.into_iter().map(|target| plan(workspace, package, target, options, target_dir)).collect()
}

fn plan(
    workspace: &Workspace,
    package: &Package,
    target: TargetRef,
    options: &CargoOptions,
    target_dir: &Path,
) -> Result<BuildPlan, CargoError> {
    require_features(workspace, package, &target)?;
    require_static(workspace, package, &target, options)?;
    let activation = activation(workspace, package, std::slice::from_ref(&target), options)?;
    Ok(BuildPlan {
        directory: workspace.directory().to_path_buf(),
        root: workspace.root().to_path_buf(),
        manifest_path: activation.manifest_path.clone(),
        target_dir: target_dir.to_path_buf(),
        move_build_dir: workspace.has_build_directory(),
        package_id: package.id.clone(),
        // `cargo rustc` takes one package only.
        records_link: LINKS_CAN_BE_REPEATED && activation.packages.len() == 1,
        activation,
        profile: Profile::of(target.kind, options),
        target,
        common: options.common(),
        flags: options.flags.clone(),
        rustflags: options.rustflags.clone(),
        verbose: options.verbose,
    })
}

/// The cargo line of a build for people, with the variable that it needs.
pub(super) fn shown_line(plan: &BuildPlan) -> String {
    let line = quoted(build_argv(plan));
    match &plan.rustflags {
        Some(rustflags) if !rustflags.is_empty() => format!("{} {line}", flags::shown(rustflags)),
        _ => line,
    }
}

/// The whole cargo line of a build, program first.
pub fn build_argv(plan: &BuildPlan) -> Vec<OsString> {
    let verb = if plan.records_link { "rustc" } else { "build" };
    let mut argv: Vec<OsString> =
        vec![program(), verb.into(), "--message-format=json-render-diagnostics".into()];
    argv.extend(place_words(plan));
    argv.extend(plan.activation.packages.iter().flat_map(|name| ["-p".into(), OsString::from(name)]));
    argv.extend([format!("--{}", plan.target.kind.word()).into(), OsString::from(&plan.target.name)]);
    argv.extend(feature_words(&plan.activation));
    argv.extend(plan.common.iter().chain(&plan.flags).cloned());
    if plan.records_link {
        argv.push("--".into());
        argv.extend(link::RUSTC_OPTIONS.map(OsString::from));
    }
    argv
}

/// The cargo line that forgets what was built of the packages `names`.
pub fn clean_argv(plan: &BuildPlan, names: &[String]) -> Vec<OsString> {
    let mut argv: Vec<OsString> = vec![program(), "clean".into(), "--quiet".into()];
    argv.extend(place_words(plan));
    argv.extend(names.iter().flat_map(|name| ["-p".into(), OsString::from(name)]));
    argv.extend(plan.common.iter().cloned());
    argv
}

/// Which tree, which directory, which profile.
fn place_words(plan: &BuildPlan) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["--profile".into(), plan.profile.name.into()];
    words.extend(plan.profile.config().into_iter().flat_map(|value| ["--config".into(), value.into()]));
    words.extend(["--manifest-path".into(), plan.manifest_path.clone().into()]);
    words.extend(["--target-dir".into(), plan.target_dir.clone().into()]);
    if plan.move_build_dir {
        let path = toml::Value::from(plan.target_dir.to_string_lossy().into_owned());
        words.extend(["--config".into(), format!("build.build-dir={path}").into()]);
    }
    words
}

fn feature_words(activation: &Activation) -> Vec<OsString> {
    let switches = [
        ("--all-features", activation.all_features),
        ("--no-default-features", activation.no_default_features),
    ];
    let mut words: Vec<OsString> =
        switches.iter().filter(|(_, on)| *on).map(|(word, _)| word.into()).collect();
    if !activation.features.is_empty() {
        words.extend(["--features".into(), activation.features.join(",").into()]);
    }
    words
}
