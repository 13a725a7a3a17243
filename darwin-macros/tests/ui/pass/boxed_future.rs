use darwin_runtime::hotpath;

use std::pin::Pin;

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

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

struct Client(u32);

impl Client {
    #[hotpath]
    fn get<'a>(&'a self, text: &'a str) -> BoxFuture<'a, u32> {
        let first = text.len();
        Box::pin(async move {
            pause().await;
            self.0 + first as u32
        })
    }

    /// What async-trait writes.
    #[hotpath]
    fn traced<'life0, 'async_trait>(
        &'life0 self,
    ) -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = u32> + ::core::marker::Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            if let ::core::option::Option::Some(__ret) = ::core::option::Option::None::<u32> {
                #[allow(unreachable_code)]
                return __ret;
            }
            let __self = self;
            let __ret: u32 = { __self.0 };
            #[allow(unreachable_code)]
            __ret
        })
    }
}

fn main() {
    assert_eq!(run(Client(1).get("ab")), 3);
    assert_eq!(run(Client(1).traced()), 1);
}
