//! Touches the world (files, processes, cargo, git) and decides nothing.

pub mod affinity;
pub mod atomic;
pub mod baseline_file;
pub mod clock;
pub mod config;
pub mod control;
pub mod figures;
pub mod interrupt;
pub mod map;
pub mod measure;
pub mod position;
pub mod process;
pub mod run_dir;
pub mod store;
