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

trait Store {
    async fn get(&self) -> u32;

    #[hotpath]
    async fn twice(&self) -> u32 {
        self.get().await * 2
    }
}

struct Memory;

impl Store for Memory {
    #[hotpath]
    async fn get(&self) -> u32 {
        4
    }
}

fn main() {
    assert_eq!(run(Memory.twice()), 8);
}
