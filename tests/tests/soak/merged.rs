//! Baseline files after git was at them: line ends, unsettled conflicts, merges of branches that both ran
//! `cargo darwin baseline`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use cargo_darwin::io::baseline_file::{
    BaselineFile, Counting, Counts, FILE_NAME, Latencies, WorkloadRecord, merge, parse, render,
};
use cargo_darwin::model::{Nanos, Percent};
use darwin_tests::Fixture;
use darwin_tests::soak::{Random, size};

const SEED: u64 = 400;

/// What each command says of each broken file: the line, and a word.
const BROKEN: [(&str, &str, usize, &str); 10] = [
    (FILE_NAME, "version = 2\n<<<<<<< HEAD\n=======\n>>>>>>> other\n", 2, "merge conflict marker"),
    (FILE_NAME, "version = 2\r\n\r\n=======\r\n", 3, "merge conflict marker"),
    (FILE_NAME, "future = {}\nversion = 3\n", 2, "this cargo darwin knows versions up to 2"),
    (FILE_NAME, "version = 2\n[workload.a]\n[workload.a]\n", 3, "duplicate key"),
    (FILE_NAME, "\u{feff}version = 2\r\nfuture = 1\r\n", 2, "unknown key `future`"),
    ("darwin.toml", "\n<<<<<<< HEAD\ntolerance = \"1%\"\n", 2, "merge conflict marker"),
    ("darwin.toml", "tolerance = \"1%\"\r\n||||||| 1234567\r\n", 2, "merge conflict marker"),
    ("darwin.toml", "# of a newer version\n\nfuture = true\n", 3, "unknown key `future`"),
    ("darwin.toml", "tolerance = \"1%\"\ntolerance = \"2%\"\n", 2, "duplicate key"),
    ("darwin.toml", "\u{feff}\r\nmax-tim = \"1s\"\r\n", 2, "did you mean `max-time`?"),
];

#[test]
fn a_file_that_git_or_a_newer_version_left_is_refused_with_its_line_and_not_touched() {
    let fixture = Fixture::new("gate");
    let sound = [FILE_NAME, "darwin.toml"].map(|name| (name, fixture.read(name)));
    for (name, text, line, word) in BROKEN {
        fixture.write(name, text);
        let reads_it: &[&str] =
            if name == FILE_NAME { &["check", "baseline"] } else { &["check", "baseline", "run"] };
        for command in reads_it {
            let ended = fixture.darwin([command]).expect_code(2);
            ended.expect_stderr(&format!("{name}:{line}: ")).expect_stderr(word);
            assert_eq!(fixture.read(name), text, "{command} has changed it");
        }
        sound.iter().for_each(|(name, text)| fixture.write(name, text));
    }
}

#[test]
fn line_ends_stay_as_git_has_checked_them_out() {
    let fixture = Fixture::new("gate");
    fixture.write(".gitattributes", "*.toml text eol=crlf\n");
    fixture.darwin(["baseline"]).expect_code(0).expect_stdout("wrote");
    fixture.commit("a baseline");
    fixture.remove(FILE_NAME);
    fixture.git(["checkout", "--", FILE_NAME]);
    let crlf = fixture.read(FILE_NAME);
    assert!(crlf.lines().count() > 10 && !crlf.replace("\r\n", "").contains('\n'), "{crlf:?}");
    assert!(crlf.contains("\"gate_fixture::mix\".bytes_per_call = 0.000"), "{crlf:?}");

    // A line that a measurement will write anew; the others are git's.
    fixture.replace(
        FILE_NAME,
        "\"gate_fixture::mix\".bytes_per_call = 0.000",
        "\"gate_fixture::mix\".bytes_per_call = 7.000",
    );
    fixture.commit("another baseline");
    fixture.darwin(["baseline"]).expect_code(0).expect_stdout("wrote");
    let written = fixture.read(FILE_NAME);
    assert!(!written.replace("\r\n", "").contains('\n'), "{written:?}");
    assert!(written.contains("mix\".bytes_per_call = 0.000\r\n"), "{written:?}");
    fixture.commit("the baseline as it is");
    fixture.darwin(["check"]).expect_code(0).expect_stdout("APPROVE");
}

/// Every line of a file, as a map: what a merge may take from one side or the other.
fn entries(file: &BaselineFile) -> BTreeMap<String, String> {
    let mut entries = BTreeMap::new();
    let mut section = String::new();
    for line in render(file).lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(" = ") {
            None => section = line.to_owned(),
            Some((key, value)) => drop(entries.insert(format!("{section} {key}"), value.to_owned())),
        }
    }
    entries
}

/// What a developer's machine would measure.
#[derive(Debug, Clone)]
struct Code {
    build: String,
    workloads: BTreeMap<String, BTreeMap<String, (f64, f64)>>,
}

impl Code {
    fn new(random: &mut Random) -> Code {
        let sites = |random: &mut Random| {
            let count = 1 + random.below(6);
            (0..count).map(|_| (site(random), figures(random))).collect()
        };
        let count = 1 + random.below(4);
        let workloads = (0..count).map(|_| (format!("w{}", random.below(5)), sites(random))).collect();
        Code { build: "rustc 1".into(), workloads }
    }

    /// A few changes, as a branch makes them.
    fn changed(&self, random: &mut Random) -> Code {
        let mut code = self.clone();
        for _ in 0..=random.below(3) {
            let names: Vec<String> = code.workloads.keys().cloned().collect();
            let name = random.one_of(&names).clone();
            let sites = code.workloads.entry(name).or_default();
            match random.below(5) {
                0 => drop(sites.insert(site(random), figures(random))),
                1 if sites.len() > 1 => drop(sites.pop_first()),
                2 => drop(code.workloads.insert(
                    format!("w{}", random.below(9)),
                    BTreeMap::from([(site(random), figures(random))]),
                )),
                3 => code.build = format!("rustc {}", random.below(3)),
                _ => sites.values_mut().for_each(|figures_of| {
                    if random.below(2) == 0 {
                        *figures_of = figures(random);
                    }
                }),
            }
        }
        code
    }

    fn measured(&self, machine: &str) -> BaselineFile {
        let record = |sites: &BTreeMap<String, (f64, f64)>| {
            let counts = |(site, (allocs, _)): (&String, &(f64, f64))| {
                let counts = Counts { allocs_per_call: Some(*allocs), bytes_per_call: Some(allocs * 32.0) };
                (site.clone(), counts)
            };
            let times = |(site, (_, p50)): (&String, &(f64, f64))| {
                (
                    site.clone(),
                    Latencies { mean_ns: Some(Nanos(p50 + 1.0)), p50_ns: Some(Nanos(*p50)), p99_ns: None },
                )
            };
            WorkloadRecord {
                counting: Some(Counting { build: self.build.clone(), iterations: Some(sites.len() as u64) }),
                counts: sites.iter().map(counts).collect(),
                machines: BTreeMap::from([(machine.to_owned(), sites.iter().map(times).collect())]),
            }
        };
        let workloads = self.workloads.iter().map(|(name, sites)| (name.clone(), record(sites)));
        BaselineFile { workloads: workloads.collect() }
    }
}

fn site(random: &mut Random) -> String {
    format!("app::site{}", random.below(12))
}

/// Allocations of most sites are none, so that many lines are alike; times seldom are.
fn figures(random: &mut Random) -> (f64, f64) {
    (random.below(6).saturating_sub(3) as f64, random.below(500) as f64 / 4.0)
}

/// The file after `cargo darwin baseline` of this code on one of two machines.
fn updated(file: &BaselineFile, code: &Code, random: &mut Random) -> BaselineFile {
    let machine = *random.one_of(&["a machine", "another machine"]);
    merge(file, &code.measured(machine), |_| Percent(0.0))
}

/// `git merge-file`: what git makes of a file that both branches changed, and how many conflicts are in it.
fn merged(folder: &Path, [ours, base, theirs]: [&BaselineFile; 3], how: &[&str]) -> (String, i32) {
    let mut git = Command::new("git");
    git.args(["merge-file", "--stdout"]).args(how).current_dir(folder);
    for (name, file) in [("ours", ours), ("base", base), ("theirs", theirs)] {
        fs::write(folder.join(name), render(file)).expect("a file can be written");
        git.arg(name);
    }
    let output = git.output().expect("git starts");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).expect("it was UTF-8"), output.status.code().expect("no signal"))
}

/// What a clean merge must say of each entry: what the branch says that changed it.
fn three_way([ours, base, theirs]: [&BaselineFile; 3]) -> BTreeMap<String, String> {
    let [ours, base, theirs] = [ours, base, theirs].map(entries);
    let keys = ours.keys().chain(theirs.keys());
    let value = |key: &String| {
        let [ours, base, theirs] = [&ours, &base, &theirs].map(|file| file.get(key));
        let value = if ours == base { theirs } else { ours };
        value.map(|value| (key.clone(), value.clone()))
    };
    keys.filter_map(value).collect()
}

#[test]
fn a_merge_of_two_updates_is_right_in_every_line_or_refused_with_the_line() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = Path::new(FILE_NAME);
    let mut random = Random::new(SEED);
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for round in 0..size(100, 3000) {
        let code = Code::new(&mut random);
        let base = updated(&BaselineFile::default(), &code, &mut random);
        let [ours, theirs] = [0, 1].map(|_| {
            let changed = code.changed(&mut random);
            updated(&base, &changed, &mut random)
        });
        let sides = [&ours, &base, &theirs];
        for how in [&[][..], &["--diff3"], &["--union"], &["--ours"]] {
            let (text, conflicts) = merged(folder.path(), sides, how);
            let what = format!("round {round} of seed {SEED}, {how:?}: {conflicts} conflicts\n{text}");
            let result = match parse(path, &text) {
                Err(error) => {
                    assert!(error.line.is_some() && error.to_string().contains(FILE_NAME), "{what}\n{error}");
                    // Both branches add a table, at different places: git sees no conflict, and the table stands twice.
                    if conflicts > 0 {
                        "conflict, refused with its line"
                    } else {
                        "table twice, refused with its line"
                    }
                }
                Ok(file) if how.is_empty() || how == ["--diff3"] => {
                    assert_eq!(conflicts, 0, "a conflict is read: {what}");
                    assert_eq!(entries(&file), three_way(sides), "{what}");
                    "clean and right"
                }
                // Whoever lets git take lines without looking at the tables gets lines under another table's heading.
                Ok(file) => {
                    let known: String = sides.map(render).concat();
                    let foreign = render(&file).lines().find(|line| !known.contains(line)).map(str::to_owned);
                    assert_eq!(foreign, None, "{what}");
                    "told to take lines of both, read"
                }
            };
            *counts.entry(result).or_default() += 1;
        }
        let sound = parse(path, &render(&ours)).expect("either side whole can be read");
        assert_eq!(sound, ours);
    }
    let table = counts.iter().fold(String::from("\n"), |mut table, (result, count)| {
        let _infallible = writeln!(table, "{result:<40}{count:>8}");
        table
    });
    std::io::stderr().write_all(table.as_bytes()).expect("stderr can be written");
    assert!(counts.len() == 4 && counts.values().all(|count| *count > 0), "{counts:?}");
}
