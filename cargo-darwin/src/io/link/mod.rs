//! The last link of an executable, recorded so that it can be done again with the functions in another order.
//!
//! Where a function happens to lie shifts its speed by 0.3 to 2.7 %, and no repetition of one binary shows it. So each
//! block measures freshly linked binaries: what is left of the placement then is noise like any other, and is judged as
//! such. rustc prints the command (`--print link-args`) and leaves the objects (`-C save-temps`); they are hard-linked
//! at once, because the next build removes them.
//!
//! What is linked again must be the same program. When a link is recorded its repetition has to give the code that rustc
//! got, and the digest of that is kept; before a check it is repeated and has to give the digest once more. So an input
//! that was changed since, or a linker with a mind of its own, leads to one layout and a note, never to wrong figures.

mod keep;
mod linker;
mod printed;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::command::{self, CommandError};
use super::digest::Digest;
use super::files::{self, FileError};
use super::identical::{self, IdenticalError};

use linker::{ByLld, Speaks};
pub use printed::{Printed, is_link_line};

/// Name of the record in its folder.
const RECORD: &str = "link.json";
/// Name of the file that says why there is no record.
const REFUSAL: &str = "refused.txt";

/// The options for rustc that make a link recordable; they go behind `--` of `cargo rustc`.
pub const RUSTC_OPTIONS: [&str; 4] = ["--print", "link-args", "-C", "save-temps"];

/// Beyond this lld gains little from more threads.
const MOST_THREADS: usize = 4;

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
    /// The linker. Its command has thousands of characters, and is not shown.
    #[error("the linker refuses: {0}")]
    Linker(String),
    /// An executable that could not be read.
    #[error(transparent)]
    Executable(#[from] IdenticalError),
    /// The link did not give what it gave before.
    #[error("linking it again gives another program: {0}")]
    Another(&'static str),
}

/// A link that can be repeated: the inputs are kept beside the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    program: String,
    variables: Vec<(String, String)>,
    args: Vec<Arg>,
    speaks: Speaks,
    instead_of: Option<String>,
    /// Where the linker ran: arguments of the user's may be relative.
    directory: PathBuf,
    /// Digest of the executable that rustc made: another one has been built since if it differs.
    made: String,
    /// Digest of what the repeated link makes with the functions in their own order.
    plain: String,
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
    /// Keeps a printed link, which ran in `directory`, in `folder`, replacing what was there.
    ///
    /// # Errors
    /// When its inputs cannot be kept, or the link cannot be repeated. [`Link::find`] repeats the reason.
    pub fn record(
        printed: Printed,
        executable: &Path,
        folder: &Path,
        directory: &Path,
    ) -> Result<Link, LinkError> {
        let recorded = record(printed, executable, folder, directory);
        if let Err(error) = &recorded {
            // Without this file the reason is lost, and nothing else.
            let _ = files::remove_tree(folder);
            let _ =
                fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(REFUSAL), error.to_string()));
        }
        recorded
    }

    /// The link that made `executable`, if it was kept in `folder`.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub fn find(executable: &Path, folder: &Path) -> Result<Link, String> {
        let unrecorded = |_| {
            let refusal = fs::read_to_string(folder.join(REFUSAL));
            refusal.unwrap_or_else(|_| "its link was not recorded".to_owned())
        };
        let text = fs::read_to_string(folder.join(RECORD)).map_err(unrecorded)?;
        let link: Link = serde_json::from_str(&text).map_err(|error| format!("{RECORD}: {error}"))?;
        match digest(executable).is_ok_and(|digest| digest == link.made) {
            true => Ok(Link { folder: folder.to_owned(), ..link }),
            false => Err("it was built again since its link was recorded".to_owned()),
        }
    }

    /// The user's linker, where it cannot order functions anew and lld links in its place.
    pub fn instead_of(&self) -> Option<&str> {
        self.instead_of.as_deref()
    }

    /// Links to `output` in the order of the inputs, and makes sure that it is still the same program.
    ///
    /// # Errors
    /// When the linker fails, or the result is not what it was when the link was recorded.
    pub fn verify(&self, output: &Path) -> Result<(), LinkError> {
        match self.plain(output)? == self.plain {
            true => Ok(()),
            false => {
                Err(LinkError::Another("something that it is linked with has changed since it was built"))
            }
        }
    }

    /// Links to `output` with the functions in the order that `seed` stands for.
    ///
    /// # Errors
    /// When the linker fails; one that cannot shuffle does.
    pub fn replay(&self, seed: u64, output: &Path) -> Result<(), LinkError> {
        self.link(Some(shuffle(seed)), output)
    }

    /// Links in the order of the inputs; the digest of the result.
    fn plain(&self, output: &Path) -> Result<String, LinkError> {
        self.link(None, output)?;
        digest(output).map_err(|source| LinkError::Keep { folder: output.to_owned(), source })
    }

    fn link(&self, order: Option<String>, output: &Path) -> Result<(), LinkError> {
        let mut linker = Command::new(&self.program);
        linker.envs(self.variables.iter().map(|(name, value)| (name, value))).current_dir(&self.directory);
        for arg in &self.args {
            match arg {
                Arg::Given(arg) => linker.arg(arg),
                Arg::Kept(name) => linker.arg(self.folder.join(name)),
                Arg::Output => linker.arg(output),
            };
        }
        // What is measured needs no debug information, and without it linking takes less.
        let options = ["--strip-debug".to_owned(), format!("--threads={}", threads())];
        linker.args(options.into_iter().chain(order).map(|option| self.speaks.option(&option)));
        command::output(&mut linker).map(drop).map_err(refusal)
    }

    /// The link of `by_lld` with inputs in `folder` under the names `kept`.
    fn of(by_lld: ByLld, kept: &HashMap<String, String>, folder: &Path, directory: &Path) -> Link {
        let Printed { program, variables, args, output } = by_lld.command;
        let arg = |arg: String| match kept.get(&arg) {
            _ if arg == output => Arg::Output,
            Some(name) => Arg::Kept(name.clone()),
            None => Arg::Given(arg),
        };
        Link {
            program,
            variables,
            args: args.into_iter().map(arg).collect(),
            speaks: by_lld.speaks,
            instead_of: by_lld.instead_of,
            directory: directory.to_owned(),
            made: String::new(),
            plain: String::new(),
            folder: folder.to_owned(),
        }
    }
}

/// lld's option; its seeds have 32 bits, of which the highest value means something else.
fn shuffle(seed: u64) -> String {
    format!("--shuffle-sections=.text*={}", (seed as u32) >> 1)
}

/// Both sides are linked at the same time. One thread takes 15 ms of processor time for a small program where all of
/// two processors take 19.
fn threads() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    (processors / 2).clamp(1, MOST_THREADS)
}

fn refusal(error: CommandError) -> LinkError {
    let CommandError::Failed { status, stderr, .. } = &error else {
        return LinkError::Linker(error.to_string());
    };
    let said = stderr.lines().find(|line| line.contains("error")).or_else(|| stderr.lines().next());
    LinkError::Linker(said.map_or_else(|| status.to_string(), str::to_owned))
}

fn record(printed: Printed, executable: &Path, folder: &Path, directory: &Path) -> Result<Link, LinkError> {
    let keeping = |source| LinkError::Keep { folder: folder.to_owned(), source };
    let removing = |error: FileError| keeping(error.source);
    let (made, partial) = (PathBuf::from(&printed.output), folder.with_extension("partial"));
    files::remove_tree(&partial).map_err(removing)?;
    fs::create_dir_all(&partial).map_err(keeping)?;
    let kept = keep::inputs(&printed, &partial).map_err(keeping)?;
    let link = repeatable(ByLld::of(printed), &kept, executable, &partial, directory);
    keep::tidy(&made).map_err(keeping)?;
    let link = Link { made: digest(executable).map_err(keeping)?, folder: folder.to_owned(), ..link? };
    let text = serde_json::to_string(&link).map_err(|error| keeping(error.into()))?;
    fs::write(partial.join(RECORD), text).map_err(keeping)?;
    files::remove_tree(folder).map_err(removing)?;
    fs::rename(&partial, folder).map_err(keeping)?;
    Ok(link)
}

/// The link that gives the program which rustc got, through the driver only where it must be.
fn repeatable(
    by_lld: ByLld,
    kept: &HashMap<String, String>,
    executable: &Path,
    folder: &Path,
    directory: &Path,
) -> Result<Link, LinkError> {
    let trial = folder.join("trial");
    let direct = by_lld.without_driver(directory).map(|direct| Link::of(direct, kept, folder, directory));
    let mut link = Link::of(by_lld, kept, folder, directory);
    link.plain = link.plain(&trial)?;
    // Another linker lays things out in another way.
    if link.instead_of.is_none() && !identical::same_code(executable, &trial)? {
        return Err(LinkError::Another("it is not the code that rustc got from the same command"));
    }
    if let Some(mut direct) = direct
        && direct.plain(&trial).is_ok_and(|plain| plain == link.plain)
    {
        direct.plain = link.plain;
        link = direct;
    }
    // Nobody reads it again.
    let _ = fs::remove_file(&trial);
    Ok(link)
}

fn digest(file: &Path) -> io::Result<String> {
    Ok(Digest::default().part(fs::read(file)?).hex())
}

#[cfg(test)]
mod tests;
