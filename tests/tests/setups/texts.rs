//! Sources and manifests that rows share. `{app}` is the row's own name.

/// A manifest: the package's name, and what stands below.
macro_rules! package {
    ($name:literal $($rest:tt)*) => {
        concat!("[package]\nname = '", $name, "'\nversion = '0.1.0'\nedition = '2024'\n" $($rest)*)
    };
}

/// The dependency, as it is written first.
macro_rules! runtime {
    () => {
        "darwin-runtime = { path = '{darwin-runtime}' }\n"
    };
}

/// The manifest of a package that is measured.
macro_rules! measured {
    ($name:literal $($rest:tt)*) => {
        package!($name, "[dependencies]\n", runtime!() $($rest)*)
    };
}

/// Calls `step` three times, and more often for all that is in effect.
macro_rules! calls {
    ($head:literal) => {
        concat!(
            "const CALLS: u32 = 3 + 10 * cfg!(marker) as u32 + 100 * cfg!(feature = \"more\") as u32\n",
            "    + 1000 * cfg!(panic = \"abort\") as u32 + 10_000 * cfg!(debug_assertions) as u32\n",
            "    + 100_000 * cfg!(feature = \"leak\") as u32;\n",
            $head,
            " {\n    for _ in 0..CALLS {\n        step();\n    }\n}\n",
            "#[darwin_runtime::hotpath]\nfn step() {\n    std::hint::black_box(());\n}\n"
        )
    };
}

/// A measured program: three calls of `step`; 10 more with `--cfg marker`, 100 with feature `more`, 1000 with `panic =
/// "abort"`, 10 000 with debug assertions.
pub const MAIN: &str = calls!("fn main()");
/// The same as a library, whose feature `leak` means 100 000 more.
pub const LIB: &str = calls!("pub fn work()");
/// A program that is not measured itself and uses that library.
pub const MAIN_OF_LIB: &str = "fn main() {\n    {app}_lib::work();\n}\n";
/// A bench of that library.
pub const BENCH_OF_LIB: &str = "
#[darwin_runtime::bench]
fn all(b: &mut darwin_runtime::Bencher) {
    b.iter(|| {app}_lib::work());
}

darwin_runtime::main!();
";
/// What a bench with its own harness says of itself.
macro_rules! bench {
    () => {
        "[[bench]]\nname = 'speed'\nharness = false\n"
    };
}
