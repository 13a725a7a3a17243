//! tracing: `#[instrument]` as it comes, under a layer of our own that does the least that timing needs, which is two
//! `Instant`s and a histogram per thread. Layers from the registry cost more.

use std::cell::RefCell;
use std::time::Instant;

use contestant::Recorded;
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::histogram::{self, OfThread};
use super::{Profiler, number_of};

crate::body::bodies!([#[tracing::instrument]] {});

/// Times spans from enter to exit.
struct Timing;

/// The number of the body that a span is of.
struct BodyOf(usize);

thread_local! {
    /// Begun spans of this thread, and what it recorded.
    static OPEN: RefCell<(Vec<Instant>, OfThread)> =
        const { RefCell::new((Vec::new(), OfThread::new())) };
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Timing {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let body = number_of(attributes.metadata().name());
        if let (Some(span), Some(body)) = (context.span(id), body) {
            span.extensions_mut().insert(BodyOf(body));
        }
    }

    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        OPEN.with_borrow_mut(|(begun, _)| begun.push(Instant::now()));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(begin) = OPEN.with_borrow_mut(|(begun, _)| begun.pop()) else { return };
        let nanos = begin.elapsed().as_nanos() as u64;
        let Some(span) = context.span(id) else { return };
        if let Some(BodyOf(body)) = span.extensions().get() {
            OPEN.with_borrow_mut(|(_, histograms)| histograms.record(*body, nanos));
        }
    }
}

struct Subscribed;

impl Profiler for Subscribed {
    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        Some(histogram::recorded())
    }
}

/// Sets the layer for the whole process.
pub fn start() -> Box<dyn Profiler> {
    let subscriber = tracing_subscriber::registry().with(Timing);
    tracing::subscriber::set_global_default(subscriber).expect("nobody else sets one");
    Box::new(Subscribed)
}
