//! rustc's flags and the linker of the user's are kept, and a change of the flags is a change of the code.

use darwin_tests::Fixture;

/// `fold` allocates where it is built with `--cfg extra`.
fn with_a_flag_that_matters() -> Fixture {
    let fixture = Fixture::new("gate");
    fixture.replace(
        "src/lib.rs",
        "turn_over(seed ^ 1, std",
        "let seed = if cfg!(extra) { *std::hint::black_box(Box::new(seed)) } else { seed };\n    turn_over(seed ^ 1, std",
    );
    fixture.commit("a flag decides");
    fixture
}

#[test]
fn a_change_of_the_flags_in_the_repository_is_judged() {
    let fixture = with_a_flag_that_matters();
    fixture.write(".cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"extra\"]\n");
    let shown = fixture.darwin(["check", "--against", "HEAD", "-v"]).expect_code(1);
    let shown = shown.expect_stdout("gate_fixture::fold  REJECT").expect_stdout("counts alone decide");
    shown.expect_stderr(r"CARGO_ENCODED_RUSTFLAGS=$'--cfg\x1fextra\x1f-Cllvm-args=-align-loops=64'");

    let shown = fixture.darwin(["check", "--against", "HEAD", "--as-shipped", "-v"]).expect_code(1);
    assert!(!shown.stderr.contains("align-loops"), "{shown}");
    shown.expect_stdout("gate_fixture::fold  REJECT").expect_stdout("both sides are built as shipped");
}

#[test]
#[cfg(target_os = "linux")]
fn another_linker_is_stood_in_for_and_named() {
    let fixture = Fixture::new("gate");
    fixture.write(".cargo/config.toml", "[build]\nrustflags = [\"-Clink-arg=-fuse-ld=bfd\"]\n");
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 3000");
    let shown = fixture.darwin(["check"]).expect_code(1);
    shown
        .expect_stdout("gate_fixture::mix  REJECT")
        .expect_stdout("is measured as lld links it on both sides, because bfd cannot");
}
