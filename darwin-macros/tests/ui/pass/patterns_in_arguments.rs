use darwin_runtime::hotpath;

struct Point {
    x: u32,
    y: u32,
}

#[hotpath]
fn sum((a, b): (u32, u32), Point { x, y: _ }: Point, [c, ..]: [u32; 3], &d: &u32, mut e: u32, _: u32) -> u32 {
    e += 1;
    a + b + x + c + d + e
}

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

#[hotpath]
async fn sum_async(
    (a, mut b): (u32, u32),
    Point { x, y: ref z }: Point,
    w @ [c, _]: [u32; 2],
    _unused: u8,
) -> u32 {
    b += w[1];
    a + b + x + *z + c
}

fn main() {
    assert_eq!(sum((1, 2), Point { x: 3, y: 0 }, [4, 0, 0], &5, 6, 0), 22);
    assert_eq!(run(sum_async((1, 2), Point { x: 3, y: 4 }, [5, 6], 0)), 21);
}
