//! What a process or a thread has computed so far, as the scheduler keeps it: the way to tell "still running" from "asleep"
//! without asking anyone. Linux; elsewhere nothing is known, and nobody is suspected.

/// Nanoseconds that this process has computed.
pub(super) fn of_this_process() -> u64 {
    clock::nanos(clock::OF_THIS_PROCESS).unwrap_or(0)
}

/// Nanoseconds that process `pid` has computed; `None` when it has gone.
pub(super) fn of_process(pid: u32) -> Option<u64> {
    clock::nanos(clock::of_process(pid))
}

/// Nanoseconds that thread `thread` of this process has computed; `None` when it has gone.
pub(super) fn of_thread(thread: u32) -> Option<u64> {
    clock::nanos(clock::of_thread(thread))
}

#[cfg(target_os = "linux")]
mod clock {
    use std::ffi::c_int;

    pub(super) use crate::on::libc::nanos;

    // Linux, include/linux/posix-timers.h: the complement of the id above three bits; 2 asks for scheduler time, 4 for
    // one thread.
    const SCHEDULER_TIME: c_int = 2;
    const ONE_THREAD: c_int = 4;

    /// `CLOCK_PROCESS_CPUTIME_ID`. A system call, which a sandbox may refuse; rustix would panic.
    pub(super) const OF_THIS_PROCESS: c_int = 2;

    pub(super) fn of_process(pid: u32) -> c_int {
        (!pid.cast_signed() << 3) | SCHEDULER_TIME
    }

    pub(super) fn of_thread(thread: u32) -> c_int {
        of_process(thread) | ONE_THREAD
    }
}

#[cfg(not(target_os = "linux"))]
mod clock {
    pub(super) const OF_THIS_PROCESS: i32 = 0;

    pub(super) fn of_process(_: u32) -> i32 {
        0
    }

    pub(super) fn of_thread(_: u32) -> i32 {
        0
    }

    pub(super) fn nanos(_: i32) -> Option<u64> {
        None
    }
}

/// Time between two looks at all threads.
const LOOK: std::time::Duration = std::time::Duration::from_millis(1);

/// The name of the thread of this process that computes most while it is looked at; `None` when none does.
pub(super) fn busiest_thread() -> Option<[u64; 2]> {
    let before = threads();
    std::thread::sleep(LOOK);
    let spent = |(thread, then): &(u32, u64)| Some((of_thread(*thread)?.saturating_sub(*then), *thread));
    let (nanos, thread) = before.iter().filter_map(spent).max()?;
    (nanos > LOOK.as_nanos() as u64 / 4).then(|| name(thread))
}

fn threads() -> Vec<(u32, u64)> {
    let own = rustix::thread::gettid().as_raw_nonzero().get().cast_unsigned();
    let entries = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| *id != own).filter_map(|id| Some((id, of_thread(id)?))).collect()
}

/// Sixteen bytes, as the operating system keeps them.
fn name(thread: u32) -> [u64; 2] {
    let text = std::fs::read(format!("/proc/self/task/{thread}/comm")).unwrap_or_default();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(text.into_iter().filter(|byte| *byte != b'\n')) {
        *to = from;
    }
    let half = |from: usize| u64::from_le_bytes(std::array::from_fn(|at| bytes[from + at]));
    [half(0), half(8)]
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn computing_moves_the_clock_of_the_thread_and_of_its_process() {
        let thread = rustix::thread::gettid().as_raw_nonzero().get().cast_unsigned();
        // The process first: what is computed between the two is the thread's alone.
        let of_process_before = of_process(std::process::id()).unwrap();
        let of_thread_before = of_thread(thread).unwrap();
        let mut sum = 0_u64;
        while of_thread(thread).unwrap() < of_thread_before + 1_000_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(of_process(std::process::id()).unwrap() >= of_process_before + 1_000_000);
        assert!(of_this_process() >= of_process_before + 1_000_000);
    }

    #[test]
    fn a_thread_that_does_not_exist_has_no_clock() {
        assert_eq!(of_thread(u32::MAX >> 4), None);
    }
}
