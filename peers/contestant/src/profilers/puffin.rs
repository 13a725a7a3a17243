//! puffin: a frame for each portion of calls, as a game has one for each picture. It keeps the times of scopes, and tells
//! no quantiles.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use contestant::Recorded;
use puffin::GlobalProfiler;

use super::Profiler;

crate::body::bodies!([] {
    puffin::profile_function!();
});

/// Scopes that frames brought. They are counted and let go, as by a viewer that shows the last frame.
static SCOPES: AtomicU64 = AtomicU64::new(0);

/// Scopes of our own around portions: without one, each call would be handed to the collector by itself.
static PORTIONS: AtomicU64 = AtomicU64::new(0);

struct Frames;

impl Profiler for Frames {
    fn portion(&self, calls: &mut dyn FnMut()) {
        {
            puffin::profile_scope!("portion");
            calls();
        }
        PORTIONS.fetch_add(1, Relaxed);
        GlobalProfiler::lock().new_frame();
    }

    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        GlobalProfiler::lock().new_frame();
        let calls = SCOPES.load(Relaxed) - PORTIONS.load(Relaxed);
        Some(vec![Recorded { body: None, calls, p50_ns: None }])
    }
}

/// Switches scopes on, and counts them.
pub fn start() -> Box<dyn Profiler> {
    puffin::set_scopes_on(true);
    GlobalProfiler::lock().add_sink(Box::new(|frame| {
        SCOPES.fetch_add(frame.meta().num_scopes as u64, Relaxed);
    }));
    Box::new(Frames)
}
