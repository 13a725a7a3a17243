use darwin_runtime::hotpath;

struct S;

#[hotpath]
impl S {
    #[cfg_attr(all(), hotpath(skip))]
    fn f() {}
}

#[hotpath]
#[cfg_attr(all(), darwin_runtime::hotpath)]
fn f() {}

fn main() {}
