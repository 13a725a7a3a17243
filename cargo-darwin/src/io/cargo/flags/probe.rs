//! Build script of the probe: says which flags cargo hands to rustc here, and whether rustc takes ours as well.
//! `cargo darwin` writes it to a package of its own; it is no part of the program.

use std::env::var;
use std::process::Command;

fn main() {
    let flags = var("CARGO_ENCODED_RUSTFLAGS").expect("cargo sets it, and it is UTF-8");
    let mut rustc = Command::new(var("RUSTC").expect("cargo sets it"));
    // To print its configuration rustc starts the code generator, which refuses what it does not know.
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty())).arg("{ALIGNED_LOOPS}");
    rustc.args(["--print", "cfg", "--target", &var("TARGET").expect("cargo sets it")]);
    let takes_ours = rustc.output().is_ok_and(|output| output.status.success());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=DARWIN_TAKES_OURS={takes_ours}");
    let digits: String = flags.bytes().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo:rustc-env=DARWIN_FLAGS={digits}");
}
