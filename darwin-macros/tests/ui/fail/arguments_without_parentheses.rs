use darwin_runtime::hotpath;

struct S;

#[hotpath]
impl S {
    #[hotpath = "f"]
    fn f() {}
}

fn main() {}
