//! The profilers, a file each: how a function is measured with it, and how it tells what it recorded.

pub mod bare;
mod clock;
#[cfg(feature = "darwin")]
mod darwin;
#[cfg(feature = "fastrace")]
mod fastrace;
#[cfg(feature = "hdrhistogram")]
mod histogram;
#[cfg(feature = "hotpath")]
mod hotpath;
#[cfg(feature = "metered")]
mod metered;
#[cfg(feature = "puffin")]
mod puffin;
#[cfg(feature = "tracing")]
mod tracing;

use std::collections::BTreeMap;

use contestant::Recorded;

use crate::body::Bodies;

/// A profiler that has been started.
pub trait Profiler: Sync {
    /// Makes a portion of calls, in a root or a frame where the profiler wants one.
    fn portion(&self, calls: &mut dyn FnMut()) {
        calls();
    }

    /// What was recorded, all threads together, of which none makes calls any more; `None` where nothing is, or where
    /// the driver reads it.
    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>>;
}

/// Records nothing that could be asked for here.
pub struct Silent;

impl Profiler for Silent {
    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        None
    }
}

/// What there is of a contestant.
pub struct Entry {
    /// Its functions.
    pub bodies: Bodies,
    /// Starts what it needs, once in a process.
    pub start: fn() -> Box<dyn Profiler>,
}

/// Everything that this binary was built with.
pub fn entries() -> BTreeMap<&'static str, Entry> {
    let silent = |bodies| Entry { bodies, start: || Box::new(Silent) };
    #[allow(unused_mut, reason = "a build without any profiler has these three only")]
    let mut entries = BTreeMap::from([
        ("bare", silent(bare::call::ALL)),
        ("unordered", silent(bare::unordered::ALL)),
        ("ordered", silent(bare::ordered::ALL)),
    ]);
    #[cfg(feature = "darwin")]
    entries.insert("darwin", silent(darwin::ALL));
    #[cfg(feature = "fastrace")]
    entries.insert("fastrace", Entry { bodies: fastrace::ALL, start: fastrace::start });
    #[cfg(feature = "hdrhistogram")]
    entries.insert("hdrhistogram", Entry { bodies: histogram::ALL, start: histogram::start });
    #[cfg(feature = "hotpath")]
    entries.insert("hotpath", Entry { bodies: hotpath::ALL, start: hotpath::start });
    #[cfg(feature = "metered")]
    entries.insert("metered", Entry { bodies: metered::ALL, start: metered::start });
    #[cfg(feature = "puffin")]
    entries.insert("puffin", Entry { bodies: puffin::ALL, start: puffin::start });
    #[cfg(feature = "tracing")]
    entries.insert("tracing", Entry { bodies: tracing::ALL, start: tracing::start });
    entries
}

/// The number of the body whose function has this name.
#[cfg(any(feature = "fastrace", feature = "hotpath", feature = "tracing"))]
fn number_of(name: &str) -> Option<usize> {
    let last = name.rsplit("::").next()?;
    contestant::BODIES.iter().position(|body| body.name == last)
}
