use darwin_runtime::hotpath;

#[hotpath]
pub const fn f() -> u8 {
    1
}

struct S;

#[hotpath]
impl S {
    #[hotpath]
    const fn asked_for() {}

    const fn left_out() {}
}

fn main() {}
