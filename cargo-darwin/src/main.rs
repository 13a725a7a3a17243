//! The binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_darwin::session::main(std::env::args_os()).into()
}
