use darwin_runtime::hotpath;

struct S;

#[hotpath(name = "S")]
impl S {
    fn f() {}
}

#[hotpath(name = "m")]
mod m {
    fn f() {}
}

fn main() {}
