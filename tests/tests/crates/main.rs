//! Crates that others have written: taken from the registry as published, annotated, and judged. Nothing of them is kept
//! in this repository. With all other tests one crate of the table is judged, and all of them at full size:
//! `DARWIN_SOAK=full cargo test -p darwin-tests --test crates`.

mod published;
mod registry;
mod update;

use darwin_tests::{Fixture, soak};
use published::{CRATES, Published};
use serde_json::Value;

fn site<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sites = report["sites"].as_array().expect("a report has sites");
    sites.iter().find(|site| site["name"] == name).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

/// Annotated, with a baseline, all committed.
fn recorded(published: &Published) -> Fixture {
    let fixture = published.annotated();
    fixture.darwin(["baseline"]).expect_code(0).expect_stdout("wrote ");
    fixture.commit("the baseline");
    fixture
}

fn is_approved_as_it_is(fixture: &Fixture) {
    let same = fixture.darwin(["check"]).expect_code(0);
    same.expect_stdout("machine code and its data are identical").expect_stdout("APPROVE");
}

fn is_rejected_by_name_with_the_mistake(fixture: &Fixture, published: &Published) {
    published.make_the_mistake(fixture);
    let ended = fixture.darwin(["check"]).expect_code(1);
    ended.expect_stdout("REJECT: ").expect_stdout(&format!("{} is slower", published.site));
    let ended = fixture.darwin(["check", "--format", "json"]).expect_code(1);
    let report = ended.json();
    let found = site(&report, published.site);
    assert_eq!(found["verdict"], "REJECT", "{ended}");
    let slowdown = found["metrics"]["p50"]["change_percent"].as_f64().expect("a figure");
    assert!(slowdown > 30.0, "{}: {ended}", published.name);
    assert_eq!(fixture.git(["status", "--porcelain"]), format!(" M {}\n", published.source));
    fixture.git(["checkout", "--quiet", "--", published.source]);
}

fn is_proven_no_slower_with_a_function_that_nobody_calls(fixture: &Fixture, published: &Published) {
    let text = fixture.read(published.source);
    let added = "\n/// Nobody calls it yet.\npub fn added_later(number: u32) -> u32 {\n    number / 3\n}\n";
    fixture.write(published.source, &(text + added));
    let ended = fixture.darwin(["check", "--measure", "--format", "json"]).expect_code(0);
    let report = ended.json();
    assert_eq!(report["verdict"], "APPROVE", "{ended}");
    assert!(report["blocks"].as_u64() > Some(0), "{ended}");
    assert_eq!(site(&report, published.site)["verdict"], "APPROVE", "{ended}");
}

#[test]
fn a_published_crate_is_approved_as_it_is_and_rejected_by_name_with_a_mistake_in_it() {
    for published in soak::size(&CRATES[..1], CRATES) {
        let fixture = recorded(published);
        is_approved_as_it_is(&fixture);
        is_rejected_by_name_with_the_mistake(&fixture, published);
        if soak::is_full() {
            is_proven_no_slower_with_a_function_that_nobody_calls(&fixture, published);
        }
    }
}

/// What rustc and clippy say of the crate, sorted.
fn findings(fixture: &Fixture, features: &[&str]) -> Vec<String> {
    let words = ["clippy", "--quiet", "--lib", "--message-format", "json"];
    let ended = fixture.cargo(words.into_iter().chain(features.iter().copied())).expect_code(0);
    let messages = ended.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_the_crate = |message: &Value| {
        let manifest = message["manifest_path"].as_str()?;
        let is_its = manifest == fixture.root().join("Cargo.toml").to_str()?;
        message["message"]["message"].as_str().filter(|_| is_its).map(str::to_owned)
    };
    let mut found: Vec<String> = messages.filter_map(|message| of_the_crate(&message)).collect();
    found.sort();
    found
}

#[test]
fn the_attribute_adds_nothing_to_what_rustc_and_clippy_say_of_a_published_crate() {
    for published in soak::size(&CRATES[..1], CRATES) {
        let fixture = published.plain();
        let before = findings(&fixture, &[]);
        published.annotate(&fixture);
        assert_eq!(findings(&fixture, &[]), before, "{} with measurement off", published.name);
        let on = findings(&fixture, &["--features", "darwin-runtime/enabled"]);
        assert_eq!(on, before, "{} with measurement on", published.name);
    }
}
