//! `cargo darwin hook`: real hooks, called by real git.

mod layouts;
mod outcomes;
mod pre_commit;
mod pre_push;
mod world;
