//! Every error of the attributes, and every shape of function that they accept. These run with measurement off; the
//! same files run with measurement on in the `darwin-tests` package, against the same texts.

#[test]
fn errors_say_what_to_do_and_accepted_shapes_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}
