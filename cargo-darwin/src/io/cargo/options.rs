//! What cargo is told by its own options.

use std::ffi::OsString;
use std::path::PathBuf;

use cargo_metadata::Package;

/// cargo's own options as the user gave them, passed on to every call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoOptions {
    /// `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// `-p`: a name, or `name@version`.
    pub package: Option<String>,
    /// `--features`, each possibly a list separated by commas or blanks.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
    /// `--locked`.
    pub locked: bool,
    /// `--offline`.
    pub offline: bool,
    /// `--frozen`.
    pub frozen: bool,
    /// `--profile`: what the measuring profile inherits from; `None`: release, for benches bench.
    pub profile: Option<String>,
    /// `--config KEY=VALUE` or a file, also for `cargo metadata`.
    pub config: Vec<OsString>,
    /// `--target`: a triple, or the file of a target of the user's own.
    pub target: Option<String>,
    /// Anything else for `cargo build`, e.g. `--jobs 1`.
    pub flags: Vec<OsString>,
    /// rustc's flags, the user's among them; `None`: cargo finds the user's itself.
    pub rustflags: Option<Vec<String>>,
    /// `-v`: shows every cargo line.
    pub verbose: bool,
}

impl CargoOptions {
    /// `--locked --offline --frozen --config ... --target ...`: what `cargo build` and `clean` both take.
    pub(super) fn common(&self) -> Vec<OsString> {
        let switches = [("--locked", self.locked), ("--offline", self.offline), ("--frozen", self.frozen)];
        let given = switches.into_iter().filter(|(_, on)| *on).map(|(switch, _)| switch.into());
        given.chain(self.config_words()).chain(self.target_words()).collect()
    }

    pub(super) fn target_words(&self) -> impl Iterator<Item = OsString> {
        self.target.iter().flat_map(|triple| ["--target".into(), OsString::from(triple)])
    }

    pub(super) fn config_words(&self) -> Vec<OsString> {
        self.config.iter().flat_map(|config| ["--config".into(), config.clone()]).collect()
    }

    pub(super) fn chooses_features(&self) -> bool {
        self.all_features || self.no_default_features || !self.features.is_empty()
    }

    pub(super) fn without_features(&self) -> CargoOptions {
        let none = CargoOptions { features: Vec::new(), ..self.clone() };
        CargoOptions { all_features: false, no_default_features: false, ..none }
    }

    /// The same features, of `package` whoever's manifest cargo is given.
    pub(super) fn with_features_of(&self, package: &Package) -> CargoOptions {
        let qualified = |feature: &str| match feature.contains('/') {
            true => feature.to_owned(),
            false => format!("{}/{feature}", package.name),
        };
        let features = self.feature_names().map(qualified).collect();
        CargoOptions { features, ..self.clone() }
    }

    /// The values of `--features` one by one.
    pub(super) fn feature_names(&self) -> impl Iterator<Item = &str> {
        self.features.iter().flat_map(|list| list.split([',', ' '])).filter(|name| !name.is_empty())
    }
}
