//! What can be read about this machine without privileges, and nothing else: what it means is judged in
//! `gate::environment`, and nothing is ever changed.

mod hardware;
mod load;
mod neighbours;
mod resources;
mod spin;

use std::path::PathBuf;

use super::environment::{Roots, cgroup::Groups};
use super::{affinity, run_dir};
use crate::model::{Facts, Load};

/// Whom and where to ask: an argument, so that recorded files can be read in place of this machine's.
#[derive(Debug, Clone)]
pub struct Here {
    /// The kernel's files.
    pub roots: Roots,
    /// Processors that we may use.
    pub allowed: Vec<usize>,
    /// The process that asks.
    pub pid: u32,
    /// The folder in which a run's folder will be made.
    pub run_folder: PathBuf,
}

impl Here {
    /// This process on this machine.
    pub fn of_this_process() -> Here {
        Here {
            roots: Roots::of_this_machine(),
            allowed: affinity::allowed_processors(),
            pid: std::process::id(),
            run_folder: run_dir::parent(),
        }
    }

    /// Everything: also what others do meanwhile, and how evenly this thread can work. Takes about 0.2 s.
    pub fn facts(&self) -> Facts {
        let watch = load::Window::open(&self.roots);
        let (spins, went_back) = spin::probe(self.allowed.last().copied());
        let load = watch.close(&self.roots);
        let mut facts = self.settings();
        facts.clock.went_back = went_back;
        Facts { load, spins, ..facts }
    }

    /// What others do just now. Takes 0.2 s.
    pub fn load(&self) -> Load {
        let watch = load::Window::open(&self.roots);
        std::thread::sleep(load::WINDOW);
        watch.close(&self.roots)
    }

    /// What does not change from one moment to the next; the rest is left empty.
    pub fn settings(&self) -> Facts {
        let Here { roots, allowed, .. } = self;
        Facts {
            processor: hardware::processor(roots),
            hypervisor: hardware::hypervisor(roots),
            smt: hardware::smt(roots),
            governors: hardware::governors(roots, allowed),
            boost: hardware::boost(roots),
            clock: hardware::clock(roots),
            address_randomness: hardware::address_randomness(roots),
            quota_processors: Groups::find(roots).quota_processors(),
            allowed_processors: allowed.len(),
            on_battery: hardware::on_battery(roots),
            available_memory_bytes: resources::available_memory_bytes(roots),
            used_swap_bytes: resources::used_swap_bytes(roots),
            run_folder: resources::run_folder(roots, &self.run_folder),
            builders: neighbours::builders(roots, self.pid),
            load: Load::default(),
            spins: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
