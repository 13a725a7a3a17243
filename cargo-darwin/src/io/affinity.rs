//! Which processor a measured process runs on: children inherit it from the thread that starts them.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processor to pin turns to: the last one that we may use, as interrupts tend to go to the first.
pub fn measuring_processor() -> Option<usize> {
    let allowed = sched_getaffinity(None).ok()?;
    (0..CpuSet::MAX_CPU).rev().find(|processor| allowed.is_set(*processor))
}

/// Runs `start` on a thread that is bound to `processor`; the caller's own binding stays as it is.
pub(super) fn with_processor<T: Send>(processor: Option<usize>, start: impl FnOnce() -> T + Send) -> T {
    let Some(processor) = processor else { return start() };
    std::thread::scope(|scope| {
        let bound = scope.spawn(move || {
            let mut set = CpuSet::new();
            set.set(processor);
            // Where this is refused the program runs unbound, which costs precision and nothing else.
            let _ = sched_setaffinity(None, &set);
            start()
        });
        bound.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
