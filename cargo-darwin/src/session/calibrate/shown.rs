//! What a calibration does now, and how long it still takes: one line that is written over on a terminal, a plain line a
//! phase elsewhere.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::schedule::Done;
use crate::session::console::Console;
use crate::session::progress;

/// The line.
#[derive(Debug)]
pub struct Shown {
    bar: ProgressBar,
    console: Console,
    begin: Instant,
    max_time: Duration,
}

impl Shown {
    /// From now on.
    pub fn new(console: &Console, max_time: Duration) -> Shown {
        let bar = progress::line("calibrating [{bar:10}] {wide_msg}", Some(max_time.as_millis() as u64));
        let shown = Shown { bar, console: *console, begin: Instant::now(), max_time };
        shown.phase(&format!(
            "checking the working tree against itself, for at most {} in all",
            words(max_time)
        ));
        shown
    }

    /// Something else begins.
    pub fn phase(&self, what: &str) {
        if self.bar.is_hidden() {
            self.console.progress(what);
        }
        self.say(what);
    }

    /// Checks go on.
    pub fn checks(&self, done: &Done, nothing_is_slower: bool) {
        self.say(&checked(done, nothing_is_slower));
    }

    fn say(&self, what: &str) {
        let spent = self.begin.elapsed().min(self.max_time);
        self.bar.set_position(spent.as_millis() as u64);
        self.bar.set_message(format!("{what}; at most {} left", words(self.max_time - spent)));
        self.bar.tick();
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// `14 unchanged checks, 0 rejected; 13 of 13 slower ones caught`.
fn checked(done: &Done, nothing_is_slower: bool) -> String {
    let checks = if done.unchanged == 1 { "check" } else { "checks" };
    let unchanged = format!("{} unchanged {checks}, {} rejected", done.unchanged, done.alarms);
    match nothing_is_slower {
        true => unchanged,
        false => format!("{unchanged}; {} of {} slower ones caught", done.caught, done.injected),
    }
}

/// `10 min`, `90 s`: whole seconds, rounded up.
fn words(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match seconds {
        120.. => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_checked_is_counted() {
        let done = Done { unchanged: 14, injected: 13, caught: 12, alarms: 0, median_seconds: 2.0 };
        assert_eq!(checked(&done, false), "14 unchanged checks, 0 rejected; 12 of 13 slower ones caught");
        let one = Done { unchanged: 1, ..Done::default() };
        assert_eq!(checked(&one, true), "1 unchanged check, 0 rejected");
    }

    #[test]
    fn the_time_left_is_rounded_up() {
        assert_eq!(words(Duration::from_millis(1_200)), "2 s");
        assert_eq!(words(Duration::from_secs(600)), "10 min");
        assert_eq!(words(Duration::from_secs(121)), "3 min");
    }
}
