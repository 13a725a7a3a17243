use darwin_runtime::hotpath;

use std::sync::Mutex;

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

static DROPPED: Mutex<Vec<&str>> = Mutex::new(Vec::new());

struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        DROPPED.lock().unwrap().push(self.0);
    }
}

#[hotpath]
async fn measured(a: Loud, _b: Loud, (c, d): (Loud, Loud), _unused: Loud) {
    let _local = Loud("local");
    pause().await;
    let _ = (c.0, a.0, d.0);
}

async fn plain(a: Loud, _b: Loud, (c, d): (Loud, Loud), _unused: Loud) {
    let _local = Loud("local");
    pause().await;
    let _ = (c.0, a.0, d.0);
}

fn main() {
    run(plain(Loud("a"), Loud("b"), (Loud("c"), Loud("d")), Loud("e")));
    let expected = std::mem::take(&mut *DROPPED.lock().unwrap());
    run(measured(Loud("a"), Loud("b"), (Loud("c"), Loud("d")), Loud("e")));
    assert_eq!(*DROPPED.lock().unwrap(), expected);
}
