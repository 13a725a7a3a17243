//! Repositories in folders with names that programs stumble over: every command works, or says what is wrong with the name.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use darwin_tests::soak::size;
use darwin_tests::{Ended, Fixture, cargo_darwin, place};

/// What is expected of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Every command does what it does elsewhere.
    Works,
    /// Every command on a project ends with 2 and these words.
    Refused(&'static str),
    /// rustc's own linker cannot write there: `run` and `check` end with 4 and its words, or work with another linker.
    LinkerMayFail,
}

use Way::{LinkerMayFail, Refused, Works};

const NOT_UTF8: Way = Refused("whose name is not UTF-8");
const COLON: Way = Refused("has a `:` in its name");

/// Many at once; the ordinary test has only this one of those that work.
const MIXED: &[u8] = "-a b'\"$HOME`#;\\~,[x]*?{é e\u{301}🦀}&|<>(!)= ".as_bytes();

const NAMES: [(&[u8], Way); 34] = [
    (MIXED, Works),
    (b"latin-\xe9", NOT_UTF8),
    (b"co:lon", COLON),
    (b"with some spaces", Works),
    ("ünïcode-ß-日本語".as_bytes(), Works),
    ("combining-e\u{301}\u{308}".as_bytes(), Works),
    (b"new\nline", Works),
    (b"\ntwo\n\n", Works),
    (b"tab\tstop", Works),
    (b"-rf", Works),
    (b"--manifest-path=x", Works),
    (b"\xff\xfe", NOT_UTF8),
    (&[b'x'; 200], Works),
    (b"quote'", Works),
    (b"double\"quotes\"", Works),
    (b"$HOME", Works),
    (b"$(touch canary)", Works),
    (b"`touch canary`", Works),
    (b"100%25%s%n", LinkerMayFail),
    (b"ha#sh", Works),
    (b"semi;touch canary;colon", Works),
    (b"back\\slash\\n", Works),
    (b"~", Works),
    ("emoji-🦀👨\u{200d}👩".as_bytes(), Works),
    (b"x.git", Works),
    (b".gitmodules", Works),
    (b"trailing ", Works),
    (b" ", Works),
    (b"com,ma", Works),
    (b"[brackets]*?{a,b}", Works),
    (b"@file", Works),
    (b"a=b&c|d>e<f(g)!", Works),
    ("bidi-\u{202e}niam\u{2066}".as_bytes(), Works),
    (b"esc\x1b[2J\x07\x01", Works),
];

fn sh(program: &str, words: &[&OsStr]) {
    let status = Command::new(program).args(words).status().expect("it starts");
    assert!(status.success(), "{program} {words:?}");
}

/// A copy of the fixture in a folder of that name, with its target directory inside, as users have it.
struct Place<'a> {
    fixture: &'a Fixture,
    root: PathBuf,
}

impl<'a> Place<'a> {
    fn new(fixture: &'a Fixture, name: &[u8]) -> Place<'a> {
        let all = place("paths");
        fs::remove_dir_all(&all).expect("the place of the last one can be removed");
        let root = all.join(OsStr::from_bytes(name));
        fs::create_dir_all(&root).expect("the file system takes the name");
        let inside = |path: &Path| path.join(".").into_os_string();
        sh("cp", &["-a".as_ref(), "--".as_ref(), &inside(fixture.root()), root.as_ref()]);
        Place { fixture, root }
    }

    /// Starts with what the fixture's own folder has compiled of dependencies.
    fn seed(&self) {
        let ours = self.root.join("target/darwin");
        let all = fs::read_dir(self.fixture.target().join("darwin")).into_iter().flatten().flatten();
        let is_the_fixtures = |folder: &PathBuf| {
            fs::read_link(folder.join("layouts/1/home0")).is_ok_and(|home| home == self.fixture.root())
                && folder.join("candidate").is_dir()
        };
        if let Some(folder) = all.map(|entry| entry.path()).find(is_the_fixtures) {
            fs::create_dir_all(&ours).expect("a folder can be made");
            sh("cp", &["-a".as_ref(), "--".as_ref(), folder.join("candidate").as_ref(), ours.as_ref()]);
            let _ = fs::remove_dir_all(ours.join("candidate/links"));
        }
        // Newer than what was compiled.
        for file in ["src/lib.rs", "benches/work.rs"] {
            let text = fs::read(self.root.join(file)).expect("it is there");
            fs::write(self.root.join(file), text).expect("it can be written");
        }
    }

    fn command(&self, program: &OsStr, words: &[&str]) -> Ended {
        let mut command = self.fixture.command(program);
        Ended::of(command.args(words).current_dir(&self.root).env_remove("CARGO_TARGET_DIR"))
    }

    fn darwin(&self, words: &[&str]) -> Ended {
        self.command(cargo_darwin().as_ref(), &[&["darwin"], words].concat()).expect_harmless()
    }

    fn git(&self, words: &[&str]) {
        self.command("git".as_ref(), words).expect_code(0);
    }

    fn works(&self) {
        self.seed();
        let sites = self.darwin(&["run", "--format", "json"]).expect_code(0).json()["sites"].clone();
        assert!(sites.to_string().contains("gate_fixture::mix"), "{sites}");
        self.darwin(&["baseline"]).expect_code(0).expect_stdout("wrote");
        // The revision has files of such names, too.
        fs::write(self.root.join(OsStr::from_bytes(b"file\n'\xe9\t\\ ")), "")
            .expect("the file system takes the name");
        self.git(&["add", "--", "."]);
        self.git(&["commit", "--quiet", "--message", "the baseline"]);
        let ended = self.darwin(&["check"]).expect_code(0).expect_stdout("APPROVE");
        assert!(!ended.stderr.contains("the record alone"), "{ended}");
        // Counts decide, so nothing is timed: the baseline's program was built and run.
        let lib = fs::read_to_string(self.root.join("src/lib.rs")).expect("it is there");
        let slower = lib.replace("seed ^ 1, std", "*std::hint::black_box(Box::new(seed ^ 1)), std");
        fs::write(self.root.join("src/lib.rs"), slower).expect("it can be written");
        self.darwin(&["check"]).expect_code(1).expect_stdout("REJECT");
    }

    /// lld makes up the name of its temporary file from the path, and takes each `%` for a place to fill in.
    fn works_or_does_not_link(&self) {
        for command in ["run", "check"] {
            let ended = self.darwin(&[command]);
            let said = ended.to_string();
            assert!(
                ended.code == 0 || ended.code == 4 && said.contains("cannot open output file"),
                "{ended}"
            );
        }
    }

    fn is_refused(&self, words: &str) {
        let before = fs::read(self.root.join("darwin.baseline.toml")).expect("it is there");
        for command in ["run", "baseline", "check"] {
            self.darwin(&[command]).expect_code(2).expect_stderr(words);
        }
        assert_eq!(fs::read(self.root.join("darwin.baseline.toml")).expect("it is there"), before);
        assert!(!self.root.join("target").exists(), "nothing was built");
    }
}

#[test]
fn a_repository_of_any_name_can_be_measured_or_is_refused_with_the_reason() {
    let fixture = Fixture::new("gate");
    // What is compiled here need not be compiled again in each place.
    fixture.darwin(["check", "--measure", "--max-time", "1s"]);
    let usual = fixture.darwin(["doctor"]).code;
    for (name, way) in size(&NAMES[..3], &NAMES[..]) {
        let place = Place::new(&fixture, name);
        let shown = OsString::from(OsStr::from_bytes(name));
        std::io::Write::write_all(&mut std::io::stderr(), format!("{shown:?}: {way:?}\n").as_bytes())
            .expect("stderr can be written");
        let doctor = place.darwin(&["doctor"]);
        assert_eq!(doctor.code, usual, "{shown:?}\n{doctor}");
        match way {
            Works => place.works(),
            Refused(words) => place.is_refused(words),
            LinkerMayFail => place.works_or_does_not_link(),
        }
        let parent = place.root.parent().expect("it has one");
        assert_eq!(
            fs::read_dir(parent).expect("a folder can be read").count(),
            1,
            "a canary beside {shown:?}"
        );
        assert!(!place.root.join("canary").exists(), "a canary in {shown:?}");
    }
}
