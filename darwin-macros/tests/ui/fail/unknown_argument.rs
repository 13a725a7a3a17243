use darwin_runtime::hotpath;

#[hotpath(p95 = "50us")]
fn f() {}

fn main() {}
