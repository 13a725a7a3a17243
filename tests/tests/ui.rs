//! The attributes' cases with measurement on. The same files run with measurement off beside the attributes, against
//! the same texts: `ui` is a link to them, as trybuild shows paths as they were given.

#[test]
fn errors_and_accepted_shapes_are_the_same_with_measurement_on() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}
