//! Watches the environment of each block, and says why one does not count.

use super::blocks::PairedWorkload;
use super::console::Console;
use crate::gate::environment::{self, Patience};
use crate::io::affinity;
use crate::io::environment::Watch;
use crate::io::measure::Measured;
use crate::model::{Signs, Usage, VoidReason};
use crate::render;

/// One workload of a block at a time: begun, ended when its processes have, and asked.
#[derive(Debug)]
pub struct Watcher {
    show: Option<Console>,
    block: u32,
    what: String,
    watch: Option<Watch>,
    signs: Option<Signs>,
    patience: Patience,
}

impl Watcher {
    /// A watcher; with a console, it shows the signs of every block.
    pub fn new(show: Option<Console>) -> Watcher {
        Watcher {
            show,
            block: 0,
            what: String::new(),
            watch: None,
            signs: None,
            patience: Patience::default(),
        }
    }

    /// From now on: block `number`.
    pub fn begin_block(&mut self, number: u32) {
        self.block = number;
        self.patience.begin_block();
    }

    /// From now on: `workload` in this block.
    pub fn begin(&mut self, workload: &PairedWorkload) {
        let processors = match affinity::measuring_processor().filter(|_| workload.is_on_one_processor()) {
            Some(pinned) => vec![pinned],
            None => affinity::allowed_processors(),
        };
        self.what = format!("block {}, {}", self.block, workload.candidate.name);
        self.signs = None;
        self.watch = Some(Watch::begin(&processors));
    }

    /// The processes have ended; what comes now is no longer part of the block.
    pub fn end(&mut self, measured: &[Measured]) {
        let usages: Vec<Usage> = measured.iter().map(|side| side.usage).collect();
        self.signs = self.watch.take().map(|watch| watch.end(&usages));
    }

    /// Why the block does not count, if it does not.
    pub fn disturbed(&mut self) -> Option<VoidReason> {
        let signs = self.signs.take()?;
        let reason = self.patience.void_reason(&signs);
        if let Some(console) = self.show {
            let line = render::doctor::signs(&signs, environment::others_percent(&signs));
            let void = reason.as_ref().map_or_else(String::new, |reason| format!("; void: {}", reason.words));
            console.progress(&format!("{}: {line}{void}", render::safe::line(&self.what)));
        }
        reason.map(|reason| VoidReason { words: format!("{}: {}", self.what, reason.words), ..reason })
    }
}
