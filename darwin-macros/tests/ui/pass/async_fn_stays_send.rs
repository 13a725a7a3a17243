use darwin_runtime::hotpath;

use std::cell::Cell;

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

/// Gives the turn back once.
async fn pause() {
    let mut first = true;
    std::future::poll_fn(move |context| {
        context.waker().wake_by_ref();
        if std::mem::take(&mut first) { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
}

/// A value that can be sent but not shared.
#[hotpath]
async fn not_sync(cell: Cell<u32>, mut seen: Vec<Cell<u32>>) -> u32 {
    pause().await;
    seen.push(cell);
    pause().await;
    seen.len() as u32
}

#[hotpath]
fn returned(cell: Cell<u32>) -> impl Future<Output = u32> + Send {
    async move {
        pause().await;
        cell.get()
    }
}

fn send<F: Send>(future: F) -> F {
    future
}

fn main() {
    assert_eq!(run(send(not_sync(Cell::new(1), Vec::new()))), 1);
    assert_eq!(run(send(returned(Cell::new(2)))), 2);
}
