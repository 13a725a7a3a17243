use darwin_runtime::bench;

#[bench]
fn f() {}

fn main() {}
