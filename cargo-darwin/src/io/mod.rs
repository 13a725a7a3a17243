//! Touches the world (files, processes, cargo, git) and decides nothing.

pub mod affinity;
pub mod clock;
pub mod control;
pub mod figures;
pub mod interrupt;
pub mod map;
pub mod measure;
pub mod process;
pub mod run_dir;
