use std::fs;

use proptest::prelude::*;

use super::*;

const PATH: &str = "darwin.baseline.toml";
const MACHINE: &str = "Intel(R) Xeon(R) Processor, x86_64-linux, rustc 1.95.0";

fn refusal(text: &str) -> FileError {
    parse(Path::new(PATH), text).expect_err("should be refused")
}

fn read(text: &str) -> BaselineFile {
    parse(Path::new(PATH), text).unwrap_or_else(|error| panic!("{error}"))
}

fn latencies(mean: f64, p50: f64, p99: f64) -> Latencies {
    Latencies { mean_ns: Some(Nanos(mean)), p50_ns: Some(Nanos(p50)), p99_ns: Some(Nanos(p99)) }
}

fn counting(build: &str) -> Option<Counting> {
    Some(Counting { build: build.into(), iterations: Some(1500) })
}

/// One workload, `replay`, with these sites: name, allocations per call, median.
fn record(sites: &[(&str, f64, f64)]) -> BaselineFile {
    let mut record = WorkloadRecord { counting: counting("rustc 1"), ..WorkloadRecord::default() };
    for &(site, allocs, p50) in sites {
        let counts = Counts { allocs_per_call: Some(allocs), bytes_per_call: Some(allocs * 32.0) };
        record.counts.insert(site.into(), counts);
        let table = record.machines.entry(MACHINE.into()).or_default();
        table.insert(site.into(), latencies(p50, p50, p50 * 2.0));
    }
    BaselineFile { workloads: BTreeMap::from([("replay".into(), record)]) }
}

fn p50_of(file: &BaselineFile, site: &str) -> Option<f64> {
    file.workloads["replay"].machines[MACHINE].get(site)?.p50_ns.map(|nanos| nanos.0)
}

#[test]
fn the_file_has_one_line_per_site_and_quantity() {
    let text = render(&record(&[("book::Book::insert", 0.0, 61.2)]));
    let body = text.split_once("version").unwrap().1;
    assert_eq!(
        body,
        r#" = 2

[workload."replay"]
build = "rustc 1"
iterations = 1500

[workload."replay".counts]
"book::Book::insert".allocs_per_call = 0.000
"book::Book::insert".bytes_per_call = 0.000

[workload."replay".machine."Intel(R) Xeon(R) Processor, x86_64-linux, rustc 1.95.0"]
"book::Book::insert".mean_ns = 61.20
"book::Book::insert".p50_ns = 61.20
"book::Book::insert".p99_ns = 122.40
"#
    );
}

#[test]
fn no_value_that_reading_would_refuse_is_written() {
    for value in [f64::NAN, f64::INFINITY, -1.0, 1e300, -0.0] {
        read(&render(&record(&[("site", value, value)])));
    }
}

#[test]
fn line_ends_of_windows_are_tolerated() {
    let file = record(&[("site", 1.0, 10.0)]);
    assert_eq!(read(&render(&file).replace('\n', "\r\n")), file);
}

#[test]
fn a_byte_order_mark_is_tolerated_and_lines_are_counted_with_it() {
    let file = record(&[("site", 1.0, 10.0)]);
    assert_eq!(read(&format!("\u{feff}{}", render(&file))), file);
    assert_eq!(refusal("\u{feff}version = 1\r\nworkloads = {}\r\n").line, Some(2));
}

#[test]
fn a_file_keeps_its_line_ends_and_its_byte_order_mark_when_it_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let (old, new) = (record(&[("site", 1.0, 10.0)]), record(&[("site", 2.0, 20.0)]));
    let windows = |file: &BaselineFile| format!("\u{feff}{}", render(file).replace('\n', "\r\n"));
    fs::write(&path, windows(&old)).unwrap();
    assert_eq!(update(&path, &old, |_| Percent(0.0)), Ok(Updated::Unchanged));
    assert_eq!(fs::read_to_string(&path).unwrap(), windows(&old));
    assert_eq!(update(&path, &new, |_| Percent(0.0)), Ok(Updated::Written));
    assert_eq!(fs::read_to_string(&path).unwrap(), windows(&new));
}

#[test]
fn a_file_that_cannot_be_read_is_never_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let newer = "future = 1\nversion = 3\n";
    let broken = [
        "<<<<<<< HEAD\nversion = 2\n",
        "version = 2\nversion = 2\n",
        "version = 2\r",
        newer,
        "\u{feff}\u{feff}",
    ];
    for text in broken {
        fs::write(&path, text).unwrap();
        let error = update(&path, &record(&[("site", 0.0, 1.0)]), |_| Percent(0.0)).unwrap_err();
        assert!(error.line.is_some(), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn each_kind_of_conflict_marker_is_refused_with_its_line() {
    for marker in ["<<<<<<< HEAD", "||||||| 1234567", "=======", ">>>>>>> theirs\r"] {
        let error = refusal(&format!("version = 1\n\n{marker}\n"));
        assert_eq!((error.line, error.what.as_str()), (Some(3), "merge conflict marker"));
        assert!(error.remedy.contains("cargo darwin baseline"), "{error}");
    }
}

#[test]
fn unknown_keys_are_refused_with_the_line_and_the_nearest_known_one() {
    let error = refusal("version = 1\n[workload.a.counts]\n\"s\".allocs_per_cal = 1.0\n");
    assert_eq!(error.line, Some(3));
    assert!(error.to_string().contains("did you mean `allocs_per_call`?"), "{error}");
    assert_eq!(refusal("version = 1\nworkloads = {}\n").line, Some(2));
    assert_eq!(refusal("version = 1\n[workload.a]\ncount = {}\n").line, Some(3));
    assert_eq!(refusal("version = 1\n[workload.a.counts]\n\"s\".p50_ns = 1.0\n").line, Some(3));
}

#[test]
fn numbers_that_no_measurement_gives_are_refused_with_the_line() {
    let numbers =
        ["nan", "-nan", "inf", "-inf", "-1.0", "-1", "-0.0", "1e13", "1e999", "0x10", "\"1\"", "true"];
    for number in numbers {
        let error = refusal(&format!("version = 1\n[workload.a.machine.m]\n\n\"s\".p50_ns = {number}\n"));
        assert_eq!(error.line, Some(4), "{number}: {error}");
        assert!(!error.remedy.is_empty(), "{error}");
    }
}

#[test]
fn whole_numbers_and_digit_groups_are_numbers() {
    let file =
        read("version = 1\n[workload.replay.machine.'m']\n\"s\".p50_ns = 1_000\n\"s\".mean_ns = 1_0.5\n");
    let row = file.workloads["replay"].machines["m"]["s"];
    assert_eq!(row, Latencies { mean_ns: Some(Nanos(10.5)), p50_ns: Some(Nanos(1000.0)), p99_ns: None });
}

#[test]
fn a_newer_version_is_refused_even_with_unknown_keys() {
    for version in ["3", "0x2", "99999999999999999999999999", "0", "-1"] {
        let error = refusal(&format!("future = true\nversion = {version}\n"));
        assert_eq!(error.line, Some(2), "{error}");
        assert!(error.what.contains("this cargo darwin knows versions up to 2"), "{error}");
    }
}

/// A file as `cargo darwin` wrote it when the version was the newest.
fn written(version: u64, how_counted: &str) -> String {
    format!(
        "version = {version}\n{how_counted}\n[workload.\"replay\".counts]\n\"s\".allocs_per_call = 2.000\n\n\
         [workload.\"replay\".machine.\"m\"]\n\"s\".p50_ns = 61.20\n"
    )
}

#[test]
fn a_file_of_version_1_is_read_and_does_not_say_how_it_was_counted() {
    let replay = &read(&written(1, "")).workloads["replay"];
    assert_eq!((replay.counting.clone(), replay.counts["s"].allocs_per_call), (None, Some(2.0)));
    assert_eq!(replay.machines["m"]["s"].p50_ns, Some(Nanos(61.2)));
    let error = refusal(&written(1, "[workload.replay]\nbuild = \"rustc 1\"\n"));
    assert_eq!((error.line, error.what.as_str()), (Some(3), "unknown key `build`"));
}

#[test]
fn a_file_of_version_2_says_how_its_counts_were_counted() {
    let counted = |how: &str| {
        read(&written(2, &format!("[workload.replay]\n{how}\n"))).workloads["replay"].counting.clone()
    };
    assert_eq!(counted("build = \"rustc 1\"\niterations = 1_500"), counting("rustc 1"));
    assert_eq!(counted("build = \"a\""), Some(Counting { build: "a".into(), iterations: None }));
    assert_eq!(counted(""), None);
}

#[test]
fn a_way_of_counting_that_makes_no_sense_is_refused_with_its_line() {
    for line in ["iterations = 0", "iterations = -1", "iterations = 1.5", "iterations = \"1\"", "build = 1"] {
        let error = refusal(&format!("version = 2\n[workload.a]\n{line}\n"));
        assert_eq!(error.line, Some(3), "{line}: {error}");
    }
}

#[test]
fn an_old_file_is_written_anew_with_how_its_counts_were_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let file = record(&[("site", 0.0, 100.0)]);
    let mut old = file.clone();
    old.workloads.get_mut("replay").unwrap().counting = None;
    fs::write(&path, render(&old).replace("version = 2", "version = 1")).unwrap();
    assert_eq!(update(&path, &file, |_| Percent(5.0)), Ok(Updated::Written));
    assert_eq!(load(&path), Ok(file.clone()));
    assert_eq!(update(&path, &file, |_| Percent(5.0)), Ok(Updated::Unchanged));
}

#[test]
fn a_value_as_recorded_is_the_one_that_is_read_again() {
    for value in [0.0625, 1.0 / 3.0, 2.0005, 61.2] {
        let file = read(&render(&record(&[("s", value, 1.0)])));
        let read = file.workloads["replay"].counts["s"].allocs_per_call;
        assert_eq!(read, Some(Quantity::AllocsPerCall.as_recorded(value)), "{value}");
    }
}

#[test]
fn a_file_without_a_version_or_with_a_wrong_one_is_refused() {
    assert!(refusal("").what.contains("version"));
    assert!(refusal("version = \"1\"").what.contains("whole number"));
}

#[test]
fn what_is_no_table_is_refused_with_the_line() {
    for text in ["workload = 1", "workload.a = 1", "[workload.a]\ncounts = [1]", "workload.a.counts.s = 1"] {
        let error = refusal(&format!("version = 1\n{text}\n"));
        assert!(error.what.contains("not a table") && error.line >= Some(2), "{error}");
    }
}

#[test]
fn a_key_that_stands_twice_is_refused_with_the_line() {
    let error = refusal("version = 1\n[workload.a.machine.m]\n\"s\".p50_ns = 1.0\n\"s\".p50_ns = 2.0\n");
    assert_eq!(error.line, Some(4), "{error}");
}

#[test]
fn a_file_too_large_to_be_read_again_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let long_name = "x".repeat(CAP_BYTES as usize / 4);
    let error = update(&path, &record(&[(&long_name, 0.0, 1.0)]), |_| Percent(0.0)).unwrap_err();
    assert!(error.what.contains("beyond 1 MiB") && !path.exists(), "{error}");
}

#[test]
fn a_missing_file_names_the_command_that_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(&folder.path().join(FILE_NAME)).unwrap_err();
    assert!(error.to_string().contains("`cargo darwin baseline`"), "{error}");
}

#[test]
fn a_second_measurement_within_noise_does_not_touch_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let noise = |_: EntryKey<'_>| Percent(5.0);
    assert_eq!(update(&path, &record(&[("site", 0.0, 100.0)]), noise), Ok(Updated::Written));
    assert_eq!(update(&path, &record(&[("site", 0.0, 104.0)]), noise), Ok(Updated::Unchanged));
    assert_eq!(update(&path, &record(&[("site", 0.0, 106.0)]), noise), Ok(Updated::Written));
    assert_eq!(load(&path).map(|file| p50_of(&file, "site")), Ok(Some(106.0)));
}

#[test]
fn only_entries_that_moved_beyond_their_own_noise_are_rewritten() {
    let old = record(&[("calm", 0.0, 100.0), ("noisy", 0.0, 100.0)]);
    let new = record(&[("calm", 0.0, 103.0), ("noisy", 0.0, 103.0)]);
    let noise = |key: EntryKey<'_>| Percent(if key.site == "noisy" { 10.0 } else { 1.0 });
    let merged = merge(&old, &new, noise);
    assert_eq!(p50_of(&merged, "calm"), Some(103.0));
    assert_eq!(p50_of(&merged, "noisy"), Some(100.0));
}

#[test]
fn an_exact_count_is_rewritten_when_its_noise_is_zero() {
    let merged = merge(&record(&[("s", 0.0, 1.0)]), &record(&[("s", 1.0, 1.0)]), |_| Percent(0.0));
    assert_eq!(merged.workloads["replay"].counts["s"].allocs_per_call, Some(1.0));
}

#[test]
fn noise_that_is_not_a_number_keeps_nothing_back() {
    let merged = merge(&record(&[("s", 0.0, 1.0)]), &record(&[("s", 0.0, 2.0)]), |_| Percent(f64::NAN));
    assert_eq!(p50_of(&merged, "s"), Some(2.0));
}

#[test]
fn other_machines_and_unmeasured_workloads_are_kept() {
    let mut old = record(&[("site", 0.0, 1.0)]);
    let elsewhere = BTreeMap::from([("site".into(), latencies(5.0, 5.0, 9.0))]);
    old.workloads.get_mut("replay").unwrap().machines.insert("another".into(), elsewhere.clone());
    old.workloads.insert("unmeasured".into(), WorkloadRecord::default());
    let merged = merge(&old, &record(&[("site", 0.0, 2.0)]), |_| Percent(0.0));
    assert_eq!(merged.workloads["replay"].machines["another"], elsewhere);
    assert!(merged.workloads.contains_key("unmeasured"));
    assert_eq!(p50_of(&merged, "site"), Some(2.0));
}

#[test]
fn sites_that_are_gone_leave_the_counts_and_this_machine() {
    let old = record(&[("gone", 0.0, 1.0), ("stays", 0.0, 1.0)]);
    let merged = merge(&old, &record(&[("stays", 0.0, 1.0)]), |_| Percent(1.0));
    assert!(!merged.workloads["replay"].counts.contains_key("gone"));
    assert_eq!(p50_of(&merged, "gone"), None);
}

/// Numbers that the fixed digits hold exactly.
fn number(digits: f64) -> impl Strategy<Value = f64> {
    (0_u64..1_000_000_000_000).prop_map(move |n| n as f64 / digits)
}

fn any_latencies() -> impl Strategy<Value = Latencies> {
    let rest = || proptest::option::of(number(100.0).prop_map(Nanos));
    (number(100.0), rest(), rest()).prop_map(|(p50, mean_ns, p99_ns)| Latencies {
        mean_ns,
        p50_ns: Some(Nanos(p50)),
        p99_ns,
    })
}

fn any_counts() -> impl Strategy<Value = Counts> {
    (number(1000.0), proptest::option::of(number(1000.0)))
        .prop_map(|(allocs, bytes_per_call)| Counts { allocs_per_call: Some(allocs), bytes_per_call })
}

fn any_file() -> impl Strategy<Value = BaselineFile> {
    use proptest::collection::btree_map;
    let names = || any::<String>();
    let machines = btree_map(names(), btree_map(names(), any_latencies(), 0..4), 0..3);
    let counting = (names(), proptest::option::of(1_u64..))
        .prop_map(|(build, iterations)| Counting { build, iterations });
    let record = (proptest::option::of(counting), btree_map(names(), any_counts(), 0..4), machines)
        .prop_map(|(counting, counts, machines)| WorkloadRecord { counting, counts, machines });
    btree_map(names(), record, 0..3).prop_map(|workloads| BaselineFile { workloads })
}

/// The same cases every time.
fn fixed_cases() -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(1);
    ProptestConfig { rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(fixed_cases())]

    #[test]
    fn what_is_rendered_is_read_back(file in any_file()) {
        let text = render(&file);
        prop_assert_eq!(parse(Path::new(PATH), &text), Ok(file), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in any::<String>()) {
        let _either = parse(Path::new(PATH), &text);
    }

    #[test]
    fn a_cut_or_spoilt_file_never_panics_and_never_yields_a_bad_number(
        file in any_file(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut bytes = render(&file).into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(text) = String::from_utf8(bytes) && let Ok(read) = parse(Path::new(PATH), &text) {
            prop_assert_eq!(parse(Path::new(PATH), &render(&read)), Ok(read));
        }
    }
}

#[test]
fn a_file_up_to_the_cap_is_refused_or_read_however_it_nests() {
    let deep = format!("version = 1\nworkload = {}", "[".repeat(CAP_BYTES as usize / 2));
    refusal(&deep);
    let dotted = format!("version = 1\nworkload{} = 1", ".a".repeat(CAP_BYTES as usize / 4));
    refusal(&dotted);
}
