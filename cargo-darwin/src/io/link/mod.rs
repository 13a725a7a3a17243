//! The last link of an executable, recorded so that it can be done again with the functions in another order.
//!
//! Where a function happens to lie shifts its speed by 0.3 to 2.7 %, and no repetition of one binary shows it. So each
//! block measures freshly linked binaries: what is left of the placement then is noise like any other, and is judged as
//! such. rustc prints the command (`--print link-args`) and leaves the objects (`-C save-temps`); they are hard-linked
//! at once, because the next build removes them.

mod printed;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::command::{self, CommandError};
use super::digest::Digest;
use super::files;

pub use printed::{Printed, is_link_line};

/// Name of the record in its folder.
const RECORD: &str = "link.json";

/// The options for rustc that make a link recordable; they go behind `--` of `cargo rustc`.
pub const RUSTC_OPTIONS: [&str; 4] = ["--print", "link-args", "-C", "save-temps"];

/// Why an executable cannot be linked anew. It is then measured as it is, and the report says so.
#[derive(Debug, Error)]
pub enum LinkError {
    /// Our own files.
    #[error("cannot keep the inputs of the link in {folder}: {source}")]
    Keep {
        /// Where they were to go.
        folder: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The linker.
    #[error("cannot link again: {0}")]
    Linker(#[from] CommandError),
}

/// A link that can be repeated: the inputs are kept beside the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    program: String,
    variables: Vec<(String, String)>,
    args: Vec<Arg>,
    /// Digest of the executable that this link made: another one has been built since if it differs.
    made: String,
    /// Where the inputs are; the folder may be moved.
    #[serde(skip)]
    folder: PathBuf,
}

/// An argument of the linker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Arg {
    /// As it was.
    Given(String),
    /// A file in the folder of the record.
    Kept(String),
    /// Where the executable goes.
    Output,
}

impl Link {
    /// Keeps a printed link in `folder`, replacing what was there.
    ///
    /// # Errors
    /// When its inputs cannot be linked or copied.
    pub fn record(printed: Printed, executable: &Path, folder: &Path) -> Result<Link, LinkError> {
        let keep = |source| LinkError::Keep { folder: folder.to_owned(), source };
        let link = record(printed, executable, folder).map_err(keep)?;
        Ok(link)
    }

    /// The link that made `executable`, if it was kept in `folder`.
    pub fn find(executable: &Path, folder: &Path) -> Option<Link> {
        let text = fs::read_to_string(folder.join(RECORD)).ok()?;
        let link: Link = serde_json::from_str(&text).ok()?;
        let same = digest(executable).is_ok_and(|digest| digest == link.made);
        same.then(|| Link { folder: folder.to_owned(), ..link })
    }

    /// Links to `output` with the functions in the order that `seed` stands for.
    ///
    /// # Errors
    /// When the linker fails; one that cannot shuffle does.
    pub fn replay(&self, seed: u64, output: &Path) -> Result<(), LinkError> {
        let mut linker = Command::new(&self.program);
        linker.envs(self.variables.iter().map(|(name, value)| (name, value)));
        for arg in &self.args {
            match arg {
                Arg::Given(arg) => linker.arg(arg),
                Arg::Kept(name) => linker.arg(self.folder.join(name)),
                Arg::Output => linker.arg(output),
            };
        }
        // What is measured needs no debug information, and without it linking takes less.
        linker.arg(shuffle(seed)).arg("-Wl,--strip-debug");
        command::output(&mut linker)?;
        Ok(())
    }
}

/// lld's option; its seeds have 32 bits, of which the highest value means something else.
fn shuffle(seed: u64) -> String {
    format!("-Wl,--shuffle-sections=.text*={}", (seed as u32) >> 1)
}

fn record(printed: Printed, executable: &Path, folder: &Path) -> io::Result<Link> {
    let partial = folder.with_extension("partial");
    files::remove_tree(&partial).map_err(|error| error.source)?;
    fs::create_dir_all(&partial)?;
    let Printed { program, variables, args, output } = printed;
    let made = PathBuf::from(&args[output]);
    let target = made.parent().unwrap_or(&made);
    let mut kept = Vec::new();
    for (index, arg) in args.into_iter().enumerate() {
        let path = PathBuf::from(&arg);
        kept.push(if index == output {
            Arg::Output
        } else if path.starts_with(target) && path.is_file() {
            // Two inputs may share a name in different folders.
            let name = format!("{index}.{}", path.extension().unwrap_or_default().display());
            keep(&path, &partial.join(&name))?;
            Arg::Kept(name)
        } else {
            Arg::Given(arg)
        });
    }
    let link = Link { program, variables, args: kept, made: digest(executable)?, folder: folder.to_owned() };
    fs::write(partial.join(RECORD), serde_json::to_string(&link)?)?;
    files::remove_tree(folder).map_err(|error| error.source)?;
    fs::rename(&partial, folder)?;
    tidy(&made)?;
    Ok(link)
}

/// Removes what `save-temps` left beside the executable: bitcode of every stage, and rustc's own folder.
fn tidy(made: &Path) -> io::Result<()> {
    let (Some(folder), Some(stem)) = (made.parent(), made.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_temporary =
            name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.') && rest.contains(".rcgu."));
        if is_temporary && path.is_file() {
            fs::remove_file(path)?;
        } else if is_rustc_folder(&name) && path.is_dir() {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

fn digest(file: &Path) -> io::Result<String> {
    Ok(Digest::default().part(fs::read(file)?).hex())
}

fn keep(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop))
}

/// `rustc` or `rmeta` and six random letters, as the `tempfile` crate makes them.
fn is_rustc_folder(name: &str) -> bool {
    let random = name.strip_prefix("rustc").or_else(|| name.strip_prefix("rmeta"));
    random.is_some_and(|random| random.len() == 6 && random.chars().all(|char| char.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests;
