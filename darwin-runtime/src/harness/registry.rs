//! The benches of this program: a list that grows before `main`, one constructor per `#[bench]`. `inventory` would do
//! the same, but is not there when measurement is off.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use super::Bencher;
use crate::layout::Address;
use crate::site::Site;

/// A `#[bench]` function.
#[derive(Debug)]
pub struct Bench {
    pub(super) site: &'static Site,
    body: fn(&mut Bencher),
    next: Address<Bench>,
}

static NEWEST: Address<Bench> = Address::none();

impl Bench {
    /// A bench that is not registered yet.
    pub const fn new(site: &'static Site, body: fn(&mut Bencher)) -> Bench {
        Bench { site, body, next: Address::none() }
    }

    /// Puts the bench on the list. Called once, before `main`.
    pub fn register(&'static self) {
        NEWEST.push(self, |bench| &bench.next);
    }

    pub(super) fn name(&self) -> String {
        self.site.name().to_string()
    }

    pub(super) fn run(&self, bencher: &mut Bencher) {
        (self.body)(bencher);
    }
}

/// All benches by name: the linker's order is nobody's.
pub(super) fn sorted() -> Vec<&'static Bench> {
    let mut benches: Vec<_> =
        std::iter::successors(NEWEST.load(Acquire), |bench| bench.next.load(Relaxed)).collect();
    benches.sort_by_key(|bench| bench.name());
    benches
}
