use darwin_runtime::hotpath;

use std::fmt::Display;

struct Wrapper<T, const N: usize>([T; N]);

impl<T: Clone, const N: usize> Wrapper<T, N> {
    #[hotpath]
    fn first<U>(&self, with: impl Fn(T) -> U) -> Option<U> {
        self.0.first().cloned().map(with)
    }
}

#[hotpath]
fn show<T, const N: usize>(values: [T; N]) -> String
where
    T: Display,
{
    values.iter().map(ToString::to_string).collect()
}

fn main() {
    assert_eq!(show([1, 2]), "12");
    assert_eq!(show(["a"]), "a");
    assert_eq!(Wrapper([1]).first(|x| x + 1), Some(2));
}
