//! Work that `cargo darwin` asks one site to do beside its own (docs/injection.md): at the end of each completed call and
//! inside its time. Where the variable is set, all calls of the process take a way of their own: on both sides of a block,
//! so that the work is all that differs.

use std::hint::black_box;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicPtr, AtomicU32};

use inventory::iter;

use super::local;
use super::sites::{self, Submitted};
use crate::injection::{self, Asked, VARIABLE};
use crate::site::Site;

static ASKED: OnceLock<Asked> = OnceLock::new();

/// The site that is meant; null as long as none was found.
static TARGET: AtomicPtr<Site> = AtomicPtr::new(ptr::null_mut());

/// Sites that were registered when it was looked for.
static LOOKED_AT: AtomicU32 = AtomicU32::new(u32::MAX);

/// What an injected allocation asks for, in bytes: a small block of any allocator.
const BYTES: usize = 32;

/// Reads the variable, in a process that `cargo darwin` has started. One that is not ours is left alone.
pub(super) fn begin() {
    let asked = std::env::var(VARIABLE).ok().and_then(|value| Asked::parse(&value));
    if let Some(asked) = asked {
        let _ = ASKED.set(asked);
    }
}

/// Is any site of this process asked?
#[inline]
pub(super) fn is_on() -> bool {
    ASKED.get().is_some()
}

/// Is `site` asked?
#[inline]
pub(super) fn meets(site: &'static Site) -> bool {
    ASKED.get().is_some_and(|asked| is_target(site, asked))
}

/// Looks for the site where another one may have come: by name, and so not at each call.
fn is_target(site: &'static Site, asked: &Asked) -> bool {
    let count = sites::count();
    if site.id() == 0 || LOOKED_AT.load(Relaxed) != count {
        if let Some(target) = target(&asked.names, site) {
            TARGET.store(ptr::from_ref(target).cast_mut(), Relaxed);
        }
        LOOKED_AT.store(count, Relaxed);
    }
    ptr::eq(TARGET.load(Relaxed), site)
}

/// The site of the first of these names that any site has, of those that were collected and the one that is called.
#[cold]
#[inline(never)]
fn target(names: &[String], called: &'static Site) -> Option<&'static Site> {
    names.iter().map(|name| injection::repeat(name)).find_map(|(name, number)| {
        let same =
            || iter::<Submitted>.into_iter().map(|Submitted(site)| *site).filter(|site| has(site, name));
        let place = |site: &Site| (site.place.file, site.place.line, site.place.column);
        // The reader numbers them in source order.
        let before = |site: &Site| same().filter(|other| place(other) < place(site)).count();
        let collected = same().find(|site| before(site) + 1 == number);
        collected
            .or_else(|| Some(called).filter(|_| number == 1 && same().next().is_none() && has(called, name)))
    })
}

fn has(site: &Site, name: &str) -> bool {
    site.name().parts().flat_map(str::bytes).eq(name.bytes())
}

/// Does the work at the end of a call that has taken `so_far` ticks, of which only a tail's is asked.
#[inline(never)]
pub(super) fn work(so_far: impl FnOnce() -> u64) {
    let Some(asked) = ASKED.get() else { return };
    if asked.over > 0 && so_far() <= asked.over {
        return;
    }
    (0..asked.allocs).for_each(|_| allocate());
    injection::chain(asked.steps);
}

/// One allocation by the program's allocator, which may be the very site.
fn allocate() {
    local::with(|local| {
        if local.injects.replace(true) {
            return;
        }
        let mut block: Vec<u8> = Vec::new();
        // Where there is no memory, nothing is allocated.
        let _ = block.try_reserve_exact(BYTES);
        drop(black_box(block));
        local.injects.set(false);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{Kind, Place};

    static EARLY: Place = Place { file: "a.rs", line: 1, column: 1 };
    static LATE: Place = Place { file: "a.rs", line: 1, column: 9 };
    // The later one is collected first, or last: nothing may depend on it.
    static SECOND: Site = Site::new(Kind::Function, Some("inject::twice"), || "", &[], &LATE);
    static FIRST: Site = Site::new(Kind::Function, Some("inject::twice"), || "", &[], &EARLY);
    static LOST: Site = Site::new(Kind::Function, Some("inject::lost"), || "", &[], &EARLY);
    inventory::submit! { Submitted(&SECOND) }
    inventory::submit! { Submitted(&FIRST) }

    fn found(names: &[&str]) -> Option<&'static Site> {
        target(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), &LOST)
    }

    fn is(found: Option<&'static Site>, site: &'static Site) -> bool {
        found.is_some_and(|found| ptr::eq(found, site))
    }

    #[test]
    fn a_repeated_name_means_the_site_that_stands_there() {
        assert!(is(found(&["inject::twice"]), &FIRST));
        assert!(is(found(&["inject::twice#2"]), &SECOND));
        assert!(found(&["inject::twice#3"]).is_none());
    }

    #[test]
    fn the_first_name_that_there_is_counts() {
        assert!(is(found(&["inject::gone", "inject::twice#2"]), &SECOND));
        assert!(found(&["inject::gone"]).is_none());
    }

    #[test]
    fn a_site_that_only_a_call_shows_is_found_by_that_call() {
        assert!(is(found(&["inject::lost"]), &LOST));
    }

    #[test]
    fn a_process_that_is_not_asked_meets_no_site() {
        assert!(!is_on() && !meets(&FIRST));
    }
}
