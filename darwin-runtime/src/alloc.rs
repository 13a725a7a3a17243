//! The counting allocator.
#![allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait; every call is forwarded unchanged")]

use std::alloc::{GlobalAlloc, Layout, System};

/// Wraps a global allocator and counts per measured call: allocations, frees, their bytes, and the most that was held at
/// once.
///
/// ```
/// #[global_allocator]
/// static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();
/// ```
///
/// An allocation is a call of `alloc`, `alloc_zeroed` or `realloc`, a free one of `dealloc` or `realloc`: each block that
/// comes, and each that goes. Bytes are what was asked for; those of a `realloc` are what the block grew by, or, as freed
/// ones, what it shrank by. What the inner allocator refuses (a null pointer) does not count. Each thread counts what it
/// does itself, so memory that another thread allocated counts as freed where it is freed. Without the `enabled` feature
/// every call goes straight to the inner allocator.
#[derive(Debug, Default)]
pub struct Alloc<A = System> {
    inner: A,
}

impl Alloc {
    /// Counts what the system's allocator is asked for.
    pub const fn system() -> Alloc {
        Alloc::new(System)
    }
}

impl<A> Alloc<A> {
    /// Counts what `inner` is asked for, e.g. `mimalloc::MiMalloc`.
    pub const fn new(inner: A) -> Alloc<A> {
        Alloc { inner }
    }
}

// SAFETY: every method forwards its arguments unchanged and returns what the inner allocator returned.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Alloc<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.inner.alloc(layout) };
        counting::allocated(block, layout.size());
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.inner.alloc_zeroed(layout) };
        counting::allocated(block, layout.size());
        block
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        counting::reallocated(moved, layout.size(), new_size);
        moved
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        counting::freed(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.dealloc(block, layout) }
    }
}

/// Touches nothing but constant thread-local cells.
#[cfg(feature = "enabled")]
mod counting {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    use crate::on::local;

    static INSTALLED: AtomicBool = AtomicBool::new(false);

    #[inline(always)]
    pub(super) fn allocated(block: *mut u8, bytes: usize) {
        if !INSTALLED.load(Relaxed) {
            INSTALLED.store(true, Relaxed);
        }
        if !block.is_null() {
            local::with(|local| local.memory.allocate(bytes));
        }
    }

    #[inline(always)]
    pub(super) fn reallocated(block: *mut u8, from: usize, to: usize) {
        if !block.is_null() {
            local::with(|local| local.memory.reallocate(from, to));
        }
    }

    #[inline(always)]
    pub(super) fn freed(bytes: usize) {
        local::with(|local| local.memory.free(bytes));
    }

    /// Has the allocator ever been called? It is, before `main`, wherever it is installed.
    pub(crate) fn is_installed() -> bool {
        INSTALLED.load(Relaxed)
    }
}

#[cfg(feature = "enabled")]
pub(crate) use counting::is_installed;

#[cfg(not(feature = "enabled"))]
mod counting {
    #[inline(always)]
    pub(super) fn allocated(_block: *mut u8, _bytes: usize) {}

    #[inline(always)]
    pub(super) fn reallocated(_block: *mut u8, _from: usize, _to: usize) {}

    #[inline(always)]
    pub(super) fn freed(_bytes: usize) {}
}

#[cfg(all(test, feature = "enabled"))]
mod tests {
    use std::ptr;

    use super::*;
    use crate::on::local;

    /// An allocator without memory.
    struct Empty;

    // SAFETY: it never gives out a block.
    unsafe impl GlobalAlloc for Empty {
        unsafe fn alloc(&self, _layout: Layout) -> *mut u8 {
            ptr::null_mut()
        }

        unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
    }

    /// What was done since the thread began, as text.
    fn counted() -> String {
        local::with(|local| format!("{:?}", local.memory))
    }

    fn in_a_new_thread<T: Send + 'static>(test: fn() -> T) -> T {
        std::thread::spawn(test).join().expect("the test passes")
    }

    #[test]
    fn every_way_to_ask_for_memory_counts() {
        let (counted, expected) = in_a_new_thread(|| {
            let alloc = Alloc::system();
            let (small, large) = (Layout::new::<[u8; 8]>(), Layout::new::<[u8; 32]>());
            // SAFETY: each block is given back once, with the layout that it has by then.
            unsafe {
                let first = alloc.alloc(small);
                let second = alloc.realloc(alloc.alloc_zeroed(small), small, 32);
                alloc.dealloc(first, small);
                alloc.dealloc(second, large);
            }
            let memory = crate::on::memory::Memory::default();
            memory.allocate(8);
            memory.allocate(8);
            memory.reallocate(8, 32);
            memory.free(8);
            memory.free(32);
            (counted(), format!("{memory:?}"))
        });
        assert_eq!(counted, expected);
    }

    #[test]
    fn memory_that_was_refused_does_not_count() {
        let (before, after) = in_a_new_thread(|| {
            let (before, layout) = (counted(), Layout::new::<[u8; 8]>());
            let alloc = Alloc::new(Empty);
            // SAFETY: it gives out nothing, so there is nothing to keep a promise about.
            let blocks = unsafe { [alloc.alloc(layout), alloc.alloc_zeroed(layout)] };
            // SAFETY: as above; its `realloc` is the trait's, which copies nothing when it gets no block.
            let moved = unsafe { alloc.realloc(ptr::null_mut(), layout, 1 << 40) };
            assert!(blocks.into_iter().chain([moved]).all(<*mut u8>::is_null));
            (before, counted())
        });
        assert_eq!(before, after);
    }
}
