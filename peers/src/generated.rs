//! Programs of very many small functions, each annotated, for what annotations cost before the first call.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::builds::{self, home, repository, target};
use crate::error::{At, Error};

/// With what the functions are annotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// With nothing.
    Bare,
    /// With `#[darwin_runtime::hotpath]`, as it is for everyone who only builds.
    DarwinOff,
    /// The same with measurement on.
    DarwinOn,
    /// With `#[tracing::instrument]`.
    Tracing,
    /// With `#[hotpath::measure]`, hotpath's feature off.
    HotpathOff,
    /// The same with the feature on.
    HotpathOn,
}

impl Flavour {
    /// All of them, that which is compared with first.
    pub const ALL: [Flavour; 6] = [
        Flavour::Bare,
        Flavour::DarwinOff,
        Flavour::DarwinOn,
        Flavour::Tracing,
        Flavour::HotpathOff,
        Flavour::HotpathOn,
    ];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Flavour::Bare => "no attribute",
            Flavour::DarwinOff => "Darwin, off",
            Flavour::DarwinOn => "Darwin, on",
            Flavour::Tracing => "tracing, `#[instrument]`",
            Flavour::HotpathOff => "hotpath, off",
            Flavour::HotpathOn => "hotpath, on",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Flavour::Bare => "bare",
            Flavour::DarwinOff => "darwin-off",
            Flavour::DarwinOn => "darwin-on",
            Flavour::Tracing => "tracing",
            Flavour::HotpathOff => "hotpath-off",
            Flavour::HotpathOn => "hotpath-on",
        }
    }

    fn attribute(self) -> &'static str {
        match self {
            Flavour::Bare => "",
            Flavour::DarwinOff | Flavour::DarwinOn => "#[darwin_runtime::hotpath]\n",
            Flavour::Tracing => "#[tracing::instrument]\n",
            Flavour::HotpathOff | Flavour::HotpathOn => "#[hotpath::measure]\n",
        }
    }

    /// What `main` begins with so that calls are recorded.
    fn prologue(self) -> &'static str {
        match self {
            Flavour::Tracing => {
                "    tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();\n"
            }
            Flavour::HotpathOn => "    let _guard = hotpath::HotpathGuardBuilder::new(\"main\").build();\n",
            _ => "",
        }
    }

    fn dependencies(self) -> Result<String, Error> {
        let exact = |package: &str| builds::version(package).map(|version| format!("\"={version}\""));
        let darwin = repository().join("darwin-runtime");
        Ok(match self {
            Flavour::Bare => String::new(),
            Flavour::DarwinOff => format!("darwin-runtime = {{ path = {darwin:?} }}\n"),
            Flavour::DarwinOn => {
                format!("darwin-runtime = {{ path = {darwin:?}, features = [\"enabled\"] }}\n")
            }
            Flavour::Tracing => format!(
                "tracing = {}\ntracing-subscriber = {{ version = {}, default-features = false, features = [\"registry\"] }}\n",
                exact("tracing")?,
                exact("tracing-subscriber")?
            ),
            Flavour::HotpathOff => format!("hotpath = {}\n", exact("hotpath")?),
            Flavour::HotpathOn => {
                format!("hotpath = {{ version = {}, features = [\"hotpath\"] }}\n", exact("hotpath")?)
            }
        })
    }
}

/// A generated package on the disk.
#[derive(Debug)]
pub struct Generated {
    folder: PathBuf,
}

impl Generated {
    /// Writes the package; what is there already with the same text keeps its time stamp.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(flavour: Flavour, functions: usize) -> Result<Generated, Error> {
        let name = format!("{}-{functions}", flavour.folder());
        let folder = target().join("generated").join(&name);
        let sources = folder.join("src");
        fs::create_dir_all(&sources).at("make", &sources)?;
        let manifest = manifest(&name, &flavour.dependencies()?);
        for (path, text) in
            [(folder.join("Cargo.toml"), manifest), (sources.join("main.rs"), source(flavour, functions))]
        {
            if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                fs::write(&path, text).at("write", &path)?;
            }
        }
        // The versions of our own lock file; cargo leaves out what is not needed.
        let lock = folder.join("Cargo.lock");
        if !lock.exists() {
            fs::copy(home().join("Cargo.lock"), &lock).at("write", &lock)?;
        }
        Ok(Generated { folder })
    }

    /// The build of it, not started.
    pub fn build(&self, release: bool) -> Command {
        let mut command = builds::cargo("build");
        command.arg("--manifest-path").arg(self.folder.join("Cargo.toml"));
        if release {
            command.arg("--release");
        }
        // Everything is compiled, or an unchanged file would cost nothing.
        command.env("CARGO_INCREMENTAL", "0");
        command
    }

    /// Makes the source look changed.
    ///
    /// # Errors
    /// When its time stamp cannot be set.
    pub fn touch(&self) -> Result<(), Error> {
        let path = self.folder.join("src/main.rs");
        let file = fs::File::options().append(true).open(&path).at("open", &path)?;
        Ok(file.set_modified(std::time::SystemTime::now()).at("touch", &path)?)
    }
}

fn manifest(name: &str, dependencies: &str) -> String {
    format!(
        "[workspace]\n\n[package]\nname = \"generated-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{dependencies}"
    )
}

/// The program. With an argument it calls so many of its functions, and ends without a report.
fn source(flavour: Flavour, functions: usize) -> String {
    let mut text = String::new();
    for number in 0..functions {
        let attribute = flavour.attribute();
        let _ = write!(
            text,
            "{attribute}pub fn f{number}(input: u64) -> u64 {{
    let mut sum = {number};
    for step in 0..input % 8 {{
        sum = u64::rotate_left(sum, 5) ^ step;
    }}
    if sum > 1000 {{ sum / 3 }} else {{ sum + 1 }}
}}

"
        );
    }
    let names: Vec<String> = (0..functions).map(|number| format!("f{number}")).collect();
    let _ = write!(
        text,
        "static ALL: [fn(u64) -> u64; {functions}] = [{}];

fn main() {{
{}    let calls = std::env::args().nth(1).map_or(0, |calls| calls.parse().unwrap());
    let sum = ALL[..calls].iter().fold(1, |input, function| function(input));
    std::hint::black_box(sum);
    std::process::exit(0);
}}
",
        names.join(", "),
        flavour.prologue()
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_the_attribute_and_the_bare_program_none() {
        for flavour in Flavour::ALL {
            let text = source(flavour, 20);
            let attributes = text.lines().filter(|line| line.starts_with("#[")).count();
            assert_eq!(attributes, if flavour == Flavour::Bare { 0 } else { 20 }, "{}", flavour.name());
            assert_eq!(text.matches("pub fn f").count(), 20);
        }
    }

    #[test]
    fn programs_differ_in_nothing_but_attributes_and_what_main_begins_with() {
        let plain = |flavour: Flavour| {
            let text = source(flavour, 5).replace(flavour.attribute(), "");
            if flavour.prologue().is_empty() { text } else { text.replace(flavour.prologue(), "") }
        };
        for flavour in Flavour::ALL.into_iter().filter(|flavour| *flavour != Flavour::Bare) {
            let text = plain(flavour);
            assert_eq!(text, source(Flavour::Bare, 5), "{}", flavour.name());
        }
    }

    #[test]
    fn flavours_have_packages_of_their_own() {
        let mut folders = Flavour::ALL.map(Flavour::folder);
        folders.sort_unstable();
        assert!(folders.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(manifest("bare-5", "").contains("name = \"generated-bare-5\""));
    }
}
