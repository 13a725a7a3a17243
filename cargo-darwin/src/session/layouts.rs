//! Fresh layouts: for each block both sides are linked anew with their functions in another order, so that placement is
//! noise that the test sees and not a constant difference that it would take for a change.
//!
//! There are two sets of paths. While the layouts of one are looked at, [`Layouts::prepare`] may link the other one on
//! another thread; [`Layouts::advance`] makes that the one that [`Layouts::of`] gives.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::blocks::PairedWorkload;
use super::random::Random;
use super::side::{BASELINE, CANDIDATE};
use crate::io::affinity;
use crate::io::link::{Link, LinkError};

/// The layouts of all targets of a check.
#[derive(Debug)]
pub struct Layouts {
    targets: Vec<TargetLayouts>,
    /// Which of the two sets is measured.
    current: AtomicUsize,
}

/// Names of the two sets.
const SETS: [&str; 2] = ["a", "b"];

/// What the orders of one set of layouts are drawn from: a seed for each side of each target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(Vec<[u64; 2]>);

/// One target on both sides.
#[derive(Debug)]
struct TargetLayouts {
    built: [PathBuf; 2],
    links: [Link; 2],
    /// Where the layout of each side is, for each set; all paths are equally long.
    outputs: [[PathBuf; 2]; 2],
}

impl Layouts {
    /// Layouts for every workload whose target can be linked anew on both sides; notes for the others.
    ///
    /// # Errors
    /// When `folder` cannot be made.
    pub fn new(folder: &Path, workloads: &[PairedWorkload]) -> std::io::Result<(Layouts, Vec<String>)> {
        let (mut layouts, mut notes) = (Layouts::as_built(), Vec::new());
        for workload in workloads {
            let built = [workload.baseline.executable(), workload.candidate.executable()].map(Path::to_owned);
            if layouts.targets.iter().any(|known| known.built == built) {
                continue;
            }
            let name = &workload.candidate.name;
            let target = match (workload.baseline.link(), workload.candidate.link()) {
                (Ok(before), Ok(after)) => {
                    let links = [before.clone(), after.clone()];
                    TargetLayouts::new(folder, layouts.targets.len(), built, links)?
                }
                (Err(why), _) | (_, Err(why)) => Err(why.clone()),
            };
            match target {
                Ok(target) => {
                    notes.extend(target.stand_in(name));
                    layouts.targets.push(target);
                }
                Err(why) => notes.push(format!(
                    "{name} is measured in one layout ({}): a shift below 2 % may be placement",
                    first_line(&why)
                )),
            }
        }
        Ok((layouts, notes))
    }

    /// No layouts: everything is measured as it was built.
    pub fn as_built() -> Layouts {
        Layouts { targets: Vec::new(), current: AtomicUsize::new(0) }
    }

    /// Draws the orders of the next set.
    pub fn draw(&self, random: &mut Random) -> Seeds {
        Seeds(self.targets.iter().map(|_| [random.seed(), random.seed()]).collect())
    }

    /// Links the set that is not measured now; any thread may do it, but never beside a running measurement.
    ///
    /// # Errors
    /// When a link fails that has succeeded before, as on a full disk.
    pub fn prepare(&self, seeds: &Seeds) -> Result<(), LinkError> {
        let next = 1 - self.current.load(Ordering::Acquire);
        self.targets.iter().zip(&seeds.0).try_for_each(|(target, seeds)| target.link(next, *seeds))
    }

    /// From now on the set that was prepared is measured.
    pub fn advance(&self) {
        self.current.fetch_xor(1, Ordering::AcqRel);
    }

    /// Links every target anew: draws, prepares and advances.
    ///
    /// # Errors
    /// As [`Layouts::prepare`].
    pub fn renew(&self, random: &mut Random) -> Result<(), LinkError> {
        self.prepare(&self.draw(random))?;
        self.advance();
        Ok(())
    }

    /// What to run in place of the executable `built` of `side`.
    pub fn of<'a>(&'a self, side: usize, built: &'a Path) -> &'a Path {
        let found = self.targets.iter().find(|target| target.built[side] == built);
        found.map_or(built, |target| &target.outputs[self.current.load(Ordering::Acquire)][side])
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
        let sides = [BASELINE, CANDIDATE].map(|side| folder.join(side.to_string()));
        sides.iter().try_for_each(std::fs::create_dir_all)?;
        let outputs = SETS.map(|set| sides.each_ref().map(|side| side.join(format!("{set}{number}"))));
        let target = TargetLayouts { built, links, outputs };
        Ok(target.tried().map(|()| target).map_err(|error| error.to_string()))
    }

    /// Both sides are what they were when they were built, and this linker can.
    fn tried(&self) -> Result<(), LinkError> {
        for (link, output) in self.links.iter().zip(&self.outputs[0]) {
            link.verify(output)?;
        }
        self.link(0, [1, 2])
    }

    /// Both sides at once: nothing is measured meanwhile.
    fn link(&self, set: usize, seeds: [u64; 2]) -> Result<(), LinkError> {
        let link = |side: usize| self.links[side].replay(seeds[side], &self.outputs[set][side]);
        affinity::unbound(|| {
            std::thread::scope(|scope| {
                let before = scope.spawn(|| link(BASELINE));
                let after = link(CANDIDATE);
                before.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(after)
            })
        })
    }

    /// What to say where lld links in place of the user's linker.
    fn stand_in(&self, name: &str) -> Option<String> {
        let users = self.links.iter().rev().find_map(Link::instead_of)?;
        Some(format!(
            "{name} is measured as lld links it on both sides, because {users} cannot put functions in another order"
        ))
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_shared_by_threads<T: Sync>(_: &T) {}

    #[test]
    fn what_was_not_linked_anew_is_measured_as_it_was_built() {
        let layouts = Layouts::as_built();
        is_shared_by_threads(&layouts);
        layouts.renew(&mut Random::from_the_system()).unwrap();
        assert_eq!(layouts.of(CANDIDATE, Path::new("/built")), Path::new("/built"));
    }
}
