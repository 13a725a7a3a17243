use darwin_runtime::hotpath;

#[hotpath]
fn area(radius: u32) -> u32 {
    use std::convert::identity;
    const PI: u32 = 3;
    #[derive(Clone, Copy)]
    struct Radius(u32);
    macro_rules! square {
        ($e:expr) => {
            $e * $e
        };
    }
    let radius = identity(Radius(radius));
    PI * square!(radius.0)
}

fn main() {
    assert_eq!(area(2), 12);
}
