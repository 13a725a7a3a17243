//! The tools that are compared. Each is used as its own manual says; where a verdict is read, the manual is named.

pub mod by_hand;
pub mod criterion;
pub mod darwin;
pub mod gungraun;
mod install;
pub mod soothfast;
pub mod tango;

use crate::edit::Edit;
use crate::error::Error;
use crate::peer::Peer;
use crate::process::locked_version;
use crate::record::Outcome;
use crate::workshop::Workshop;

use darwin::Darwin;
use gungraun::Gungraun;
use soothfast::Soothfast;

/// One measurement, which one or two peers judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `cargo darwin`.
    Darwin,
    /// criterion's two runs.
    Criterion,
    /// tango on the same two executables, twice.
    Tango,
    /// Ten whole runs a side.
    ByHand,
    /// Gungraun's two runs.
    Gungraun,
    /// soothfast's gate.
    Soothfast,
}

impl Tool {
    /// All.
    pub const ALL: [Tool; 6] =
        [Tool::Darwin, Tool::Criterion, Tool::Tango, Tool::ByHand, Tool::Gungraun, Tool::Soothfast];

    /// Who judges what it measured.
    pub fn peers(self) -> &'static [Peer] {
        match self {
            Tool::Darwin => &[Peer::Darwin],
            Tool::Criterion => &[Peer::Criterion, Peer::Threshold],
            Tool::Tango => &[Peer::Tango, Peer::TangoSecond],
            Tool::ByHand => &[Peer::MannWhitney],
            Tool::Gungraun => &[Peer::Gungraun, Peer::GungraunStrict],
            Tool::Soothfast => &[Peer::Soothfast],
        }
    }

    /// Which release of it: that of the lock file; `-` of what is no program.
    ///
    /// # Errors
    /// When the lock file does not have it.
    pub fn release(self) -> Result<String, Error> {
        let package = match self {
            Tool::Darwin => "cargo-darwin",
            Tool::Criterion => "criterion",
            Tool::Tango => "tango-bench",
            Tool::Gungraun => "gungraun",
            Tool::Soothfast => "soothfast",
            Tool::ByHand => return Ok("-".to_owned()),
        };
        locked_version(package).map_err(|reason| Error::Program { command: package.to_owned(), reason })
    }
}

/// The tools, ready.
#[derive(Debug)]
pub struct Tools {
    workshop: Workshop,
    darwin: Option<Darwin>,
    gungraun: Option<Gungraun>,
    soothfast: Option<Soothfast>,
}

impl Tools {
    /// Builds and installs what these tools need before the first check.
    ///
    /// # Errors
    /// When one of them cannot be had.
    pub fn prepare(wanted: &[Tool]) -> Result<Tools, Error> {
        let mut workshop = Workshop::new()?;
        let mut built = |bench| {
            let failed = |reason| Error::Program { command: format!("the bench `{bench}`"), reason };
            workshop.baseline(bench).map(drop).map_err(failed)
        };
        for tool in wanted {
            match tool {
                Tool::Criterion => built(criterion::BENCH)?,
                Tool::Tango => built(tango::BENCH)?,
                Tool::ByHand => built(by_hand::BENCH)?,
                Tool::Gungraun => built(gungraun::BENCH)?,
                Tool::Darwin | Tool::Soothfast => {}
            }
        }
        let wants = |tool| wanted.contains(&tool);
        Ok(Tools {
            workshop,
            darwin: wants(Tool::Darwin).then(Darwin::new).transpose()?,
            gungraun: wants(Tool::Gungraun).then(Gungraun::new).transpose()?,
            soothfast: wants(Tool::Soothfast).then(Soothfast::new).transpose()?,
        })
    }

    /// One check: what each of the tool's peers says of an edit.
    pub fn check(&mut self, tool: Tool, edit: &Edit) -> Vec<Outcome> {
        let workshop = &mut self.workshop;
        let outcomes = match tool {
            Tool::Criterion => criterion::check(workshop, edit),
            Tool::Tango => tango::check(workshop, edit),
            Tool::ByHand => by_hand::check(workshop, edit),
            Tool::Darwin => ready(self.darwin.as_mut()).and_then(|darwin| darwin.check(edit)),
            Tool::Gungraun => {
                ready(self.gungraun.as_mut()).and_then(|gungraun| gungraun.check(workshop, edit))
            }
            Tool::Soothfast => {
                ready(self.soothfast.as_mut()).and_then(|soothfast| soothfast.check(workshop, edit))
            }
        };
        let failed = |reason: String| tool.peers().iter().map(|_| Outcome::failed(reason.clone())).collect();
        outcomes.unwrap_or_else(failed)
    }
}

fn ready<T>(tool: Option<&mut T>) -> Result<&mut T, String> {
    tool.ok_or_else(|| "it was not made ready".to_owned())
}
