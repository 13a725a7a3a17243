use darwin_runtime::hotpath;

/// Runs a future that never waits for anything but its own turn.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

macro_rules! function {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),*) -> $output:ty $body:block) => {
        $(#[$attr])*
        #[hotpath(p99 = "1s")]
        $vis fn $name($($arg: $ty),*) -> $output $body
    };
}

macro_rules! measured {
    ($item:item) => {
        #[hotpath]
        $item
    };
}

macro_rules! module {
    ($name:ident { $($item:item)* }) => {
        #[hotpath]
        mod $name {
            $($item)*
        }
    };
}

macro_rules! asynchronous {
    ($name:ident, $value:expr, $ty:ty) => {
        #[hotpath]
        async fn $name(value: $ty) -> $ty {
            value + $value
        }
    };
}

function! {
    /// Documented.
    pub(crate) fn f(x: u8, y: &'static u8) -> u8 { x + *y }
}
measured! { fn g() -> u8 { 1 } }
measured! { #[inline] pub fn h() -> u8 { 2 } }
module!(m {
    use std::{cmp, mem};
    pub struct S { pub x: u8 }
    #[hotpath(skip)]
    pub fn left_out() -> usize { mem::size_of::<S>() }
    pub fn f(s: S) -> u8 { cmp::max(s.x, 1) }
    impl S { pub fn new() -> S { S { x: 5 } } }
});
asynchronous!(add, 2, u8);

fn main() {
    assert_eq!(f(1, &2) + g() + h(), 6);
    assert_eq!(m::f(m::S::new()) as usize + m::left_out(), 6);
    assert_eq!(run(add(1)), 3);
}
