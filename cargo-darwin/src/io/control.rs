//! Makes the control page of a run, and says over it that a side has gone.
#![allow(unsafe_code, reason = "shares a page with the measured processes")]

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::ptr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Relaxed, Release};
use std::time::Duration;

use darwin_runtime::layout::{
    CONTROL_MAGIC, Control, PACING_SITES, VERSION, broken, left_out, mode, plan, stage,
};
use darwin_runtime::pacing;
use rustix::mm::{MapFlags, ProtFlags};
use rustix::thread::futex;

use crate::model::{Broken, Mode, Nanos, TurnsMade};

/// What the benches of a run are asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plan {
    /// Iterate for so many nanoseconds.
    Timed {
        /// Without warming up.
        nanos: u64,
    },
    /// Iterate so often.
    Fixed {
        /// Iterations.
        iterations: u64,
    },
    /// Take turns.
    Turns(TurnPlan),
}

/// How a pair takes turns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnPlan {
    /// Length of a turn.
    pub turn: Duration,
    /// What comes before it and does not count.
    pub warm_up: Duration,
    /// The side that starts first and makes the first turn.
    pub coin: usize,
    /// Where turns change hands.
    pub at: TurnsAt,
    /// What makes them fair, but for experiments.
    pub fair: Fair,
}

/// What makes turns fair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fair {
    /// The coin decides who goes first, and pairs alternate; else side 0 makes the first turn of each pair.
    pub order: bool,
    /// The second mover does as much as the first; else for as long.
    pub work: bool,
}

impl Fair {
    /// All of it.
    pub const FULLY: Fair = Fair { order: true, work: true };
}

/// Where turns change hands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TurnsAt {
    /// Between the iterations of a `#[bench]`.
    Iterations {
        /// Pairs of turns, the first for warming up.
        pairs: u32,
    },
    /// At the entries of sites, in any program, as long as it runs.
    Sites {
        /// Samples are kept in every so many pairs.
        stride: u32,
    },
}

/// The mapped page.
#[derive(Debug)]
pub struct ControlPage(ptr::NonNull<Control>);

// SAFETY: the page holds atomics only, and stays mapped until this handle is dropped.
unsafe impl Sync for ControlPage {}
// SAFETY: as above; the mapping is not bound to a thread.
unsafe impl Send for ControlPage {}

impl ControlPage {
    /// Makes the page in a new file.
    ///
    /// # Errors
    /// When the file cannot be made or mapped.
    pub fn create(path: &Path, plan: Plan, heap_seeds: [u64; 2]) -> io::Result<ControlPage> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        let length = size_of::<Control>();
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, length as u64)?;
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice, as long as the file.
        let page = unsafe { rustix::mm::mmap(ptr::null_mut(), length, access, MapFlags::SHARED, &file, 0)? };
        let page = ControlPage(ptr::NonNull::new(page.cast()).ok_or(io::ErrorKind::OutOfMemory)?);
        page.fill(plan, heap_seeds);
        Ok(page)
    }

    fn fill(&self, plan: Plan, heap_seeds: [u64; 2]) {
        let control = self.get();
        control.version.store(VERSION, Relaxed);
        for (field, seed) in control.heap_seed.iter().zip(heap_seeds) {
            field.store(seed, Relaxed);
        }
        let kind = match plan {
            Plan::Timed { nanos } => {
                control.duration_nanos.store(nanos, Relaxed);
                plan::TIMED
            }
            Plan::Fixed { iterations } => {
                control.iterations.store(iterations, Relaxed);
                plan::FIXED
            }
            Plan::Turns(turns) => self.fill_turns(&turns),
        };
        control.plan.store(kind, Relaxed);
        control.magic.store(CONTROL_MAGIC, Release);
    }

    /// Processes of a side that measured and could not make a map.
    pub fn without_map(&self, side: usize) -> u32 {
        self.get().without_map[side].load(Relaxed)
    }

    fn fill_turns(&self, turns: &TurnPlan) -> u32 {
        let control = self.get();
        control.turn_nanos.store(turns.turn.as_nanos() as u64, Relaxed);
        control.warm_up_nanos.store(turns.warm_up.as_nanos() as u64, Relaxed);
        control.coin.store(turns.coin as u32, Relaxed);
        let left_out = [(turns.fair.order, left_out::COIN), (turns.fair.work, left_out::EQUAL_WORK)];
        let bits = left_out.into_iter().filter(|(is_kept, _)| !is_kept).fold(0, |bits, (_, bit)| bits | bit);
        control.left_out.store(bits, Relaxed);
        match turns.at {
            TurnsAt::Iterations { pairs } => {
                control.pairs.store(pairs, Relaxed);
                plan::TURNS
            }
            TurnsAt::Sites { stride } => {
                control.stride.store(stride, Relaxed);
                plan::SITES
            }
        }
    }

    /// How calls are counted, if not one by one. Before any process is started.
    pub fn count_in(&self, mode: Mode) {
        let mode = match mode {
            Mode::Exact => mode::EXACT,
            Mode::Graph => mode::GRAPH,
            Mode::Adaptive => mode::ADAPTIVE,
        };
        self.get().mode.store(mode, Release);
    }

    /// Work in turns is counted by the entries of these sites, named as the program names them; of the first
    /// [`PACING_SITES`] of them. Before any process is started.
    pub fn pace_by(&self, sites: &[String]) {
        let control = self.get();
        let hash = |site: &String| pacing::hash(std::iter::once(site.as_str()));
        let mut hashes: Vec<u64> = sites.iter().take(PACING_SITES).map(hash).collect();
        hashes.sort_unstable();
        control.pacing.iter().zip(&hashes).for_each(|(field, hash)| field.store(*hash, Relaxed));
        control.pacing_count.store(hashes.len() as u32, Release);
    }

    /// `side` has ended: the other one need not wait for it.
    pub fn mark_gone(&self, side: usize) {
        let control = self.get();
        control.gone[side].store(1, Release);
        let _ = futex::wake(&control.turn, futex::Flags::empty(), u32::MAX >> 1);
    }

    /// What became of the turns; for a page on which they were planned, after both sides have ended.
    pub fn turns_made(&self) -> TurnsMade {
        let control = self.get();
        let nanos =
            |fields: &[AtomicU64; 2]| fields.each_ref().map(|field| Nanos(field.load(Relaxed) as f64));
        TurnsMade {
            broken: self.broken(),
            waited: nanos(&control.waited_nanos),
            burnt: nanos(&control.burnt_nanos),
            burner: self.burner(),
            dirty: control.dirty.iter().map(|turns| turns.load(Relaxed)).sum(),
            made: control.turn.load(Relaxed),
        }
    }

    fn broken(&self) -> Option<Broken> {
        let control = self.get();
        let pairs = control.pairs.load(Relaxed);
        let by_sites = control.plan.load(Relaxed) == plan::SITES;
        let is_incomplete = match by_sites {
            true => control.stage.load(Relaxed) == stage::NOT_STARTED,
            false => control.turn.load(Relaxed) < pairs * 2,
        };
        match control.broken.load(Relaxed) {
            0 => is_incomplete.then_some(Broken::Incomplete),
            broken::NO_START => Some(Broken::NoStart),
            broken::TOO_MANY_PROCESSES => Some(Broken::TooManyProcesses),
            _ => Some(Broken::Idle),
        }
    }

    /// Sixteen bytes of the measured program, which may hold anything.
    fn burner(&self) -> Option<String> {
        let halves = self.get().burner.each_ref().map(|half| half.load(Relaxed).to_le_bytes());
        let bytes: Vec<u8> = halves.concat().into_iter().take_while(|byte| *byte != 0).collect();
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn get(&self) -> &Control {
        // SAFETY: mapped, aligned to a page, as long as a `Control`, until `drop`.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for ControlPage {
    fn drop(&mut self) {
        // SAFETY: mapped by `create` with this length; nothing refers to it any more.
        let _ = unsafe { rustix::mm::munmap(self.0.as_ptr().cast(), size_of::<Control>()) };
    }
}
