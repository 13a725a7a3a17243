use darwin_runtime::hotpath;

#[hotpath(crate = "darwin_runtime")]
fn f() {}

fn main() {}
