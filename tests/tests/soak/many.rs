//! Very many sites, very many copies of one generic function, and very many calls.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use cargo_darwin::io::run_dir::RunDir;
use darwin_runtime::layout::RUN_VARIABLE;
use darwin_tests::Fixture;
use darwin_tests::soak::{is_full, show, size};
use object::Endianness;
use object::elf::{FileHeader64, PT_TLS};
use object::read::elf::{FileHeader, ProgramHeader};

use super::workload;

/// Every thread has as much on its stack; programs with small stacks must not notice.
const MOST_TLS_BYTES: u64 = 256;

const MANIFEST: &str = r#"[package]
name = "many-fixture"
version = "0.1.0"
edition = "2024"

[dependencies]
darwin-runtime = { path = "{darwin-runtime}" }

[workspace]
"#;

/// The rest of the program, which makes the calls that its argument asks for.
const MAIN: &str = r#"
#[darwin_runtime::hotpath]
#[inline(never)]
fn copies<const NUMBER: u64>(x: u64) -> u64 {
    std::hint::black_box(x) ^ NUMBER
}

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).expect("a number of calls");
    let sum = match count {
        0 => SITES.iter().chain(COPIES).fold(0_u64, |sum, call| sum.wrapping_add(call(1))),
        _ => (0..count).fold(0, |sum, number| sum ^ s0(number)),
    };
    println!("{sum}");
}
"#;

/// A program of so many sites and so many copies of a generic one.
fn program_text(sites: u64, copies: u64) -> String {
    let mut text = String::from("//! Made by a test.\n");
    for number in 0..sites {
        text += &format!(
            "#[darwin_runtime::hotpath]\n#[inline(never)]\nfn s{number}(x: u64) -> u64 {{ std::hint::black_box(x) ^ {number} }}\n"
        );
    }
    let list = |name: fn(u64) -> String, count| (0..count).map(name).collect::<Vec<_>>().join(",");
    text += &format!("const SITES: &[fn(u64) -> u64] = &[{}];\n", list(|number| format!("s{number}"), sites));
    text += &format!(
        "const COPIES: &[fn(u64) -> u64] = &[{}];\n",
        list(|number| format!("copies::<{number}>"), copies)
    );
    text + MAIN
}

/// The same program off and on.
struct Programs {
    off: PathBuf,
    on: PathBuf,
    _fixture: Fixture,
}

impl Programs {
    fn build(sites: u64, copies: u64, is_release: bool) -> Programs {
        let files = [("Cargo.toml", MANIFEST.to_owned()), ("src/main.rs", program_text(sites, copies))];
        let fixture = Fixture::of_files(files.map(|(path, text)| (path.to_owned(), text)));
        let (options, profile) =
            if is_release { (&["--release"][..], "release") } else { (&[][..], "debug") };
        fixture.cargo(["build", "--quiet"].iter().chain(options)).expect_code(0);
        let off = fixture.root().join("off");
        fs::copy(fixture.target().join(profile).join("many-fixture"), &off).expect("it can be copied");
        let on = workload::built(&fixture, options);
        Programs { off, on, _fixture: fixture }
    }
}

/// Thread-local storage that every thread of the program gets, in bytes.
fn tls_bytes(program: &Path) -> u64 {
    let data = fs::read(program).expect("the program can be read");
    let header = FileHeader64::<Endianness>::parse(&*data).expect("a 64-bit ELF file");
    let endian = header.endian().expect("a known byte order");
    let segments = header.program_headers(endian, &*data).expect("it has segments");
    segments
        .iter()
        .filter(|segment| segment.p_type(endian) == PT_TLS)
        .map(|segment| segment.p_memsz(endian))
        .sum()
}

/// Seconds of so many runs, sorted.
fn seconds(mut command: impl FnMut() -> Command) -> Vec<f64> {
    let once = |_| {
        let mut command = command();
        let begin = Instant::now();
        assert!(command.arg("1").output().expect("the program can be started").status.success());
        begin.elapsed().as_secs_f64()
    };
    let mut seconds: Vec<f64> = (0..21).map(once).collect();
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// For the eye: what a start takes. Wall-clock time decides nothing here.
fn show_start(programs: &Programs, sites: u64) {
    let plain = || {
        let mut command = Command::new(&programs.off);
        command.env_remove(RUN_VARIABLE);
        command
    };
    let mut folders = Vec::new();
    let measured = || {
        folders.push(RunDir::new().expect("a run directory can be made"));
        workload::counting(&programs.on, folders.last().expect("it was pushed"))
    };
    let (off, on) = (seconds(plain), seconds(measured));
    for (name, all) in [("off", off), ("measured", on)] {
        let [least, middle, most] = [0, 10, 20].map(|index| all[index] * 1e3);
        show(&format!("{sites} sites, one call, {name}: {middle:.2} ms ({least:.2} to {most:.2})"));
    }
}

/// Each function of the program is called once, and each is counted.
fn assert_all_count(programs: &Programs, sites: u64, copies: u64) {
    let (off, on) = (tls_bytes(&programs.off), tls_bytes(&programs.on));
    show(&format!("{sites} sites, {copies} copies: {} bytes of thread-local storage more", on - off));
    assert!((1..MOST_TLS_BYTES).contains(&(on - off)), "{off} bytes off, {on} on");

    let folder = RunDir::new().expect("a run directory can be made");
    let output = workload::counting(&programs.on, &folder).arg("0").output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    let map = workload::only_map(&folder);
    let mut totals = workload::totals(&map);
    assert_eq!(map.lost, 0);
    let of_copies = totals.remove("copies").map(|site| (site.calls, site.histogram.len()));
    assert_eq!(of_copies, Some((copies, copies)));
    for number in 0..sites {
        let site = totals.remove(&format!("s{number}"));
        assert_eq!(site.map(|site| (site.calls, site.histogram.len())), Some((1, 1)), "s{number}");
    }
    assert!(totals.is_empty(), "{:?}", totals.keys());
}

#[test]
fn many_sites_are_counted_and_cost_no_thread_local_storage() {
    let sites = size(300, 10_000);
    let programs = Programs::build(sites, 1, is_full());
    assert_all_count(&programs, sites, 1);
    show_start(&programs, sites);
}

#[test]
fn many_copies_of_a_generic_function_are_one_site() {
    // Not optimised: the compiler would take half an hour for nothing that matters here.
    let copies = size(1000, 100_000);
    assert_all_count(&Programs::build(1, copies, false), 1, copies);
}

#[test]
fn very_many_calls_are_counted_to_the_last() {
    let calls = size(2_000_000, 2_000_000_000);
    let programs = Programs::build(1, 1, is_full());
    let folder = RunDir::new().expect("a run directory can be made");
    let mut command = workload::counting(&programs.on, &folder);
    let output = command.arg(calls.to_string()).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    let map = workload::only_map(&folder);
    let site = &workload::totals(&map)["s0"];
    assert_eq!((site.calls, site.histogram.len(), map.lost), (calls, calls, 0));
    let most = site.histogram.iter_recorded().map(|bucket| bucket.count_at_value()).max();
    show(&format!("{calls} calls, {} of them in one counter", most.unwrap_or(0)));
}
