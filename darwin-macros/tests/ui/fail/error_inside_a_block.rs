use darwin_runtime::hotpath;

struct S;

#[hotpath]
impl S {
    #[hotpath(p95 = "50us")]
    fn f() {}

    #[hotpath(skip)]
    fn told_once() {}
}

fn main() {}
