//! How far a check is: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::gate::{Progress, Standing};

/// Tells blocks, open sites and the time left.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    begin: Instant,
    max_time: Duration,
}

impl Bar {
    /// A bar on stderr, if that is a terminal.
    pub fn new(max_time: Duration) -> Bar {
        let target = match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(max_time.as_millis() as u64), target);
        if let Ok(style) = ProgressStyle::with_template("    measuring [{bar:20}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Bar { bar, begin: Instant::now(), max_time }
    }
}

impl Progress for Bar {
    fn step(&mut self, standing: Standing) {
        let spent = self.begin.elapsed().min(self.max_time);
        let left = (self.max_time - spent).as_secs();
        self.bar.set_position(spent.as_millis() as u64);
        let Standing { blocks, gated, open, .. } = standing;
        self.bar.set_message(format!("{blocks} blocks, {open} of {gated} sites open, at most {left} s left"));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
