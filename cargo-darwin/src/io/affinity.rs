//! Which processor a measured process runs on, and that we keep off it: children inherit the binding of the thread
//! that starts them.

use std::sync::OnceLock;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that this process was given, as it found them.
fn allowed() -> Option<CpuSet> {
    static ALLOWED: OnceLock<Option<CpuSet>> = OnceLock::new();
    *ALLOWED.get_or_init(|| sched_getaffinity(None).ok())
}

/// The processor to pin turns to: the last one that we may use, as interrupts tend to go to the first.
pub fn measuring_processor() -> Option<usize> {
    let allowed = allowed()?;
    (0..CpuSet::MAX_CPU).rev().find(|processor| allowed.is_set(*processor))
}

/// The processors that we may use, in order.
pub fn allowed_processors() -> Vec<usize> {
    match allowed() {
        Some(set) => (0..CpuSet::MAX_CPU).filter(|processor| set.is_set(*processor)).collect(),
        None => (0..std::thread::available_parallelism().map_or(1, usize::from)).collect(),
    }
}

/// Until it is dropped, this thread and those that it starts keep off the measuring processor.
#[derive(Debug)]
pub struct KeptClear(());

/// Keeps off the measuring processor, if there is another one.
pub fn keep_clear() -> KeptClear {
    if let (Some(mut others), Some(processor)) = (allowed(), measuring_processor()) {
        others.unset(processor);
        if others.count() > 0 {
            bind(&others);
        }
    }
    KeptClear(())
}

impl Drop for KeptClear {
    fn drop(&mut self) {
        if let Some(allowed) = allowed() {
            bind(&allowed);
        }
    }
}

/// Where this is refused everything runs unbound, which costs precision and nothing else.
fn bind(set: &CpuSet) {
    let _ = sched_setaffinity(None, set);
}

/// Runs `work` on all processors that we were given, whatever this thread keeps off.
pub fn unbound<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    with_processor(None, work)
}

/// Runs `start` on a thread that is bound to `processor`, or to all that we were given; the caller's own binding stays
/// as it is.
pub(super) fn with_processor<T: Send>(processor: Option<usize>, start: impl FnOnce() -> T + Send) -> T {
    let one = |processor| {
        let mut set = CpuSet::new();
        set.set(processor);
        set
    };
    let set = processor.map(one).or_else(allowed);
    std::thread::scope(|scope| {
        let bound = scope.spawn(move || {
            set.iter().for_each(bind);
            start()
        });
        bound.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
