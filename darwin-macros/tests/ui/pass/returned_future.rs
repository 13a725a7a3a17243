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

/// Gives the turn back once.
async fn pause() {
    let mut first = true;
    std::future::poll_fn(move |context| {
        context.waker().wake_by_ref();
        if std::mem::take(&mut first) { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
}

#[hotpath]
fn moved(text: String) -> impl Future<Output = usize> {
    let length = text.len();
    async move {
        pause().await;
        length
    }
}

#[hotpath]
fn borrowed(x: &u32) -> impl Future<Output = u32> + '_ {
    async { 1 + 1 }.then(x)
}

trait Then: Future + Sized {
    fn then(self, x: &u32) -> impl Future<Output = u32>
    where
        Self: Future<Output = u32>,
    {
        async move { self.await + x }
    }
}

impl<F: Future> Then for F {}

fn main() {
    assert_eq!(run(moved("abc".to_owned())), 3);
    assert_eq!(run(borrowed(&1)), 3);
}
