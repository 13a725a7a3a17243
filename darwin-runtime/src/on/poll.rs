//! A poll of a measured future, as a frame of graph mode: it closes also when the future panics.

use super::graph::Frame;
use super::{count, graph, local, mode};
use crate::clock;
use crate::site::Site;

/// A poll that has begun.
#[derive(Debug)]
pub(super) struct Poll {
    site: &'static Site,
    /// `None` in the other modes, and once it is closed.
    frame: Option<Frame>,
    generation: u8,
    start: u64,
}

impl Poll {
    #[inline]
    pub(super) fn begin(site: &'static Site) -> Poll {
        let mut poll = Poll { site, frame: None, generation: 0, start: 0 };
        if mode::bits() & mode::GRAPH != 0 {
            local::with(|local| {
                poll.frame = graph::open(local, site);
                poll.generation = local.generation.get();
                poll.start = clock::start().0.wrapping_sub(local.paused.get());
            });
        }
        poll
    }

    /// It has returned after `ticks`.
    #[inline]
    pub(super) fn end(mut self, ticks: u64, is_ready: bool) {
        if let Some(frame) = self.frame.take() {
            self.close(&frame, ticks, is_ready);
        }
    }

    fn close(&self, frame: &Frame, ticks: u64, is_ready: bool) {
        local::with(|local| {
            if local.generation.get() == self.generation {
                graph::leave_poll(local, self.site, frame, ticks, is_ready);
            }
        });
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        if let Some(frame) = self.frame.take() {
            let end = clock::end();
            let ticks = local::with(|local| count::elapsed(local, self.start, end));
            self.close(&frame, ticks, false);
        }
    }
}
