//! The parts of `cargo darwin`. The directions are `main -> session -> {cli, options, io, gate, hook, render}` and
//! `io -> hook`, all of them over `model`; ARCHITECTURE.md has the picture.

pub mod cli;
pub mod exit_code;
pub mod gate;
pub mod hook;
pub mod io;
pub mod model;
pub mod options;
pub mod render;
pub mod session;
