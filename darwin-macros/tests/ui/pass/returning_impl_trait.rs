use darwin_runtime::hotpath;

#[hotpath]
fn evens(limit: u32) -> impl Iterator<Item = u32> {
    (0..limit).filter(|x| x % 2 == 0)
}

#[hotpath]
fn adder<'a>(base: &'a u32) -> impl Fn(u32) -> u32 + use<'a> {
    move |x| x + base
}

fn main() {
    assert_eq!(evens(5).count(), 3);
    assert_eq!(adder(&1)(2), 3);
}
