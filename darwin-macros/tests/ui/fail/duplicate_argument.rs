use darwin_runtime::hotpath;

#[hotpath(p99 = "50us", p99 = "60us")]
fn f() {}

fn main() {}
