#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
//! What is written may not disturb the strictest crate.

use std::pin::Pin;

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

/// Items behind a statement would be a finding of pedantic clippy.
#[hotpath(p99 = "500ms", allocs = 0, bytes = "1MiB")]
#[must_use]
pub fn items(x: u32) -> u32 {
    const TWO: u32 = 2;
    x * TWO
}

/// On one line, as nobody is forced to use rustfmt.
#[rustfmt::skip]
#[hotpath]
#[must_use]
pub fn one_line(x: u32) -> u32 { x * 2 }

/// On one line as well.
#[rustfmt::skip]
#[hotpath]
pub async fn one_line_async(x: u32) -> u32 { std::future::ready(x).await }

/// An `if` first, where a missing `else` could be suspected.
#[hotpath]
pub async fn first_if(x: u32) -> u32 {
    if x > 1 {
        return std::future::ready(x).await;
    }
    0
}

/// No value.
#[hotpath]
pub fn unit(values: &mut Vec<u32>) {
    values.clear();
}

/// # Errors
/// If the text is no number.
#[hotpath]
pub fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    Ok(text.parse::<u32>()? + 1)
}

/// Leaves.
#[hotpath]
pub fn leave() -> ! {
    std::process::exit(0)
}

/// Waits, and has an argument that it does not use.
///
/// # Errors
/// If the text is no number.
#[hotpath]
pub async fn wait(_unused: String, text: &str) -> Result<impl Iterator<Item = u32>, std::num::ParseIntError> {
    const ONE: u32 = 1;
    std::future::ready(()).await;
    let first: u32 = text.parse()?;
    Ok(ONE..first)
}

/// Waits for nothing to come.
#[hotpath]
pub async fn wait_unit() {
    std::future::ready(()).await;
}

/// Waits without arguments.
#[hotpath]
pub async fn wait_value() -> u32 {
    std::future::ready(1).await
}

/// In a box.
#[hotpath]
#[must_use]
pub fn boxed(x: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { x + std::future::ready(1).await })
}

/// As it is.
#[hotpath]
pub fn returned(x: u32) -> impl Future<Output = u32> {
    let y = x + 1;
    async move { y + std::future::ready(1).await }
}

/// A generic structure.
pub struct Wrapper<T>(pub T);

#[hotpath]
impl<T: Clone> Wrapper<T> {
    /// Its value.
    pub fn get(&self) -> T {
        self.0.clone()
    }

    /// Its value, later.
    pub async fn later(&self) -> T {
        std::future::ready(self.get()).await
    }
}

/// A module.
#[hotpath]
pub mod inner {
    /// One.
    #[must_use]
    pub fn one() -> u32 {
        1
    }
}

fn main() {
    let mut values = vec![items(one_line(1))];
    unit(&mut values);
    assert_eq!(parse("1"), Ok(2));
    assert_eq!(run(wait(String::new(), "3")).map(Iterator::count), Ok(2));
    run(wait_unit());
    assert_eq!(
        run(wait_value()) + run(one_line_async(0)) + run(first_if(0)) + run(boxed(1)) + run(returned(1)),
        6
    );
    assert_eq!(run(Wrapper(inner::one()).later()), 1);
    leave();
}
