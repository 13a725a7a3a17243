//! The commands that set the tool up and measure nothing: completions, man pages, schemas.

use std::io;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use clap_complete::{Generator, Shell as Clap};
use clap_mangen::Man;

use super::Darwin;
use crate::render::json;

/// The executable's own name.
const BINARY: &str = "cargo-darwin";

/// What the script for bash calls it; `beside_cargo.bash` knows this name.
const BASH_NAME: &str = "cargo_darwin";

/// The verbs that need no project and measure nothing.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Aside {
    /// Print completions for a shell, also for `cargo darwin`
    Completions {
        /// The shell
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
    /// Write the man pages into a folder: cargo-darwin.1 and one for each command
    Man {
        /// The folder, such as /usr/local/share/man/man1; made where it is missing
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Print the JSON Schema of a document that `--format json` gives
    Schema {
        /// What the document has in its field `schema`
        #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(json::SCHEMAS))]
        name: String,
    },
}

/// A shell that can be told what to complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash, from 4 on
    Bash,
    /// elvish
    Elvish,
    /// fish
    Fish,
    /// `PowerShell`
    #[value(name = "powershell")]
    PowerShell,
    /// zsh
    Zsh,
}

/// A man page with the name of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Such as `cargo-darwin-check.1`.
    pub file_name: String,
    /// In roff.
    pub text: Vec<u8>,
}

/// The command as it is when `cargo` does not stand in front. Made from nothing: a part of cargo's would keep its names.
fn command() -> clap::Command {
    Darwin::augment_args(clap::Command::new(BINARY)).bin_name(BINARY).display_name(BINARY)
}

/// The script for a shell.
pub fn completions(shell: Shell) -> String {
    let (generator, beside_cargo) = match shell {
        Shell::Bash => (Clap::Bash, include_str!("beside_cargo.bash")),
        Shell::Elvish => (Clap::Elvish, ""),
        Shell::Fish => (Clap::Fish, include_str!("beside_cargo.fish")),
        Shell::PowerShell => (Clap::PowerShell, ""),
        // cargo's own completion asks `_cargo-darwin` for what follows `cargo darwin`.
        Shell::Zsh => (Clap::Zsh, ""),
    };
    let mut command = match shell {
        // clap's script for bash loses its way where the name has a dash.
        Shell::Bash => command().name(BASH_NAME).bin_name(BASH_NAME).display_name(BASH_NAME),
        _ => command(),
    };
    command.build();
    let mut script = Vec::new();
    generator.generate(&command, &mut script);
    String::from_utf8_lossy(&script).into_owned() + beside_cargo
}

/// All pages: that of the tool, and one for each command that is not hidden.
///
/// # Errors
/// When a page cannot be rendered, which memory alone could cause.
pub fn man_pages() -> io::Result<Vec<Page>> {
    let command = command().disable_help_subcommand(true);
    let commands = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let own = commands.map(|verb| {
        let name = format!("{BINARY}-{}", verb.get_name());
        // What stands in the synopsis is what is typed.
        let typed = format!("cargo darwin {}", verb.get_name());
        verb.clone().name(&name).display_name(&name).bin_name(typed)
    });
    std::iter::once(command.clone().bin_name("cargo darwin")).chain(own).map(page).collect()
}

fn page(command: clap::Command) -> io::Result<Page> {
    let man = Man::new(command);
    let mut text = Vec::new();
    man.render(&mut text)?;
    Ok(Page { file_name: man.get_filename(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_gets_a_script_with_every_command() {
        for shell in Shell::value_variants() {
            let script = completions(*shell);
            for verb in
                ["run", "baseline", "check", "doctor", "completions", "man", "schema", "require-faster"]
            {
                assert!(script.contains(verb), "{shell:?} does not know {verb}");
            }
        }
    }

    #[test]
    fn there_is_a_page_for_the_tool_and_for_each_command() {
        let pages = man_pages().unwrap();
        let names: Vec<&str> = pages.iter().map(|page| page.file_name.as_str()).collect();
        assert_eq!(names[0], "cargo-darwin.1");
        for verb in ["run", "baseline", "check", "doctor", "completions", "man", "schema"] {
            assert!(names.contains(&format!("cargo-darwin-{verb}.1").as_str()), "{names:?}");
        }
        let check = &pages[names.iter().position(|name| *name == "cargo-darwin-check.1").unwrap()];
        let text = String::from_utf8_lossy(&check.text);
        assert!(text.contains("require\\-faster") && text.contains("Exit codes"), "{text}");
        assert!(!text.contains("\\-\\-without"), "hidden options stay hidden");
    }
}
