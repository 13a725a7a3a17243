use super::*;
use crate::model::{Edge, Mode, Site, SiteKind};

fn a_store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    (folder, store)
}

fn a_run(seconds: f64) -> Run {
    let site = Site {
        name: "book::Book::insert".into(),
        kind: SiteKind::Function,
        file: "src/book.rs".into(),
        line: 12,
        budgets: Vec::new(),
        items_per_call: 0,
        bytes_per_call: 0,
    };
    let timing = Timing {
        cumulative_ns: Nanos(1e9),
        min_ns: Nanos(10.0),
        mean_ns: Nanos(12.345),
        p50_ns: Nanos(12.0),
        p90_ns: Nanos(13.0),
        p99_ns: Nanos(20.0),
        p999_ns: Nanos(30.0),
        max_ns: Nanos(40.0),
    };
    let called = SiteRun {
        workload: "replay".into(),
        site,
        calls: u64::MAX,
        panicked: 0,
        cancelled: 0,
        polling: None,
        timing: Some(timing),
        allocs: Some(0),
        bytes: None,
        frees: None,
        freed_bytes: None,
        peak_bytes: None,
        call_cost_ns: Nanos(8.0),
        empty_cost_ns: Nanos(4.0),
        graph: None,
    };
    let never_called = SiteRun { calls: 0, timing: None, ..called.clone() };
    Run { mode: Mode::Exact, seconds, sites: vec![called, never_called] }
}

/// What is said of a stored run with this text.
fn refusal(text: &str) -> FileError {
    parse(Path::new("0001.json"), text).expect_err("should be refused")
}

#[test]
fn a_saved_run_is_loaded_by_number_and_as_the_last() {
    let (_folder, store) = a_store();
    assert_eq!(store.save(&a_run(1.0), None), Ok(1));
    assert_eq!(store.save(&a_run(2.0), None), Ok(2));
    assert_eq!(store.load(RunRef::Number(1)), Ok(StoredRun { number: 1, origin: None, run: a_run(1.0) }));
    assert_eq!(store.load(RunRef::Last), Ok(StoredRun { number: 2, origin: None, run: a_run(2.0) }));
}

/// A run in graph mode, whose one edge took so long.
fn a_graph(cumulative_ns: f64) -> Run {
    let edge = Edge {
        name: None,
        calls: 7,
        primitive_calls: 1,
        cumulative_ns: Nanos(cumulative_ns),
        self_ns: Nanos(2.5),
    };
    let (callers, callees) = (vec![edge.clone()], vec![edge]);
    let mut run = Run { mode: Mode::Graph, ..a_run(1.0) };
    run.sites[0].graph = Some(Graph { primitive_calls: 1, self_ns: Nanos(2.5), callers, callees });
    run
}

#[test]
fn a_graph_is_kept_and_runs_that_were_stored_before_have_none() {
    let (_folder, store) = a_store();
    store.save(&a_graph(3.25), None).unwrap();
    assert_eq!(store.load(RunRef::Last).unwrap().run, a_graph(3.25));
    store.save(&a_run(1.0), None).unwrap();
    let text = fs::read_to_string(store.path_of(2)).unwrap();
    assert!(!text.contains("graph"), "{text}");
    assert_eq!(store.load(RunRef::Last).unwrap().run, a_run(1.0));
}

#[test]
fn a_graph_with_a_time_that_no_measurement_gives_is_refused() {
    let (_folder, store) = a_store();
    store.save(&a_graph(-1.0), None).unwrap();
    let refusal = store.load(RunRef::Last).unwrap_err().to_string();
    assert!(refusal.contains("numbers that no measurement gives"), "{refusal}");
}

#[test]
fn only_the_latest_runs_are_kept_and_numbers_go_on() {
    let (_folder, store) = a_store();
    fs::create_dir_all(&store.folder).unwrap();
    for number in 1..=KEPT_RUNS as u32 {
        fs::write(store.path_of(number), "").unwrap();
    }
    assert_eq!((store.save(&a_run(1.0), None), store.save(&a_run(1.0), None)), (Ok(101), Ok(102)));
    let numbers = store.numbers().unwrap();
    assert_eq!((numbers.len(), numbers[0], numbers[KEPT_RUNS - 1]), (KEPT_RUNS, 3, 102));
}

#[test]
fn a_run_that_is_not_there_names_those_that_are() {
    let (_folder, store) = a_store();
    assert!(store.load(RunRef::Last).unwrap_err().remedy.contains("cargo darwin run"));
    store.save(&a_run(1.0), None).unwrap();
    let error = store.load(RunRef::Number(7)).unwrap_err();
    assert!(error.to_string().ends_with("help: stored runs are numbered from 1 to 1"), "{error}");
}

#[test]
fn files_with_other_names_are_passed_over() {
    let (_folder, store) = a_store();
    store.save(&a_run(1.0), None).unwrap();
    for name in ["1.json", "0000.json", "00002.json", "+003.json", "0004.json.bak", ".darwin-x.tmp", "notes"]
    {
        fs::write(store.folder.join(name), "").unwrap();
    }
    assert_eq!(store.numbers(), Ok(vec![1]));
}

#[test]
fn the_highest_number_of_all_ends_in_an_error_instead_of_an_overflow() {
    let (_folder, store) = a_store();
    fs::create_dir_all(&store.folder).unwrap();
    fs::write(store.path_of(u32::MAX), "{}").unwrap();
    assert!(store.save(&a_run(1.0), None).is_err());
}

#[test]
fn a_hostile_file_is_refused_with_its_path() {
    let (_folder, store) = a_store();
    store.save(&a_run(1.0), None).unwrap();
    for bytes in [&b"{"[..], b"\xff", &[b' '; CAP_BYTES as usize + 1]] {
        fs::write(store.path_of(1), bytes).unwrap();
        assert_eq!(store.load(RunRef::Last).map_err(|error| error.path), Err(store.path_of(1)));
    }
}

#[test]
fn a_spoilt_file_is_refused_with_its_path_and_line() {
    let whole =
        serde_json::to_string_pretty(&Document { schema: SCHEMA, origin: None, run: &a_run(1.0) }).unwrap();
    for cut in (0..whole.len()).filter(|&at| whole.is_char_boundary(at)) {
        let error = refusal(&whole[..cut]);
        assert!(error.to_string().contains("0001.json:"), "{error}");
    }
    let error = refusal(&whole.replace("\"calls\": 0", "\"calls\": -1"));
    assert!(error.line > Some(10) && error.excerpt.contains("-1"), "{error}");
}

#[test]
fn numbers_that_no_measurement_gives_are_refused() {
    let whole = serde_json::to_string(&Document { schema: SCHEMA, origin: None, run: &a_run(1.0) }).unwrap();
    for number in ["-12.0", "1e999", "NaN", "null"] {
        refusal(&whole.replace("\"p50_ns\":12.0", &format!("\"p50_ns\":{number}")));
    }
    refusal(&whole.replace("\"seconds\":1.0", "\"seconds\":-1.0"));
}

#[test]
fn another_schema_is_refused_whatever_else_is_in_the_file() {
    let error = refusal("{\"schema\": \"darwin.stored-run.v2\", \"future\": []}");
    assert!(error.what.contains("darwin.stored-run.v2"), "{error}");
}

#[test]
fn a_deeply_nested_file_is_refused() {
    refusal(&"[".repeat(1 << 20));
}

#[test]
fn what_a_run_is_of_is_kept_with_it_and_the_newest_comes_first() {
    let temp = tempfile::tempdir().unwrap();
    let store = Store::of_code(temp.path());
    let code = BTreeMap::from([("replay".to_owned(), "0123".to_owned())]);
    let origin = Origin { machine: "this one".into(), code, is_look: true };
    store.save(&a_run(1.0), Some(&origin)).unwrap();
    store.save(&a_run(2.0), None).unwrap();
    store.save(&a_run(3.0), None).unwrap();
    fs::write(store.path_of(3), "garbage").unwrap();
    let newest = store.newest(3).unwrap();
    let numbers: Vec<u32> = newest.iter().map(|stored| stored.number).collect();
    assert_eq!((numbers, newest[1].origin.as_ref()), (vec![2, 1], Some(&origin)));
    assert_eq!(store.newest(1).unwrap(), []);
    assert_eq!(Store::new(temp.path()).numbers(), Ok(Vec::new()), "runs of the user's are kept elsewhere");
}
