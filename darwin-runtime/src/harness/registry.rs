//! The benches of this program: a list that grows before `main`, one constructor per `#[bench]`. `inventory` would do
//! the same, but is not there when measurement is off.
#![allow(unsafe_code, reason = "a list of statics linked through atomics")]

use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use super::Bencher;
use crate::site::Site;

/// A `#[bench]` function.
#[derive(Debug)]
pub struct Bench {
    pub(super) site: &'static Site,
    body: fn(&mut Bencher),
    next: AtomicPtr<Bench>,
}

static NEWEST: AtomicPtr<Bench> = AtomicPtr::new(ptr::null_mut());

impl Bench {
    /// A bench that is not registered yet.
    pub const fn new(site: &'static Site, body: fn(&mut Bencher)) -> Bench {
        Bench { site, body, next: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Puts the bench on the list. Called once, before `main`.
    pub fn register(&'static self) {
        let this = ptr::from_ref(self).cast_mut();
        let mut first = NEWEST.load(Relaxed);
        loop {
            self.next.store(first, Relaxed);
            match NEWEST.compare_exchange_weak(first, this, AcqRel, Relaxed) {
                Ok(_) => return,
                Err(other) => first = other,
            }
        }
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
    let mut benches = Vec::new();
    // SAFETY: the list holds `&'static Bench` only.
    let mut next = unsafe { NEWEST.load(Acquire).as_ref() };
    while let Some(bench) = next {
        benches.push(bench);
        // SAFETY: as above.
        next = unsafe { bench.next.load(Relaxed).as_ref() };
    }
    benches.sort_by_key(|bench| bench.name());
    benches
}
