use darwin_runtime::hotpath;

#[hotpath("50us")]
fn f() {}

fn main() {}
