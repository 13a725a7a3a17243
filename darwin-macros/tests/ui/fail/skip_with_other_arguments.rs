use darwin_runtime::hotpath;

struct S;

#[hotpath]
impl S {
    #[hotpath(skip, allocs = 0)]
    fn f() {}

    #[hotpath(skip = true)]
    fn g() {}
}

fn main() {}
