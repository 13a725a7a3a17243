use darwin_runtime::bench;

#[bench]
struct S;

fn main() {}
