//! `cargo darwin hook`.

use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use super::{CargoArgs, OutputArgs};
use crate::exit_code;
use crate::model::Stage;

/// What is done about hooks.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum HookVerb {
    /// Have git ask before a push or a commit; never replaces a hook that is there
    Install(HookInstallArgs),
    /// Which hooks are there, whether they are ours and up to date, and whether git would run them
    Status(HookStatusArgs),
    /// Take out what `install` put in
    Uninstall(HookUninstallArgs),
    /// What the hook runs: judge what is staged, or what is pushed (git's lines on standard input)
    #[command(after_help = exit_code::HELP)]
    Run(HookRunArgs),
}

/// `cargo darwin hook install`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct HookInstallArgs {
    /// When to ask (repeatable)
    #[arg(long = "stage", value_name = "STAGE", value_enum, default_value = "pre-push")]
    pub stages: Vec<Stage>,
    /// Print the lines for a shell script and change nothing
    #[arg(long)]
    pub print: bool,
    /// What the hook will judge.
    #[command(flatten)]
    pub judged: JudgedArgs,
    /// How it is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `cargo darwin hook status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct HookStatusArgs {
    /// How it is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `cargo darwin hook uninstall`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct HookUninstallArgs {
    /// Only this one (repeatable) [default: all]
    #[arg(long = "stage", value_name = "STAGE", value_enum)]
    pub stages: Vec<Stage>,
    /// How it is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `cargo darwin hook run`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct HookRunArgs {
    /// The hook that runs it
    #[arg(value_name = "STAGE", value_enum)]
    pub stage: Stage,
    /// What is judged.
    #[command(flatten)]
    pub judged: JudgedArgs,
    /// How it is shown.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What git gives to a pre-push hook: the name of the other end, and where it is
    #[arg(last = true, value_name = "REMOTE")]
    pub remote: Vec<String>,
}

/// What of a repository a hook judges; everything else is in `darwin.toml`.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct JudgedArgs {
    /// Use [profile.NAME] of darwin.toml [env: DARWIN_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub config_profile: Option<String>,
    /// What is built.
    #[command(flatten)]
    pub cargo: CargoArgs,
}

impl HookVerb {
    /// How results and progress are shown.
    pub fn output(&self) -> OutputArgs {
        match self {
            HookVerb::Install(args) => args.output,
            HookVerb::Status(args) => args.output,
            HookVerb::Uninstall(args) => args.output,
            HookVerb::Run(args) => args.output,
        }
    }
}

impl JudgedArgs {
    /// The words that give the same again.
    pub fn words(&self) -> Vec<String> {
        let JudgedArgs { config_profile, cargo } = self;
        // By name, so that a new one cannot be left out.
        let CargoArgs { package, features, manifest_path, locked, offline, profile, target } = cargo;
        let manifest = manifest_path.as_ref().map(|path| path.to_string_lossy().into_owned());
        let with_value = [
            ("--package", package.clone()),
            ("--manifest-path", manifest),
            ("--profile", profile.clone()),
            ("--target", target.clone()),
            ("--config-profile", config_profile.clone()),
        ];
        let lists = features.features.iter().map(|list| ("--features", Some(list.clone())));
        let switches = [
            ("--all-features", features.all_features),
            ("--no-default-features", features.no_default_features),
            ("--locked", *locked),
            ("--offline", *offline),
        ];
        let pairs = with_value
            .into_iter()
            .chain(lists)
            .filter_map(|(word, value)| Some(format!("{word}={}", value?)));
        pairs.chain(switches.into_iter().filter(|(_, on)| *on).map(|(word, _)| word.to_owned())).collect()
    }
}

impl ValueEnum for Stage {
    fn value_variants<'a>() -> &'a [Stage] {
        &Stage::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Stage::PreCommit => PossibleValue::new("pre-commit").help("Before a commit: what is staged"),
            Stage::PrePush => {
                PossibleValue::new("pre-push").help("Before a push: the commits that are pushed")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::{Verb, parse};
    use super::*;

    fn typed(words: &[&str]) -> Result<HookVerb, clap::Error> {
        let line = ["cargo-darwin", "darwin", "hook"].into_iter().chain(words.iter().copied());
        parse(line.map(OsString::from)).map(|darwin| match darwin.verb {
            Verb::Hook(verb) => *verb,
            other => panic!("{other:?}"),
        })
    }

    fn install(words: &[&str]) -> HookInstallArgs {
        match typed(&[&["install"], words].concat()) {
            Ok(HookVerb::Install(args)) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_push_is_asked_about_unless_told_otherwise() {
        assert_eq!(install(&[]).stages, [Stage::PrePush]);
        assert_eq!(install(&["--stage", "pre-commit"]).stages, [Stage::PreCommit]);
        assert_eq!(install(&["--stage", "pre-commit", "--stage", "pre-push"]).stages, Stage::ALL);
        assert!(typed(&["install", "--stage", "post-merge"]).is_err());
    }

    #[test]
    fn what_is_judged_comes_back_from_its_words() {
        let words = [
            "--package=app",
            "--manifest-path=a b/Cargo.toml",
            "--profile=fast",
            "--target=wasm32-wasip1",
            "--config-profile=ci",
            "--features=x,y",
            "--all-features",
            "--no-default-features",
            "--locked",
            "--offline",
        ];
        let judged = install(&words).judged;
        assert_eq!(judged.words(), words, "each of them was typed, and none is lost");
        let again: Vec<String> = judged.words();
        let again: Vec<&str> = again.iter().map(String::as_str).collect();
        assert_eq!(install(&again).judged, judged);
        assert_eq!(JudgedArgs::default().words(), [""; 0]);
    }

    #[test]
    fn run_takes_what_git_gives() {
        match typed(&["run", "pre-push", "-p", "app", "--", "origin", "-odd url"]) {
            Ok(HookVerb::Run(args)) => assert_eq!(
                (args.stage, args.remote),
                (Stage::PrePush, vec!["origin".into(), "-odd url".into()])
            ),
            other => panic!("{other:?}"),
        }
        assert!(typed(&["run"]).is_err());
    }
}
