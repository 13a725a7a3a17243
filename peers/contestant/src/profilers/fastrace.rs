//! fastrace: a root for each portion of calls, which is what it collects by. A single root over all calls would be
//! cheaper, because it drops most of its spans then without a word. So it does when its collecting thread does not get
//! enough of the processor; therefore each thread collects now and then itself.

use std::cell::Cell;
use std::sync::Mutex;

use contestant::{BODIES, Recorded};
use fastrace::Span;
use fastrace::collector::{Config, Reporter, SpanContext, SpanRecord};
use hdrhistogram::Histogram;

use super::{Profiler, histogram, number_of};

/// Name of the roots.
const ROOT: &str = "portion";

crate::body::bodies!([#[fastrace::trace]] {});

/// What the reporter was given, by body.
static REPORTED: Mutex<Vec<Histogram<u64>>> = Mutex::new(Vec::new());

/// Puts each span into the histogram of its function; fastrace itself tells no quantiles.
struct Tally;

impl Reporter for Tally {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        let mut reported = REPORTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for span in spans {
            if let Some(body) = number_of(&span.name) {
                // It grows by itself, so every latency fits.
                let _ = reported[body].record(span.duration_ns);
            }
        }
    }
}

/// Roots of a thread after which it collects: its queue takes 10 240 messages, of which a root makes three.
const ROOTS_PER_FLUSH: u32 = 1000;

thread_local! {
    /// Roots of this thread since it has collected.
    static UNCOLLECTED: Cell<u32> = const { Cell::new(0) };
}

struct Roots;

impl Profiler for Roots {
    fn portion(&self, calls: &mut dyn FnMut()) {
        {
            let root = Span::root(ROOT, SpanContext::random());
            let _parent = root.set_local_parent();
            calls();
        }
        let roots = UNCOLLECTED.get() + 1;
        UNCOLLECTED.set(roots % ROOTS_PER_FLUSH);
        if roots == ROOTS_PER_FLUSH {
            fastrace::flush();
        }
    }

    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        fastrace::flush();
        let reported = REPORTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(histogram::of_histograms(&reported))
    }
}

/// Starts the collecting thread.
pub fn start() -> Box<dyn Profiler> {
    let histograms = BODIES.iter().map(|_| histogram::empty()).collect();
    *REPORTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = histograms;
    fastrace::set_reporter(Tally, Config::default());
    Box::new(Roots)
}
