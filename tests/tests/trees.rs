//! Two revisions of one workspace are built and run beside each other, and neither sees the other.

use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use darwin_tests::Fixture;

/// A word that no build of an earlier test run has, so that nothing comes from the cache.
fn fresh(word: &str) -> String {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    format!("{word} {} {}", process::id(), passed.as_nanos())
}

/// What the programs said of a check: first all that ran in the user's tree, then all that ran elsewhere.
fn told(fixture: &Fixture) -> (Vec<String>, Vec<String>) {
    // In the target directory, for the tree must stay as it is.
    let log = fixture.target().join("told");
    std::fs::write(&log, "").expect("the target directory can be written");
    let log = log.to_str().expect("a path that is UTF-8").to_owned();
    let words =
        ["check", "--max-time", "1s", "--measure", "--format", "json", "--bin", "program", "--", "tell"];
    let ended = fixture.darwin(words.into_iter().chain([log.as_str()]));
    assert_eq!(ended.json()["baseline"]["how"], "built", "{ended}");
    let here = fixture.root().display().to_string();
    let text = std::fs::read_to_string(&log).expect("the programs have told");
    let lines = text.lines().map(|line| line.split_once(" in ").expect("WORD in FOLDER"));
    let (candidate, baseline): (Vec<_>, Vec<_>) = lines.partition(|(_, folder)| *folder == here);
    let words = |side: Vec<(&str, &str)>| {
        let mut words: Vec<String> = side.into_iter().map(|(word, _)| word.to_owned()).collect();
        words.dedup();
        words
    };
    (words(candidate), words(baseline))
}

#[test]
fn each_side_runs_its_own_code_whichever_is_built_first() {
    let fixture = Fixture::new("programs");
    let (one, two) = (fresh("one"), fresh("two"));
    let set = |from: &str, to: &str| fixture.replace("src/lib.rs", from, to);

    set("the first word", &one);
    fixture.write("darwin.baseline.toml", "version = 1\n# recorded with one\n");
    fixture.commit("one");
    set(&one, &two);
    assert_eq!(told(&fixture), (vec![two.clone()], vec![one.clone()]));

    fixture.write("darwin.baseline.toml", "version = 1\n# recorded with two\n");
    fixture.commit("two");
    set(&two, &one);
    assert_eq!(told(&fixture), (vec![one], vec![two]));
}
