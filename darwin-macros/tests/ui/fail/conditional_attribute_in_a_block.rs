use darwin_runtime::hotpath;

struct S;

#[hotpath]
impl S {
    #[cfg_attr(all(), hotpath(skip))]
    fn f() {}
}

fn main() {}
