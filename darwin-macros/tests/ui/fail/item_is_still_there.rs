use darwin_runtime::hotpath;

#[hotpath(p99 = 50)]
fn f() -> u8 {
    1
}

fn caller() -> u8 {
    f()
}

fn main() {}
