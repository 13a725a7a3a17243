//! Fields by which structures are found. On what is stored in them it depends whether a reference is right, so nobody can
//! store just any number: an [`Address`] takes a reference, a [`Link`] a promise.
#![allow(
    unsafe_code,
    reason = "here a number becomes a reference, and a promise is asked for what others make of one"
)]

use std::fmt;
use std::marker::PhantomData;
#[cfg(feature = "enabled")]
use std::sync::atomic::AtomicU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// An atomic `Option<&'static T>` of eight bytes on every machine: the address, or zero. In a map it is of its writer alone.
#[repr(transparent)]
pub struct Address<T: 'static> {
    address: AtomicU64,
    to: PhantomData<&'static T>,
}

impl<T: 'static> Address<T> {
    pub(crate) const fn none() -> Address<T> {
        Address { address: AtomicU64::new(0), to: PhantomData }
    }

    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> Option<&'static T> {
        reference(self.address.load(order))
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn store(&self, to: Option<&'static T>, order: Ordering) {
        self.address.store(address(to), order);
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn swap(&self, to: Option<&'static T>, order: Ordering) -> Option<&'static T> {
        reference(self.address.swap(address(to), order))
    }

    /// Puts `new` at the head of a list that begins here and goes on at `next`.
    pub(crate) fn push(&self, new: &'static T, next: impl Fn(&'static T) -> &'static Address<T>) {
        let mut first = self.address.load(Ordering::Relaxed);
        loop {
            next(new).address.store(first, Ordering::Relaxed);
            let new = address(Some(new));
            match self.address.compare_exchange_weak(first, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => first = other,
            }
        }
    }
}

#[inline(always)]
fn address<T>(to: Option<&'static T>) -> u64 {
    to.map_or(0, |to| std::ptr::from_ref(to).expose_provenance() as u64)
}

#[inline(always)]
fn reference<T>(address: u64) -> Option<&'static T> {
    // SAFETY: zero, or what `address` made of a reference that stays: nothing else is ever stored, and fresh memory is zero.
    unsafe { std::ptr::with_exposed_provenance::<T>(address as usize).as_ref() }
}

impl<T: 'static> fmt::Debug for Address<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// The same with a mark beside the reference, in the bit that no address of a structure has.
#[repr(transparent)]
pub struct Marked<T: 'static> {
    address: AtomicU64,
    to: PhantomData<&'static T>,
}

#[cfg(feature = "enabled")]
const MARK: u64 = 1;

#[cfg(feature = "enabled")]
impl<T: 'static> Marked<T> {
    /// What it refers to, marked or not.
    pub(crate) fn load(&self) -> Option<&'static T> {
        reference(self.address.load(Ordering::Relaxed) & !MARK)
    }

    /// What it refers to, if that is marked.
    #[inline(always)]
    pub(crate) fn load_marked(&self) -> Option<&'static T> {
        let address = self.address.load(Ordering::Relaxed);
        if address & MARK == 0 { None } else { reference(address - MARK) }
    }

    #[inline(always)]
    pub(crate) fn store(&self, to: &'static T, is_marked: bool) {
        const { assert!(align_of::<T>() > MARK as usize) };
        self.address.store(address(Some(to)) | if is_marked { MARK } else { 0 }, Ordering::Relaxed);
    }
}

impl<T> fmt::Debug for Marked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// A number that leads from one structure of the map to another; each field says how. Zero leads nowhere.
#[derive(Debug)]
#[repr(transparent)]
pub struct Link<N>(N);

#[cfg(feature = "enabled")]
impl<N> Link<N> {
    /// To store in it.
    ///
    /// # Safety
    /// What is stored leads to where the field says that it does, to a structure that stays there; or it is zero.
    #[inline(always)]
    pub(crate) unsafe fn field(&self) -> &N {
        &self.0
    }
}

#[cfg(feature = "enabled")]
impl Link<AtomicU32> {
    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> u32 {
        self.0.load(order)
    }
}

#[cfg(feature = "enabled")]
impl Link<AtomicU64> {
    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> u64 {
        self.0.load(order)
    }
}
