//! The counting allocator.
#![allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait; every call is forwarded unchanged")]

use std::alloc::{GlobalAlloc, Layout, System};

/// Wraps a global allocator and counts its allocations per measured call.
///
/// ```
/// #[global_allocator]
/// static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();
/// ```
///
/// An allocation is a call of `alloc`, `alloc_zeroed`, or `realloc`; bytes are what was asked for, for `realloc` what it
/// grew by. Without the `enabled` feature every call goes straight to the inner allocator.
#[derive(Debug, Default)]
pub struct Alloc<A = System> {
    inner: A,
}

impl Alloc {
    /// Counts the allocations of the system's allocator.
    pub const fn system() -> Alloc {
        Alloc::new(System)
    }
}

impl<A> Alloc<A> {
    /// Counts the allocations of `inner`, e.g. `mimalloc::MiMalloc`.
    pub const fn new(inner: A) -> Alloc<A> {
        Alloc { inner }
    }
}

// SAFETY: every method forwards its arguments unchanged and returns what the inner allocator returned.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Alloc<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size.saturating_sub(layout.size()));
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.realloc(block, layout, new_size) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.dealloc(block, layout) }
    }
}

#[cfg(feature = "enabled")]
mod counting {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use crate::on::local;

    static INSTALLED: AtomicBool = AtomicBool::new(false);

    /// One more allocation of this thread. Touches nothing but constant thread-local cells.
    #[inline(always)]
    pub(super) fn count(bytes: usize) {
        if !INSTALLED.load(Relaxed) {
            INSTALLED.store(true, Relaxed);
        }
        local::with(|local| {
            local.allocs.set(local.allocs.get().wrapping_add(1));
            local.bytes.set(local.bytes.get().wrapping_add(bytes as u64));
        });
    }

    /// Has the allocator ever been called? It is, before `main`, wherever it is installed.
    pub(crate) fn is_installed() -> bool {
        INSTALLED.load(Relaxed)
    }
}

#[cfg(feature = "enabled")]
pub(crate) use counting::is_installed;

#[cfg(feature = "enabled")]
use counting::count;

#[cfg(not(feature = "enabled"))]
#[inline(always)]
fn count(_bytes: usize) {}
