//! Touches the world (files, processes, cargo, git) and decides nothing.

pub mod affinity;
pub mod atomic;
pub mod baseline;
pub mod baseline_file;
pub mod cargo;
pub mod clock;
pub mod command;
pub mod config;
pub mod control;
pub mod digest;
pub mod figures;
pub mod files;
pub mod git;
pub mod identical;
pub mod interrupt;
pub mod link;
pub mod lock;
pub mod machine;
pub mod map;
pub mod measure;
pub mod position;
pub mod process;
pub mod run_dir;
pub mod store;
pub mod system;
pub mod tree;
