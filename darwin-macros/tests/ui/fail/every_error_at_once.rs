use darwin_runtime::hotpath;

#[hotpath(p95 = "50us", allocs = "none", name = "")]
const fn f() {}

fn main() {}
