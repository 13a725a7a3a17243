//! Stores around the caches: a log of a megabyte a turn would push the program's own data out of them.
//!
//! On Intel's processors only. On AMD's (Zen 4) one process in a hundred paid some 80 ns for such a store at each call of a function, or
//! of all, calibrating ones too: one block in twenty was slower by a factor of 2 to 3 on one side, or had latencies of 1 ns. There the
//! log goes through the caches, which showed at no function.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use super::place;

/// Settled before the first sample.
static IS_CHEAP: AtomicBool = AtomicBool::new(false);

/// Decides, before anything is logged.
pub(super) fn choose() {
    IS_CHEAP.store(is_intel(), Relaxed);
}

/// Stores `number`, around the caches if that is cheap.
#[inline]
pub(super) fn store(at: &AtomicU64, number: u64) {
    match IS_CHEAP.load(Relaxed) {
        true => place::store_around_caches(at, number),
        false => at.store(number, Relaxed),
    }
}

#[cfg(target_arch = "x86_64")]
fn is_intel() -> bool {
    // Intel SDM volume 2A, CPUID: leaf 0 names the vendor in EBX, EDX and ECX, "GenuineIntel".
    let leaf = std::arch::x86_64::__cpuid(0);
    [leaf.ebx, leaf.edx, leaf.ecx] == [b"Genu", b"ineI", b"ntel"].map(|part| u32::from_le_bytes(*part))
}

#[cfg(not(target_arch = "x86_64"))]
fn is_intel() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_there_either_way() {
        let place = AtomicU64::new(0);
        for is_cheap in [false, true] {
            IS_CHEAP.store(is_cheap, Relaxed);
            store(&place, 7 + u64::from(is_cheap));
            assert_eq!(place.load(Relaxed), 7 + u64::from(is_cheap));
        }
        choose();
    }
}
