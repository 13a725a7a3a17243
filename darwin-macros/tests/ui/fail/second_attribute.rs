use darwin_runtime::hotpath;

#[hotpath]
#[hotpath(allocs = 0)]
fn f() {}

struct S;

#[hotpath]
impl S {
    #[hotpath]
    #[hotpath(allocs = 0)]
    fn f() {}
}

fn main() {}
