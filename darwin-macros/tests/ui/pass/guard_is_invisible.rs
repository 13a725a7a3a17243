use darwin_runtime::hotpath;

#[hotpath]
fn own_variable(__darwin_guard: u32) -> u32 {
    let __darwin_site = __darwin_guard;
    __darwin_site
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
async fn own_variable_async(__darwin_site: u32) -> Option<u32> {
    let __darwin_return = __darwin_site;
    Some(__darwin_return)
}

fn main() {
    assert_eq!(own_variable(1), 1);
    assert_eq!(run(own_variable_async(1)), Some(1));
}
