//! Sites have distinct names that a reader understands and that do not change with how the program is built.

mod workload;

use cargo_darwin::io::run_dir::RunDir;
use darwin_tests::Fixture;

/// The names in the map of the fixture, built as `options` of cargo say, in the order of the alphabet.
fn names(fixture: &Fixture, options: &[&str]) -> Vec<String> {
    let folder = RunDir::new().expect("a run directory can be made");
    let program = workload::built(fixture, options);
    let status = workload::counting(&program, &folder).status().expect("the program can be started");
    assert!(status.success());
    let map = workload::only_map(&folder);
    let totals = workload::totals(&map);
    assert!(totals.values().all(|site| site.calls == 0), "nothing was called");
    let mut names: Vec<String> =
        map.sites.iter().filter_map(|raw| Some(raw.site.as_ref()?.name.clone())).collect();
    names.sort();
    names
}

#[test]
fn names_are_distinct_readable_and_stable() {
    let fixture = Fixture::new("names");
    let plain = names(&fixture, &[]);
    assert_eq!(plain, EXPECTED);
    let optimised = ["--config", "profile.dev.opt-level=3", "--config", "profile.dev.codegen-units=1"];
    assert_eq!(names(&fixture, &optimised), plain, "optimised as one unit");
}

const EXPECTED: [&str; 31] = [
    "<&[(u8, &str)] as names_fixture::Measure>::measure",
    "<names_fixture::Left as names_fixture::Measure>::measure",
    "<names_fixture::Right<_> as names_fixture::Measure>::measure",
    "<names_fixture::shapes::Left as names_fixture::Measure>::measure",
    "a name of its own",
    "names_fixture::Left::block",
    "names_fixture::Left::size",
    "names_fixture::Left::whole",
    "names_fixture::Left::whole::helper",
    "names_fixture::Measure::twice",
    "names_fixture::Right<_>::size",
    "names_fixture::Right<u16>::first",
    "names_fixture::Right<u8>::first",
    "names_fixture::asynchronous",
    "names_fixture::asynchronous::in the future",
    "names_fixture::free",
    "names_fixture::generic",
    "names_fixture::generic::in the generic",
    "names_fixture::inline::deeper::inside",
    "names_fixture::inline::inside",
    "names_fixture::lifetimes",
    "names_fixture::same_names::helper",
    "names_fixture::same_names::helper#2",
    "names_fixture::same_names::in the closure",
    "names_fixture::same_names::twice",
    "names_fixture::same_names::twice#2",
    "names_fixture::same_names::{{closure}}::in_a_closure",
    "names_fixture::shapes::Left::size",
    "names_fixture::shapes::dangerous",
    "names_fixture::shapes::foreign",
    "names_fixture::shapes::free",
];
