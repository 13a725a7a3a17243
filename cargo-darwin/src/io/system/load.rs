//! What others do over a short window.

use std::time::{Duration, Instant};

use super::Roots;
use crate::io::environment::{pressure, ticks};
use crate::model::{Load, Nanos};

/// Long against the switches of tasks (3 ms), short against patience.
pub(super) const WINDOW: Duration = Duration::from_millis(200);

/// An open window.
#[derive(Debug)]
pub(super) struct Window {
    begin: Instant,
    waited: Option<Nanos>,
    stolen: Option<u64>,
}

impl Window {
    pub(super) fn open(roots: &Roots) -> Window {
        Window { begin: Instant::now(), waited: pressure::of_machine(roots), stolen: stolen(roots).0 }
    }

    /// What happened since it was opened.
    pub(super) fn close(self, roots: &Roots) -> Load {
        let waited = self.waited.zip(pressure::of_machine(roots));
        let (stolen, processors) = stolen(roots);
        Load {
            window: Nanos(self.begin.elapsed().as_nanos() as f64),
            waiting: waited.map(|(before, after)| Nanos((after.0 - before.0).max(0.0))),
            steal_ticks: self.stolen.zip(stolen).and_then(|(before, after)| after.checked_sub(before)),
            processors,
        }
    }
}

/// Ticks stolen from all processors, and how many there are.
fn stolen(roots: &Roots) -> (Option<u64>, usize) {
    let stat = roots.proc("stat").unwrap_or_default();
    let all = ticks::processors(&stat);
    (ticks::of(&stat, &all).map(|ticks| ticks.steal), all.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::environment::testing::Machine;

    #[test]
    fn the_load_is_what_rose_since_the_window_was_opened() {
        let machine = Machine::new();
        machine.proc("stat", "cpu  0\ncpu0 0 0 0 0 0 0 0 5\ncpu1 0 0 0 0 0 0 0 6\n");
        machine.proc("pressure/cpu", "some avg10=80.00 avg60=0.00 avg300=0.00 total=100\n");
        let window = Window::open(&machine.roots());
        machine.proc("stat", "cpu  0\ncpu0 0 0 0 0 0 0 0 5\ncpu1 0 0 0 0 0 0 0 9\n");
        machine.proc("pressure/cpu", "some avg10=80.00 avg60=0.00 avg300=0.00 total=107\n");
        let load = window.close(&machine.roots());
        assert_eq!((load.waiting, load.steal_ticks, load.processors), (Some(Nanos(7000.0)), Some(3), 2));
    }
}
