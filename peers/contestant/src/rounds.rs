//! The loops of a job: each thread on its own processor, all at the same time, slice by slice.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use contestant::{CALLS_PER_PORTION, Job, Loop, Report, Timed};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::profilers::{Entry, Profiler, Silent, bare};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Does the whole job.
///
/// # Errors
/// When the machine refuses a thread its processor, or does not tell how much memory is used.
pub fn run(job: &Job, entry: &Entry) -> Result<Report, Failure> {
    let truth: Vec<Vec<f64>> = job.loops.iter().map(chain).collect();
    let profiler = (entry.start)();
    let call_ns = on_all_threads(job, entry, profiler.as_ref())?;
    let peak_kib = peak_kib()?;
    let recorded = profiler.recorded();
    let timed = |(call_ns, truth_ns)| Timed { call_ns, truth_ns };
    let loops = call_ns.into_iter().zip(truth).map(timed).collect();
    Ok(Report { loops, peak_kib, reported_peak_kib: self::peak_kib()?, recorded })
}

/// The bare body on this thread, before anything else runs in the process: how long it truly takes.
fn chain(wanted: &Loop) -> Vec<f64> {
    if !wanted.with_truth {
        return Vec::new();
    }
    let slice = || slice(bare::call::ALL[wanted.body], wanted.calls, &Silent);
    slice();
    (0..wanted.slices).map(|_| slice()).collect()
}

/// For each loop, the nanoseconds of a call in each slice of each thread.
fn on_all_threads(job: &Job, entry: &Entry, profiler: &dyn Profiler) -> Result<Vec<Vec<f64>>, Failure> {
    let together = Barrier::new(job.processors.len());
    let threads = std::thread::scope(|scope| {
        let thread = |processor: &usize| {
            let (processor, together) = (*processor, &together);
            scope.spawn(move || on_thread(job, entry, profiler, processor, together))
        };
        let threads: Vec<_> = job.processors.iter().map(thread).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(join).collect::<Result<Vec<_>, Failure>>()
    })?;
    let of_loop = |at: usize| threads.iter().flat_map(|thread| thread[at].iter().copied()).collect();
    Ok((0..job.loops.len()).map(of_loop).collect())
}

fn on_thread(
    job: &Job,
    entry: &Entry,
    profiler: &dyn Profiler,
    processor: usize,
    together: &Barrier,
) -> Result<Vec<Vec<f64>>, Failure> {
    let bound = bind(processor);
    let mut loops = Vec::new();
    for wanted in &job.loops {
        let slice = || slice(entry.bodies[wanted.body], wanted.calls, profiler);
        together.wait();
        slice();
        together.wait();
        loops.push((0..wanted.slices).map(|_| slice()).collect());
    }
    // Not before: the others wait for this thread.
    bound.map(|()| loops).map_err(|error| format!("cannot use processor {processor}: {error}").into())
}

fn bind(processor: usize) -> rustix::io::Result<()> {
    let mut set = CpuSet::new();
    set.set(processor);
    sched_setaffinity(None, &set)
}

/// Nanoseconds of a call, over all calls of a slice.
fn slice(body: fn(u64) -> u64, calls: u64, profiler: &dyn Profiler) -> f64 {
    let mut x = 7;
    let mut left = calls;
    let begin = Instant::now();
    while left > 0 {
        let portion = left.min(CALLS_PER_PORTION);
        profiler.portion(&mut || x = chained(body, portion, x));
        left -= portion;
    }
    let nanos = begin.elapsed().as_nanos() as f64;
    black_box(x);
    nanos / calls as f64
}

/// Each call needs what the one before returned.
#[inline(never)]
fn chained(body: fn(u64) -> u64, calls: u64, mut x: u64) -> u64 {
    for _ in 0..calls {
        x = body(x);
    }
    x
}

/// The kernel's high-water mark of this process.
fn peak_kib() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    high_water(&status).ok_or_else(|| "no VmHWM in /proc/self/status".into())
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_kib() {
        assert_eq!(high_water("VmPeak:\t 10 kB\nVmHWM:\t    2140 kB\nVmRSS:\t 2000 kB\n"), Some(2140));
        assert_eq!(high_water("VmRSS:\t 2000 kB\n"), None);
    }

    /// Counts portions and calls.
    struct Counting(std::sync::atomic::AtomicU64);

    impl Profiler for Counting {
        fn portion(&self, calls: &mut dyn FnMut()) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            calls();
        }

        fn recorded(self: Box<Self>) -> Option<Vec<contestant::Recorded>> {
            None
        }
    }

    #[test]
    fn a_slice_is_made_in_portions_of_which_the_last_may_be_short() {
        for (calls, portions) in [(1, 1), (1000, 1), (1001, 2), (2500, 3)] {
            let counting = Counting(0.into());
            slice(|x| x, calls, &counting);
            assert_eq!(counting.0.into_inner(), portions, "{calls} calls");
        }
    }
}
