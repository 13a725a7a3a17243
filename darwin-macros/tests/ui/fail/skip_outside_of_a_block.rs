use darwin_runtime::hotpath;

#[hotpath(skip)]
fn f() {}

fn main() {}
