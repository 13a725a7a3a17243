//! Measures a program as `cargo darwin run` does, without building it: a run directory with a control page before, the
//! maps and their figures after.

use std::process::Command;
use std::time::{Duration, Instant};

use cargo_darwin::io::control::{ControlPage, Plan};
use cargo_darwin::io::measure::Measured;
use cargo_darwin::io::run_dir::RunDir;
use cargo_darwin::io::{clock, figures};
use cargo_darwin::model::{Mode, SiteRun, Usage};

use crate::error::Error;

/// A program that is being measured.
#[derive(Debug)]
pub struct Measurement {
    folder: RunDir,
    mode: Mode,
    _control: ControlPage,
    begin: Instant,
}

/// A single process is always this side.
const SIDE: usize = 0;

/// What the page says to benches, of which there is none here.
const NO_BENCH: Plan = Plan::Timed { nanos: Duration::from_secs(1).as_nanos() as u64 };

impl Measurement {
    /// Makes what the program looks for, in this mode.
    ///
    /// # Errors
    /// When the files cannot be made.
    pub fn begin(mode: Mode) -> Result<Measurement, Error> {
        let failed = |error: std::io::Error| Error::Map(error.to_string());
        let folder = RunDir::new().map_err(failed)?;
        let control = control_page(&folder, mode).map_err(failed)?;
        Ok(Measurement { folder, mode, _control: control, begin: Instant::now() })
    }

    /// Makes the program count into it.
    pub fn hand_to(&self, command: &mut Command) {
        let (key, value) = self.folder.variable(SIDE);
        command.env(key, value);
    }

    /// What was counted, with the calibrated cost of an empty site taken off every latency.
    ///
    /// # Errors
    /// When there is no map, or a damaged one.
    pub fn end(self) -> Result<Vec<SiteRun>, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Map(error.to_string());
        let end = clock::now();
        let maps = self.folder.maps(SIDE).map_err(|error| failed(&error))?;
        if maps.is_empty() {
            return Err(Error::Map(
                "the program made none; was it built with darwin-runtime/enabled?".into(),
            ));
        }
        let lost: u64 = maps.iter().map(|map| map.lost).sum();
        if lost > 0 {
            return Err(Error::Map(format!("{lost} calls found no room in it")));
        }
        if maps.iter().any(|map| map.mode != self.mode) {
            return Err(Error::Map(format!("it was not written in mode {:?}", self.mode)));
        }
        let seconds = self.begin.elapsed().as_secs_f64();
        let measured = Measured { maps, seconds, end, usage: Usage::default() };
        figures::site_runs("peers", &measured).map_err(|error| failed(&error))
    }
}

/// The one place that tells the runtime its mode.
fn control_page(folder: &RunDir, mode: Mode) -> std::io::Result<ControlPage> {
    let page = ControlPage::create(&folder.control(), NO_BENCH, [0; 2])?;
    page.count_in(mode);
    Ok(page)
}
