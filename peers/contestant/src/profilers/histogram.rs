//! `Instant`, and a histogram per thread and function: what many write by hand.

use std::cell::RefCell;
use std::sync::Mutex;
use std::time::Instant;

use contestant::{BODIES, Recorded};
use hdrhistogram::Histogram;

use super::Profiler;

/// As the peers that come with one: three significant digits.
const DIGITS: u8 = 3;

/// Histograms of one thread, by body; made when the body is called first.
type Histograms = [Option<Histogram<u64>>; BODIES.len()];

/// Histograms of threads that have ended.
static ENDED: Mutex<Vec<Histograms>> = Mutex::new(Vec::new());

/// Those of a thread; handed over when it ends.
pub struct OfThread(Histograms);

impl OfThread {
    /// Empty.
    pub const fn new() -> OfThread {
        OfThread([const { None }; BODIES.len()])
    }

    /// Counts one call.
    #[inline]
    pub fn record(&mut self, body: usize, nanos: u64) {
        // It grows by itself, so every latency fits.
        let _ = self.0[body].get_or_insert_with(empty).record(nanos);
    }
}

impl Drop for OfThread {
    fn drop(&mut self) {
        let mut ended = ENDED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        ended.push(std::mem::take(&mut self.0));
    }
}

/// A histogram that grows as it has to.
pub fn empty() -> Histogram<u64> {
    Histogram::new(DIGITS).expect("three digits are possible")
}

/// Everything that ended threads recorded.
pub fn recorded() -> Vec<Recorded> {
    let mut all: Vec<Histogram<u64>> = BODIES.iter().map(|_| empty()).collect();
    let ended = ENDED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for thread in ended.iter() {
        for (sum, one) in all.iter_mut().zip(thread) {
            one.iter().for_each(|one| sum.add(one).expect("histograms that grow add up"));
        }
    }
    of_histograms(&all)
}

/// Calls and medians.
pub fn of_histograms(histograms: &[Histogram<u64>]) -> Vec<Recorded> {
    let recorded = |(body, histogram): (usize, &Histogram<u64>)| Recorded {
        body: Some(body),
        calls: histogram.len(),
        p50_ns: (!histogram.is_empty()).then(|| histogram.value_at_quantile(0.5) as f64),
    };
    histograms.iter().enumerate().map(recorded).filter(|recorded| recorded.calls > 0).collect()
}

thread_local! {
    static HISTOGRAMS: RefCell<OfThread> = const { RefCell::new(OfThread::new()) };
}

/// A call that has begun.
struct Timer {
    body: usize,
    begin: Instant,
}

impl Timer {
    #[inline(always)]
    fn begin(body: usize) -> Timer {
        Timer { body, begin: Instant::now() }
    }
}

impl Drop for Timer {
    #[inline(always)]
    fn drop(&mut self) {
        let nanos = self.begin.elapsed().as_nanos() as u64;
        HISTOGRAMS.with_borrow_mut(|histograms| histograms.record(self.body, nanos));
    }
}

crate::body::bodies!([] {
    let _timer = Timer::begin(BODY);
});

struct ByHand;

impl Profiler for ByHand {
    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        Some(recorded())
    }
}

/// Nothing has to be started.
pub fn start() -> Box<dyn Profiler> {
    Box::new(ByHand)
}
