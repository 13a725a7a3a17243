//! Checks of the same two programs go on from each other: asking again is no new chance.

use std::fs;
use std::path::PathBuf;

use darwin_tests::{Ended, Fixture};
use serde_json::Value;

/// Runs a check, which must end with this code, and gives its report.
fn check(fixture: &Fixture, options: &[&str], code: i32) -> Value {
    ended(fixture, options).expect_code(code).json()
}

fn ended(fixture: &Fixture, options: &[&str]) -> Ended {
    fixture.darwin([&["check", "--format", "json"], options].concat())
}

/// All blocks, and those of them that earlier checks had measured.
fn blocks(report: &Value) -> (u64, u64) {
    let number = |key: &str| report[key].as_u64().unwrap_or_else(|| panic!("no {key} in {report:#}"));
    (number("blocks"), number("earlier_blocks"))
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

/// The one file of evidence.
fn evidence(fixture: &Fixture) -> PathBuf {
    let mut files = fixture.evidence();
    assert_eq!(files.len(), 1, "one pair, one file: {files:?}");
    files.remove(0)
}

#[test]
fn a_rejection_is_repeated_at_once_and_neither_damage_nor_tearing_turns_it() {
    let fixture = Fixture::new("gate");
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 3000");
    let (first, none) = blocks(&check(&fixture, &[], 1));
    assert!(first > 0 && none == 0);

    let again = check(&fixture, &[], 1);
    assert_eq!(blocks(&again), (first, first), "no block is run");
    assert!(notes(&again).contains("as found before"), "{again:#}");
    fixture.darwin(["check"]).expect_code(1).expect_stdout("gate_fixture::mix  REJECT");

    let file = evidence(&fixture);
    let whole = fs::read(&file).expect("evidence can be read");
    fs::write(&file, &whole[..whole.len() - 10]).expect("it can be torn");
    let (all, earlier) = blocks(&check(&fixture, &[], 1));
    assert!(earlier < first && all >= earlier, "the torn block does not count");

    let text = String::from_utf8(whole).expect("evidence is UTF-8");
    fs::write(&file, text.replace("\"candidate\":", "\"candidate\": ")).expect("it can be damaged");
    let anew = check(&fixture, &[], 1);
    assert_eq!(blocks(&anew).1, 0);
    assert!(notes(&anew).contains("stored evidence is not used"), "{anew:#}");

    let before = fs::read(evidence(&fixture)).expect("evidence can be read");
    let measured = check(&fixture, &["--measure"], 1);
    assert_eq!(blocks(&measured).1, 0);
    assert!(notes(&measured).contains("leaving stored evidence aside"), "{measured:#}");
    assert_eq!(fs::read(evidence(&fixture)).expect("evidence can be read"), before, "it is left alone");
}

#[test]
fn an_open_check_goes_on_and_another_tolerance_is_answered_from_the_same_blocks() {
    let fixture = Fixture::new("gate");
    fixture.replace("src/lib.rs", "MIX_ROUNDS: u64 = 1000", "MIX_ROUNDS: u64 = 400");
    let narrow = ["--tolerance", "0.001%", "--max-time", "3s"];
    let (first, none) = blocks(&check(&fixture, &narrow, 3));
    assert!(first > 0 && none == 0);
    let (second, earlier) = blocks(&check(&fixture, &narrow, 3));
    assert!(earlier == first && second > first, "{second} blocks, {earlier} of them from {first} before");

    // The tolerance of the file is wider, which the blocks so far may prove already.
    let (all, earlier) = blocks(&check(&fixture, &[], 0));
    assert!(earlier > 0 && earlier == all.min(second), "{all} blocks, {earlier} from {second} before");
    let again = check(&fixture, &[], 0);
    assert_eq!(blocks(&again), (all, all), "an approval is repeated at once");
    evidence(&fixture);

    // Other sites are other evidence: nobody chooses among them after looking.
    let text = fixture.read("darwin.toml");
    fixture.write("darwin.toml", &format!("{text}\n[[site]]\nmatch = \"*::fold\"\ngate = false\n"));
    assert_eq!(blocks(&check(&fixture, &[], 0)).1, 0);
    assert_eq!(fixture.evidence().len(), 2);
}

#[test]
fn slower_data_under_the_same_machine_code_is_open_unless_it_is_measured_for_its_own_sake() {
    let fixture = Fixture::new("gate");
    // Public: a private one that nobody writes to becomes part of the code.
    let rounds = |count: u32| format!("pub static MIX_ROUNDS: AtomicU64 = AtomicU64::new({count});");
    fixture.replace("src/lib.rs", "const MIX_ROUNDS: u64 = 1000;", &rounds(1000));
    fixture.replace("src/lib.rs", "black_box(MIX_ROUNDS)", "black_box(MIX_ROUNDS.load(Relaxed))");
    let code = fixture.read("src/lib.rs");
    let imports = "use std::sync::atomic::{AtomicU64, Ordering::Relaxed};";
    fixture.write("src/lib.rs", &code.replacen("\n\n", &format!("\n\n{imports}\n\n"), 1));
    fixture.commit("the rounds are data");
    fixture.replace("src/lib.rs", &rounds(1000), &rounds(3000));

    let against = ["--against", "HEAD"];
    let report = check(&fixture, &against, 3);
    assert!(report["sites"].to_string().contains("the machine code is the baseline's"), "{report:#}");
    assert_eq!(blocks(&check(&fixture, &against, 3)).0, blocks(&report).0, "asked again, it is the same");
    check(&fixture, &["--against", "HEAD", "--measure"], 1);
}
