//! fastrace: a root for each portion of calls, which is what it collects by. A single root over all calls would be
//! cheaper, because it drops most of its spans then without a word.

use std::sync::Mutex;
use std::time::Duration;

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

struct Roots;

impl Profiler for Roots {
    fn portion(&self, calls: &mut dyn FnMut()) {
        let root = Span::root(ROOT, SpanContext::random());
        let _parent = root.set_local_parent();
        calls();
    }

    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        fastrace::flush();
        let reported = REPORTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(histogram::of_histograms(&reported))
    }
}

/// How often its thread collects: as seldom as it does by itself, a second, its queue runs over.
const REPORT_INTERVAL: Duration = Duration::from_millis(10);

/// Starts the collecting thread.
pub fn start() -> Box<dyn Profiler> {
    let histograms = BODIES.iter().map(|_| histogram::empty()).collect();
    *REPORTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = histograms;
    fastrace::set_reporter(Tally, Config::default().report_interval(REPORT_INTERVAL));
    Box::new(Roots)
}
