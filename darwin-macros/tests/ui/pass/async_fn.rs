use darwin_runtime::hotpath;

use std::fmt::Display;

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

struct Client {
    base: u32,
}

impl Client {
    #[hotpath(p99 = "1s")]
    async fn get(&self, text: &str) -> Result<u32, Box<dyn std::error::Error>> {
        pause().await;
        let number: u32 = text.parse()?;
        pause().await;
        Ok(self.base + number)
    }

    #[hotpath]
    async fn add(&mut self, x: u32) -> &mut u32 {
        self.base += x;
        pause().await;
        &mut self.base
    }

    #[hotpath]
    async fn finish(self) -> u32 {
        self.base
    }
}

#[hotpath]
async fn generic<T: Display, F: Future<Output = T>>(future: F) -> String {
    future.await.to_string()
}

#[hotpath]
async fn iterator(limit: u32) -> Result<impl Iterator<Item = u32>, std::num::ParseIntError> {
    let first: u32 = "1".parse()?;
    Ok(first..limit)
}

#[hotpath]
async fn early(stop: bool) {
    if stop {
        return;
    }
    pause().await;
}

#[hotpath]
async fn inferred() -> Vec<u8> {
    if true {
        return Default::default();
    }
    Vec::from([1])
}

#[hotpath]
async fn always_panics() -> u32 {
    panic!("never polled")
}

#[hotpath]
async unsafe fn unsafe_async(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

fn main() {
    let mut client = Client { base: 1 };
    assert_eq!(run(client.get("2")).ok(), Some(3));
    assert!(run(client.get("x")).is_err());
    assert_eq!(*run(client.add(1)), 2);
    assert_eq!(run(client.finish()), 2);
    assert_eq!(run(generic(async { 5 })), "5");
    assert_eq!(run(iterator(4)).unwrap().count(), 3);
    run(early(true));
    run(early(false));
    assert!(run(inferred()).is_empty());
    drop(always_panics());
    assert_eq!(run(unsafe { unsafe_async(&3) }), 3);
}
