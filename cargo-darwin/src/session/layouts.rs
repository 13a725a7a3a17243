//! Fresh layouts: before each block both sides are linked anew with their functions in another order, so that placement
//! is noise that the test sees and not a constant difference that it would take for a change.

use std::path::{Path, PathBuf};

use super::blocks::PairedWorkload;
use super::random::Random;
use super::side::{BASELINE, CANDIDATE};
use crate::io::affinity;
use crate::io::link::{Link, LinkError};

/// The layouts of all targets of a check.
#[derive(Debug)]
pub struct Layouts {
    targets: Vec<TargetLayouts>,
}

/// One target on both sides.
#[derive(Debug)]
struct TargetLayouts {
    built: [PathBuf; 2],
    links: [Link; 2],
    /// Where the layout of each side is; the paths are equally long.
    outputs: [PathBuf; 2],
}

impl Layouts {
    /// Layouts for every workload whose target can be linked anew on both sides; notes for the others.
    ///
    /// # Errors
    /// When `folder` cannot be made.
    pub fn new(folder: &Path, workloads: &[PairedWorkload]) -> std::io::Result<(Layouts, Vec<String>)> {
        let (mut layouts, mut notes) = (Layouts { targets: Vec::new() }, Vec::new());
        for workload in workloads {
            let built = [workload.baseline.executable(), workload.candidate.executable()].map(Path::to_owned);
            if layouts.targets.iter().any(|known| known.built == built) {
                continue;
            }
            let target: Result<TargetLayouts, String> =
                match (workload.baseline.link(), workload.candidate.link()) {
                    (Some(before), Some(after)) => TargetLayouts::new(
                        folder,
                        layouts.targets.len(),
                        built,
                        [before.clone(), after.clone()],
                    )?,
                    _ => Err("its link was not recorded".to_owned()),
                };
            match target {
                Ok(target) => layouts.targets.push(target),
                Err(why) => notes.push(format!(
                    "{} is measured in one layout ({why}): a shift below 2 % may be placement",
                    workload.candidate.name
                )),
            }
        }
        Ok((layouts, notes))
    }

    /// Links every target anew.
    ///
    /// # Errors
    /// When a link fails that has succeeded before, as on a full disk.
    pub fn renew(&self, random: &mut Random) -> Result<(), LinkError> {
        self.targets.iter().try_for_each(|target| target.renew([random.seed(), random.seed()]))
    }

    /// What to run in place of the executable `built` of `side`.
    pub fn of<'a>(&'a self, side: usize, built: &'a Path) -> &'a Path {
        let found = self.targets.iter().find(|target| target.built[side] == built);
        found.map_or(built, |target| &target.outputs[side])
    }
}

impl TargetLayouts {
    /// `Ok(Err(why))` where the linker cannot do it.
    fn new(
        folder: &Path,
        number: usize,
        built: [PathBuf; 2],
        links: [Link; 2],
    ) -> std::io::Result<Result<TargetLayouts, String>> {
        let outputs =
            [BASELINE, CANDIDATE].map(|side| folder.join(side.to_string()).join(number.to_string()));
        for output in &outputs {
            std::fs::create_dir_all(output.parent().unwrap_or(folder))?;
        }
        let target = TargetLayouts { built, links, outputs };
        // One trial says whether this linker can.
        Ok(target.renew([1, 2]).map(|()| target).map_err(|error| first_line(&error.to_string())))
    }

    /// Both sides at once: nothing is measured meanwhile.
    fn renew(&self, seeds: [u64; 2]) -> Result<(), LinkError> {
        let link = |side: usize| self.links[side].replay(seeds[side], &self.outputs[side]);
        affinity::unbound(|| {
            std::thread::scope(|scope| {
                let before = scope.spawn(|| link(BASELINE));
                let after = link(CANDIDATE);
                before.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(after)
            })
        })
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}
