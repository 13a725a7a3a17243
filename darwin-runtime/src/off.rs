//! What the attributes expand to in a copy of this crate that is not switched on, while they are: cargo builds attributes
//! for the host once, and with resolver 2 or 3 a package that procedural macros and build scripts use as well twice, with the
//! feature for the program alone. That second copy is not measured.

use std::future::Future;

/// In place of a site, and of a guard.
#[derive(Debug, Clone, Copy)]
pub struct Off;

/// No site.
#[doc(hidden)]
#[macro_export]
macro_rules! __darwin_site {
    ($($site:tt)*) => {
        $crate::__private::Off
    };
}

/// No call begins.
#[doc(hidden)]
#[macro_export]
macro_rules! __darwin_enter {
    ($($site:tt)*) => {
        $crate::__private::Off
    };
}

/// The future as it came.
#[inline(always)]
pub fn timed<F: Future>(_: Off, inner: F) -> F {
    inner
}
