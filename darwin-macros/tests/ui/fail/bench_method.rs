use darwin_runtime::bench;

struct S;

impl S {
    #[bench]
    fn f(&self) {}
}

fn main() {}
