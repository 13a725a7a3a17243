use darwin_runtime::hotpath;

#[hotpath(p50 = "50us" p99 = "60us")]
fn f() {}

fn main() {}
