//! Measurement off costs nothing, and measurement on shows nothing unless `cargo darwin` asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use darwin_runtime::layout::RUN_VARIABLE;
use darwin_tests::{Ended, Fixture};

/// The machine code of each function of the fixture's library, as text.
fn assembly(fixture: &Fixture, level: &str) -> BTreeMap<String, String> {
    let path = fixture.root().join("assembly.s");
    let emit = format!("--emit=asm={}", path.display());
    let level = format!("profile.dev.opt-level={level}");
    let settings = ["--config", "profile.dev.debug=false", "--config", "profile.dev.codegen-units=1"];
    let arguments = ["rustc", "--quiet", "--lib", "--config", &level].into_iter().chain(settings);
    // These names of functions have no hash of the whole source in them.
    let names = ["-C", "symbol-mangling-version=v0"];
    fixture.cargo(arguments.chain(["--", &emit]).chain(names)).expect_code(0);
    let assembly = fs::read_to_string(path).expect("the compiler writes assembly");
    let sections = assembly.split("\t.section\t.text.").skip(1);
    sections
        .filter_map(|section| section.split_once(','))
        .map(|(name, code)| {
            (name.to_owned(), renumbered(code.split("\t.section").next().unwrap_or_default()))
        })
        .collect()
}

/// Labels numbered anew: the compiler numbers those of all functions together, in no order of the source.
fn renumbered(code: &str) -> String {
    let mut labels = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || ['.', '_', '$'].contains(&c);
    let words = code.split_inclusive(|c| !is_word(c));
    let renumber = |word| {
        let label: &str = str::trim_end_matches(word, |c| !is_word(c));
        if !(label.starts_with(".L") || label.starts_with("GCC_except_table")) {
            return word.to_owned();
        }
        let number = labels.iter().position(|known| *known == label).unwrap_or_else(|| {
            labels.push(label);
            labels.len() - 1
        });
        format!(".L{number}{}", &word[label.len()..])
    };
    words.map(renumber).collect()
}

#[test]
fn an_annotated_function_has_the_machine_code_of_a_plain_one() {
    let fixture = Fixture::new("off");
    let annotated = FILES.map(|(file, attributes)| (file, fixture.read(file), attributes));
    for level in ["0", "2", "3"] {
        annotated.iter().for_each(|(file, text, _)| fixture.write(file, text));
        let with = assembly(&fixture, level);
        annotated.iter().for_each(|(file, text, attributes)| fixture.write(file, &plain(text, *attributes)));
        let without = assembly(&fixture, level);
        for function in FUNCTIONS {
            let name = format!("{}{function}", function.len());
            let has = |symbol: &String| symbol.contains(&name) || symbol == function;
            assert!(with.keys().any(has), "{function} at level {level}");
        }
        assert_eq!(with, without, "at level {level}");
    }
}

/// Files of the fixture, and how many attributes each has.
const FILES: [(&str, usize); 2] = [("src/lib.rs", 4), ("src/shapes.rs", 9)];

/// Functions that have code of their own at every level: plain ones, a future, methods of a block, generic ones, one for C,
/// one that tells who called, methods of a trait with and without a body, and one that borrows.
const FUNCTIONS: [&str; 13] = [
    "checksum",
    "sum",
    "later",
    "Counter",
    "add",
    "off_fixture_exported",
    "rotated",
    "doubled",
    "checked",
    "twice",
    "area",
    "first",
    "scoped",
];

/// The text without its attributes.
fn plain(annotated: &str, attributes: usize) -> String {
    let is_attribute = |line: &str| line.trim_start().starts_with("#[hotpath");
    assert_eq!(annotated.lines().filter(|line| is_attribute(line)).count(), attributes);
    // Empty lines stay in their places: panics tell line numbers.
    let plain: Vec<&str> = annotated.lines().map(|line| if is_attribute(line) { "" } else { line }).collect();
    // The runtime stays a dependency: what it has compiled of the standard library is used by both.
    plain.join("\n").replace("use darwin_runtime::hotpath;", "use darwin_runtime as _;")
}

#[test]
fn an_allocator_that_is_off_has_the_machine_code_of_the_one_it_wraps() {
    let fixture = Fixture::new("off");
    let with_allocator = |allocator: &str, level| {
        let source =
            format!("//! .\nuse darwin_runtime as _;\n\n#[global_allocator]\nstatic A: {allocator};\n");
        fixture.write("src/lib.rs", &source);
        assembly(&fixture, level)
    };
    for level in ["2", "3"] {
        let wrapped = with_allocator("darwin_runtime::Alloc = darwin_runtime::Alloc::system()", level);
        let plain = with_allocator("std::alloc::System = std::alloc::System", level);
        for function in ["__rust_alloc", "__rust_alloc_zeroed", "__rust_realloc", "__rust_dealloc"] {
            assert!(wrapped.keys().any(|symbol| symbol.contains(function)), "{function} at level {level}");
        }
        assert_eq!(wrapped, plain, "at level {level}");
    }
}

#[test]
fn a_user_depends_on_nothing_but_the_attributes() {
    let fixture = Fixture::new("off");
    let tree = fixture.cargo(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let tree = tree.expect_code(0).stdout;
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let expected =
        ["darwin-macros", "darwin-runtime", "off-fixture", "proc-macro2", "quote", "syn", "unicode-ident"];
    assert_eq!(names, BTreeSet::from(expected));
}

/// The fixture's program, off and on, and an empty folder to run it in.
struct Programs {
    off: PathBuf,
    on: PathBuf,
    folder: PathBuf,
    _fixture: Fixture,
}

impl Programs {
    fn build() -> Programs {
        let fixture = Fixture::new("off");
        let [off, on] = [("off", None), ("on", Some("darwin-runtime/enabled"))].map(|(name, feature)| {
            let features = feature.into_iter().flat_map(|feature| ["--features", feature]);
            fixture.cargo(["build", "--quiet"].into_iter().chain(features)).expect_code(0);
            let program = fixture.root().join(name);
            fs::copy(fixture.target().join("debug/off-fixture"), &program).expect("a program can be copied");
            program
        });
        let folder = fixture.root().join("empty");
        fs::create_dir(&folder).expect("a folder can be made");
        Programs { off, on, folder, _fixture: fixture }
    }

    /// Runs one of them with `started` as what `cargo darwin` would say; gives its process id too.
    fn run(&self, program: &Path, started: Option<&str>) -> (Ended, u32) {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("TMPDIR", &self.folder).env_remove(RUN_VARIABLE);
        if let Some(value) = started {
            command.env(RUN_VARIABLE, value);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program can be started");
        let process = child.id();
        let output = child.wait_with_output().expect("the program can be waited for");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        let code = output.status.code().expect("the program is not killed");
        (Ended { code, stdout: text(output.stdout), stderr: text(output.stderr) }, process)
    }

    fn expect_same(&self, started: Option<&str>) -> u32 {
        let (off, _) = self.run(&self.off, None);
        let (on, process) = self.run(&self.on, started);
        assert_eq!(off.code, 7);
        assert_eq!(
            (on.code, on.stdout, on.stderr),
            (off.code, off.stdout, off.stderr),
            "started as {started:?}"
        );
        process
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_program_that_cargo_darwin_did_not_start_behaves_as_if_off_and_leaves_no_file() {
    let programs = Programs::build();
    let process = programs.expect_same(None).to_string();
    assert_eq!(names_in(&programs.folder), [""; 0]);
    for shared in ["/tmp", "/dev/shm"] {
        let ours =
            names_in(Path::new(shared)).into_iter().find(|name| name.contains(&format!("-{process}-")));
        assert_eq!(ours, None, "in {shared}");
    }
}

#[test]
fn a_run_directory_that_cannot_be_used_changes_nothing() {
    let programs = Programs::build();
    let missing = format!("0:{}/missing", programs.folder.display());
    // Nobody, not even root, can make files in `/proc`, and `/dev/null` is no folder.
    for value in ["", "0", "0:", "2:/tmp", "nonsense", "0:/proc", "1:/dev/null", &missing] {
        programs.expect_same(Some(value));
    }
    assert_eq!(names_in(&programs.folder), [""; 0]);
}

#[test]
fn a_map_without_room_changes_nothing() {
    let programs = Programs::build();
    let full = programs.folder.join("full");
    fs::create_dir(&full).expect("a folder can be made");
    let run = |program: &Path, variable: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -f 8 && exec \"$0\""]).arg(program).current_dir(&programs.folder);
        Ended::of(command.env(RUN_VARIABLE, variable)).expect_code(7)
    };
    let variable = format!("0:{}", full.display());
    let (off, on) = (run(&programs.off, &variable), run(&programs.on, &variable));
    assert_eq!((on.stdout, on.stderr), (off.stdout, off.stderr));
    assert_eq!(names_in(&full), [""; 0], "a map that cannot be made is removed");
}
