use darwin_runtime::hotpath;

#[hotpath]
fn double(x: u32) -> u32 {
    x * 2
}

#[hotpath]
pub(crate) fn nothing() {}

fn main() {
    nothing();
    assert_eq!(double(2), 4);
}
